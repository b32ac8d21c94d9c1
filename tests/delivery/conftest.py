"""A county with two people in it, and a clock that stands at noon."""

import pytest

from app.kernel.database import Database
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
    yield database
    await database.close()


@pytest.fixture
def clock():
    return Clock(NOON)
