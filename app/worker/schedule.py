"""The worker's round: every job in every county, whatever is due. Any number of workers may run."""

import asyncio
from collections.abc import Awaitable, Callable, Iterator, Mapping
from dataclasses import asdict
from datetime import datetime

import structlog
from sqlalchemy.exc import SQLAlchemyError

from app.directory.fences import Fences
from app.duties import service as duties
from app.duties.service import DutyCounty
from app.flows import change_calendar
from app.flows.close_period import close_due, open_due
from app.flows.escalate import escalate_due
from app.flows.purge_photos import purge_when_due
from app.flows.purge_quarantine import purge_quarantine
from app.flows.remind import remind_due
from app.kernel.clock import Clock
from app.kernel.database import Database
from app.kernel.problems import Problem
from app.photos.objects import PhotoObjects
from app.worker.digests import tell_digests
from app.worker.tracks import tend_tracks

log = structlog.get_logger()

ROUND_S = 30.0
AT_ONCE = 4
"""Counties that one worker is at."""


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
) -> None:
    """One round of every job over all counties; a county that fails is logged and leaves the others alone.

    Without `photos`, where they lie, none are purged; without `fences`, tracks are left alone.
    """
    async with database.transaction() as session:
        counties = await duties.counties(session)
    turn = asyncio.Semaphore(AT_ONCE)
    for name, job in _jobs(database, photos):
        await asyncio.gather(*(_do(name, job, county, clock, turn) for county in counties))
    if fences:
        await tend_tracks(database, fences, clock())


Job = Callable[[DutyCounty, datetime], Awaitable[Mapping[str, int]]]
"""What is due in one county at one time, by state, so that any worker may do it; says how much was done."""


def _jobs(database: Database, photos: PhotoObjects | None) -> Iterator[tuple[str, Job]]:
    async def periods(county: DutyCounty, now: datetime) -> Mapping[str, int]:
        return asdict(await open_due(database, county, now) + await close_due(database, county, now))

    async def calendars(county: DutyCounty, now: datetime) -> Mapping[str, int]:
        return {"changed": int(await change_calendar.sync(database, county, now))}

    async def flags(county: DutyCounty, now: datetime) -> Mapping[str, int]:
        return {"escalated": await escalate_due(database, county.id, now)}

    async def reminders(county: DutyCounty, now: datetime) -> Mapping[str, int]:
        return {"reminded": await remind_due(database, county.id, now)}

    async def digests(county: DutyCounty, now: datetime) -> Mapping[str, int]:
        return {"told": await tell_digests(database, county, now)}

    async def quarantine(county: DutyCounty, now: datetime) -> Mapping[str, int]:
        return {"purged": await purge_quarantine(database, county.id, now)}

    async def old_photos(county: DutyCounty, now: datetime) -> Mapping[str, int]:
        return asdict(await purge_when_due(database, photos, county.id, now)) if photos else {}

    yield "calendar", calendars
    yield "periods", periods
    yield "flags", flags
    yield "reminders", reminders
    yield "digests", digests
    yield "quarantine", quarantine
    yield "photos", old_photos


async def _do(name: str, job: Job, county: DutyCounty, clock: Clock, turn: asyncio.Semaphore) -> None:
    try:
        async with turn:
            done = await job(county, clock())
    except (SQLAlchemyError, OSError, Problem):
        log.exception("job_failed", job=name, county_id=county.id)
        return
    if any(done.values()):
        log.info("job_done", job=name, county_id=county.id, **done)
