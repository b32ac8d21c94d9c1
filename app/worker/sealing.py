"""The worker's third round, a quick one: what was written is sealed."""

import asyncio
from contextlib import suppress

import structlog

from app.kernel import sealing
from app.kernel.clock import Clock
from app.kernel.database import Database

log = structlog.get_logger()

ROUND_S = 1.0


async def keep_sealing(database: Database, clock: Clock, stop: asyncio.Event, *, every_s: float = ROUND_S) -> None:
    """Every `every_s` seconds seal what is there, until `stop` is set. Outlives whatever fails."""
    while not stop.is_set():
        try:
            await seal_all(database, clock)
        except Exception:
            log.exception("sealing_failed")
        with suppress(TimeoutError):
            async with asyncio.timeout(every_s):
                await stop.wait()


async def seal_all(database: Database, clock: Clock) -> int:
    """Seal until nothing is left that was there at first; how many notes were taken."""
    async with database.transaction(None) as session:
        counties = await sealing.COUNTIES.all(session)
    return sum([await _seal(database, clock, county_id) for county_id in counties])


async def _seal(database: Database, clock: Clock, county_id: str) -> int:
    total = 0
    while True:
        async with database.transaction(county_id) as session:
            taken = await sealing.seal(session, county_id, clock())
        total += taken
        if taken < sealing.NOTES_AT_ONCE:
            return total
