"""What a duty was counted from: each check-in or stay in its period, with its outcome."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from app.duties import store


@dataclass(frozen=True, slots=True)
class Considered:
    """A check-in inside a duty's period, and its one outcome there (`progress.outcome_text` has the words)."""

    check_in_id: UUID
    counted: bool
    code: str


@dataclass(frozen=True, slots=True)
class ConsideredStay:
    """A stay inside the period of a duty of hours, its length, and its one outcome there."""

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
    found = await store.ask(
        session,
        store.EVIDENCE,
        county_id=county_id,
        timezone=timezone,
        now=now,
        closing=False,
        duty_id=duty_id,
    )
    return [Considered(row.check_in_id, row.code == "counted", row.code) for row in found]


async def stays_considered(
    session: AsyncSession, *, county_id: str, timezone: str, duty_id: UUID, now: datetime
) -> list[ConsideredStay]:
    """Every stay in the period of a duty of hours, by time; empty for any other.

    Where stays overlap, so do their hours: the duty counts a moment once.
    """
    found = await store.ask(
        session,
        store.STAYS,
        county_id=county_id,
        timezone=timezone,
        now=now,
        closing=False,
        duty_id=duty_id,
    )
    return [
        ConsideredStay(
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
