"""/readyz while a deployment is under way: only a database that is behind turns an instance away."""

import pytest
from sqlalchemy import text

from app import wiring
from app.kernel import tables
from tests.support.county import COUNTY, OTHER_COUNTY
from tests.support.server import Api


async def at_revision(api: Api, *statements: str) -> tuple[int, dict]:
    async with api.database.transaction() as session:
        for statement in statements:
            await session.execute(text(statement))
    reply = await api.http.get("/readyz")
    return reply.status_code, reply.json()


async def test_ready_at_its_own_revision(api: Api):
    head = wiring.schema_head()
    said = {"status": "ok", "revision": head, "expected": head, "as_owner": False, "counties": True}
    assert await at_revision(api) == (200, said)


async def test_it_says_when_no_county_has_been_made_yet(api: Api):
    async with api.database.transaction() as session:
        for county_id in (COUNTY, OTHER_COUNTY):
            await tables.remove(session, county_id)
    assert (await at_revision(api))[1]["counties"] is False


async def test_an_old_instance_stays_ready_when_the_schema_is_ahead(api: Api):
    """Migrations run before the new processes start: until then the old ones are all there is."""
    status, said = await at_revision(api, "UPDATE alembic_version SET version_num = '9999'")
    assert (status, said["status"], said["revision"]) == (200, "ok", "9999")


@pytest.mark.parametrize(
    "statement",
    [
        "SELECT 'as it is'",
        "UPDATE alembic_version SET version_num = '0000'",  # of a step that has since been squashed
        "DELETE FROM alembic_version",
        "DROP TABLE alembic_version",
    ],
)
async def test_a_database_that_is_behind_is_not_ready(api: Api, statement: str, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(wiring, "schema_head", lambda: "9999")
    status, said = await at_revision(api, statement)
    assert (status, said["status"]) == (503, "migrate")
    assert (await api.http.get("/healthz")).status_code == 200
