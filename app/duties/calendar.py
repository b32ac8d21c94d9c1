"""工作日: which days are worked. The national calendar comes from a library, what a county does otherwise from its office.

A day is what its weekday says unless a `calendar_day` says otherwise. Where a year is in nobody's calendar yet, the
duties that depend on it say that Monday to Friday was assumed.
"""

import csv
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, timedelta
from functools import cache
from importlib import resources

import chinese_calendar

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
