"""Of who is made anonymous, no notice is left; others' name them no more."""

from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from app.notices.store import anonymising as store


async def delete(session: AsyncSession, county_id: str, ids: list[UUID], pattern: str) -> int:
    """How many they had. `pattern` finds their names, between quotes, in what others were told."""
    of = {"county_id": county_id, "ids": ids}
    await store.DELETE_DELIVERIES.run(session, **of)
    deleted = await store.DELETE.run(session, **of)
    await store.RENAME.run(session, county_id=county_id, pattern=pattern)
    return deleted
