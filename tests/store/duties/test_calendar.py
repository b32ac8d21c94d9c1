"""Working days: the national calendar, what Guangxi does otherwise, and years that nobody knows yet."""

from datetime import date, datetime

import pytest

from app.duties import calendar
from app.duties.calendar import SpecialDay
from app.flows import change_calendar
from tests.store.duties.builder import Assigned, Away, Visit, seen
from tests.store.duties.cast import COUNTY, SHANGHAI, Person, at, rule

EARLY = {"from_date": date(2010, 1, 1)}
RESIDENT = Person("resident", "resident", **EARLY)
TWENTY_DAYS = {
    "categories": ("resident",),
    "measure": "village_days",
    "period_kind": "month",
    "required": 20,
    "days": "working",
    "share": "cap",
    "since": date(2018, 1, 1),
}


@pytest.fixture
async def guangxi(county):
    async with county.database.transaction() as session:
        await calendar.sync(session, COUNTY.id)
        await calendar.put(session, COUNTY.id, calendar.guangxi())
    county.now = datetime(2018, 6, 1, 9, tzinfo=SHANGHAI)
    return county


async def working(county, day: date) -> bool:
    async with county.database.transaction() as session:
        (found,) = await calendar.days(session, COUNTY.id, day, day)
    return found.working


@pytest.mark.parametrize(
    ("day", "nationally", "in_guangxi"),
    [
        (date(2018, 4, 15), False, True),  # Sunday, worked for Sanyuesan
        (date(2018, 4, 18), True, False),  # Sanyuesan
        (date(2017, 4, 1), True, False),  # a make-up day of the nation, off in Guangxi
        (date(2018, 10, 1), False, False),
        (date(2018, 9, 29), True, True),  # Saturday, worked for the national holiday
        (date(2018, 9, 27), True, True),
    ],
)
async def test_days_of_the_nation_and_of_guangxi(county, guangxi, day, nationally, in_guangxi):
    special = {each.date: each.working for each in calendar.national()}
    assert special.get(day, day.isoweekday() <= 5) is nationally
    assert await working(guangxi, day) is in_guangxi


async def test_twenty_days_a_month_cannot_be_owed_where_eighteen_are_worked(guangxi):
    """April 2018 in Guangxi: 20 national working days, less three of Sanyuesan, and one worked for it."""
    await guangxi.put(
        people=[RESIDENT], assigned=[Assigned(RESIDENT, **EARLY)], rules=[rule("days", **TWENTY_DAYS)]
    )
    (april,) = await guangxi.of(RESIDENT, "2018-04")
    assert (april.required, april.days, april.days_there, april.calendar_assumed) == (18, 18, 18, False)
    (may,) = await guangxi.of(RESIDENT, "2018-05")
    assert (may.required, may.days) == (20, 22)


async def test_approved_leave_comes_off_what_is_owed_by_half_days(guangxi):
    away = Away(RESIDENT, datetime(2018, 4, 2, 12), datetime(2018, 4, 4))  # noqa: DTZ001
    await guangxi.put(
        people=[RESIDENT], assigned=[Assigned(RESIDENT, **EARLY)], rules=[rule("days", **TWENTY_DAYS)], away=[away]
    )
    (april,) = await guangxi.of(RESIDENT, "2018-04")
    assert (april.required, april.days_there) == (16, 16.5)
    assert "在岗 16.5 天" in april.explanation("zh-CN", guangxi.now)


async def test_a_week_without_a_working_day_asks_for_nothing(guangxi):
    golden_week = rule(days="working", since=date(2018, 1, 1))
    helper = Person("helper", **EARLY)
    await guangxi.put(people=[helper], assigned=[Assigned(helper, **EARLY)], rules=[golden_week])
    guangxi.now = datetime(2018, 10, 20, 9, tzinfo=SHANGHAI)
    (week,) = await guangxi.of(helper, "2018-W40")  # 1 to 7 October
    assert (week.status, week.required, week.excuse) == ("excused", 0, "days_off")
    assert "没有工作日" in week.explanation("zh-CN", guangxi.now)


async def test_a_closing_that_falls_on_days_off_moves_past_them(guangxi):
    shifting = rule(shift_closing=True, since=date(2018, 1, 1))
    helper = Person("helper", **EARLY)
    await guangxi.put(people=[helper], assigned=[Assigned(helper, **EARLY)], rules=[shifting])
    guangxi.now = datetime(2018, 10, 20, 9, tzinfo=SHANGHAI)
    (week,) = await guangxi.of(helper, "2018-W39")  # ends on Sunday, 30 September, a worked day
    assert week.closes_at == datetime(2018, 10, 9, tzinfo=SHANGHAI)
    (week,) = await guangxi.of(helper, "2018-W41")
    assert week.closes_at == datetime(2018, 10, 16, tzinfo=SHANGHAI)


async def test_a_year_that_nobody_knows_is_said_to_be_assumed(county):
    helper = Person("helper")
    await county.put(
        people=[helper], assigned=[Assigned(helper)], rules=[rule(days="working", since=date(2027, 1, 1))]
    )
    county.now = at("2027-03-10 09:00")
    (week,) = await county.of(helper)
    assert (week.days, week.calendar_assumed) == (5, True)
    assert "暂按周一至周五" in week.explanation("zh-CN", county.now)
    assert "assumed" in week.explanation("en", county.now)
    async with county.database.transaction() as session:
        await calendar.confirm_year(session, COUNTY.id, 2027, "国办发明电〔2026〕7号")
    (week,) = await county.of(helper)
    assert week.calendar_assumed is False


async def test_a_changed_calendar_counts_the_periods_it_touches_anew(guangxi):
    ruled = rule("days", **TWENTY_DAYS)
    await guangxi.put(people=[RESIDENT], assigned=[Assigned(RESIDENT, **EARLY)], rules=[ruled])
    await guangxi.close(ruled, april := (await guangxi.of(RESIDENT, "2018-04"))[0].period, guangxi.now)
    flood = [SpecialDay(date(2018, 4, day), False, "抗洪停工", "Flood", "县政府通知") for day in (9, 10)]

    async def apply(session):
        return await calendar.put(session, COUNTY.id, flood)

    async with guangxi.database.transaction() as session:
        assert await change_calendar.change(session, COUNTY, apply, guangxi.now)
    stored = await guangxi.all("SELECT required, status FROM duty")
    assert [tuple(row) for row in stored] == [(16, "missed")]
    assert april.id == "2018-04"


async def test_what_the_county_says_outlives_the_next_release_of_the_national_calendar(guangxi):
    async with guangxi.database.transaction() as session:
        assert await calendar.sync(session, COUNTY.id) is None
    assert await working(guangxi, date(2018, 4, 15))
    async with guangxi.database.transaction() as session:
        await calendar.drop(session, COUNTY.id, date(2017, 4, 1))
    assert await working(guangxi, date(2017, 4, 1))  # a make-up day again


async def test_an_evening_on_leave_is_a_night_on_leave(county):
    leader = Person("leader", "leader")
    evening = {"measure": "nights_in_village", "share": "cap", "required": 7, "categories": ("leader",)}
    nights = rule("nights", night=(window := _window()), **evening)
    away = Away(leader, datetime(2026, 11, 18, 12), datetime(2026, 11, 19, 12))  # noqa: DTZ001
    morning = Away(leader, datetime(2026, 11, 21), datetime(2026, 11, 21, 12))  # noqa: DTZ001
    await county.put(people=[leader], assigned=[Assigned(leader)], rules=[nights], away=[away, morning])
    (week,) = await county.visit(Visit(leader, at("2026-11-17 20:00")), Visit(leader, at("2026-11-18 20:00")))
    assert (week.required, week.done) == (6, 2)  # a night worked on leave counts all the same
    assert window.until == 1740


def _window():
    from app.duties.rules import NightWindow  # noqa: PLC0415

    return NightWindow(1110, 1740)


async def test_replaced_in_the_middle_of_the_month_each_helper_owes_their_part(county):
    """Scenario 5: the target is shared out by days, and the visits stay with who made them."""
    before, after = Person("before"), Person("after")
    monthly = rule(period_kind="month", required=4, share="days", since=date(2026, 11, 1))
    await county.put(
        people=[before, after],
        assigned=[Assigned(before, until_date=date(2026, 11, 16)), Assigned(after, from_date=date(2026, 11, 16))],
        rules=[monthly],
    )
    (first,) = await county.visit(Visit(before, at("2026-11-03 10:00")), Visit(before, at("2026-11-10 10:00")))
    (second,) = await county.of(after)
    assert (seen([first]), first.required) == ([("2026-11", 2, 0, "met")], 2)
    assert (seen([second]), second.required) == ([("2026-11", 0, 0, "open")], 2)
