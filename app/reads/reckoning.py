"""What a duty is reckoned by: the days of its period, the leave that touched them, stays where hours count."""

from collections.abc import Sequence
from datetime import date, datetime, timedelta
from typing import NamedTuple
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from app.duties import calendar, leave
from app.duties import service as duties
from app.duties.rules import HALF
from app.duties.service import DutyCounty
from app.duties.store.leave import LeaveRow
from app.duties.words import DayHalf
from app.kernel.language import Language
from app.kernel.statements import Statement
from app.reads.answers.board import ConsideredStay, Day, LeaveDecided, LeaveTaken, Outcome
from app.reads.answers.named import CodedPlace, Named


class VillageRow(NamedTuple):
    """A village by name."""

    id: str
    name: str


_VILLAGES = Statement(
    VillageRow,
    "SELECT id, name FROM village WHERE county_id = :county_id AND id = ANY(CAST(:ids AS text[]))",
)


async def days(session: AsyncSession, county_id: str, first: date, last: date, language: Language) -> list[Day]:
    """Each day by the county's calendar, with its name where it is not what its weekday says."""
    return [
        Day(
            date=day.date,
            working=day.working,
            name=day.name_en if language == "en" else day.name,
            known=day.known,
        )
        for day in await calendar.days(session, county_id, first, last)
    ]


async def leave_taken(
    session: AsyncSession, county: DutyCounty, person_id: UUID, within: tuple[date, date], now: datetime
) -> list[LeaveTaken]:
    """Approved leave in these days, both included, the first first; until the person was back, if earlier."""
    asked = await leave.of_person(session, county, person_id, now, days=within)
    taken = [(row, min(row.until_half, row.returned_half or row.until_half)) for row in asked]
    start = datetime.combine(within[0], datetime.min.time())
    return [
        LeaveTaken(
            id=row.id,
            kind=row.kind,
            retroactive=row.retroactive,
            decision=decision(row),
            **half_days(row.from_half, until),
        )
        for row, until in reversed(taken)
        if row.status == "approved" and until > max(start, row.from_half)
    ]


async def stays(
    session: AsyncSession, county: DutyCounty, duty_ids: Sequence[UUID], now: datetime, language: Language
) -> dict[UUID, list[ConsideredStay]]:
    """By duty of hours every stay in its period, by time, whether it counted, and why; of others none."""
    judged = await duties.stays_considered(
        session, county_id=county.id, timezone=county.timezone, duty_ids=duty_ids, now=now
    )
    ids = sorted({each.village_id for each in judged})
    found = await _VILLAGES.all(session, county_id=county.id, ids=ids) if ids else []
    names = {row.id: row.name for row in found}
    by_duty: dict[UUID, list[ConsideredStay]] = {duty_id: [] for duty_id in duty_ids}
    for each in judged:
        by_duty[each.duty_id].append(
            ConsideredStay(
                village=CodedPlace(id=each.village_id, name=names[each.village_id]),
                from_=each.from_at,
                until=each.until_at,
                hours=round(each.hours, 2),
                received_at=each.received_at,
                counted=each.counted,
                reason=Outcome(code=each.code, detail=duties.outcome_text(each.code, language)),
            )
        )
    return by_duty


def decision(row: LeaveRow) -> LeaveDecided | None:
    """Who decided about leave, when and why; None where nobody has."""
    if row.decided_at is None:
        return None
    by = Named(id=row.decided_by, name=row.decided_by_name)
    return LeaveDecided(reason=row.decision_reason, by=by, at=row.decided_at)


def half_days(from_half: datetime, until_half: datetime) -> dict[str, date | DayHalf]:
    """As people write it: from one half-day to another, the last one included."""
    last = until_half - HALF
    return first_half(from_half) | {"until_date": last.date(), "until_half": _half(last)}


def first_half(from_half: datetime) -> dict[str, date | DayHalf]:
    """The half-day that begins then."""
    return {"from_date": from_half.date(), "from_half": _half(from_half)}


def _half(at: datetime) -> DayHalf:
    return DayHalf.AM if at.hour < HALF // timedelta(hours=1) else DayHalf.PM
