"""A county's places as GeoJSON (RFC 7946): the fences that hold, and the households with a point."""

from datetime import datetime

from sqlalchemy.ext.asyncio import AsyncSession

from app.directory.store import places as store
from app.kernel.statements import Json


async def fences(session: AsyncSession, county_id: str, *, now: datetime) -> list[Json]:
    """A feature for each village with a fence."""
    return await store.FENCES.all(session, county_id=county_id, now=now)


async def households(session: AsyncSession, county_id: str) -> list[Json]:
    """A feature for each household with a point."""
    return await store.HOUSEHOLDS.all(session, county_id=county_id)
