"""A county for the benchmarks: 165 villages with fences of 200 vertices, 6,000 helpers with a phone each."""

import hashlib
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from uuid import UUID

import asyncpg

from app.kernel.clock import system_clock
from app.kernel.database import Database
from app.worker import tick

COUNTY = "451029"
VILLAGES = 165
HELPERS = 6000
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
            1, 'assigned', false, 48, date_trunc('week', now() AT TIME ZONE 'Asia/Shanghai'))
    """,
)
_HISTORY = f"""
INSERT INTO check_in (county_id, id, person_id, device_id, captured_at, fixed_at, received_at, crs, raw_lon,
  raw_lat, accuracy_m, purpose, note, photo_ids, content_hash, position, village_id, geofence_version,
  found_in_village_id, place, distance_m, confidence, standing, reasons)
SELECT a.county_id, gen_random_uuid(), a.person_id, s.device_id, at, at, at, 'wgs84', lon, lat, 5 + 25 * random(),
  'household_visit', '', '{{}}', decode(repeat('00', 32), 'hex'), ST_SetSRID(ST_MakePoint(lon, lat), 4326),
  a.village_id, 1, a.village_id, 'inside', 0, 0.99, 'counted', '[]'
FROM assignment a
JOIN device_session s ON s.county_id = a.county_id AND s.id = a.person_id
CROSS JOIN LATERAL (SELECT a.village_id::bigint - {COUNTY}100200 AS number) AS village
CROSS JOIN LATERAL (
  SELECT now() - n * interval '50 hours' AS at, {WEST} + number % {COLUMNS} * {STEP} + 2e-4 * random() AS lon,
    {SOUTH} + number / {COLUMNS} * {STEP} + 2e-4 * random() AS lat
  FROM generate_series(4, 13) AS n
) AS past
"""


def person_id(number: int) -> UUID:
    return UUID(bytes=hashlib.sha256(f"bench {number}".encode()).digest()[:16])


def middle(number: int) -> tuple[float, float]:
    """Longitude and latitude of the middle of the village of helper `number`."""
    village = number % VILLAGES
    return WEST + (village % COLUMNS) * STEP, SOUTH + (village // COLUMNS) * STEP


async def seed(url: str) -> None:
    """Fill an empty, migrated database."""
    people = [person_id(number) for number in range(HELPERS)]
    async with _connected(url) as connection, connection.transaction():
        for statement in _SEED:
            await connection.execute(statement, *([people] if "$1" in statement else []))
    await execute(url, "VACUUM ANALYZE")


async def refresh(url: str) -> None:
    """Every part begins alike: ten visits a person in weeks gone by, this week opened and empty."""
    await execute(url, "TRUNCATE check_in, duty, duty_period, notice CASCADE")
    await execute(url, _HISTORY)
    # Not the positions: PostGIS takes seconds to learn where they are, and no statement here asks.
    await execute(url, "ANALYZE check_in (county_id, id, person_id, captured_at)")
    database = Database(url, pool_size=1)
    await tick(database, system_clock)
    await database.close()
    await execute(url, "VACUUM check_in, person")
    await execute(url, "VACUUM ANALYZE duty, duty_period")
    await execute(url, "CHECKPOINT")


async def execute(url: str, statement: str) -> None:
    async with _connected(url) as connection:
        await connection.execute(statement)


@asynccontextmanager
async def _connected(url: str) -> AsyncIterator[asyncpg.Connection]:
    connection = await asyncpg.connect(url.replace("+asyncpg", ""))
    try:
        yield connection
    finally:
        await connection.close()


async def recorded(url: str) -> tuple[int, int]:
    """How many check-ins have come since `refresh`, and how many of them count."""
    async with _connected(url) as connection:
        row = await connection.fetchrow("""
            SELECT count(*), count(*) FILTER (WHERE standing = 'counted') FROM check_in
            WHERE received_at > now() - interval '1 h'""")
        return row[0], row[1]
