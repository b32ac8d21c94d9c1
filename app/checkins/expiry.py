"""Check-ins are deleted for their age: what other rooms say of them goes before."""

from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from app.checkins.store import expiry as store

OLD = store.OLD


async def remove(session: AsyncSession, county_id: str, ids: list[UUID]) -> None:
    """With their reviews, verifications and rejudgements, which refer to them."""
    await store.REMOVE_REVIEWS.one(session, county_id=county_id, ids=ids)
    await store.REMOVE_VERIFICATIONS.one(session, county_id=county_id, ids=ids)
    await store.REMOVE_REJUDGEMENTS.one(session, county_id=county_id, ids=ids)
    await store.REMOVE.one(session, county_id=county_id, ids=ids)
