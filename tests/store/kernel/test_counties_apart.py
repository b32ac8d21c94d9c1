"""The second lock: as the service, SQL that forgets its county sees and writes nothing of another's."""

import asyncpg
import pytest
from sqlalchemy import make_url, text
from sqlalchemy.exc import DBAPIError

from app.kernel.database import Database, within
from app.kernel.roles import as_service
from tests.support import county
from tests.support.county import COUNTY, OTHER_COUNTY
from tests.unit.house import sql

LOOKED_UP_IN = {"sign_in", "push_owner"}  # the county is what is looked up
POLICY = "({} = current_setting('yefang.county'::text, true))"
OF_COUNTIES = """
SELECT relname FROM pg_class JOIN pg_attribute ON attrelid = pg_class.oid
WHERE relnamespace = 'public'::regnamespace AND relkind IN ('r', 'p') AND NOT relispartition
  AND attname = 'county_id' ORDER BY relname
"""
GUARDS = """
SELECT tablename, array_agg(ARRAY[policyname, permissive, cmd, CAST(roles AS text), qual, with_check]) AS policies
FROM pg_policies JOIN pg_class ON pg_class.oid = to_regclass(tablename)
WHERE relrowsecurity GROUP BY tablename
"""
ACROSS = {
    "every_county",
    "counties_with_rules",
    "counties_with_tracks",
    "counties_to_seal",
    "waiting_import",
    "channels_with_due",
}
AS_OWNER = """
SELECT proname FROM pg_proc
WHERE pronamespace = 'public'::regnamespace AND prosecdef AND has_function_privilege('yefang_app', oid, 'EXECUTE')
  AND NOT EXISTS (SELECT FROM pg_depend WHERE objid = pg_proc.oid AND deptype = 'e')
"""
REQUIRED = {"track_fix": (", fixed_at", ", TIMESTAMPTZ '2026-11-18 12:00Z'")}  # by which its partition is found
PARTITIONS = """
SELECT relname FROM pg_class WHERE relispartition AND relkind = 'r'
  AND has_table_privilege('yefang_app', oid, 'SELECT, INSERT, UPDATE, DELETE')
"""


@pytest.fixture(scope="module")
async def url(server, template):
    async with server.database(template) as url:
        owner = Database(url, pool_size=1)
        async with owner.transaction() as session:
            await county.seed(session)
            await session.execute(text("SELECT make_track_partition(DATE '2026-11-01')"))
        await owner.close()
        yield url


@pytest.fixture(scope="module")
async def service(url):
    database = Database(as_service(url), pool_size=1)
    yield database
    await database.close()


@pytest.fixture(scope="module")
async def tables(url):
    """Those with a county, and the column that names it."""
    connection = await asyncpg.connect(
        make_url(url).set(drivername="postgresql").render_as_string(hide_password=False)
    )
    found = {row["relname"]: "county_id" for row in await connection.fetch(OF_COUNTIES)}
    policies = {row["tablename"]: row["policies"] for row in await connection.fetch(GUARDS)}
    as_owner = {row["proname"] for row in await connection.fetch(AS_OWNER)}
    partitions = [row["relname"] for row in await connection.fetch(PARTITIONS)]
    await connection.close()
    return found | {"county": "id"}, policies, as_owner, partitions


def test_every_table_with_a_county_has_the_one_policy(tables):
    found, policies, _, partitions = tables
    assert found.keys() - LOOKED_UP_IN == policies.keys() == sql.growing() - LOOKED_UP_IN | {"county"}
    for table, held in policies.items():
        policy = POLICY.format(found[table])
        assert held == [["own_county", "PERMISSIVE", "ALL", "{public}", policy, None]], table
    assert partitions == [], "their policy is the parent's, so they are read by it alone"


def test_across_counties_the_service_asks_by_these_functions_alone(tables):
    of_one = (
        "give_",
        "make_",
        "drop_",
        "remove_",
        "seal_",
        "anonymise_",
    )  # which are told their county, or have none
    assert {name for name in tables[2] if not name.startswith(of_one)} == ACROSS


async def counted(database, county_id, tables):
    """How many rows each table shows to statements that name no county."""
    async with database.transaction(county_id) as session:
        return {
            table: (await session.execute(text(f"SELECT count(*) FROM {table}"))).scalar_one()
            for table in tables
            if table not in LOOKED_UP_IN
        }


async def test_a_statement_that_forgets_its_county_sees_its_own_alone(service, url, tables):
    owner = Database(url, pool_size=1)
    everything = await counted(owner, None, tables[0])
    await owner.close()
    own, other = [await counted(service, each, tables[0]) for each in (COUNTY, OTHER_COUNTY)]
    assert {table: own[table] + other[table] for table in own} == everything
    assert own["person"] > other["person"] > 0
    for none in (None, "", "*", "45", f"{COUNTY}'", f"{COUNTY}\n", "' OR true --"):
        assert set((await counted(service, none, tables[0])).values()) == {0}, none


async def test_what_a_transaction_named_is_forgotten_with_it(service):
    """There is one connection."""
    async with service.transaction(COUNTY) as session:
        assert (await session.execute(text("SELECT count(*) FROM county"))).scalar_one() == 1
    async with service.transaction() as session:
        assert (await session.execute(text("SELECT count(*) FROM county"))).scalar_one() == 0
    async with service.transaction(COUNTY, snapshot=True) as session:
        async with within(session, OTHER_COUNTY):
            assert (await session.execute(text("SELECT id FROM county"))).scalar_one() == OTHER_COUNTY
        assert (await session.execute(text("SELECT id FROM county"))).scalar_one() == COUNTY


async def refusal(database, table, column, county_id):
    """Why such a row is not taken."""
    into, value = REQUIRED.get(table, ("", ""))
    insert = text(f"INSERT INTO {table} ({column}{into}) VALUES (CAST(:county AS text){value})")
    try:
        async with database.transaction(COUNTY) as session:
            await session.execute(insert, {"county": county_id})
    except DBAPIError as error:
        return str(error)
    return "none"


async def test_no_table_takes_a_row_of_another_county(service, tables):
    """Of its own county the same row is refused for what it lacks."""
    for table in tables[0].keys() - LOOKED_UP_IN:
        own, other, none = [
            await refusal(service, table, tables[0][table], each) for each in (COUNTY, OTHER_COUNTY, None)
        ]
        if "permission denied" not in own:
            assert "row-level security" not in own, table
            assert "row-level security" in other, table
            assert "row-level security" in none, table


@pytest.mark.parametrize("change", ["UPDATE {} SET name = name", "DELETE FROM {}"])
async def test_a_change_that_forgets_its_county_leaves_the_other_alone(service, url, change):
    async with service.transaction(OTHER_COUNTY) as session:
        for table in ("village", "township"):
            done = await session.execute(text(change.format(table)))
            assert done.rowcount == 0
    async with service.transaction(COUNTY) as session:
        assert (await session.execute(text("SELECT count(*) FROM village"))).scalar_one() == 4


async def test_no_row_goes_over_to_another_county(service):
    with pytest.raises(DBAPIError, match="row-level security"):
        async with service.transaction(COUNTY) as session:
            await session.execute(text("UPDATE village SET county_id = :other"), {"other": OTHER_COUNTY})
