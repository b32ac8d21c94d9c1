"""What people could read either way, and how it was settled: docs/duties.md says why."""

from datetime import date, datetime

import pytest

from app.duties import calendar
from app.duties import service as duties
from app.duties.rules import NightWindow
from tests.store.duties.builder import Assigned, Away, Special, Visit, night, seen
from tests.store.duties.cast import (
    A1,
    A2,
    COUNTY,
    HELPER,
    HOUSE_1,
    HOUSE_2,
    LEADER,
    NIGHTS,
    SHANGHAI,
    W47,
    at,
    rule,
)

VILLAGE = {"measure": "village_days", "required": 5}
EVENINGS = [
    Away(HELPER, datetime(2026, 11, day, 12), datetime(2026, 11, day + 1))  # noqa: DTZ001
    for day in range(16, 23)
]
MORNINGS = [
    Away(HELPER, datetime(2026, 11, day), datetime(2026, 11, day, 12))  # noqa: DTZ001
    for day in range(16, 23)
]


def visit(when: str, **given) -> Visit:
    return Visit(HELPER, at(when), **given)


def away(first: int, last: int) -> Away:
    """Whole days of November, both included."""
    return Away(HELPER, datetime(2026, 11, first), datetime(2026, 11, last + 1))  # noqa: DTZ001


async def test_a_closing_that_waits_for_days_of_an_unknown_year_says_that_these_are_assumed(county):
    shifting = rule(period_kind="month", shift_closing=True)
    await county.put(people=[HELPER], assigned=[Assigned(HELPER)], rules=[shifting])
    county.now = at("2026-12-20 09:00")
    (november,) = await county.of(HELPER, "2026-11")
    (december,) = await county.of(HELPER, "2026-12")
    assert (november.calendar_assumed, december.calendar_assumed) == (False, True)
    assert december.closes_at == datetime(2027, 1, 2, tzinfo=SHANGHAI), (
        "Friday, 1 January, taken for a working day"
    )
    assert "暂按周一至周五" in december.explanation("zh-CN", county.now)
    async with county.database.transaction() as session:
        await calendar.put(
            session, COUNTY.id, [calendar.SpecialDay(date(2027, 1, 1), False, "元旦", "New Year", "国办通知")]
        )
        await calendar.confirm_year(session, COUNTY.id, 2027, "国办通知")
    (december,) = await county.of(HELPER, "2026-12")
    assert (december.calendar_assumed, december.closes_at) == (False, datetime(2027, 1, 5, tzinfo=SHANGHAI))


async def test_days_of_the_period_itself_are_not_assumed_where_only_the_closing_goes_by_them(county):
    """The days of December 2025 are in nobody's calendar here, those that follow are."""
    shifting = rule(period_kind="month", shift_closing=True, since=date(2025, 1, 1))
    await county.put(people=[HELPER], assigned=[Assigned(HELPER)], rules=[shifting])
    await county.all("DELETE FROM calendar_year WHERE year = 2025 RETURNING year")
    (december,) = await county.of(HELPER, "2025-12")
    assert december.calendar_assumed is False


async def test_who_was_never_there_on_a_day_of_the_rule_is_not_excused_for_leave(county):
    """Assigned from Saturday, on leave that Sunday, by working days: nothing was left to be away from."""
    shared = rule(days="working", share="days", measure="village_days", required=5)
    saturday = Assigned(HELPER, from_date=date(2026, 11, 21))
    await county.put(people=[HELPER], assigned=[saturday], rules=[shared], away=[away(22, 22)])
    (week,) = await county.of(HELPER, W47.id)
    assert (week.status, week.excuse, week.days_there) == ("excused", "presence", 0)


async def test_who_is_on_leave_for_every_day_of_a_household_is_excused_for_leave(county):
    shared = rule(per="household", share="days", household_required=True)
    await county.put(
        people=[HELPER],
        assigned=[
            Assigned(HELPER),
            Assigned(HELPER, household=HOUSE_1, until_date=date(2026, 11, 19)),
        ],
        rules=[shared],
        away=[away(16, 18)],
    )
    (week,) = await county.of(HELPER, W47.id)
    assert (week.status, week.excuse, week.days_there) == ("excused", "leave", 4)


async def test_a_stay_of_a_night_is_not_made_of_a_visit_of_the_morning(county):
    dwelling = rule("nights", **NIGHTS | {"min_dwell_min": 30, "required": 3})
    await county.put(people=[LEADER], rules=[dwelling])
    (week,) = await county.visit(
        night("2026-11-17 09:00"),
        night("2026-11-17 20:00"),
        night("2026-11-18 18:29"),
        night("2026-11-18 18:58"),
        night("2026-11-19 23:50"),
        night("2026-11-20 00:20"),
    )
    assert await county.outcomes(week) == [
        "not_at_night",
        "too_short",
        "not_at_night",
        "too_short",
        "counted",
        "same_night",
    ]


async def test_a_stay_by_day_is_of_the_whole_day(county):
    await county.put(people=[HELPER], assigned=[Assigned(HELPER)], rules=[rule(min_dwell_min=60)])
    (week,) = await county.visit(visit("2026-11-17 00:00"), visit("2026-11-17 23:59"))
    assert (week.done, week.status) == (1, "met")


BEFORE, AFTER = at("2026-11-23 10:00"), at("2026-11-26 10:00")  # week 47 closes on Tuesday, 24 November


@pytest.mark.parametrize(("second", "status"), [(BEFORE, "met"), (AFTER, "met_late")])
async def test_a_stay_that_is_proved_after_closing_is_late(county, second, status):
    await county.put(people=[HELPER], assigned=[Assigned(HELPER)], rules=[rule(min_dwell_min=60)])
    first = visit("2026-11-17 09:00")
    (week,) = await county.visit(first, visit("2026-11-17 11:00", received_at=second), now=AFTER)
    assert (week.done, week.status) == (1, status)
    assert await county.outcomes(week) == ["counted", "same_visit"]


@pytest.mark.parametrize(
    ("given", "status"),
    [
        ({"fix_added": BEFORE}, "met"),
        ({"fix_added": AFTER}, "met_late"),
        ({"fix_added": AFTER, "accepted": True}, "met"),  # a person vouched for what came in time
        ({"accepted": True}, "met"),
        ({"received_at": AFTER, "accepted": True}, "met_late"),
    ],
)
async def test_what_makes_a_visit_count_has_to_come_in_time_and_a_review_has_not(county, given, status):
    await county.put(people=[HELPER], assigned=[Assigned(HELPER)], rules=[rule()])
    (week,) = await county.visit(visit("2026-11-17 09:00", **given), now=AFTER)
    assert (week.done, week.status) == (1, status)


async def test_what_came_in_time_stands_before_what_was_proved_late(county):
    await county.put(people=[HELPER], assigned=[Assigned(HELPER)], rules=[rule()])
    unproved = visit("2026-11-17 09:00", fix_added=AFTER)
    (week,) = await county.visit(unproved, visit("2026-11-17 11:00"), now=AFTER)
    assert (week.status, await county.outcomes(week)) == ("met", ["same_visit", "counted"])


async def test_the_evidence_says_what_came_in_time(county):
    await county.put(people=[HELPER], assigned=[Assigned(HELPER)], rules=[rule(required=2)])
    (week,) = await county.visit(visit("2026-11-17 09:00"), visit("2026-11-18 09:00", fix_added=AFTER), now=AFTER)
    async with county.database.transaction() as session:
        considered = await duties.evidence(
            session, county_id=COUNTY.id, timezone=COUNTY.timezone, duty_id=week.id, now=AFTER
        )
    assert week.status == "met_late"
    assert [(each.counted, each.in_time) for each in considered] == [(True, True), (True, False)]


async def test_days_in_the_village_at_night_are_off_with_the_evenings(county):
    by_night = rule(**VILLAGE, night=NightWindow(1110, 1740))
    await county.put(people=[HELPER], assigned=[Assigned(HELPER)], rules=[by_night], away=EVENINGS)
    (week,) = await county.of(HELPER, W47.id)
    assert (week.status, week.excuse, week.days_there) == ("excused", "leave", 0)


async def test_hours_of_the_morning_are_off_with_the_mornings(county):
    by_morning = rule(**VILLAGE, night=NightWindow(480, 660))
    await county.put(
        people=[HELPER], assigned=[Assigned(HELPER)], rules=[by_morning], away=EVENINGS[:2] + MORNINGS[2:]
    )
    (week,) = await county.of(HELPER, W47.id)
    assert (week.required, week.days_there) == (2, 2)


@pytest.mark.parametrize("share", ["whole", "cap"])
async def test_with_every_evening_on_leave_half_the_days_are_owed_and_mornings_meet_them(county, share):
    await county.put(
        people=[HELPER], assigned=[Assigned(HELPER)], rules=[rule(**VILLAGE, share=share)], away=EVENINGS
    )
    (week,) = await county.visit(*(visit(f"2026-11-{day} 09:00") for day in (16, 18, 20)))
    assert (week.days_there, week.required, week.done, week.status) == (3.5, 3, 3, "met")


async def test_nobody_owes_more_days_than_leave_has_left(county):
    whole = [rule("days", **VILLAGE), rule("visits", required=5)]
    await county.put(people=[HELPER], assigned=[Assigned(HELPER)], rules=whole, away=[away(16, 19)])
    owed = {duty.measure: duty.required for duty in await county.of(HELPER, W47.id)}
    assert owed == {"village_days": 3, "visits": 5}, "five visits can be made in three days, five days cannot"


async def test_a_cap_for_each_household_is_by_its_own_days(county):
    """Four visits to each: one household was theirs all week, the other from Sunday on."""
    capped = rule(per="household", share="cap", required=4, household_required=True)
    await county.put(
        people=[HELPER],
        assigned=[
            Assigned(HELPER, household=HOUSE_1),
            Assigned(HELPER, household=HOUSE_2, from_date=date(2026, 11, 22)),
        ],
        rules=[capped],
    )
    (week,) = await county.of(HELPER, W47.id)
    assert week.required == 4 + 1


async def test_a_visit_that_somebody_vouches_for_speaks_for_the_village_it_was_found_in(county):
    anywhere = rule(counts_in="county", required=3)
    await county.put(people=[HELPER], assigned=[Assigned(HELPER)], rules=[anywhere])
    vouched = {"place": "outside", "standing": "counted", "village": A1}
    (week,) = await county.visit(
        visit("2026-11-17 09:00"),
        visit("2026-11-17 11:00", found=A2, **vouched),
        visit("2026-11-17 13:00", found=A2, **vouched),
        visit("2026-11-17 15:00", found=None, **vouched),
    )
    assert await county.outcomes(week) == ["counted", "counted", "same_visit", "same_visit"]


@pytest.mark.parametrize(("days", "owed"), [("working", ["2026-W47"]), ("calendar", [])])
async def test_the_whole_of_a_period_is_its_days_by_the_rule(county, days, owed):
    """Assigned from Tuesday, after a Monday off, until Saturday."""
    await county.put(
        people=[HELPER],
        assigned=[Assigned(HELPER, from_date=date(2026, 11, 17), until_date=date(2026, 11, 21))],
        rules=[rule(days=days)],
        special=[Special(date(2026, 11, 16), working=False)],
    )
    assert [duty[0] for duty in seen(await county.of(HELPER, W47.id))] == owed


async def test_a_night_past_midnight_is_of_the_evening_before(county):
    small_hours = rule("nights", **NIGHTS | {"night": NightWindow(1440, 1740)})
    await county.put(people=[LEADER], rules=[small_hours])
    (week,) = await county.visit(night("2026-11-23 01:00"))
    assert (seen([week]), week.closes_at) == ([("2026-W47", 1, 0, "met")], at("2026-11-24 05:00"))
    (week,) = await county.visit(night("2026-11-23 05:00"), now=at("2026-11-23 09:00"))
    assert (week.period.id, await county.outcomes(week)) == ("2026-W48", ["not_at_night"])
