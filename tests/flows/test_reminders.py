"""Reminders: whoever is behind is told in time, each reminder once, and nobody else."""

import asyncio
from datetime import date, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.duties import service as duties
from app.duties.reminders import Reminding
from app.duties.rules import Period
from app.duties.words import PeriodKind
from app.flows.remind import remind_due
from app.kernel.database import rows
from app.notices.rules import LAST_WORKING_DAY, NoticeSettings
from tests.store.duties.builder import Assigned, Away, Facts, Special, Visit, add, built
from tests.store.duties.cast import COUNTY, SHANGHAI, W47, W48, Person, at, rule
from tests.support.periods import open_period

BEHIND, MET, HELD, AWAY = (Person(name) for name in ("behind", "met", "held", "away"))
NAMES = {person.id: person.name for person in (BEHIND, MET, HELD, AWAY)}
RULE = rule()
USUAL = Reminding(NoticeSettings(), SHANGHAI)


@pytest.mark.parametrize(
    ("now", "expected"),
    [
        ("2026-11-23 00:00", None),
        ("2026-11-26 08:59", None),
        ("2026-11-26 09:00", "0.5"),  # half of seven days is reached on Thursday
        ("2026-11-27 08:59", "0.5"),
        ("2026-11-27 09:00", LAST_WORKING_DAY),
        ("2026-11-28 08:59", LAST_WORKING_DAY),
        ("2026-11-28 09:00", "0.8"),
        ("2026-11-29 23:59", "0.8"),
    ],
)
def test_when_in_a_week(now, expected):
    assert USUAL.due(W48, date(2026, 11, 27), at(now)) == expected


def test_a_week_off_has_no_last_working_day():
    golden = Period.parse("2026-W41")
    assert USUAL.due(golden, None, at("2026-10-09 12:00")) == "0.5"


def test_a_month_is_reminded_on_its_days():
    november = Period.parse("2026-11")
    found = [
        USUAL.due(november, date(2026, 11, 30), at(f"2026-11-{day:02} 09:00")) for day in (15, 16, 24, 25, 30)
    ]
    assert found == [None, "0.5", "0.5", "0.8", LAST_WORKING_DAY]


@given(st.sampled_from(PeriodKind), st.dates(date(2024, 1, 1), date(2027, 1, 1)), st.data())
def test_what_is_due_only_moves_on(kind, day, data):
    period = Period.of(kind, day)
    last = data.draw(st.none() | st.dates(period.start, period.end))
    order = [name for _, name in sorted((at, name) for name, at in USUAL._days(period, last))]
    hours = data.draw(
        st.lists(st.integers(0, 24 * ((period.end - period.start).days + 1)), min_size=2).map(sorted)
    )
    begins = USUAL.local(period.start, 0)
    due = [USUAL.due(period, last, begins + timedelta(hours=each)) for each in hours]
    ranks = [order.index(each) + 1 if each else 0 for each in due]
    assert ranks == sorted(ranks)


@pytest.mark.parametrize("zone", ["Asia/Shanghai", "Europe/Berlin", "America/New_York"])
def test_the_hour_is_the_county_s_also_when_its_clocks_change(zone):
    reminding = Reminding(NoticeSettings(reminders=(0.5,)), ZoneInfo(zone))
    week = Period.parse("2026-W13")  # in its Sunday night Europe's clocks change
    at_nine = reminding.local(date(2026, 3, 26), 9 * 60)
    assert reminding.due(week, None, at_nine) == "0.5"
    assert reminding.due(week, None, at_nine - timedelta(minutes=1)) is None


@pytest.mark.parametrize(
    "settings",
    [
        {"reminders": "0.5"},
        {"reminders": [1.0]},
        {"reminders": [True]},
        {"quiet_from": -1},
        {"quiet_from": "22:00"},
        {"digest_day": 0},
        {"digest_at": 1440},
        {"remind_at": 9.5},
    ],
)
def test_a_setting_that_is_none_is_refused_and_read_as_usual(settings):
    with pytest.raises(ValueError, match=next(iter(settings)).partition("_")[0]):
        NoticeSettings.of(settings)
    assert NoticeSettings.lenient(settings | {"other": 1}) == NoticeSettings()


def test_settings_are_read():
    found = NoticeSettings.lenient({"reminders": [0.9], "remind_at": 600, "quiet_from": "bad"})
    assert found == NoticeSettings(reminders=[0.9], remind_at=600)


@pytest.fixture
async def database(database_url):
    async with built(
        database_url,
        Facts(
            people=[BEHIND, MET, HELD, AWAY],
            assigned=[Assigned(person) for person in (BEHIND, MET, HELD, AWAY)],
            visits=[
                Visit(MET, at("2026-11-23 10:00")),
                Visit(HELD, at("2026-11-23 10:00"), standing="held"),
            ],
            away=[
                Away(
                    AWAY,
                    at("2026-11-23 00:00").replace(tzinfo=None),
                    at("2026-11-30 00:00").replace(tzinfo=None),
                )
            ],
            rules=[rule(share="days")],
        ),
    ) as database:
        async with database.transaction() as session:
            for week in (W47, W48):
                of = duties.RulePeriod(RULE.id, week.start)
                await open_period(session, COUNTY, of, at("2026-11-23 11:00"))
        yield database


async def reminded(database):
    async with database.transaction() as session:
        found = await rows(
            session,
            "SELECT person_id, occasion FROM notice WHERE kind = 'duty_reminder' ORDER BY created_at, id",
        )
    return [(NAMES[row.person_id], row.occasion.rpartition(":")[2]) for row in found]


async def test_only_who_is_behind_is_told_and_each_reminder_once(database):
    for day in ("23", "26", "26", "27", "28", "29"):
        for hour in ("08:00", "09:00", "12:00"):
            await remind_due(database, COUNTY.id, at(f"2026-11-{day} {hour}"))
    assert await reminded(database) == [("behind", "0.5"), ("behind", LAST_WORKING_DAY), ("behind", "0.8")]


async def test_of_those_missed_while_no_worker_ran_the_latest_goes_out(database):
    assert await remind_due(database, COUNTY.id, at("2026-11-29 10:00")) == 1
    assert await reminded(database) == [("behind", "0.8")]


async def test_several_workers_remind_once(database):
    now = at("2026-11-26 09:00")
    assert sum(await asyncio.gather(*(remind_due(database, COUNTY.id, now) for _ in range(4)))) == 1


async def test_nobody_is_reminded_at_night_but_in_the_morning(database):
    assert await remind_due(database, COUNTY.id, at("2026-11-26 23:00")) == 0
    assert await remind_due(database, COUNTY.id, at("2026-11-27 07:00")) == 1


async def test_what_was_held_and_is_refused_is_behind_at_the_next_one(database):
    await remind_due(database, COUNTY.id, at("2026-11-26 09:00"))
    async with database.transaction() as session:
        await rows(session, "UPDATE check_in SET standing = 'refused' WHERE standing = 'held' RETURNING id")
        of = duties.RulePeriod(RULE.id, W48.start)
        await duties.recount_period(session, COUNTY, of, at("2026-11-26 12:00"))
    await remind_due(database, COUNTY.id, at("2026-11-27 09:00"))
    assert sorted(await reminded(database)) == [
        ("behind", "0.5"),
        ("behind", LAST_WORKING_DAY),
        ("held", LAST_WORKING_DAY),
    ]


async def test_the_last_working_day_is_the_county_s(database):
    """壮族三月三 and the like: Friday is off, so Thursday is the last day with an office to turn to."""
    async with database.transaction() as session:
        await add(session, Facts(special=[Special(date(2026, 11, 27), working=False)]))
    await remind_due(database, COUNTY.id, at("2026-11-26 09:00"))
    assert await reminded(database) == [("behind", LAST_WORKING_DAY)]


async def test_what_it_says(database):
    async with database.transaction() as session:
        await rows(
            session,
            "INSERT INTO device (county_id, id, person_id, last_seen_at, waiting, waiting_said_at)"
            " VALUES (:county_id, 'p', :id, :now, 3, :now) RETURNING id",
            county_id=COUNTY.id,
            id=BEHIND.id,
            now=at("2026-11-25 09:00"),
        )
    await remind_due(database, COUNTY.id, at("2026-11-26 09:00"))
    async with database.transaction() as session:
        (row,) = await rows(session, "SELECT about, until FROM notice WHERE kind = 'duty_reminder'")
    assert (row.about["required"], row.about["done"], row.about["wanting"], row.about["left"]) == (1, 0, 1, 4)
    assert "3 条" in row.about["waiting"]["name"]
    assert row.until == at("2026-11-30 00:00")
