"""The worker's other round, a quick one: notices that are due go out."""

import asyncio

import structlog
from sqlalchemy.exc import SQLAlchemyError

from app.flows.deliver_notices import Dispatcher

log = structlog.get_logger()

ROUND_S = 1.0


async def dispatch(dispatcher: Dispatcher, stop: asyncio.Event, *, every_s: float = ROUND_S) -> None:
    """Deliver what is due, and look again after `every_s` seconds, until `stop` is set. Outlives the database."""
    while not stop.is_set():
        try:
            await dispatcher.deliver_due()
        except (SQLAlchemyError, OSError) as error:
            log.warning("dispatch_failed", error=type(error).__name__)
        try:
            async with asyncio.timeout(every_s):
                await stop.wait()
        except TimeoutError:
            continue
