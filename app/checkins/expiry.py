"""Check-ins are deleted for their age: what other rooms say of them goes before."""

from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from app.checkins.store import expiry as store

OLD = store.OLD


async def remove(session: AsyncSession, county_id: str, ids: list[UUID]) -> None:
    """With their reviews, verifications and rejudgements, which refer to them."""
    await store.REMOVE_REVIEWS.run(session, county_id=county_id, ids=ids)
    await store.REMOVE_VERIFICATIONS.run(session, county_id=county_id, ids=ids)
    await store.REMOVE_REJUDGEMENTS.run(session, county_id=county_id, ids=ids)
    await store.REMOVE.run(session, county_id=county_id, ids=ids)
