"""Words and decisions of duties: periods, night windows, which version of a rule governs which period.

Dates here are dates of the county's own calendar. `counting/` holds the same period arithmetic in SQL;
a property test keeps the two equal.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from typing import Self
from uuid import UUID
from zoneinfo import ZoneInfo

DAY_MIN = 24 * 60
NOON = 12 * 60
HALF = timedelta(hours=12)
_MONTHS = {"month": 1, "quarter": 3, "half_year": 6, "year": 12}
_WRITTEN = {
    "week": re.compile(r"(2[0-9]{3})-W([0-9]{2})"),
    "month": re.compile(r"(2[0-9]{3})-([0-9]{2})"),
    "quarter": re.compile(r"(2[0-9]{3})-Q([1-4])"),
    "half_year": re.compile(r"(2[0-9]{3})-H([12])"),
    "year": re.compile(r"(2[0-9]{3})()"),
}


@dataclass(frozen=True, slots=True)
class Period:
    """周期: a week (Monday to Sunday), month, quarter, half-year or year; `end` is its last day."""

    kind: str
    start: date
    end: date

    @classmethod
    def of(cls, kind: str, day: date) -> Self:
        """The period of that kind in which `day` lies."""
        if kind == "week":
            start = day - timedelta(days=day.weekday())
            return cls(kind, start, start + timedelta(days=6))
        months = _MONTHS[kind]
        start = date(day.year, (day.month - 1) // months * months + 1, 1)
        year, month = divmod(start.year * 12 + start.month - 1 + months, 12)
        return cls(kind, start, date(year, month + 1, 1) - timedelta(days=1))

    @classmethod
    def parse(cls, written: str) -> Self:
        """From `2026-W47` (ISO 8601 week), `2026-11`, `2026-Q4`, `2026-H2` or `2026`; else ValueError."""
        for kind, pattern in _WRITTEN.items():
            if found := pattern.fullmatch(written):
                year, number = int(found[1]), int(found[2] or 1)
                if kind == "week":
                    return cls.of(kind, date.fromisocalendar(year, number, 1))
                return cls.of(kind, date(year, (number - 1) * _MONTHS[kind] + 1, 1))
        raise ValueError(written)

    @property
    def id(self) -> str:
        """As `parse` reads it."""
        year, week, _ = self.start.isocalendar()
        number = (self.start.month - 1) // _MONTHS.get(self.kind, 12) + 1
        return {
            "week": f"{year:04}-W{week:02}",
            "month": f"{self.start.year:04}-{number:02}",
            "quarter": f"{self.start.year:04}-Q{number}",
            "half_year": f"{self.start.year:04}-H{number}",
            "year": f"{self.start.year:04}",
        }[self.kind]

    @property
    def previous(self) -> Self:
        return self.of(self.kind, self.start - timedelta(days=1))

    @property
    def following(self) -> Self:
        return self.of(self.kind, self.end + timedelta(days=1))


@dataclass(frozen=True, slots=True)
class NightWindow:
    """Minutes after midnight of the evening's date; past 1440 it is the next morning. `until` is exclusive."""

    start: int
    until: int

    @property
    def tail(self) -> timedelta:
        """How long after midnight it lasts."""
        return timedelta(minutes=max(self.until - DAY_MIN, 0))

    def as_dict(self) -> dict[str, str]:
        return {"start": _clock(self.start), "until": _clock(self.until)}


def _clock(minutes: int) -> str:
    hours, rest = divmod(minutes if minutes == DAY_MIN else minutes % DAY_MIN, 60)
    return f"{hours:02}:{rest:02}"


@dataclass(frozen=True, slots=True, kw_only=True)
class RuleTerms:
    """What a rule says.

    Who: `categories`; where `unit_ids` are named, only those whose unit or department lies below one of them;
    never those in `except_ids`.
    How much: `required` of what `measure` counts, `per` person or per assigned household. Someone who is there for
    a part of the period's `days` (calendar or working), leave deducted, owes by `share`: "whole" all of it, and
    nothing who comes or leaves halfway; "days" in proportion, rounded half up; "cap" at most one a day there.
    What counts: in which village (`counts_in`), at a household, in the hours of the `night`, with a stay of
    `min_dwell_min` from the first to the last check-in there that day, with the form of a night visit. Of stays,
    which `hours_in_village` adds up to whole hours, the village alone is asked for.
    Until when: `grace_h` is how many hours after the period an offline phone may still report; `shift_closing`
    leaves time at least to the end of the first working day after it. `source` is where the rule is written down.
    """

    name: str
    name_en: str
    source: str
    categories: tuple[str, ...]
    measure: str
    period_kind: str
    required: int
    counts_in: str
    household_required: bool = False
    night: NightWindow | None = None
    grace_h: int = 24
    per: str = "person"
    days: str = "calendar"
    share: str = "whole"
    unit_ids: tuple[UUID, ...] = ()
    except_ids: tuple[UUID, ...] = ()
    min_dwell_min: int | None = None
    form_required: bool = False
    shift_closing: bool = False

    def ends_at(self, period: Period, timezone: str) -> datetime:
        """The first moment after a period of this rule: its end, and the last night's tail."""
        midnight = datetime.combine(period.following.start, time.min)
        return (midnight + self._tail).replace(tzinfo=ZoneInfo(timezone)).astimezone(UTC)

    def day_of(self, moment: datetime, timezone: str) -> date:
        """The day to which a moment belongs: a night's tail to the evening before."""
        return (moment.astimezone(ZoneInfo(timezone)) - self._tail).date()

    @property
    def _tail(self) -> timedelta:
        return self.night.tail if self.night else timedelta()


@dataclass(frozen=True, slots=True)
class RuleVersion:
    """任务规则: one version of a rule, in force on [effective_from, effective_until)."""

    id: UUID
    version: int
    terms: RuleTerms
    effective_from: date
    effective_until: date | None

    def governs(self, period: Period) -> bool:
        """A version governs the periods that begin while it is in force: no period changes its rule halfway."""
        return self.effective_from <= period.start and (
            self.effective_until is None or period.start < self.effective_until
        )


@dataclass(frozen=True, slots=True)
class Opened:
    """The latest period of a rule that was opened, and the local day on which that was last looked through."""

    start: date
    on: date


def periods_to_open(versions: Sequence[RuleVersion], last: Opened | None, today: date) -> list[Period]:
    """The periods of one rule to open today, oldest first.

    Those that have begun and were never opened, however many, and once a day the running one again: people who
    joined the roster since then owe too. `versions` are oldest first.
    """
    kind = versions[0].terms.period_kind
    period = Period.of(kind, last.start if last else versions[0].effective_from)
    if last and (last.on >= today or period.end < today):
        period = period.following
    due = []
    while period.start <= today:
        if any(version.governs(period) for version in versions):
            due.append(period)
        period = period.following
    return due


@dataclass(frozen=True, slots=True)
class Span:
    """Leave, from a half-day until another: midnights and noons of the county's clock, without a zone."""

    from_half: datetime
    until_half: datetime

    @property
    def days(self) -> float:
        """Length in days; a half-day is 0.5."""
        return (self.until_half - self.from_half) / HALF / 2


def last_day(nominal: date, working: Sequence[date]) -> date:
    """The last day of a time limit: where it ends on a day off, the next of the `working` days, which ascend."""
    return next((day for day in working if day >= nominal), nominal)


def level_of(span: Span, township_days: float) -> str:
    """Whose decision it is (昭平县: up to 3 days the township, longer the county)."""
    return "township" if span.days <= township_days else "county"
