"""Hearing what other processes say: NOTIFY, on a connection of its own for as long as the process runs."""

import asyncio
from collections.abc import Awaitable, Callable

import asyncpg
import structlog
from sqlalchemy.ext.asyncio import AsyncSession

from app.kernel.database import Database, rows

log = structlog.get_logger()

Heard = Callable[[str | None], Awaitable[None]]

RETRY_S = 0.5


async def say(session: AsyncSession, channel: str, what: str) -> None:
    """Tell every process that listens, once the session's transaction is committed."""
    await rows(session, "SELECT pg_notify(:channel, :what)", channel=channel, what=what)


async def listen(database: Database, channel: str, heard: Heard) -> None:
    """Call `heard` with what is said on `channel`, and with None whenever something may have been missed.

    That is at the start, and after the database was out of reach. Runs until it is cancelled.
    """
    url = database.engine.url.set(drivername="postgresql").render_as_string(hide_password=False)
    while True:
        try:
            await _listen(url, channel, heard)
        except (OSError, asyncpg.PostgresError, asyncpg.InterfaceError) as error:
            log.warning("listening_failed", channel=channel, error=type(error).__name__)
        await asyncio.sleep(RETRY_S)


async def _listen(url: str, channel: str, heard: Heard) -> None:
    """Until the connection breaks."""
    said: asyncio.Queue[str | None] = asyncio.Queue()
    broken = asyncio.Event()
    connection = await asyncpg.connect(url)

    def ended(_connection: object) -> None:
        broken.set()
        said.put_nowait(None)

    try:
        connection.add_termination_listener(ended)
        await connection.add_listener(channel, lambda _connection, _pid, _channel, what: said.put_nowait(what))
        said.put_nowait(None)
        while not broken.is_set():
            await heard(await said.get())
    finally:
        connection.terminate()
