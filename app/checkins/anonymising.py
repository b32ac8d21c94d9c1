"""Evidence of who is made anonymous stays, without what says whose it was."""

from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from app.checkins.store import anonymising as store
from app.checkins.store.anonymising import EmptiedRow


async def empty(session: AsyncSession, county_id: str, ids: list[UUID], pattern: str) -> EmptiedRow:
    """Notes, phones, words of reviews and appeals, and names in the audit log, which `pattern` finds."""
    return await store.EMPTY.one(session, county_id=county_id, ids=ids, pattern=pattern)
