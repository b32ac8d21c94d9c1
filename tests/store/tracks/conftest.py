"""The small county, which keeps tracks in `database` and does not in `off`."""

from collections.abc import AsyncIterator

import pytest

from app.kernel.database import Database
from tests.support import county
from tests.support.tracks import turn


@pytest.fixture
async def off(database_url: str) -> AsyncIterator[Database]:
    database = Database(database_url)
    async with database.transaction() as session:
        await county.seed(session)
    yield database
    await database.close()


@pytest.fixture
async def database(off: Database) -> Database:
    await turn(off, on=True)
    return off
