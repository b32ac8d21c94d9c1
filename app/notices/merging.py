"""What a record was told, when it goes into another of the same person."""

from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from app.notices.store import merging as store


async def take_over(session: AsyncSession, county_id: str, *, from_id: UUID, into_id: UUID) -> None:
    """It is in the inbox of who stays, and so is what is still on its way."""
    await store.TAKE_OVER.run(session, county_id=county_id, from_id=from_id, into_id=into_id)
