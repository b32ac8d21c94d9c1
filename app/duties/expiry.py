"""What of this room is deleted for its age."""

from collections.abc import Sequence
from datetime import date
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from app.duties.store import expiry as store

BY_AGE = {"leave": store.DELETE_LEAVE, "duty": store.DELETE_DUTIES, "duty_period": store.DELETE_PERIODS}


async def undecided_since(session: AsyncSession, county_id: str, timezone: str) -> date:
    """The first day on which something is not decided; one that never comes where everything is."""
    row = await store.UNDECIDED.one(session, county_id=county_id, timezone=timezone)
    return row.day or date.max


async def delete_appeals(session: AsyncSession, county_id: str, check_in_ids: Sequence[UUID]) -> None:
    """Against these check-ins, which go."""
    await store.DELETE_APPEALS.run(session, county_id=county_id, ids=list(check_in_ids))
