"""The worker's round: county by county, open, close and purge what is due. Any number of workers may run."""

import asyncio
from datetime import datetime

import structlog
from sqlalchemy.exc import SQLAlchemyError

from app.directory.fences import Fences
from app.duties import service as duties
from app.duties.service import DutyCounty
from app.flows.close_period import Done, close_due, open_due
from app.flows.purge_photos import Purged, purge_when_due
from app.flows.purge_quarantine import purge_quarantine
from app.kernel.clock import Clock
from app.kernel.database import Database
from app.kernel.problems import Problem
from app.photos.objects import PhotoObjects
from app.worker.tracks import tend_tracks

log = structlog.get_logger()

ROUND_S = 30.0


async def run(
    database: Database,
    clock: Clock,
    stop: asyncio.Event,
    *,
    photos: PhotoObjects | None = None,
    every_s: float = ROUND_S,
) -> None:
    """Make a round at once, and again every `every_s` seconds until `stop` is set. Outlives the database."""
    log.info("worker_started", every_s=every_s)
    fences = Fences()
    while not stop.is_set():
        try:
            await tick(database, clock, photos, fences)
        except (SQLAlchemyError, OSError) as error:
            log.warning("round_failed", error=type(error).__name__)
        try:
            async with asyncio.timeout(every_s):
                await stop.wait()
        except TimeoutError:
            continue
    log.info("worker_stopped")


async def tick(
    database: Database, clock: Clock, photos: PhotoObjects | None = None, fences: Fences | None = None
) -> Done:
    """One round over all counties; a county that fails is logged and leaves the others alone.

    Without `photos`, where they lie, none are purged; without `fences`, tracks are left alone.
    """
    async with database.transaction() as session:
        counties = await duties.counties(session)
    done = sum([await _round(database, county, clock()) for county in counties], Done())
    for county in counties:
        await _purge_quarantine(database, county.id, clock())
    if photos:
        for county in counties:
            await _purge(database, photos, county.id, clock())
    if fences:
        await tend_tracks(database, fences, clock())
    return done


async def _round(database: Database, county: DutyCounty, now: datetime) -> Done:
    try:
        done = await open_due(database, county, now) + await close_due(database, county, now)
    except (SQLAlchemyError, OSError):
        log.exception("county_failed", county_id=county.id)
        return Done()
    if done != Done():
        log.info("periods", county_id=county.id, opened=done.opened, closed=done.closed, flags=done.flags)
    return done


async def _purge_quarantine(database: Database, county_id: str, now: datetime) -> None:
    try:
        purged = await purge_quarantine(database, county_id, now)
    except (SQLAlchemyError, OSError):
        log.exception("purge_failed", county_id=county_id)
        return
    if purged:
        log.info("quarantine_purged", county_id=county_id, records=purged)


async def _purge(database: Database, photos: PhotoObjects, county_id: str, now: datetime) -> None:
    try:
        purged = await purge_when_due(database, photos, county_id, now)
    except (SQLAlchemyError, OSError, Problem):
        log.exception("purge_failed", county_id=county_id)
        return
    if purged != Purged():
        log.info("photos_purged", county_id=county_id, photos=purged.photos, orphans=purged.orphans)
