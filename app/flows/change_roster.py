"""The roster changes, and what people owe with it: people leave; villages get another code."""

from collections.abc import Mapping
from dataclasses import replace
from datetime import date, datetime
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from app.directory import changes as directory_changes
from app.directory import roster_changes
from app.directory.changes import Changes
from app.directory.roster_changes import CodeRow, NewCode
from app.duties.service import DutyCounty
from app.flows import change_directory
from app.kernel import audit
from app.kernel.problems import NOT_FOUND, Problem


async def leave_service(
    session: AsyncSession,
    county: DutyCounty,
    person_id: UUID,
    *,
    until_date: date | None,
    actor_id: UUID,
    now: datetime,
) -> None:
    """A person no longer serves from a day on; None takes it back. Raises `NOT_FOUND`, `INVALID`."""
    person = await directory_changes.person(session, county.id, person_id)
    if person is None:
        raise Problem(NOT_FOUND)
    left = Changes(people=[replace(person, until_date=until_date)])
    await change_directory.by_hand(session, county, left, actor_id=actor_id, now=now)


async def recode(
    session: AsyncSession, county: DutyCounty, village_id: str, new: NewCode, *, actor_id: UUID, now: datetime
) -> list[CodeRow]:
    """A village has another code from a day on. Nothing is counted anew: it is the same village."""
    codes = await roster_changes.recode(session, county.id, village_id, new)
    detail = {"code": new.code, "official_name": new.official_name, "from": new.from_date, "source": new.source}
    await _trace(session, county, "village.recoded", f"village:{village_id}", actor_id, now, detail)
    return codes


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
