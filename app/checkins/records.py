"""What other platforms recorded, as check-ins: which of it is here already, and how it is taken back."""

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from app.checkins.store import records as store

SAME_VISIT_MIN = 10
SAME_VISIT_M = 500
"""Who checks in with two apps does so within minutes, where they stand; two fixes of one place, each of an unknown
accuracy, lie up to some hundred metres apart."""

Stated = tuple[UUID, datetime, float | None, float | None, str]
"""(person, moment, longitude, latitude in WGS-84 or None, source) of a record."""


Facts = tuple[UUID, datetime, float | None, float | None, str, str]
"""(person, moment, longitude, latitude as written or None, place in words, source) of a row."""


async def here(session: AsyncSession, *, county_id: str, rows: Sequence[Facts]) -> set[int]:
    """Which of these rows (by their number, from 0) an import has brought, that was not taken back."""
    names = ("person_ids", "moments", "lon", "lat", "places", "sources")
    found = await store.HERE.all(session, county_id=county_id, **_columns(names, rows))
    return {row.number - 1 for row in found}


async def own(session: AsyncSession, *, county_id: str, stated: Sequence[Stated]) -> dict[int, UUID]:
    """Which of these (by their number, from 0) are here from a phone or another platform, as which check-in."""
    names = ("person_ids", "moments", "lon", "lat", "sources")
    found = await store.OWN.all(
        session,
        county_id=county_id,
        minutes=SAME_VISIT_MIN,
        metres=SAME_VISIT_M,
        **_columns(names, stated),
    )
    return {row.number - 1: row.check_in_id for row in found}


def _columns(names: Sequence[str], rows: Sequence[tuple[object, ...]]) -> dict[str, list[object]]:
    return {name: [row[at] for row in rows] for at, name in enumerate(names)}


async def people(session: AsyncSession, *, county_id: str, ids: Sequence[UUID]) -> list[UUID]:
    """Whose check-ins these are."""
    return [row.id for row in await store.PEOPLE.all(session, county_id=county_id, ids=list(ids))]


async def looked_at(session: AsyncSession, *, county_id: str, ids: Sequence[UUID]) -> list[UUID]:
    """Those of these check-ins that somebody has reviewed or gone to verify."""
    return [row.id for row in await store.LOOKED_AT.all(session, county_id=county_id, ids=list(ids))]


async def withdraw(session: AsyncSession, *, county_id: str, ids: Sequence[UUID], now: datetime) -> None:
    """Mark them as taken back: the same may come again. The standing is `rejudging`'s."""
    await store.WITHDRAW.all(session, county_id=county_id, ids=list(ids), now=now)
