"""Check-ins that are past their time, and what was said of them."""

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from app.checkins.store import expiry as store
from app.checkins.store.expiry import SaidRow


async def old(session: AsyncSession, county_id: str, *, before: datetime, limit: int) -> list[UUID]:
    """The first made and received before then."""
    return [row.id for row in await store.OLD.all(session, county_id=county_id, before=before, limit=limit)]


async def said_of(session: AsyncSession, county_id: str, ids: Sequence[UUID]) -> list[SaidRow]:
    """Their reviews, verifications and rejudgements."""
    return await store.SAID.all(session, county_id=county_id, ids=list(ids))
