"""Duties, leave, appeals and waivers of a record that goes into another of the same person."""

from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from app.duties.store import merging as store
from app.duties.store.merging import GivenRow


async def take_over(session: AsyncSession, county_id: str, *, from_id: UUID, into_id: UUID) -> GivenRow:
    """They are of who stays, who is to be counted anew where both owed in one period."""
    of = {"county_id": county_id, "from_id": from_id, "into_id": into_id}
    await store.GIVE_DUTIES.run(session, **of)
    return await store.GIVE.one(session, **of)
