"""What the room of duties does for flows and doors.

Who writes a person's duties locks the person's row (`FOR NO KEY UPDATE`, people in order of id): two check-ins of
one person, or a check-in and the closing of the period, are counted one after the other. `recount` relies on its
caller for that; everything else here takes the lock itself.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from itertools import groupby
from operator import attrgetter
from typing import cast
from uuid import UUID
from zoneinfo import ZoneInfo

from sqlalchemy.ext.asyncio import AsyncSession

from app.duties import counting, flags
from app.duties.evidence import (
    Considered,
    ConsideredStay,
    Count,
    awaited,
    counts,
    evidence,
    stays_considered,
)
from app.duties.flags import decide as decide_flags
from app.duties.progress import NOTHING_OWED, DutyProgress, of_row, outcome, outcome_text
from app.duties.rules import Opened, Period, periods_to_open
from app.duties.store import duties as store
from app.duties.store import rules as store_rules
from app.duties.versions import put_rule, version_of
from app.duties.words import PeriodKind
from app.kernel.language import Text
from app.kernel.statements import Json

__all__ = [
    "Considered",
    "ConsideredStay",
    "Count",
    "Difference",
    "DutyChange",
    "DutyCounty",
    "DutyProgress",
    "Recounted",
    "RulePeriod",
    "awaited",
    "closes_at",
    "compare_period",
    "counties",
    "counts",
    "decide_flags",
    "due_to_close",
    "due_to_open",
    "evidence",
    "known_periods",
    "mark_opened",
    "of_person",
    "outcome_text",
    "people_of",
    "put_rule",
    "recount",
    "recount_calendar",
    "recount_days",
    "recount_hours",
    "recount_people",
    "recount_period",
    "stays_considered",
    "take_county",
    "version_of",
    "why_not_counted",
]


@dataclass(frozen=True, slots=True)
class DutyCounty:
    """A county with rules, as the clock needs it."""

    id: str
    timezone: str

    def today(self, now: datetime) -> date:
        return now.astimezone(ZoneInfo(self.timezone)).date()


@dataclass(frozen=True, slots=True)
class RulePeriod:
    """One period of one rule, for everybody who owes in it; `start` is its first day."""

    rule_id: UUID
    start: date


@dataclass(frozen=True, slots=True)
class DutyChange:
    """A duty that a recount has changed, and what it required and stood at before; None where there was none."""

    required_before: int | None
    status_before: str | None
    duty: DutyProgress


@dataclass(frozen=True, slots=True)
class Recounted:
    """How many duties were counted anew, and those that are not what they were."""

    counted: int
    changed: Sequence[DutyChange]


@dataclass(frozen=True, slots=True)
class Difference:
    """A duty whose row says something else than a recount; `duty_id` is None where the row is missing."""

    duty_id: UUID | None
    person_id: UUID
    of: RulePeriod
    before: Json
    after: Json


async def recount(
    session: AsyncSession,
    *,
    county_id: str,
    timezone: str,
    touched: Sequence[tuple[UUID, datetime]],
    now: datetime,
) -> list[DutyProgress]:
    """Count anew the duties in whose periods these (person, moment) pairs lie, in one statement; returns them all.

    00:20 on Monday touches last week of a night rule and this week of any other; duties of hours no check-in
    touches. Flags follow. The caller has locked these people's rows.
    """
    if not touched:
        return []
    found = await store.RECOUNT_MOMENTS.all(
        session,
        county_id=county_id,
        timezone=timezone,
        now=now,
        closing=False,
        person_ids=[person_id for person_id, _ in touched],
        moments=[moment for _, moment in touched],
    )
    await flags.follow(session, county_id=county_id, turned=found, now=now)
    return [of_row(row, timezone) for row in found]


async def why_not_counted(
    session: AsyncSession, county: DutyCounty, visit: tuple[UUID, datetime, UUID], *, now: datetime
) -> Text | None:
    """Why a check-in, as (person, moment, id), counts for none of the person's duties; None where it does."""
    person_id, moment, check_in_id = visit
    counted = await counts(
        session,
        county_id=county.id,
        timezone=county.timezone,
        person_id=person_id,
        visits={check_in_id: moment},
        now=now,
    )
    codes = [count.code for count in counted[check_in_id]]
    if "counted" in codes:
        return None
    return outcome(codes[0]) if codes else NOTHING_OWED


async def recount_days(
    session: AsyncSession,
    county: DutyCounty,
    *,
    person_ids: Sequence[UUID],
    from_day: date,
    until_day: date | None,
    now: datetime,
) -> Recounted:
    """Count anew what these people owe in every period that overlaps [from_day, until_day).

    For whatever changes who is there: leave, assignments, posts, service, categories. Takes the people's rows.
    """
    if not person_ids:
        return Recounted(0, [])
    await store.LOCK_SOME.one(session, county_id=county.id, person_ids=list(person_ids))
    turned = await store.RECOUNT_DAYS.all(
        session,
        county_id=county.id,
        timezone=county.timezone,
        now=now,
        closing=False,
        person_ids=list(person_ids),
        from_day=from_day,
        until_day=until_day or date.max,
    )
    await flags.follow(session, county_id=county.id, turned=turned, now=now)
    changed = [
        DutyChange(row.required_before, row.before, of_row(row, county.timezone))
        for row in turned
        if (row.required_before, row.before) != (row.required, row.status)
    ]
    return Recounted(len(turned), changed)


async def recount_hours(
    session: AsyncSession, county: DutyCounty, *, touched: Sequence[tuple[UUID, datetime]], now: datetime
) -> list[DutyProgress]:
    """The same for these (person, moment) pairs, whose stays have changed, where any rule asks for hours.

    Takes the people's rows.
    """
    if not touched or not await store.HOURS_ASKED.one(session, county_id=county.id):
        return []
    person_ids = [person_id for person_id, _ in touched]
    await store.LOCK_SOME.one(session, county_id=county.id, person_ids=person_ids)
    found = await store.RECOUNT_STAYS.all(
        session,
        county_id=county.id,
        timezone=county.timezone,
        now=now,
        closing=False,
        person_ids=person_ids,
        moments=[moment for _, moment in touched],
    )
    await flags.follow(session, county_id=county.id, turned=found, now=now)
    return [of_row(row, county.timezone) for row in found]


async def of_person(
    session: AsyncSession, *, county_id: str, person_id: UUID, timezone: str, period: str, now: datetime
) -> list[DutyProgress]:
    """A person's duties in `current`, `previous`, or a period such as `2026-W47`, counted now.

    Raises ValueError when `period` is none of these. Where a period has begun and nobody opened it yet, it is
    opened for this person.
    """
    asked = _periods(period, now.astimezone(ZoneInfo(timezone)).date())
    about = {
        "county_id": county_id,
        "timezone": timezone,
        "now": now,
        "closing": False,
        "person_id": person_id,
        "kinds": [each.kind for each in asked],
        "starts": [each.start for each in asked],
    }
    found = await store.LOOK_AT_PERSON.all(session, **about)
    if all(row.id is not None for row in found):
        return [of_row(row, timezone) for row in cast("list[store.CountedRow]", found)]
    await store.LOCK_PEOPLE.one(session, county_id=county_id, person_id=person_id)
    counted = await store.RECOUNT_PERSON.all(session, **about)
    await flags.follow(session, county_id=county_id, turned=counted, now=now)
    return [of_row(row, timezone) for row in counted]


def _periods(written: str, today: date) -> list[Period]:
    if written == "current":
        return [Period.of(kind, today) for kind in PeriodKind]
    if written == "previous":
        return [Period.of(kind, today).previous for kind in PeriodKind]
    return [Period.parse(written)]


async def counties(session: AsyncSession) -> list[DutyCounty]:
    """Every county that has rules."""
    found = await store.COUNTIES.all(session)
    return [DutyCounty(row.id, row.timezone) for row in found]


async def take_county(session: AsyncSession, county: DutyCounty) -> bool:
    """Lock the county's periods until this transaction ends; False when another worker does."""
    return await store.LOCK_COUNTY.one(session, county_id=county.id)


async def due_to_open(session: AsyncSession, county: DutyCounty, now: datetime) -> list[RulePeriod]:
    """Periods to open now, oldest first: see `periods_to_open`."""
    found = await store_rules.RULES.all(session, county_id=county.id)
    due: list[RulePeriod] = []
    for rule_id, group in groupby(found, attrgetter("id")):
        versions = list(group)
        start, opened_on = versions[0].opened_start, versions[0].opened_on
        last = Opened(start, opened_on) if start and opened_on else None
        periods = periods_to_open([version_of(row) for row in versions], last, county.today(now))
        due += [RulePeriod(rule_id, period.start) for period in periods]
    return sorted(due, key=attrgetter("start"))


async def due_to_close(session: AsyncSession, county: DutyCounty, now: datetime) -> list[RulePeriod]:
    """Periods in which a duty is past its time and not closed, oldest first."""
    found = await store.TO_CLOSE.all(session, county_id=county.id, now=now)
    return [RulePeriod(row.rule_id, row.period_start) for row in found]


async def known_periods(session: AsyncSession, county: DutyCounty) -> list[RulePeriod]:
    """Every period that was opened or has a duty, oldest first."""
    found = await store.KNOWN_PERIODS.all(session, county_id=county.id)
    return [RulePeriod(row.rule_id, row.start) for row in found]


async def recount_calendar(
    session: AsyncSession, county: DutyCounty, first: date, last: date, now: datetime
) -> None:
    """Count anew everyone's duties in the periods that go by the calendar of these days, both included.

    Locks everyone first: a period that another opens meanwhile is either found here, or counted after this.
    """
    await store.LOCK_PEOPLE.one(session, county_id=county.id, person_id=None)
    found = await store.CALENDAR_PERIODS.all(session, county_id=county.id, first=first, last=last)
    for row in found:
        await recount_period(session, county, RulePeriod(row.rule_id, row.start), now)


async def mark_opened(session: AsyncSession, county: DutyCounty, of: RulePeriod, now: datetime) -> None:
    """Say that everyone who owes in it has their row."""
    await store_rules.MARK_OPENED.run(
        session,
        county_id=county.id,
        rule_id=of.rule_id,
        start=of.start,
        today=county.today(now),
    )


async def closes_at(session: AsyncSession, county: DutyCounty, of: RulePeriod) -> datetime:
    """Until when what is uploaded for this period is in time."""
    (span,) = await counting.OF_ONE.all(
        session,
        county_id=county.id,
        timezone=county.timezone,
        rule_id=of.rule_id,
        start=of.start,
    )
    found: datetime = span.closes_at
    return found


async def recount_period(
    session: AsyncSession, county: DutyCounty, of: RulePeriod, now: datetime, *, closing: bool = False
) -> int:
    """Count everyone's duty by one rule in one period anew; flags follow, and how many were raised is returned.

    Locks everyone of the county to the end of the transaction: where that is long, see `recount_people`.
    """
    await store.LOCK_PEOPLE.one(session, county_id=county.id, person_id=None)
    everyone = await people_of(session, county, of)
    return await recount_people(session, county, of, everyone, now, closing=closing)


async def people_of(session: AsyncSession, county: DutyCounty, of: RulePeriod) -> list[UUID]:
    """Everyone who may owe in it, and who has a duty there, in order of id."""
    return await store.PEOPLE_OF_PERIOD.all(session, county_id=county.id, rule_id=of.rule_id, start=of.start)


async def recount_people(
    session: AsyncSession,
    county: DutyCounty,
    of: RulePeriod,
    person_ids: Sequence[UUID],
    now: datetime,
    *,
    closing: bool,
) -> int:
    """The same for these people alone, who are locked meanwhile."""
    await store.LOCK_SOME.one(session, county_id=county.id, person_ids=person_ids)
    turned = await store.RECOUNT_PEOPLE.all(
        session, **_about(county, of, now), person_ids=person_ids, closing=closing
    )
    return await flags.follow(session, county_id=county.id, turned=turned, now=now)


async def compare_period(
    session: AsyncSession, county: DutyCounty, of: RulePeriod, now: datetime
) -> tuple[int, list[Difference]]:
    """How many duties the period has, and those that a recount would change. Writes nothing."""
    found = await store.COMPARE_PERIOD.all(session, **_about(county, of, now), closing=False)
    return len(found), [
        Difference(row.id, row.person_id, of, row.before or {}, row.after or {}) for row in found if row.stale
    ]


def _about(county: DutyCounty, of: RulePeriod, now: datetime) -> dict[str, object]:
    return {
        "county_id": county.id,
        "timezone": county.timezone,
        "rule_id": of.rule_id,
        "start": of.start,
        "now": now,
    }
