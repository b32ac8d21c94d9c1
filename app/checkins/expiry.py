"""Check-ins are deleted for their age: what other rooms say of them goes before."""

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from app.checkins.store import expiry as store


async def old(session: AsyncSession, county_id: str, *, before: datetime, limit: int) -> list[UUID]:
    """The first made and received before then, locked."""
    return [row.id for row in await store.OLD.all(session, county_id=county_id, before=before, limit=limit)]


async def delete(session: AsyncSession, county_id: str, ids: Sequence[UUID]) -> int:
    """With their reviews, verifications and rejudgements."""
    return await store.DELETE.run(session, county_id=county_id, ids=list(ids))
