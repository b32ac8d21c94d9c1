"""The roster changes, and what people owe with it: people leave; villages get another code."""

from collections.abc import Mapping
from datetime import date, datetime
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from app.directory import roster_changes
from app.directory import service as directory
from app.directory.roster_changes import CodeRow, NewCode
from app.duties import service as duties
from app.duties.service import DutyCounty
from app.kernel import audit


async def leave_service(
    session: AsyncSession,
    county: DutyCounty,
    person_id: UUID,
    *,
    until_date: date | None,
    before: date | None,
    actor_id: UUID,
    now: datetime,
) -> None:
    """A person no longer serves from a day on; `before` is what had been said. Raises `INVALID`."""
    await directory.lock_people(session, county_id=county.id, person_ids=[person_id])
    await roster_changes.leave_service(session, county.id, person_id, until_date)
    detail = {"until_date": until_date, "before": before}
    await _trace(session, county, "person.serves_until", f"person:{person_id}", actor_id, now, detail)
    await _recount(session, county, [person_id], *_between(before, until_date), now)


async def recode(
    session: AsyncSession, county: DutyCounty, village_id: str, new: NewCode, *, actor_id: UUID, now: datetime
) -> list[CodeRow]:
    """A village has another code from a day on. Nothing is counted anew: it is the same village."""
    codes = await roster_changes.recode(session, county.id, village_id, new)
    detail = {"code": new.code, "official_name": new.official_name, "from": new.from_date, "source": new.source}
    await _trace(session, county, "village.recoded", f"village:{village_id}", actor_id, now, detail)
    return codes


def _between(before: date | None, after: date | None) -> tuple[date, date | None]:
    """The days that change when something that lasted until `before` lasts until `after`."""
    first, last = sorted((before or date.max, after or date.max))
    return first, None if last == date.max else last


async def _recount(
    session: AsyncSession,
    county: DutyCounty,
    person_ids: list[UUID],
    from_day: date,
    until_day: date | None,
    now: datetime,
) -> None:
    await duties.recount_days(
        session, county, person_ids=person_ids, from_day=from_day, until_day=until_day, now=now
    )


async def _trace(
    session: AsyncSession,
    county: DutyCounty,
    action: str,
    subject: str,
    actor_id: UUID,
    now: datetime,
    detail: Mapping[str, object],
) -> None:
    await audit.record(
        session, county_id=county.id, at=now, actor_id=actor_id, action=action, subject=subject, detail=detail
    )
