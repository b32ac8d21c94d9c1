"""工作日: which days are worked. The nation's calendar comes from a library, a county's own from its office.

A day is what its weekday says unless a `calendar_day` says otherwise. Where a year is in nobody's calendar yet,
the duties that depend on it say that Monday to Friday was assumed.
"""

import csv
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from functools import cache
from importlib import resources

import chinese_calendar
from sqlalchemy.ext.asyncio import AsyncSession

from app.duties.store import calendar as store_calendar
from app.duties.store.calendar import DayRow

_FRIDAY = 5
_SOURCE = "国务院办公厅节假日安排 (chinese-calendar)"


@dataclass(frozen=True, slots=True)
class SpecialDay:
    """A day that is not what its weekday says."""

    date: date
    working: bool
    name: str
    name_en: str
    source: str


@dataclass(frozen=True, slots=True)
class Changed:
    """The days between which a calendar has changed, both included."""

    first: date
    last: date


@cache
def national() -> tuple[SpecialDay, ...]:
    """Every day known to the library that is a weekday off or a weekend day worked."""
    return tuple(
        day
        for at in _days(date(national_years()[0], 1, 1), date(national_years()[-1] + 1, 1, 1))
        if (day := _special(at)) is not None
    )


@cache
def national_years() -> range:
    """The years that the library knows."""
    known = (*chinese_calendar.constants.holidays, *chinese_calendar.constants.workdays)
    return range(min(known).year, max(known).year + 1)


@cache
def guangxi() -> tuple[SpecialDay, ...]:
    """Days on which Guangxi differs: 壮族三月三 and what is worked for it."""
    text = resources.files("app.duties").joinpath("data/guangxi_days.csv").read_text(encoding="utf-8")
    rows = csv.DictReader(line for line in text.splitlines() if not line.startswith("#"))
    return tuple(
        SpecialDay(
            date.fromisoformat(row["date"]), row["working"] == "true", row["name"], row["name_en"], row["source"]
        )
        for row in rows
    )


def _special(at: date) -> SpecialDay | None:
    working = chinese_calendar.is_workday(at)
    if working == (at.isoweekday() <= _FRIDAY):
        return None
    _, name = chinese_calendar.get_holiday_detail(at)
    holiday = next((each for each in chinese_calendar.Holiday if each.value == name), None)
    zh, en = (holiday.chinese, holiday.value) if holiday else ("调休", "in lieu")
    if working:
        zh, en = f"{zh}调休上班", f"Worked for {en}"
    return SpecialDay(at, working, zh, en, _SOURCE)


def _days(first: date, after: date) -> Iterator[date]:
    return (first + timedelta(days=number) for number in range((after - first).days))


async def sync(session: AsyncSession, county_id: str) -> Changed | None:
    """Bring the county's calendar in line with the library's; None when it was. What the county says stays."""
    columns = _columns(national())
    synced = await store_calendar.SYNCED.one(
        session,
        county_id=county_id,
        years=list(national_years()),
        dates=columns["dates"],
        workings=columns["workings"],
    )
    if synced:
        return None
    (found,) = await store_calendar.SYNC.all(
        session,
        county_id=county_id,
        years=list(national_years()),
        source=_SOURCE,
        **columns,
    )
    return Changed(found.first, found.last) if found.first else None


async def put(
    session: AsyncSession, county_id: str, days: Sequence[SpecialDay], *, regional: bool = False
) -> Changed | None:
    """What the county says of these days, or `regional` its region, over the national calendar."""
    await store_calendar.PUT_DAYS.all(session, county_id=county_id, regional=regional, **_columns(days))
    return Changed(min(day.date for day in days), max(day.date for day in days)) if days else None


async def drop(session: AsyncSession, county_id: str, days: Sequence[date]) -> Changed | None:
    """Take back what the county said of days; what its region says holds again, or the national calendar."""
    dropped = await store_calendar.DROP_DAYS.all(session, county_id=county_id, dates=list(days))
    if not dropped:
        return None
    synced = await sync(session, county_id)
    touched = [*dropped, *((synced.first, synced.last) if synced else ())]
    return Changed(min(touched), max(touched))


async def by_office(session: AsyncSession, county_id: str, days: Sequence[date]) -> dict[date, SpecialDay]:
    """What the county's office says of these days, where it says anything."""
    found = await store_calendar.BY_OFFICE_ON.all(session, county_id=county_id, dates=list(days))
    return {row.date: SpecialDay(*row) for row in found}


async def confirm_year(session: AsyncSession, county_id: str, year: int, source: str) -> Changed:
    """The county's calendar of that year is complete: nothing is assumed any more."""
    await store_calendar.PUT_YEAR.run(session, county_id=county_id, year=year, source=source)
    return Changed(date(year, 1, 1), date(year, 12, 31))


async def days(session: AsyncSession, county_id: str, first: date, last: date) -> list[DayRow]:
    """Each day: `date`, `working`, `name`, `name_en`, `source`, `own`, `by_office`, if its year is `known`."""
    return await store_calendar.DAYS.all(session, county_id=county_id, first=first, last=last)


def _columns(days: Sequence[SpecialDay]) -> dict[str, list[object]]:
    return {
        "dates": [day.date for day in days],
        "workings": [day.working for day in days],
        "names": [day.name for day in days],
        "names_en": [day.name_en for day in days],
        "sources": [day.source for day in days],
    }
