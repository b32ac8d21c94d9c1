"""Nobody is flagged for what somebody else has not done: what awaits review keeps a duty open, for so long."""

from datetime import timedelta

import pytest

from app.duties import service as duties
from app.duties.rules import Period
from tests.store.duties.builder import Assigned, Post, Visit
from tests.store.duties.cast import COUNTY, HELPER, Person, at, known_id, rule

CLOSES = at("2026-11-24 00:00")  # of W47, with its grace of a day
WAIT = timedelta(days=10)
SECOND, DAY = timedelta(seconds=1), timedelta(days=1)
REVIEWER, OFFICE = Person("reviewer", "official", unit="root"), Person("office", "official", unit="root")
HELD = Visit(HELPER, at("2026-11-18 10:00"), standing="held")
AGAIN = Visit(HELPER, at("2026-11-19 10:00"), standing="held")


def late(received_at):
    return Visit(HELPER, at("2026-11-20 10:00"), received_at, standing="held")


@pytest.fixture
async def put(county):
    """The county with its rule, as the test wants it."""

    async def put(**terms):
        await county.put(
            people=[HELPER, REVIEWER, OFFICE],
            posts=[Post(REVIEWER, "a1"), Post(OFFICE, "root", role="office")],
            assigned=[Assigned(HELPER)],
            rules=[rule(**terms)],
        )

    return put


async def work(county, now):
    """A round of closing: the periods that there were to count."""
    async with county.database.transaction() as session:
        due = await duties.due_to_close(session, COUNTY, now)
    for of in due:
        await county.close(rule(), Period.of("week", of.start), now)
    return [f"{of.start:%m-%d}" for of in due]


async def review(county, visit, standing, now):
    """As a review does it: the standing, and a recount in its transaction."""
    await county.all(f"UPDATE check_in SET standing = '{standing}' WHERE id = '{visit.id}' RETURNING id")
    return await recount(county, visit, now)


async def recount(county, visit, now):
    async with county.database.transaction() as session:
        await duties.recount(
            session,
            county_id=COUNTY.id,
            timezone=COUNTY.timezone,
            touched=[(visit.person.id, visit.captured_at)],
            now=now,
        )
        _, different = await duties.compare_period(
            session,
            COUNTY,
            duties.RulePeriod(known_id("rule visits"), Period.of("week", visit.captured_at.date()).start),
            now,
        )
    assert different == []
    return await standing(county)


async def standing(county):
    (row,) = await county.all(
        "SELECT status, closed_at, review_due_at FROM duty WHERE period_start = '2026-11-16'"
    )
    return tuple(row)


async def flags(county):
    return [tuple(row) for row in await county.all("SELECT status, reason, unreviewed_by FROM flag")]


async def told(county, kind):
    found = await county.all(f"SELECT person_id, about FROM notice WHERE kind = '{kind}'")
    return {row.person_id: row.about for row in found}


async def test_what_held_check_ins_could_meet_stays_open_past_its_time_and_is_counted_no_more(county, put):
    await put()
    await county.visit(HELD)
    assert await standing(county) == ("open", None, CLOSES + WAIT)
    assert await work(county, CLOSES) == []
    assert await work(county, CLOSES + WAIT - SECOND) == []
    assert (await recount(county, HELD, CLOSES + WAIT - SECOND))[0] == "open"
    assert await flags(county) == []


async def test_when_the_wait_is_over_it_is_missed_and_the_flag_says_who_never_reviewed(county, put):
    await put()
    await county.visit(HELD)
    assert await work(county, CLOSES + WAIT) == ["11-16"]
    assert await standing(county) == ("missed", CLOSES + WAIT, CLOSES + WAIT)
    assert await flags(county) == [("open", None, [REVIEWER.id])]
    assert (await told(county, "duty_missed"))[HELPER.id]["review"] == {
        "name": "有签到到期仍未核实，应由reviewer核实，核实通过后会重新统计。",
        "name_en": "Check-ins that could meet it were never reviewed, which was for reviewer to do;"
        " once they are, it counts. ",
    }
    (duty,) = await county.of(HELPER, "2026-W47", CLOSES + WAIT)
    assert [each["name"] for each in duty.unreviewed_by] == ["reviewer"]
    assert await work(county, CLOSES + WAIT + SECOND) == []


async def test_a_review_that_comes_too_late_still_turns_it(county, put):
    await put()
    await county.visit(HELD)
    await work(county, CLOSES + WAIT)
    assert (await review(county, HELD, "counted", CLOSES + 2 * WAIT))[0] == "met"
    assert [flag[:2] for flag in await flags(county)] == [("withdrawn", "met")]


async def test_a_refusal_after_the_time_closes_it_at_once_with_its_flag(county, put):
    await put()
    await county.visit(HELD)
    now = CLOSES + DAY
    assert await review(county, HELD, "refused", now) == ("missed", now, None)
    assert await flags(county) == [("open", None, [])]
    assert (await told(county, "duty_missed"))[HELPER.id]["review"] == {"name": "", "name_en": ""}
    assert await work(county, now) == []


async def test_a_refusal_before_the_time_leaves_it_to_the_closing(county, put):
    await put()
    await county.visit(HELD)
    assert await review(county, HELD, "refused", CLOSES - SECOND) == ("open", None, None)
    assert await work(county, CLOSES) == ["11-16"]
    assert (await standing(county))[0] == "missed"


@pytest.mark.parametrize(
    ("received_at", "status"), [(CLOSES - SECOND, "met"), (CLOSES, "met_late"), (CLOSES + DAY, "met_late")]
)
async def test_accepted_it_was_in_time_if_it_was_received_in_time(county, put, received_at, status):
    await put()
    await county.visit(late(received_at), now=received_at)
    await work(county, CLOSES)
    now = CLOSES + 2 * DAY
    assert await review(county, late(received_at), "counted", now) == (status, now, None)
    assert await work(county, now) == []


async def test_of_several_one_refused_leaves_the_duty_to_the_others(county, put):
    await put()
    await county.visit(HELD, AGAIN)
    await work(county, CLOSES)
    assert await review(county, HELD, "refused", CLOSES + DAY) == ("open", None, CLOSES + WAIT)
    assert (await review(county, AGAIN, "counted", CLOSES + DAY))[0] == "met"


async def test_held_check_ins_that_cannot_suffice_keep_nothing_open(county, put):
    await put(required=3)
    await county.visit(HELD, AGAIN, Visit(HELPER, at("2026-11-18 11:00"), standing="held"))
    assert await work(county, CLOSES) == ["11-16"]
    assert await standing(county) == ("missed", CLOSES, None)
    assert await flags(county) == [("open", None, [])]


async def test_a_late_upload_that_is_held_opens_a_missed_duty_again_and_withdraws_its_flag(county, put):
    await put()
    await county.of(HELPER, "2026-W47")
    await work(county, CLOSES)
    assert [flag[0] for flag in await flags(county)] == ["open"]
    now = CLOSES + 3 * DAY
    await county.visit(late(now), now=now)
    assert await standing(county) == ("open", None, now + WAIT)
    assert [flag[:2] for flag in await flags(county)] == [("withdrawn", "awaiting_review")]
    assert (await told(county, "flag_withdrawn"))[HELPER.id]["review"]["name"] == "有签到待核实，暂不定论。"
    assert await work(county, now + WAIT - SECOND) == []
    assert await work(county, now + WAIT) == ["11-16"]
    assert await flags(county) == [("open", None, [REVIEWER.id])]


async def test_uploading_more_and_more_that_is_held_extends_nothing(county, put):
    await put()
    await county.of(HELPER, "2026-W47")
    await work(county, CLOSES)
    for days in range(1, 10):
        now = CLOSES + days * DAY
        await county.visit(late(now), now=now)
        assert (await standing(county))[2] == CLOSES + DAY + WAIT
    await work(county, CLOSES + DAY + WAIT)
    now = CLOSES + DAY + WAIT + SECOND
    await county.visit(late(now), now=now)
    assert (await standing(county))[0] == "missed"


async def test_what_is_uploaded_when_the_first_wait_is_over_opens_nothing(county, put):
    await put()
    await county.of(HELPER, "2026-W47")
    await work(county, CLOSES)
    now = CLOSES + WAIT
    await county.visit(late(now), now=now)
    assert await standing(county) == ("missed", CLOSES, None)
    (duty,) = await county.of(HELPER, "2026-W47", now)
    assert (duty.pending_review, [flag[0] for flag in await flags(county)]) == (1, ["open"])


async def test_a_county_that_waits_longer_opens_what_it_would_not_have_closed_yet_when_it_is_counted(county, put):
    await put()
    await county.visit(HELD)
    await work(county, CLOSES + WAIT)
    await county.all("""UPDATE county SET settings = '{"review_wait_days": 20}' RETURNING id""")
    assert await recount(county, HELD, CLOSES + WAIT + DAY) == ("open", None, CLOSES + 2 * WAIT)
    assert [flag[:2] for flag in await flags(county)] == [("withdrawn", "awaiting_review")]
    await county.all("""UPDATE county SET settings = '{"review_wait_days": 1}' RETURNING id""")
    assert await recount(county, HELD, CLOSES + WAIT + DAY) == ("open", None, CLOSES + DAY)
    assert await work(county, CLOSES + WAIT + DAY) == ["11-16"]


async def test_a_waiting_period_stands_between_two_misses(county, put):
    """Nobody knows yet whether it was one: a row of misses is not said to go through it."""
    await put()
    await county.visit(HELD)
    for week in (46, 47, 48):
        period = Period.parse(f"2026-W{week}")
        await county.close(rule(), period, at("2026-12-01 00:00"))
    misses = await county.all(
        "SELECT flag.misses FROM flag JOIN duty ON duty.id = flag.duty_id ORDER BY duty.period_start"
    )
    assert [row.misses for row in misses] == [1, 1]


async def test_what_is_held_long_after_by_a_corrected_boundary_waits_from_then(county, put):
    """It had counted, so nobody could have reviewed it before."""
    await put()
    counted = Visit(HELPER, at("2026-11-18 10:00"))
    await county.visit(counted)
    assert await work(county, CLOSES) == ["11-16"]
    now = CLOSES + 3 * WAIT
    await county.all(
        f"""INSERT INTO rejudgement (county_id, id, check_in_id, cause, before, after, at)
        VALUES ('{COUNTY.id}', '{known_id("anew")}', '{counted.id}', 'fence', '{{"standing": "counted"}}',
          '{{"standing": "held"}}', '{now}') RETURNING id"""
    )
    assert await review(county, counted, "held", now) == ("open", None, now + WAIT)
    assert await flags(county) == []
    assert await work(county, now + WAIT) == ["11-16"]
    assert await flags(county) == [("open", None, [REVIEWER.id])]
