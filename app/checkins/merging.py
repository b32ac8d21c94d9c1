"""Visits of a record that goes into another of the same person. What the phone said of them stays as it is."""

from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from app.checkins.store import merging as store


async def take_over(session: AsyncSession, county_id: str, *, from_id: UUID, into_id: UUID) -> list[UUID]:
    """They are of who stays; which. The caller holds both people, and has merged their records."""
    return await store.TAKE_OVER.all(session, county_id=county_id, from_id=from_id, into_id=into_id)
