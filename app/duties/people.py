"""What duties say of people before and after a change: their flags and duties, whether the tree matters."""

from collections.abc import Sequence
from datetime import date
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from app.duties.store import duties as store
from app.duties.store import flags as store_flags
from app.duties.store import rules as store_rules
from app.duties.words import DutyStatus


async def counts_by_units(session: AsyncSession, county_id: str) -> bool:
    """Whether some rule counts visits in one's own units: then the tree decides what counts."""
    return await store_rules.COUNTS_BY_UNITS.one(session, county_id=county_id)


async def forget(session: AsyncSession, county_id: str, person_ids: Sequence[UUID]) -> None:
    """The duties of people who never were here. Raises a database error where a flag or an appeal rests on one."""
    await store.FORGET.run(session, county_id=county_id, person_ids=list(person_ids))


async def flags_of(session: AsyncSession, county_id: str, person_ids: Sequence[UUID]) -> dict[UUID, str]:
    """Every flag of these people, and where it stands."""
    found = await store_flags.OF_PEOPLE.all(session, county_id=county_id, person_ids=list(person_ids))
    return {row.id: row.status for row in found}


async def standing(
    session: AsyncSession, county_id: str, first: date, last: date
) -> dict[UUID, tuple[int, DutyStatus]]:
    """(required, status) of every duty that the calendar of these days, both included, bears on."""
    periods = await store.CALENDAR_PERIODS.all(session, county_id=county_id, first=first, last=last)
    found = await store.STANDING.all(
        session,
        county_id=county_id,
        rule_ids=[row.rule_id for row in periods],
        starts=[row.start for row in periods],
    )
    return {row.id: (row.required, row.status) for row in found}
