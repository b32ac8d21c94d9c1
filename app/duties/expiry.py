"""What of this room is deleted for its age. What is sealed is removed by the caller, before."""

from collections.abc import Sequence
from datetime import date
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from app.duties.store import expiry as store
from app.duties.store.expiry import SealedRow

BY_AGE = {"duty_period": store.DELETE_PERIODS}


async def undecided_since(session: AsyncSession, county_id: str, timezone: str) -> date:
    """The first day on which something is not decided; one that never comes where everything is."""
    row = await store.UNDECIDED.one(session, county_id=county_id, timezone=timezone)
    return row.day or date.max


async def appeals(session: AsyncSession, county_id: str, check_in_ids: Sequence[UUID]) -> list[UUID]:
    """Against these check-ins."""
    return await store.APPEALS.all(session, county_id=county_id, ids=list(check_in_ids))


async def old_leave(session: AsyncSession, county_id: str, *, until: date, limit: int) -> list[UUID]:
    return [row.id for row in await store.OLD_LEAVE.all(session, county_id=county_id, until=until, limit=limit)]


async def old_duties(session: AsyncSession, county_id: str, *, until: date, limit: int) -> list[UUID]:
    return [row.id for row in await store.OLD_DUTIES.all(session, county_id=county_id, until=until, limit=limit)]


async def sealed_of(session: AsyncSession, county_id: str, duty_ids: Sequence[UUID]) -> list[SealedRow]:
    """Appeals and waivers that go with these duties."""
    return await store.SEALED_OF_DUTIES.all(session, county_id=county_id, ids=list(duty_ids))


async def delete(session: AsyncSession, county_id: str, duty_ids: Sequence[UUID]) -> None:
    """With their flags."""
    await store.DELETE_DUTIES.run(session, county_id=county_id, ids=list(duty_ids))
