"""A county with two people in it, whose budget is none, and a clock that stands at noon."""

import pytest

from app.kernel.database import Database, rows
from app.notices.delivering import put_usual_channels
from tests.store.duties.builder import COUNTY, HELPER, LEADER, Facts, add, build
from tests.support.notices import NOON, Clock


@pytest.fixture
async def database(database_url):
    database = Database(database_url, pool_size=6)
    async with database.transaction() as session:
        await build(session)
        await add(session, Facts(people=[HELPER, LEADER]))
        await put_usual_channels(session, COUNTY.id)
        await rows(session, "UPDATE county SET settings = '{\"notices_per_day\": 9999}' RETURNING id")
    yield database
    await database.close()


@pytest.fixture
def clock():
    return Clock(NOON)
