"""Of who is made anonymous, no notice is left: neither theirs, nor what others were told of them."""

from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from app.notices.store import anonymising as store


async def delete(session: AsyncSession, county_id: str, ids: list[UUID], pattern: str) -> int:
    """How many. `pattern` finds their names and ids, between quotes."""
    of = {"county_id": county_id, "ids": ids, "pattern": pattern}
    await store.DELETE_DELIVERIES.run(session, **of)
    return await store.DELETE.run(session, **of)
