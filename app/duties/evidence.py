"""What a duty was counted from: each check-in or stay in its period, with its outcome."""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID
from zoneinfo import ZoneInfo

from sqlalchemy.ext.asyncio import AsyncSession

from app.duties.progress import outcome_text
from app.duties.rules import Period
from app.duties.store import duties as store
from app.duties.store.duties import AwaitedRow
from app.kernel.language import Language, Text


@dataclass(frozen=True, slots=True)
class Considered:
    """A check-in inside a duty's period, and its one outcome there (`progress.outcome_text` has the words).

    `in_time`: all that makes it count was received before closing.
    """

    check_in_id: UUID
    counted: bool
    code: str
    in_time: bool


@dataclass(frozen=True, slots=True)
class Count:
    """What a check-in is to one duty that it touches: its outcome there. `timezone` is the county's."""

    rule_id: UUID
    rule_name: Text
    period: Period
    closes_at: datetime
    code: str
    in_time: bool
    timezone: str

    def as_dict(self, language: Language) -> dict[str, object]:
        """As the contract has it; there is no reason where it counted."""
        counted = self.code == "counted"
        return {
            "rule": {"id": self.rule_id, "name": self.rule_name.en if language == "en" else self.rule_name.zh},
            "period": {
                "id": self.period.id,
                "kind": self.period.kind,
                "start": self.period.start,
                "end": self.period.end,
                "closes_at": self.closes_at.astimezone(ZoneInfo(self.timezone)),
            },
            "counted": counted,
            "in_time": self.in_time,
            "reason": None if counted else {"code": self.code, "detail": outcome_text(self.code, language)},
        }


@dataclass(frozen=True, slots=True)
class ConsideredStay:
    """A stay inside the period of a duty of hours, its length, and its one outcome there."""

    duty_id: UUID
    village_id: str
    from_at: datetime
    until_at: datetime
    received_at: datetime
    hours: float
    counted: bool
    code: str


async def evidence(
    session: AsyncSession, *, county_id: str, timezone: str, duty_id: UUID, now: datetime
) -> list[Considered]:
    """Every check-in in the duty's period, by time, and whether it counted.

    Empty for an unknown duty, and where hours are what counts: see `stays_considered`.
    """
    found = await store.EVIDENCE.all(
        session,
        county_id=county_id,
        timezone=timezone,
        now=now,
        closing=False,
        duty_id=duty_id,
    )
    return [Considered(row.check_in_id, row.code == "counted", row.code, bool(row.in_time)) for row in found]


async def counts(
    session: AsyncSession,
    *,
    county_id: str,
    timezone: str,
    person_id: UUID,
    visits: Mapping[UUID, datetime],
    now: datetime,
) -> dict[UUID, list[Count]]:
    """For each of a person's check-ins (`visited_at` by id), what it is to every duty that it touches.

    Nothing for a duty of hours, which goes by stays, nor for a rule by which the person owes nothing then.
    """
    found = await store.COUNTS.all(
        session,
        county_id=county_id,
        timezone=timezone,
        now=now,
        closing=False,
        person_ids=[person_id] * len(visits),
        moments=list(visits.values()),
        check_in_ids=list(visits),
    )
    counted: dict[UUID, list[Count]] = {check_in_id: [] for check_in_id in visits}
    for row in found:
        period = Period.of(row.period_kind, row.start)
        name = Text(row.name, row.name_en)
        counted[row.check_in_id].append(
            Count(row.rule_id, name, period, row.closes_at, row.code, row.in_time, timezone)
        )
    return counted


async def awaited(
    session: AsyncSession,
    *,
    county_id: str,
    timezone: str,
    touched: Sequence[tuple[UUID, datetime]],
    now: datetime,
) -> dict[UUID, list[AwaitedRow]]:
    """What waits for the review of the held check-ins in these (person, moment) pairs' periods: rows by check-in.

    Each has `id`, `start` and `review_due_at` of an open duty that what is held could meet, and its rule.
    """
    found = await store.AWAITED.all(
        session,
        county_id=county_id,
        timezone=timezone,
        now=now,
        closing=False,
        person_ids=[person_id for person_id, _ in touched],
        moments=[moment for _, moment in touched],
    )
    by_check_in: dict[UUID, list[AwaitedRow]] = defaultdict(list)
    for row in found:
        by_check_in[row.check_in_id].append(row)
    return by_check_in


async def stays_considered(
    session: AsyncSession, *, county_id: str, timezone: str, duty_ids: Sequence[UUID], now: datetime
) -> list[ConsideredStay]:
    """Every stay in the periods of these duties, by time, where they are of hours; of others none.

    Where stays overlap, so do their hours: the duty counts a moment once.
    """
    found = await store.STAYS.all(
        session,
        county_id=county_id,
        timezone=timezone,
        now=now,
        closing=False,
        duty_ids=list(duty_ids),
    )
    return [
        ConsideredStay(
            duty_id=row.duty_id,
            village_id=row.village_id,
            from_at=row.from_at,
            until_at=row.until_at,
            received_at=row.received_at,
            hours=(row.until_at - row.from_at) / timedelta(hours=1),
            counted=row.code == "counted",
            code=row.code,
        )
        for row in found
    ]
