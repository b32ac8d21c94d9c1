"""The worker's round: every job in every county, whatever is due. Any number of workers may run."""

import asyncio
from collections.abc import Awaitable, Callable, Iterator, Mapping
from dataclasses import asdict
from datetime import datetime
from functools import partial

import structlog

from app.directory import service as directory
from app.directory.fences import Fences
from app.duties import service as duties
from app.duties.service import DutyCounty
from app.flows import change_calendar, delete_expired
from app.flows.close_period import close_due, open_due
from app.flows.delete_expired import Old
from app.flows.escalate import escalate_due
from app.flows.importing import jobs as importing
from app.flows.purge_photos import purge_when_due
from app.flows.purge_tries import purge_tries
from app.flows.remind import remind_due
from app.kernel.clock import Clock
from app.kernel.database import Database
from app.photos.objects import PhotoObjects
from app.worker.digests import tell_digests
from app.worker.summaries import tell_summaries
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
    """Make a round at once, and again every `every_s` seconds until `stop` is set. Outlives whatever fails."""
    log.info("worker_started", every_s=every_s)
    fences = Fences()
    while not stop.is_set():
        try:
            await tick(database, clock, photos, fences)
        except Exception:
            log.exception("round_failed")
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
    async with database.transaction(None) as session:
        ruled = await duties.counties(session)
        every = await directory.county_ids(session)
    turn = asyncio.Semaphore(AT_ONCE)
    for name, job in _jobs(database):
        await asyncio.gather(*(_do(name, county.id, partial(job, county), clock, turn) for county in ruled))
    await asyncio.gather(*(_delete_expired(database, county_id, clock, turn) for county_id in every))
    for name, purge in _purges(database, photos):
        await asyncio.gather(
            *(_do(name, county_id, partial(purge, county_id), clock, turn) for county_id in every)
        )
    await purge_tries(database, clock())
    while await importing.work_on_any(database, clock):  # of servers that died; else they do it themselves
        pass
    if fences:
        await tend_tracks(database, fences, clock())


Done = Awaitable[Mapping[str, int]]
"""What is due in one county at one time, by state, so that any worker may do it; says how much was done."""


def _jobs(database: Database) -> Iterator[tuple[str, Callable[[DutyCounty, datetime], Done]]]:
    """In counties that have rules of duties."""

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

    async def summaries(county: DutyCounty, now: datetime) -> Mapping[str, int]:
        return {"told": await tell_summaries(database, county, now)}

    yield "calendar", calendars
    yield "periods", periods
    yield "flags", flags
    yield "reminders", reminders
    yield "digests", digests
    yield "summaries", summaries


def _purges(
    database: Database, photos: PhotoObjects | None
) -> Iterator[tuple[str, Callable[[str, datetime], Done]]]:
    """In every county: what is kept for a time only goes by no rule."""

    async def old_photos(county_id: str, now: datetime) -> Mapping[str, int]:
        return asdict(await purge_when_due(database, photos, county_id, now)) if photos else {}

    yield "photos", old_photos


async def _delete_expired(database: Database, county_id: str, clock: Clock, turn: asyncio.Semaphore) -> None:
    """One table that fails leaves the county's others alone."""
    due: list[Old] = []

    async def look(now: datetime) -> Mapping[str, int]:
        due[:] = await delete_expired.due(database, county_id, now)
        return {}

    async def delete(old: Old, _: datetime) -> Mapping[str, int]:
        return {"deleted": await delete_expired.delete(database, old, clock)}

    await _do("retention", county_id, look, clock, turn)
    for old in due:
        await _do(f"retention of {old.table_name}", county_id, partial(delete, old), clock, turn)


async def _do(
    name: str, county_id: str, job: Callable[[datetime], Done], clock: Clock, turn: asyncio.Semaphore
) -> None:
    try:
        async with turn:
            done = await job(clock())
    except Exception:  # whatever it is: the other counties' jobs, and this county's others, go on
        log.exception("job_failed", job=name, county_id=county_id)
        return
    if any(done.values()):
        log.info("job_done", job=name, county_id=county_id, **done)
