"""A county for the benchmarks: 165 villages with fences of 200 vertices, 2,000 helpers with a phone each."""

import hashlib
from uuid import UUID

import asyncpg

COUNTY = "451029"
VILLAGES = 165
HELPERS = 2000
WEST, SOUTH, STEP, COLUMNS = 105.8, 23.9, 0.05, 15
ROOT = UUID(int=1)

# $1 is the array of people's ids; `n` counts villages from 0 and people from 1.
_PEOPLE = "unnest($1::uuid[]) WITH ORDINALITY AS p(id, n)"
_SEED = (
    f"INSERT INTO county (id, name, name_en, fence_version) VALUES ('{COUNTY}', '基准县', 'Bench', 1)",
    f"""
    INSERT INTO unit (county_id, id, code, name, level, path)
    VALUES ('{COUNTY}', '{ROOT}', '{COUNTY}', '基准县', 'county', '{COUNTY}')
    """,
    f"INSERT INTO township (county_id, id, name) VALUES ('{COUNTY}', '{COUNTY}100', '基准镇')",
    f"""
    INSERT INTO village (county_id, id, name, official_name, township_id, unit_id)
    SELECT '{COUNTY}', {COUNTY}100200 + n, '村' || n, '村' || n, '{COUNTY}100', '{ROOT}'
    FROM generate_series(0, {VILLAGES - 1}) n
    """,
    # Circles that touch their neighbours, of as many vertices as a surveyed boundary has.
    f"""
    INSERT INTO geofence (county_id, village_id, version, area, synthetic, source, valid_from)
    SELECT '{COUNTY}', {COUNTY}100200 + n, 1, ST_Multi(ST_Buffer(ST_SetSRID(ST_MakePoint(
        {WEST} + n % {COLUMNS} * {STEP}, {SOUTH} + n / {COLUMNS} * {STEP}), 4326), {STEP / 2}, 50)),
      true, 'bench', '2020-01-01+00'
    FROM generate_series(0, {VILLAGES - 1}) n
    """,
    f"""
    INSERT INTO person (county_id, id, name, phone, category, unit_id, from_date)
    SELECT '{COUNTY}', id, '帮扶' || n, 19000000000 + n, 'helper', '{ROOT}', '2020-01-01' FROM {_PEOPLE}
    """,
    f"""
    INSERT INTO assignment (county_id, id, person_id, village_id, from_date)
    SELECT '{COUNTY}', id, id, {COUNTY}100200 + (n - 1) % {VILLAGES}, '2020-01-01' FROM {_PEOPLE}
    """,
    f"""
    INSERT INTO device_session (county_id, id, person_id, device_id, token_hash, started_at, expires_at)
    SELECT '{COUNTY}', id, id, 'phone ' || n, '', '2020-01-01+00', '2100-01-01+00' FROM {_PEOPLE}
    """,
    f"""
    INSERT INTO duty_rule (county_id, id, version, name, name_en, source, categories, measure, period_kind,
                           required, counts_in, household_required, grace_h, effective_from)
    VALUES ('{COUNTY}', '{ROOT}', 1, '帮扶走访', 'Helpers'' visits', 'bench', '{{helper}}', 'visits', 'week',
            1, 'assigned', false, 48, '2020-01-01')
    """,
)


def person_id(number: int) -> UUID:
    return UUID(bytes=hashlib.sha256(f"bench {number}".encode()).digest()[:16])


def middle(number: int) -> tuple[float, float]:
    """Longitude and latitude of the middle of the village of helper `number`."""
    village = number % VILLAGES
    return WEST + (village % COLUMNS) * STEP, SOUTH + (village // COLUMNS) * STEP


async def seed(url: str) -> None:
    """Fill an empty, migrated database."""
    connection = await asyncpg.connect(url.replace("+asyncpg", ""))
    people = [person_id(number) for number in range(HELPERS)]
    async with connection.transaction():
        for statement in _SEED:
            await connection.execute(statement, *([people] if "$1" in statement else []))
    await connection.close()
    await analyze(url)


async def analyze(url: str) -> None:
    """What autovacuum does within a minute, at once: plans should know how large the tables are."""
    connection = await asyncpg.connect(url.replace("+asyncpg", ""))
    await connection.execute("VACUUM ANALYZE")
    await connection.close()
