"""The database itself keeps what the phone said: whatever the code does, an UPDATE of evidence is refused."""

import pytest
from sqlalchemy.exc import DBAPIError

from app.kernel.database import rows
from tests.store.duties.builder import Facts, Visit, built
from tests.store.duties.cast import HELPER, at

# Of all columns, those that are judged; every other one is evidence.
JUDGED = {
    "position",
    "village_id",
    "geofence_version",
    "found_in_village_id",
    "place",
    "distance_m",
    "confidence",
    "household_distance_m",
    "standing",
    "reasons",
    "night_of",
    "review_time",
    "visited_at",  # made of two others
}
FIX = "raw_lon = 106.2, raw_lat = 24.3, crs = 'gcj02', fixed_at = received_at, position_added_at = received_at"


@pytest.fixture
async def database(database_url):
    async with built(
        database_url, Facts(people=[HELPER], visits=[Visit(HELPER, at("2026-11-18 10:00"))])
    ) as database:
        yield database


async def run(database, statement):
    async with database.transaction() as session:
        return [tuple(row) for row in await rows(session, statement)]


async def test_every_column_that_is_not_judged_is_kept(database):
    columns = await run(
        database,
        "SELECT column_name, udt_name FROM information_schema.columns"
        " WHERE table_name = 'check_in' AND table_schema = 'public'",
    )
    # When a fix followed is told by a change to it, and whether an import was taken back: see below.
    evidence = [
        (name, kind) for name, kind in columns if name not in JUDGED | {"position_added_at", "withdrawn_at"}
    ]
    assert {"raw_lon", "content_hash"} < {name for name, _ in evidence}
    others = {
        "text": "'x'",
        "uuid": "gen_random_uuid()",
        "timestamptz": "'1999-01-01Z'",
        "float8": "1.5",
        "bool": "true",
        "jsonb": "'[1]'",
        "_uuid": "'{00000000-0000-0000-0000-000000000000}'",
        "bytea": "'\\x01'",
    }
    for name, kind in evidence:
        with pytest.raises(DBAPIError, match="evidence"):
            await run(database, f"UPDATE check_in SET {name} = {others[kind]} RETURNING id")


async def test_what_a_phone_posted_is_never_taken_back(database):
    with pytest.raises(DBAPIError, match="ck_check_in_withdrawn"):
        await run(database, "UPDATE check_in SET withdrawn_at = received_at RETURNING id")


async def test_judgements_may_change(database):
    assert len(await run(database, "UPDATE check_in SET standing = 'refused', place = 'near' RETURNING id")) == 1


async def test_a_missing_fix_is_filled_in_once(database):
    with pytest.raises(DBAPIError, match="evidence"):  # no purpose can hide behind the fix
        await run(database, f"UPDATE check_in SET {FIX}, purpose = 'inspection' RETURNING id")
    assert len(await run(database, f"UPDATE check_in SET {FIX} RETURNING id")) == 1
    for change in ("raw_lon = 106.3", "position_added_at = NULL", FIX.replace("106.2", "106.4")):
        with pytest.raises(DBAPIError, match="evidence"):
            await run(database, f"UPDATE check_in SET {change} RETURNING id")
    assert await run(database, "SELECT raw_lon, crs FROM check_in") == [(106.2, "gcj02")]
