"""The service is not the owner: it may do in each table what the model says, and no more."""

import asyncio

import asyncpg
import pytest
from sqlalchemy import make_url

from app.cli import migrate_database
from app.kernel import roles
from app.kernel.database import Base, Database
from app.kernel.roles import as_service
from tests.support import county
from tests.support.county import COUNTY, HELPER_A1, LEADER_A
from tests.unit.house import sql


async def connect(url: str) -> asyncpg.Connection:
    return await asyncpg.connect(make_url(url).set(drivername="postgresql").render_as_string(hide_password=False))


@pytest.fixture(scope="module")
async def url(server, template):
    async with server.database(template) as url:
        database = Database(url, pool_size=1)
        async with database.transaction() as session:
            await county.seed(session)
        await database.close()
        yield url


@pytest.fixture(scope="module")
async def service(url):
    connection = await connect(as_service(url))
    yield connection
    await connection.close()


# What is granted to the service and to everybody.
GRANTED = """
SELECT relname, array_agg(DISTINCT privilege ORDER BY privilege) AS privileges FROM (
  SELECT relname, privilege_type AS privilege FROM pg_class, aclexplode(relacl)
  WHERE relnamespace = 'public'::regnamespace AND relkind IN ('r', 'p', 'v', 'm', 'S')
    AND grantee IN (0, 'yefang_app'::regrole) AND NOT EXISTS (
      SELECT FROM pg_depend WHERE objid = pg_class.oid AND deptype = 'e')
  UNION ALL
  SELECT relname, privilege_type || ' ' || attname FROM pg_attribute JOIN pg_class ON pg_class.oid = attrelid,
    aclexplode(attacl)
  WHERE relnamespace = 'public'::regnamespace AND grantee IN (0, 'yefang_app'::regrole)
) AS each GROUP BY relname
"""


async def test_every_table_grants_what_its_model_says_and_no_other_table_is_there(service):
    sql.growing()  # loads the models
    said = {
        each.class_.__tablename__: sorted(
            ["SELECT", *each.class_.may, *(f"UPDATE {column}" for column in each.class_.may_update)]
        )
        for each in Base.registry.mappers
    }
    found = {row["relname"]: sorted(row["privileges"]) for row in await service.fetch(GRANTED)}
    assert found == said | {"alembic_version": ["SELECT"]}


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE audit_entry SET action = 'nothing'",
        "DELETE FROM audit_entry",
        "TRUNCATE audit_entry",
        "UPDATE check_in SET captured_at = now()",
        "UPDATE check_in SET person_id = id",
        "DELETE FROM check_in",
        "TRUNCATE check_in CASCADE",
        "UPDATE review SET decision = 'count'",
        "DELETE FROM rejudgement",
        "UPDATE appeal SET text = ''",
        "DELETE FROM appeal",
        "UPDATE leave SET reason = ''",
        "UPDATE duty_rule SET required = 1",
        "UPDATE person_merge SET into_id = from_id",
        "UPDATE alembic_version SET version_num = '0000'",
        "ALTER TABLE check_in DISABLE TRIGGER ALL",
        "ALTER TABLE check_in DISABLE TRIGGER keep_evidence",
        "DROP TRIGGER keep_evidence ON check_in",
        "CREATE TRIGGER mine BEFORE INSERT ON check_in EXECUTE FUNCTION refuse_unless_merged()",
        "SET session_replication_role = replica",
        "CREATE OR REPLACE FUNCTION refuse_unless_merged() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN END'",
        "DROP FUNCTION refuse_unless_merged()",
        "CREATE TABLE mine (id int)",
        "DROP TABLE audit_entry",
        "ALTER TABLE audit_entry ADD COLUMN mine int",
        "CREATE ROLE another SUPERUSER",
        "ALTER ROLE yefang_app SUPERUSER",
        "SET ROLE yefang_owner",
    ],
)
async def test_the_service_is_refused(service, statement):
    with pytest.raises(asyncpg.InsufficientPrivilegeError):
        await service.execute(statement)


async def test_evidence_goes_over_along_a_merge_alone(service):
    for name in ("give_evidence", "give_cases"):
        with pytest.raises(asyncpg.RestrictViolationError, match="has not gone into"):
            await service.execute(f"SELECT * FROM {name}($1, $2, $3)", COUNTY, HELPER_A1.id, LEADER_A.id)


def as_owner(url: str) -> str:
    return make_url(url).set(username=roles.OWNER).render_as_string(hide_password=False)


async def test_the_service_knows_whether_it_runs_as_the_owner(url):
    for its, owner in ((as_service(url), False), (url, True), (as_owner(url), True)):
        database = Database(its, pool_size=1)
        assert await database.is_owner() is owner
        await database.close()


async def test_the_owner_migrates_by_itself(url):
    await asyncio.to_thread(migrate_database, as_owner(url))


async def test_who_may_make_no_roles_is_told_what_to_do(url, monkeypatch):
    service = as_service(url)
    monkeypatch.setattr(roles, "SERVICE", "yefang_somebody")
    with pytest.raises(SystemExit, match="CREATE ROLE yefang_app LOGIN"):
        await asyncio.to_thread(migrate_database, service)
