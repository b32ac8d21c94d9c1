"""The daily summary: once a day at one's hour, where there is news; what is new, what climbed, what waits."""

import asyncio
from datetime import date, timedelta
from uuid import uuid4

import pytest

from app.directory import service as directory
from app.duties import flags
from app.duties import service as duties
from app.duties.leave import NewLeave, Span
from app.flows import take_leave
from app.flows.escalate import escalate_due
from app.kernel.database import rows
from app.notices import service as notices
from app.notices.service import NewNotice
from app.notices.templates import lock_screen, words
from app.worker.summaries import tell_summaries
from tests.store.duties.builder import Assigned, Facts, Post, Visit, add, built
from tests.store.duties.cast import A2, B1, COUNTY, NIGHTS, W47, Person, at, known_id, rule
from tests.support.periods import close_period

A_LEADER, B_LEADER, OFFICE, SENDER = (
    Person(name, "official", unit)
    for name, unit in zip(("la", "lb", "office", "ld"), ("a", "b", "root", "d"), strict=True)
)
ONE, TWO, THREE = Person("one", unit="a1"), Person("two", unit="a2", department="d"), Person("three", unit="b1")
NAMES = {person.id: person.name for person in (A_LEADER, B_LEADER, OFFICE, SENDER, ONE, TWO, THREE)}
VISITS, NIGHT = rule(), rule("nights", **NIGHTS | {"categories": ("official",)})
CLOSED, EIGHT = at("2026-11-24 05:00"), at("2026-11-24 08:00")
DAY = timedelta(days=1)


@pytest.fixture
async def database(database_url):
    """Everyone missed their visits in W47, and the leaders their night: flagged at five on Tuesday."""
    async with built(
        database_url,
        Facts(
            people=[A_LEADER, B_LEADER, OFFICE, SENDER, ONE, TWO, THREE],
            posts=[
                Post(A_LEADER, "a"),
                Post(B_LEADER, "b"),
                Post(OFFICE, "root", role="office"),
                Post(SENDER, "d"),
            ],
            assigned=[Assigned(ONE), Assigned(TWO, A2), Assigned(THREE, B1)],
            rules=[VISITS],
        ),
    ) as database:
        async with database.transaction() as session:
            await close_period(session, COUNTY, duties.RulePeriod(VISITS.id, W47.start), CLOSED)
        yield database


async def ask(database, statement, **values):
    async with database.transaction() as session:
        return await rows(session, statement, **values)


async def told(database, now):
    """Who is told at a round of the worker, and of what."""
    await tell_summaries(database, COUNTY, now)
    found = await ask(
        database, "SELECT person_id, about FROM notice WHERE kind = 'daily_summary' AND created_at = :now", now=now
    )
    return {NAMES[row.person_id]: row.about for row in found}


async def tell(database, *occasions, person=ONE, now=EIGHT, kind="check_in_counted"):
    new = [NewNotice(person.id, kind, each, {"day": each, "post": {"name": "领导"}}) for each in occasions]
    async with database.transaction() as session:
        await notices.tell(session, county_id=COUNTY.id, now=now, notices=new)


async def prefer(database, person, minute):
    await ask(
        database,
        "INSERT INTO notice_preference (county_id, person_id, summary_at) VALUES (:county_id, :id, :minute)"
        " ON CONFLICT (county_id, person_id) DO UPDATE SET summary_at = :minute RETURNING person_id",
        county_id=COUNTY.id,
        id=person.id,
        minute=minute,
    )


async def ask_for_leave(database, first, now, person=ONE):
    start = at(f"{first} 00:00").replace(tzinfo=None)
    new = NewLeave(uuid4(), person.id, "sick", Span(start, start + DAY), "生病")
    async with database.transaction() as session:
        county = await directory.county(session, COUNTY.id)
        await take_leave.file(session, county, new, person=person.name, now=now)
    return new.id


async def test_each_leader_is_told_of_what_was_put_before_them_by_rule_and_unit(database):
    assert await told(database, EIGHT - timedelta(minutes=1)) == {}
    found = await told(database, EIGHT)
    assert set(found) == {"la", "lb", "ld"}  # nothing was put before the office
    about = found["la"]
    assert about["summary"]["name"].splitlines() == [
        "新预警 2 条：",
        "　“visits”2 条：a1 1、a2 1",
        "待您办理：2 条预警待签收。",
    ]
    assert about["summary"]["name_en"].splitlines() == [
        "New flags: 2",
        "　visits 2: a1 1, a2 1",
        "Waiting for you: flags to acknowledge: 2.",
    ]
    assert found["ld"]["summary"]["name"].splitlines()[1] == "　“visits”1 条：d 1"
    assert words("daily_summary", about, "zh-CN").title == "每日汇总 11月24日：新预警 2、待办 2"
    assert lock_screen("daily_summary", about, "zh-CN").body == "（详见应用）"
    (group,) = about["flags"]
    assert (group["rule"]["id"], group["raised"]) == (str(VISITS.id), 2)
    assert [unit["id"] for unit in group["units"]] == [str(known_id("a1")), str(known_id("a2"))]


async def test_the_person_is_told_singly_and_the_leaders_are_not(database):
    found = await ask(database, "SELECT person_id, kind FROM notice")
    assert sorted((NAMES[row.person_id], row.kind) for row in found) == [
        (name, "duty_missed") for name in ("one", "three", "two")
    ]


async def test_it_is_told_once_whatever_the_workers_and_rounds(database):
    sent = await asyncio.gather(*(tell_summaries(database, COUNTY, EIGHT) for _ in range(3)))
    assert sum(sent) == 3
    for hours in (1, 5, 13):
        assert await told(database, EIGHT + timedelta(hours=hours)) == {}


async def test_a_day_without_news_is_a_quiet_day_though_something_waits(database):
    await told(database, EIGHT)
    assert await told(database, EIGHT + DAY) == {}


async def test_what_climbed_is_said_to_have(database):
    await told(database, EIGHT)
    await escalate_due(database, COUNTY.id, CLOSED + 3 * DAY)
    found = await told(database, EIGHT + 3 * DAY)
    assert set(found) == {"la", "lb", "ld", "office"}
    assert found["office"]["summary"]["name"].splitlines() == [
        "预警升级 3 条：",
        "　“visits”3 条：a 2、b 1",
        "待您办理：3 条预警待签收。",
    ]
    assert found["la"]["headline"]["name"] == "升级 2、待办 2"


async def test_what_somebody_has_settled_is_nobody_s_news(database):
    found = await ask(database, "SELECT id FROM flag WHERE person_id = :id", id=ONE.id)
    async with database.transaction() as session:
        await flags.decide(
            session,
            county_id=COUNTY.id,
            flag_ids=[row.id for row in found],
            to="acknowledged",
            actor_id=OFFICE.id,
            reason="已谈话",
            now=CLOSED + timedelta(hours=1),
        )
    assert (await told(database, EIGHT))["la"]["raised"] == 1


async def test_after_a_stop_there_is_one_of_all_the_days(database):
    await told(database, EIGHT - DAY)
    at_night = at("2026-11-26 23:00")
    assert await told(database, at_night) == {}
    found = await told(database, at("2026-11-27 07:00"))
    assert (found["la"]["raised"], found["la"]["since"]) == (2, "2026-11-23 00:00:00+00:00")
    assert await told(database, at("2026-11-27 08:00")) == {}


async def test_everyone_has_their_own_hour(database):
    await prefer(database, A_LEADER, 18 * 60 + 30)
    assert set(await told(database, EIGHT)) == {"lb", "ld"}
    assert await told(database, at("2026-11-24 18:29")) == {}
    assert set(await told(database, at("2026-11-24 18:30"))) == {"la"}


async def test_whoever_moves_the_hour_has_no_second_one_that_day(database):
    await told(database, EIGHT)
    await tell(database, *"abcdef", person=A_LEADER, now=EIGHT + timedelta(hours=1))
    await prefer(database, A_LEADER, 14 * 60)
    assert await told(database, at("2026-11-24 14:00")) == {}
    assert set(await told(database, at("2026-11-25 14:00"))) == {"la"}


async def test_an_hour_in_the_quiet_ones_waits_for_their_end(database):
    await prefer(database, A_LEADER, 23 * 60)
    await prefer(database, B_LEADER, 5 * 60)
    assert await told(database, at("2026-11-24 06:59")) == {}
    assert set(await told(database, at("2026-11-24 07:00"))) == {"la", "lb"}
    assert await told(database, at("2026-11-24 23:00")) == {}


async def test_the_county_s_usual_hour(database):
    await ask(database, "UPDATE county SET settings = '{\"summary_at\": 600}' RETURNING id")
    assert await told(database, EIGHT) == {}
    assert len(await told(database, at("2026-11-24 10:00"))) == 3


async def test_what_was_put_off_is_told_the_next_day_to_whoever_leads_or_not(database):
    noon = at("2026-11-24 12:00")  # one of the day's five has been told at five, and one is the summary's
    await told(database, EIGHT)
    await tell(database, "11-20", "11-21", "11-22", "11-23", "11-24", now=noon)
    assert await told(database, noon + timedelta(minutes=1)) == {}
    found = await told(database, EIGHT + DAY)
    assert set(found) == {"one"}
    assert found["one"]["summary"]["name"].splitlines() == [
        "其他通知 2 条：",
        "· 您11-23的一次签到经领导核实，计入任务，理由见签到详情。",
        "· 您11-24的一次签到经领导核实，计入任务，理由见签到详情。",
    ]
    assert [each["kind"] for each in found["one"]["notices"]] == ["check_in_counted"] * 2
    (left,) = await ask(database, "SELECT count(*) AS n FROM deferred_notice WHERE summary_id IS NULL")
    assert left.n == 0
    assert await told(database, EIGHT + 2 * DAY) == {}


async def test_of_many_it_names_some_and_keeps_all(database):
    await tell(database, *(f"{number:02}" for number in range(30)), person=A_LEADER)
    about = (await told(database, EIGHT + DAY))["la"]
    assert len(about["notices"]) == 30
    assert sum(line.startswith("·") for line in about["summary"]["name"].splitlines()) == 20
    assert about["summary"]["name"].endswith("……共 30 条")


async def test_leave_that_begins_tomorrow_is_told_singly_and_the_rest_in_the_summary(database):
    await told(database, EIGHT)
    now = at("2026-11-24 15:00")
    await ask_for_leave(database, date(2026, 11, 25), now)
    await ask_for_leave(database, date(2026, 12, 7), now)
    await ask_for_leave(database, date(2026, 11, 10), now)  # over already: nobody waits for it today
    singly = await ask(
        database, "SELECT about FROM notice WHERE kind = 'leave_asked' AND person_id = :id", id=A_LEADER.id
    )
    assert [row.about["from_date"] for row in singly] == ["2026-11-25"]
    said = (await told(database, EIGHT + DAY))["la"]["summary"]["name"].splitlines()
    assert said[0] == "待您办理：2 条预警待签收、3 件请假待批。"
    assert said[1] == "其他通知 2 条："
    assert "12月7日" in said[2]
    assert "11月10日" in said[3]


async def test_what_has_been_decided_meanwhile_is_not_asked_for(database):
    await told(database, EIGHT)
    leave_id = await ask_for_leave(database, date(2026, 12, 7), at("2026-11-24 15:00"))
    async with database.transaction() as session:
        county = await directory.county(session, COUNTY.id)
        await take_leave.withdraw(session, county, leave_id, person_id=ONE.id, now=at("2026-11-24 16:00"))
    assert await told(database, EIGHT + DAY) == {}


async def test_a_review_that_is_due_is_the_reviewer_s_news_and_then_that_of_the_level_above(database):
    """After two days, and after five; on the days between it only waits."""
    held = at("2026-11-24 10:00")
    async with database.transaction() as session:
        await add(session, Facts(visits=[Visit(ONE, held, standing="held")]))
    for day in (0, 1, 2):
        found = await told(database, EIGHT + day * DAY)
    assert found == {}
    found = await told(database, EIGHT + 3 * DAY)
    assert set(found) == {"la"}
    line = "1 次签到待您核实，涉及 1 人，最早的自11月24日起"
    assert any(each.startswith(line) for each in found["la"]["summary"]["name"].splitlines())
    assert found["la"]["reviews"]["own"]["check_ins"] == 1
    for day in (4, 5):
        assert await told(database, EIGHT + day * DAY) == {}
    found = await told(database, EIGHT + 6 * DAY)
    assert set(found) == {"office"}
    assert "1 次签到下级逾期未核实（la）" in found["office"]["summary"]["name"]


async def test_who_serves_no_more_is_told_no_more(database):
    await ask(database, "UPDATE person SET until_date = '2026-11-24' WHERE id = :id RETURNING id", id=A_LEADER.id)
    await ask(
        database, "UPDATE post SET until_date = '2026-11-24' WHERE person_id = :id RETURNING id", id=SENDER.id
    )
    assert set(await told(database, EIGHT)) == {"lb"}
