"""What the room of tracks does for flows and doors."""

from collections.abc import Sequence
from datetime import datetime
from zoneinfo import ZoneInfo

from sqlalchemy.ext.asyncio import AsyncSession

from app.directory import service as directory
from app.tracks import rules, store
from app.tracks.rules import GAP, Added, NewFix, RefusedFix, TrackCounty

__all__ = ["Added", "NewFix", "RefusedFix", "TrackCounty", "add"]


async def add(session: AsyncSession, *, county_id: str, fixes: Sequence[NewFix], now: datetime) -> Added:
    """Keep what is new, whatever the order; nothing where the county has tracks off.

    The stays follow on the worker's next round.
    """
    known = await directory.county(session, county_id)
    if not known.settings.tracks:
        return Added()
    county = TrackCounty(county_id, ZoneInfo(known.timezone), known.settings)
    kept, refused = rules.admit(fixes, county, now)
    if not kept:
        return Added(0, refused)
    await store.ask(session, store.MAKE_PARTITIONS, months=rules.months(fix.fixed_at for fix in kept))
    stored = await store.add(
        session,
        kept,
        now=now,
        county_id=county_id,
        tz=known.timezone,
        gap=GAP,
        first_open=county.first_open(now),
    )
    return Added(stored, refused)
