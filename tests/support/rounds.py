"""A worker in a process of its own, with a clock that stands still, so that a test may kill it."""

import asyncio
import multiprocessing
from datetime import datetime
from multiprocessing.context import ForkServerProcess

from app import worker
from app.duties import service as duties
from app.flows import close_period
from app.kernel import log
from app.kernel.database import Database
from app.kernel.roles import as_service

_processes = multiprocessing.get_context("forkserver")
_processes.set_forkserver_preload([__name__])


def start_worker(url: str, now: datetime, *, at_a_time: int) -> ForkServerProcess:
    """A worker that ends when nothing is due; so many people in a transaction."""
    process = _processes.Process(target=_work, args=(url, now, at_a_time))
    process.start()
    return process


def _work(url: str, now: datetime, at_a_time: int) -> None:
    log.configure("error")
    close_period.AT_A_TIME = at_a_time
    asyncio.run(make_rounds(url, now))


async def make_rounds(url: str, now: datetime) -> None:
    """What a round leaves to another worker, who is in its way, the next one looks after."""
    database = Database(as_service(url), pool_size=4)
    due = True
    while due:
        await worker.tick(database, lambda: now)
        due = await _any_due(database, now)
    await database.close()


async def _any_due(database: Database, now: datetime) -> bool:
    async with database.transaction(None) as session:
        counties = await duties.counties(session)
    due = []
    for county in counties:
        async with database.transaction(county.id) as session:
            due += [await look(session, county, now) for look in (duties.due_to_open, duties.due_to_close)]
    return any(due)
