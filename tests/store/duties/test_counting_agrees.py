"""The SQL engine against `naive.py`, on generated histories."""

import json
from dataclasses import replace
from datetime import date, datetime, timedelta

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from app.duties import service as duties
from app.duties.rules import NightWindow, Period
from app.duties.scopes import next_start, period_start
from app.duties.words import NIGHTLY, DayKind, Measure, PeriodKind, Proration
from app.kernel.database import rows
from tests.store.duties import naive
from tests.store.duties.builder import Assigned, Away, Facts, Post, Special, Stayed, Visit, Waived, add
from tests.store.duties.cast import A1, A2, B1, COUNTY, HOUSE_1, HOUSE_2, HOUSE_3, SHANGHAI, Person, known_id, rule
from tests.support.periods import close_period

# Few days, few places, few people: histories are dense, and most visits lie beside a border of some period.
# The end of a leap February is also the end of a week (Sunday 25 February, Sunday 3 March), and near a quarter's.
NOW = datetime(2024, 4, 20, 9, tzinfo=SHANGHAI)
DAYS = st.sampled_from([date(2024, 2, day) for day in (25, 26, 29)] + [date(2024, 3, day) for day in (1, 3, 4)])
EASTER = st.sampled_from([date(2024, 4, day) for day in (1, 2, 4, 8)])  # after the quarter has ended
HALVES = st.integers(0, 1)
CATEGORIES = ("helper", "leader")
# On and beside every edge: midnight, 05:00, 08:00 (midnight of UTC), 18:30, and plain day.
MINUTES = st.sampled_from((0, 20, 299, 300, 479, 480, 720, 1109, 1110, 1200, 1439))
WINDOWS = st.sampled_from((NightWindow(1110, 1740), NightWindow(1110, 1740), NightWindow(1110, 1439)))
ALWAYS = {"from_date": date(2020, 1, 1), "until_date": None}


@st.composite
def spans(draw):
    """From-until: mostly always, else beginning or ending beside the visits."""
    if draw(st.integers(0, 3)):
        return ALWAYS
    first = draw(st.just(date(2020, 1, 1)) | DAYS)
    last = draw(st.none() | DAYS)
    return {"from_date": first, "until_date": last if last and last > first else None}


@st.composite
def visits(draw, people):
    day, minute = draw(DAYS), draw(MINUTES)
    captured = datetime(day.year, day.month, day.day, tzinfo=SHANGHAI) + timedelta(minutes=minute)
    standing, place = draw(
        st.sampled_from(
            (
                *[("counted", "inside")] * 4,
                ("held", "inside"),
                ("held", "unsure"),
                ("held", "outside"),
                ("counted", "outside"),
                ("outside", "outside"),
                ("refused", "inside"),
            )
        )
    )
    received = captured + timedelta(hours=draw(st.sampled_from((0, 6, 30, 24 * 9))))
    return Visit(
        person=draw(st.sampled_from(people)),
        captured_at=captured,
        received_at=received,
        held_again=received + timedelta(days=30) if standing == "held" and not draw(st.integers(0, 4)) else None,
        village=draw(st.sampled_from((A1, A1, A1, A2, None))),
        found=draw(st.sampled_from((A1, A2, B1, None))),
        place=place,
        standing=standing,
        household=draw(st.sampled_from((None, HOUSE_1, HOUSE_2, HOUSE_3))),
        fix_added=draw(st.sampled_from((None, None, None, captured + timedelta(days=9)))),
        accepted=standing == "counted" and draw(st.integers(0, 3)) == 0,
        form=draw(st.sampled_from((None, "night_visit", "inventory"))),
        name=str(draw(st.integers(0, 10**6))),
    )


@st.composite
def stays(draw, people):
    """To the minute, within a day, beside its midnights; they overlap, as fences do."""
    day, minute = draw(DAYS), draw(st.sampled_from((0, 1, 540, 585, 1380)))
    begun = datetime(day.year, day.month, day.day, tzinfo=SHANGHAI) + timedelta(minutes=minute)
    length = timedelta(minutes=min(draw(st.sampled_from((1, 15, 45, 60, 61, 300, 1440))), 1440 - minute))
    received = begun + timedelta(hours=draw(st.sampled_from((0, 6, 30, 24 * 9))))
    return Stayed(
        draw(st.sampled_from(people)),
        begun,
        begun + length,
        draw(st.sampled_from((A1, A1, A1, A2, B1))),
        received,
    )


@st.composite
def absences(draw, some):
    first = draw(DAYS)
    begin = datetime(first.year, first.month, first.day) + draw(HALVES) * timedelta(hours=12)  # noqa: DTZ001
    end = begin + draw(st.sampled_from((1, 2, 3, 9, 14, 60))) * timedelta(hours=12)
    back = draw(st.none() | st.just(begin + draw(HALVES) * timedelta(hours=12)))
    return Away(draw(some), begin, end, back, draw(st.sampled_from(("approved", "approved", "asked"))))


@st.composite
def rules(draw, name):
    measure = draw(st.sampled_from(Measure))
    night = draw(WINDOWS if measure in NIGHTLY else st.none() | WINDOWS)
    of_visits = {
        "min_dwell_min": draw(st.sampled_from((None, None, None, 30))),
        "form_required": draw(st.integers(0, 4)) == 0,
        "household_required": draw(st.integers(0, 3)) == 0,
        "night": night,
    }
    return rule(
        name,
        since=draw(st.sampled_from((date(2023, 12, 31), date(2023, 12, 31), date(2024, 2, 26)))),
        categories=CATEGORIES if draw(st.booleans()) else ("helper",),
        measure=measure,
        period_kind=draw(st.sampled_from(("week", "week", "month", "quarter"))),
        required=draw(st.sampled_from((1, 1, 2, 2, 5, 20))),
        per=draw(st.sampled_from(("person", "person", "household"))),
        days=draw(st.sampled_from(DayKind)),
        share=draw(st.sampled_from(Proration)),
        unit_ids=draw(st.sampled_from(((), (), (known_id("a"),), (known_id("b"), known_id("d"))))),
        except_ids=draw(st.sampled_from(((), (), (), (Person("p1").id,)))),
        shift_closing=draw(st.booleans()),
        counts_in=draw(st.sampled_from(("assigned", "unit", "county"))),
        **({} if measure == "hours_in_village" else of_visits),
        grace_h=draw(st.sampled_from((0, 6, 24))),
    )


@st.composite
def histories(draw):
    people = [
        Person(
            f"p{number}",
            category,
            draw(st.sampled_from(("a1", "a", "b1"))),
            draw(st.sampled_from((None, None, "d"))),
            **draw(spans()),
        )
        for number, category in enumerate(CATEGORIES[: draw(st.integers(1, 2))])
    ]
    some = st.sampled_from(people)
    return Facts(
        people=people,
        assigned=[
            *(Assigned(person, A1, **draw(spans())) for person in people if draw(st.integers(0, 3))),
            *(Assigned(draw(some), A2, **draw(spans())) for _ in range(draw(st.integers(0, 2)))),
            *(
                Assigned(draw(some), A1, household=house, **draw(spans()))
                for house in draw(st.lists(st.sampled_from((HOUSE_1, HOUSE_2)), max_size=3))
            ),
        ],
        away=draw(st.lists(absences(some), max_size=2)),
        special=[
            Special(day, draw(st.booleans())) for day in draw(st.lists(DAYS | EASTER, max_size=4, unique=True))
        ],
        posts=[Post(draw(some), draw(st.sampled_from(("a2", "b"))), **draw(spans()))] * draw(st.integers(0, 1)),
        visits=draw(st.lists(visits(people), min_size=2, max_size=16, unique_by=lambda visit: visit.id)),
        stays=draw(
            st.lists(stays(people), max_size=8, unique_by=lambda stay: (stay.person, stay.from_at, stay.village))
        ),
        rules=[draw(rules("one")), draw(rules("two"))],
        waived=draw(
            st.lists(
                st.builds(
                    Waived,
                    some,
                    st.sampled_from([known_id(f"rule {name}") for name in ("one", "two")]),
                    st.sampled_from([date(2024, 2, 26), date(2024, 3, 1), date(2024, 1, 1)]),
                ),
                max_size=2,
                unique=True,
            )
        ),
    )


# As the county says it, and in days: short of late uploads, as usual, and beyond NOW for what has just closed.
WAITS = st.sampled_from(((1, 1), (None, 10), ("45", 10), (20, 20), (45, 45)))
# A round of closing before everything has come leaves no trace behind the last one.
EARLIER = st.none() | st.sampled_from([datetime(2024, 3, day, 12, tzinfo=SHANGHAI) for day in (5, 8, 25)])


@pytest.mark.timeout(300)  # hundreds of histories, each closed once or twice
@settings(max_examples=400, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(facts=histories(), closing=st.booleans(), waits=WAITS, earlier=EARLIER)
async def test_every_duty_and_every_outcome_is_what_the_rule_says(database, facts, closing, waits, earlier):
    said, days = waits
    async with database.engine.connect() as connection, connection.begin() as transaction:
        session = database._sessions(bind=connection)
        await rows(
            session,
            "UPDATE county SET settings = CAST(:settings AS jsonb) RETURNING id",
            settings=json.dumps({} if said is None else {"review_wait_days": said}),
        )
        come = [visit for visit in facts.visits if closing and earlier and visit.received <= earlier]
        await add(session, replace(facts, visits=come))
        if come:
            await recount(session, [(visit.person.id, visit.captured_at) for visit in come], earlier)
            await close(session, earlier)
        await add(session, Facts(visits=[visit for visit in facts.visits if visit not in come]))
        touched = [(visit.person.id, visit.captured_at) for visit in facts.visits]
        touched += [(stayed.person.id, stayed.from_at) for stayed in facts.stays]
        found = await recount(session, touched)
        if closing:
            await close(session, NOW)
            found = await recount(session, touched)
        got = {(duty.person_id, duty.rule_id, duty.period): duty for duty in found}
        assert len(got) == len(found)
        assert set(got) == {
            (person.id, version.id, period)
            for version in facts.rules
            for person in facts.people
            for period in periods(facts, person, version)
            if naive.owes(facts, person, version, period)
        }
        for version in facts.rules:
            for person in facts.people:
                for period in periods(facts, person, version):
                    duty = got.get((person.id, version.id, period))
                    if duty is None:
                        continue
                    closes_at = naive.closes_at(facts, version, period)
                    assert duty.closes_at == closes_at
                    expected = naive.expected(
                        facts,
                        person,
                        version,
                        period,
                        closed_by=NOW if closing else None,
                        wait=timedelta(days=days),
                    )
                    assert (
                        duty.required,
                        duty.excuse,
                        duty.done,
                        duty.pending_review,
                        duty.status,
                        duty.review_due_at,
                    ) == (
                        expected.required,
                        expected.excuse,
                        expected.done,
                        expected.pending_review,
                        expected.status,
                        expected.review_due_at,
                    )
                    considered = await duties.evidence(
                        session, county_id=COUNTY.id, timezone=COUNTY.timezone, duty_id=duty.id, now=NOW
                    )
                    assert {each.check_in_id: each.code for each in considered} == expected.outcomes
                    stayed = await duties.stays_considered(
                        session, county_id=COUNTY.id, timezone=COUNTY.timezone, duty_ids=[duty.id], now=NOW
                    )
                    assert {(each.village_id, each.from_at, each.code) for each in stayed} == {
                        (each.village, each.from_at, code)
                        for each, code in naive.stays_of(facts, person, version, period)
                    }
        await session.close()
        await transaction.rollback()


async def close(session, now):
    for of in await duties.due_to_close(session, COUNTY, now):
        await close_period(session, COUNTY, of, now)


async def recount(session, touched, now=NOW):
    """By check-ins, then by stays where a rule goes by them, which says the same of the others."""
    by_visits = await duties.recount(
        session, county_id=COUNTY.id, timezone=COUNTY.timezone, touched=touched, now=now
    )
    by_stays = await duties.recount_hours(session, COUNTY, touched=touched, now=now)
    assert not by_stays or all(duty in by_stays for duty in by_visits)
    return by_stays or by_visits


def periods(facts, person, version):
    moments = [visit.captured_at for visit in facts.visits if visit.person == person]
    moments += [stayed.from_at for stayed in facts.stays if stayed.person == person]
    return {Period.of(version.terms.period_kind, naive.day_of(version, moment)) for moment in moments}


@pytest.mark.parametrize("kind", PeriodKind)
async def test_sql_and_python_know_the_same_periods(database, kind):
    """Every day of eleven years, each kind of period: first day and first day after."""
    start = period_start(":kind", "day")
    async with database.transaction() as session:
        found = await rows(
            session,
            f"""SELECT CAST(day AS date) AS day, start, {next_start("CAST(:kind AS text)", "start")} AS next
            FROM generate_series(CAST(:first AS timestamp), CAST(:last AS timestamp), interval '1 day') AS d (day)
            CROSS JOIN LATERAL (SELECT {start.replace(":kind", "CAST(:kind AS text)")} AS start) AS p""",
            kind=kind,
            first=datetime(2019, 12, 20),  # noqa: DTZ001
            last=datetime(2030, 12, 31),  # noqa: DTZ001
        )
    assert len(found) == 4030
    for row in found:
        period = Period.of(kind, row.day)
        assert (row.start, row.next) == (period.start, period.following.start)
