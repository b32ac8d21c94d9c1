"""What of this room is deleted for its age."""

from datetime import date
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from app.duties.store import expiry as store
from app.kernel.removal import Removal
from app.kernel.statements import Command


async def _remove_leave(session: AsyncSession, county_id: str, ids: list[UUID]) -> None:
    await store.REMOVE_LEAVE.one(session, county_id=county_id, ids=ids)


async def _remove_duties(session: AsyncSession, county_id: str, ids: list[UUID]) -> None:
    """With flags, appeals against them, and waivers."""
    await store.REMOVE_APPEALS_OF_FLAGS.one(session, county_id=county_id, ids=ids)
    await store.REMOVE_WAIVERS.one(session, county_id=county_id, ids=ids)
    await store.DELETE_DUTIES.run(session, county_id=county_id, ids=ids)


BY_AGE: dict[str, Command | Removal] = {
    "leave": Removal(store.OLD_LEAVE, _remove_leave),
    "duty": Removal(store.OLD_DUTIES, _remove_duties),
    "duty_period": store.DELETE_PERIODS,
}


async def undecided_since(session: AsyncSession, county_id: str, timezone: str) -> date:
    """The first day on which something is not decided; one that never comes where everything is."""
    row = await store.UNDECIDED.one(session, county_id=county_id, timezone=timezone)
    return row.day or date.max


async def remove_appeals(session: AsyncSession, county_id: str, check_in_ids: list[UUID]) -> None:
    """Against these check-ins, which go."""
    await store.REMOVE_APPEALS.one(session, county_id=county_id, ids=check_in_ids)
