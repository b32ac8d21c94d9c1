"""Of who is made anonymous, nothing of signing in and of phones is left."""

from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from app.access.store import anonymising as store
from app.access.store.anonymising import GoneRow


async def delete(session: AsyncSession, county_id: str, ids: list[UUID]) -> GoneRow:
    """Sessions, phones and sign-ins, with all that belongs to them: how much went."""
    await store.DELETE_QUARANTINE.run(session, county_id=county_id, ids=ids)  # it refers to sessions
    return await store.DELETE.one(session, county_id=county_id, ids=ids)
