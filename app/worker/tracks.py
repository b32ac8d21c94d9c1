"""The worker's round over tracks: partitions, stays, and what is past its time."""

from datetime import datetime

import structlog

from app.directory.fences import Fences
from app.flows.compute_stays import compute_due
from app.flows.purge_tracks import purge_expired
from app.kernel.database import Database
from app.tracks import service as tracks
from app.tracks.service import Purged, TrackCounty

log = structlog.get_logger()


async def tend_tracks(database: Database, fences: Fences, now: datetime) -> None:
    """Stays first, so that none is lost with its fixes. A county that fails leaves the others alone."""
    async with database.transaction(None) as session:
        counties = await tracks.counties(session)
        if any(county.settings.tracks for county in counties):
            await tracks.make_partitions(session, now)
    for county in counties:
        await _compute(database, fences, county, now)
        await _purge(database, county, now)
    async with database.transaction(None) as session:
        await tracks.drop_partitions(session, counties, now)


async def _compute(database: Database, fences: Fences, county: TrackCounty, now: datetime) -> None:
    try:
        days = await compute_due(database, fences, county.id, now)
    except Exception:
        log.exception("stays_failed", county_id=county.id)
        return
    if days:
        log.info("stays", county_id=county.id, days=days)


async def _purge(database: Database, county: TrackCounty, now: datetime) -> None:
    try:
        purged = await purge_expired(database, county, now)
    except Exception:
        log.exception("purge_failed", county_id=county.id)
        return
    if purged != Purged():
        log.info("tracks_purged", county_id=county.id, days=purged.days, fixes=purged.fixes)
