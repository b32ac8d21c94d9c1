"""The worker's other round, a quick one: notices that are due go out."""

import asyncio
from collections.abc import Iterator
from contextlib import contextmanager, suppress

import structlog

from app.flows.deliver_notices import Dispatcher
from app.notices.delivering import DueChannel

log = structlog.get_logger()

ROUND_S = 1.0


async def dispatch(dispatcher: Dispatcher, stop: asyncio.Event, *, every_s: float = ROUND_S) -> None:
    """Every `every_s` seconds begin to send what is due, until `stop` is set. Outlives whatever fails.

    A channel that takes long, or has much to send, keeps nothing else waiting. Batches that are on their way when
    `stop` is set are sent and kept.
    """
    busy = set[tuple[str, str]]()

    async def drain(channel: DueChannel, key: tuple[str, str]) -> None:
        with _outliving_it():
            await dispatcher.drain(channel, stop)
        busy.remove(key)

    async with asyncio.TaskGroup() as drains:
        while not stop.is_set():
            with _outliving_it():
                for channel in await dispatcher.due():
                    if (key := (channel.county_id, channel.name)) not in busy:
                        busy.add(key)
                        drains.create_task(drain(channel, key))
            with suppress(TimeoutError):
                async with asyncio.timeout(every_s):
                    await stop.wait()


@contextmanager
def _outliving_it() -> Iterator[None]:
    try:
        yield
    except Exception:
        log.exception("dispatch_failed")
