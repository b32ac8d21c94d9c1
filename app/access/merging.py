"""Sessions, devices and the account of a record that goes into another of the same person."""

from datetime import datetime
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from app.access.store import merging as store


async def take_over(session: AsyncSession, county_id: str, *, from_id: UUID, into_id: UUID, now: datetime) -> int:
    """They are of who stays; how many sessions go on. Whoever holds codes not used yet needs new ones."""
    of = {"county_id": county_id, "from_id": from_id, "into_id": into_id}
    await store.DROP_ACCOUNT.run(session, **of)
    await store.GIVE_ACCOUNT.run(session, **of)
    return await store.TAKE_OVER.one(session, **of, now=now)
