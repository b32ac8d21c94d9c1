"""A county with two people in it, whose budget is none, and a clock that stands at noon."""

import pytest

from app.kernel.database import rows
from app.notices.delivering import put_usual_channels
from tests.store.duties.builder import Facts, built
from tests.store.duties.cast import COUNTY, HELPER, LEADER
from tests.support.notices import NOON, Clock


@pytest.fixture
async def database(database_url):
    async with built(database_url, Facts(people=[HELPER, LEADER])) as database:
        async with database.transaction() as session:
            await put_usual_channels(session, COUNTY.id, enabled=True)
            await rows(session, "UPDATE county SET settings = '{\"notices_per_day\": 9999}' RETURNING id")
        yield database


@pytest.fixture
def clock():
    return Clock(NOON)
