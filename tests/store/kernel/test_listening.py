"""What one process says, another hears, also after the connection was lost in between."""

import asyncio

import pytest
from sqlalchemy import text

from app.kernel import listening
from app.kernel.database import Database


@pytest.fixture
async def database(database_url: str):
    database = Database(database_url, pool_size=1)
    yield database
    await database.close()


@pytest.fixture
async def heard(database: Database):
    said: asyncio.Queue[str | None] = asyncio.Queue()
    task = asyncio.create_task(listening.listen(database, "news", said.put))
    yield said
    task.cancel()


async def say(database: Database, what: str, *, failing: bool = False) -> None:
    async with database.transaction() as session:
        await listening.say(session, "news", what)
        if failing:
            raise RuntimeError


async def next_of(said: asyncio.Queue[str | None]) -> str | None:
    async with asyncio.timeout(30):
        return await said.get()


async def test_what_is_said_is_heard_once_it_is_committed(database: Database, heard: asyncio.Queue[str | None]):
    assert await next_of(heard) is None  # from here on it listens
    with pytest.raises(RuntimeError):
        await say(database, "taken back", failing=True)
    await say(database, "one")
    assert await next_of(heard) == "one"


async def test_after_a_broken_connection_it_listens_again(database: Database, heard: asyncio.Queue[str | None]):
    assert await next_of(heard) is None
    async with database.transaction() as session:
        killed = await session.execute(
            text(
                "SELECT count(pg_terminate_backend(pid)) FROM pg_stat_activity"
                " WHERE datname = current_database() AND query LIKE 'LISTEN %'"
            )
        )
        assert killed.scalar_one() == 1
    assert await next_of(heard) is None  # the connection broke
    assert await next_of(heard) is None  # and it listens again
    await say(database, "two")
    assert await next_of(heard) == "two"
