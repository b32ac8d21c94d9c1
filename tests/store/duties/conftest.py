"""A county without people, in a database of its own, and what the tests do to it."""

import pytest

from app.duties import service as duties
from app.kernel.database import Database, rows
from tests.store.duties.builder import Facts, add, build
from tests.store.duties.cast import COUNTY, MONDAY
from tests.support.periods import close_period


@pytest.fixture
async def database(database_url):
    database = Database(database_url, pool_size=3)
    async with database.transaction() as session:
        await build(session)
    yield database
    await database.close()


class County:
    """One county and its clock."""

    def __init__(self, database):
        self.database = database
        self.now = MONDAY

    async def put(self, **facts):
        async with self.database.transaction() as session:
            await add(session, Facts(**facts))

    async def visit(self, *visits, now=None):
        """Write check-ins and recount, as the ingest does; returns the duties touched."""
        async with self.database.transaction() as session:
            await add(session, Facts(visits=list(visits)))
            return await duties.recount(
                session,
                county_id=COUNTY.id,
                timezone=COUNTY.timezone,
                touched=[(visit.person.id, visit.captured_at) for visit in visits],
                now=now or self.now,
            )

    async def of(self, person, period="current", now=None):
        async with self.database.transaction() as session:
            return await duties.of_person(
                session,
                county_id=COUNTY.id,
                person_id=person.id,
                timezone=COUNTY.timezone,
                period=period,
                now=now or self.now,
            )

    async def outcomes(self, duty):
        async with self.database.transaction() as session:
            found = await duties.evidence(
                session, county_id=COUNTY.id, timezone=COUNTY.timezone, duty_id=duty.id, now=self.now
            )
        return [each.code for each in found]

    async def close(self, version, period, now):
        of = duties.RulePeriod(version.id, period.start)
        async with self.database.transaction() as session:
            return await close_period(session, COUNTY, of, now)

    async def all(self, statement):
        async with self.database.transaction() as session:
            return await rows(session, statement)


@pytest.fixture
def county(database):
    return County(database)
