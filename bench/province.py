"""A province for the benchmark of closing: 111 counties, 500,000 people with one duty each, a week of check-ins.

A county has 12 townships of 11 villages, a squad for each village, 30 departments that send people, and leaders in
posts on both lines. Of a hundred people 90 are helpers with two households in one village, 6 live in theirs and 4
lead. Check-ins lie on disk in the order in which they came, counties mixed.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

import asyncpg

from app.duties import presets
from app.duties import service as duties
from app.flows.close_period import open_due
from app.kernel.database import Database
from app.worker import tick

COUNTIES = 111
PER_COUNTY = 4505
MONDAY = datetime(2026, 11, 9, tzinfo=ZoneInfo("Asia/Shanghai"))
SUNDAY = MONDAY + timedelta(days=6, hours=23)
CLOSING = MONDAY + timedelta(days=9)  # the grace of every rule is over
FIRST = 450001  # the code of the first county
VILLAGES, DEPARTMENTS, HOUSES = 132, 30, 20  # houses in a village

_ID = "CAST(md5(county.id || ' {kind} ' || {number}) AS uuid)"


def _id(kind: str, number: str) -> str:
    return _ID.format(kind=kind, number=number)


_VILLAGE = "(county.id || {number} / 11 + 100 || {number} % 11 + 200)"
_EACH = "FROM county CROSS JOIN generate_series(0, {until}) AS n"

# Person 0 is the county office and owes nothing; the next 4 in 100 lead, then 6 in 100 live in their village.
_DIRECTORY = (
    f"""
    INSERT INTO county (id, name, name_en)
    SELECT {FIRST} + n, '县' || n, 'County ' || n FROM generate_series(0, :counties - 1) AS n
    """,
    f"""
    INSERT INTO unit (county_id, id, parent_id, code, name, level, path)
    SELECT county.id, {_id("unit", "unit.code")}, {_id("unit", "unit.above")}, unit.code, unit.code, unit.level,
      CAST(county.id || unit.path AS ltree)
    FROM county CROSS JOIN (
      SELECT 'root' AS code, NULL AS above, 'county' AS level, '' AS path
      UNION ALL SELECT 't' || n, 'root', 'theatre', '.t' || n FROM generate_series(0, {VILLAGES // 11 - 1}) AS n
      UNION ALL SELECT 's' || n, 't' || n / 11, 'squad', '.t' || n / 11 || '.s' || n
        FROM generate_series(0, {VILLAGES - 1}) AS n
      UNION ALL SELECT 'd' || n, 'root', 'department', '.d' || n FROM generate_series(0, {DEPARTMENTS - 1}) AS n
    ) AS unit
    """,
    f"""
    INSERT INTO township (county_id, id, name)
    SELECT county.id, county.id || n + 100, '乡' || n {_EACH.format(until=VILLAGES // 11 - 1)}
    """,
    f"""
    INSERT INTO village (county_id, id, name, official_name, township_id, unit_id)
    SELECT county.id, {_VILLAGE.format(number="n")}, '村' || n, '村' || n, county.id || n / 11 + 100,
      {_id("unit", "'s' || n")} {_EACH.format(until=VILLAGES - 1)}
    """,
    # A square each, side by side; where they lie is of no account here.
    f"""
    INSERT INTO geofence (county_id, village_id, version, area, synthetic, source, valid_from)
    SELECT county.id, {_VILLAGE.format(number="n")}, 1,
      ST_Multi(ST_MakeEnvelope(105 + n * 0.01, 24, 105.01 + n * 0.01, 24.01, 4326)), true, 'bench',
      date '2020-01-01'
    {_EACH.format(until=VILLAGES - 1)}
    """,
    f"""
    INSERT INTO household (county_id, id, village_id, head_name)
    SELECT county.id, {_id("house", "n")}, {_VILLAGE.format(number=f"(n / {HOUSES})")}, '户主' || n
    {_EACH.format(until=VILLAGES * HOUSES - 1)}
    """,
    f"""
    INSERT INTO person (county_id, id, name, phone, category, unit_id, department_id, from_date)
    SELECT county.id, {_id("person", "n")}, '干部' || n, CAST(county.id AS bigint) * 100000 + n,
      CASE WHEN n = 0 THEN 'official' WHEN n <= :people * 0.04 THEN 'leader' WHEN n <= :people * 0.1
        THEN 'resident' ELSE 'helper' END,
      {_id("unit", f"CASE WHEN n = 0 THEN 'root' ELSE 's' || n % {VILLAGES} END")},
      CASE WHEN n > 0 THEN {_id("unit", f"'d' || n % {DEPARTMENTS}")} END, date '2020-01-01'
    FROM county CROSS JOIN generate_series(0, :people) AS n
    """,
    # The office, a leader for each squad, township and department, the county's leader.
    f"""
    INSERT INTO post (county_id, id, person_id, unit_id, role, from_date)
    SELECT county.id, {_id("post", "unit.id")},
      {_id("person", "1 + unit.place % greatest(1, floor(:people * 0.04))")}, unit.id, 'leader', date '2020-01-01'
    FROM county JOIN (
      SELECT *, row_number() OVER (PARTITION BY county_id ORDER BY level, code) AS place FROM unit
    ) AS unit ON unit.county_id = county.id
    UNION ALL
    SELECT county.id, {_id("post", "'office'")}, {_id("person", "0")}, {_id("unit", "'root'")}, 'office',
      date '2020-01-01' FROM county
    """,
    f"""
    INSERT INTO assignment (county_id, id, person_id, village_id, household_id, from_date)
    SELECT county.id, gen_random_uuid(), person.id, {_VILLAGE.format(number=f"(n % {VILLAGES})")},
      CASE WHEN category = 'helper' THEN
        {_id("house", f"n % {VILLAGES} * {HOUSES} + (n / {VILLAGES} * 2 + nth) % {HOUSES}")} END, date '2020-01-01'
    FROM county JOIN person ON person.county_id = county.id
    CROSS JOIN LATERAL (SELECT CAST(right(phone, 5) AS int) AS n) AS number
    CROSS JOIN LATERAL generate_series(0, CAST(category = 'helper' AS int)) AS nth
    WHERE category IN ('helper', 'resident')
    """,
    # Two in a hundred are on leave, for half a week at most times.
    f"""
    INSERT INTO leave (county_id, id, person_id, kind, from_half, until_half, reason, filed_at, level, status)
    SELECT county_id, gen_random_uuid(), id, 'personal',
      timestamp '{MONDAY:%Y-%m-%d}' + away.day * interval '1 day',
      timestamp '{MONDAY:%Y-%m-%d}' + (away.day + away.days) * interval '1 day', '', '{MONDAY}', 'township',
      'approved'
    FROM person CROSS JOIN LATERAL (
      SELECT floor(random() * 5) AS day, ceil(random() * 5) AS days WHERE person.id IS NOT NULL) AS away
    WHERE random() < 0.02
    """,
)

# Of helpers one in twenty does not come; residents are there six days, one in eight on four; leaders go by night,
# one in seven does not. Three in a hundred check-ins are outside, two held, one refused; one in twenty comes late.
_CHECK_INS = f"""
INSERT INTO check_in (county_id, id, person_id, device_id, captured_at, fixed_at, received_at, crs, raw_lon,
  raw_lat, accuracy_m, purpose, household_id, note, photo_ids, content_hash, position, village_id,
  geofence_version, found_in_village_id, place, distance_m, confidence, standing, reasons)
SELECT county_id, gen_random_uuid(), person_id, 'phone', at, at,
  at + random() * interval '60 s' + CASE WHEN random() < 0.05 THEN interval '9 hours' ELSE interval '0' END,
  'wgs84', lon, lat, 5 + 25 * random(), 'household_visit', household_id, '', '{{}}',
  decode(repeat('00', 32), 'hex'), ST_SetSRID(ST_MakePoint(lon, lat), 4326), village_id, 1,
  CASE WHEN judged.outside THEN NULL ELSE village_id END,
  CASE WHEN judged.outside THEN 'outside' ELSE 'inside' END, 0, 0.99, CASE WHEN judged.outside THEN 'outside'
    WHEN judged.chance < 0.05 THEN 'held' WHEN judged.chance < 0.06 THEN 'refused' ELSE 'counted' END, '[]'
FROM (
  SELECT person.county_id, person.id AS person_id, own.village_id, own.household_id, nth,
    timestamptz '{MONDAY}' + CASE person.category
      WHEN 'resident' THEN nth * interval '1 day' ELSE floor(random() * 7) * interval '1 day' END
      + CASE person.category WHEN 'leader' THEN interval '19 hours' ELSE interval '8 hours' END
      + random() * interval '4 hours' AS at
  FROM person
  CROSS JOIN LATERAL (
    SELECT CASE person.category WHEN 'resident' THEN CASE WHEN random() < 0.12 THEN 4 ELSE 6 END
      WHEN 'leader' THEN CASE WHEN random() < 0.15 THEN 0 ELSE 2 END
      WHEN 'helper' THEN CASE WHEN random() < 0.05 THEN 0 ELSE 2 + floor(random() * 3) END ELSE 0 END AS times
    WHERE person.id IS NOT NULL
  ) AS habit
  CROSS JOIN LATERAL (
    (SELECT village_id, household_id FROM assignment
     WHERE assignment.county_id = person.county_id AND assignment.person_id = person.id LIMIT 1)
    UNION ALL
    (SELECT household.village_id, household.id FROM village JOIN household
       ON household.county_id = village.county_id AND household.village_id = village.id
     WHERE person.category = 'leader' AND village.county_id = person.county_id AND village.unit_id = person.unit_id
     LIMIT 1)
  ) AS own
  CROSS JOIN LATERAL generate_series(0, CAST(times AS int) - 1) AS nth
) AS visit
CROSS JOIN LATERAL (SELECT 105 + random() * 6 AS lon, 22 + random() * 4 AS lat, random() AS chance
  WHERE visit.at IS NOT NULL) AS place
CROSS JOIN LATERAL (SELECT chance, chance < 0.03 AS outside) AS judged
ORDER BY at
"""
_COPY_RULES = """
INSERT INTO duty_rule SELECT (jsonb_populate_record(rule, jsonb_build_object('county_id', county.id))).*
FROM duty_rule AS rule JOIN county ON county.id <> rule.county_id
"""
# So that some have missed before: the week before went as this one stands now.
_WEEK_BEFORE = """
INSERT INTO duty (county_id, id, rule_id, rule_version, person_id, period_start, period_end, closes_at, required,
  days, days_there, excuse, done, pending_review, status, closed_at)
SELECT county_id, gen_random_uuid(), rule_id, rule_version, person_id, period_start - 7, period_end - 7,
  closes_at - interval '7 days', required, days, days_there, excuse, done, 0,
  CASE WHEN status = 'open' AND random() < 0.5 THEN 'missed' WHEN status = 'open' THEN 'met' ELSE status END,
  closes_at - interval '7 days'
FROM duty
"""


@dataclass(frozen=True, slots=True)
class Size:
    """How many counties, and how many people owe in each."""

    counties: int
    people: int

    @classmethod
    def of(cls, people: int) -> "Size":
        """Counties of the usual size, as many as that gives."""
        counties = min(COUNTIES, -(-people // PER_COUNTY))
        return cls(counties, -(-people // counties))


async def fill(url: str, size: Size) -> None:
    """Fill an empty, migrated database: directory, rules, a week of check-ins, and the duties as they stand.

    The next week is open, and the roster has been looked through on the day of closing.
    """
    database = Database(url, pool_size=4)
    connection = await asyncpg.connect(url.replace("+asyncpg", ""))
    try:
        # Foreign keys hold by construction.
        await connection.execute("SET session_replication_role = replica; SELECT setseed(0.5)")
        for statement in _DIRECTORY:
            await connection.execute(
                statement.replace(":counties", str(size.counties)).replace(":people", str(size.people))
            )
        async with database.transaction() as session:
            for terms in presets.PRESETS:
                await duties.put_rule(session, county_id=str(FIRST), terms=terms, effective_from=MONDAY.date())
        await connection.execute(_COPY_RULES)
        await connection.execute(_CHECK_INS)
        await connection.execute("ANALYZE")
        await tick(database, lambda: SUNDAY)
        await connection.execute(_WEEK_BEFORE)
        await connection.execute("ANALYZE duty")
        await tick(database, lambda: SUNDAY + timedelta(days=1))  # opens the next week
        await _look_through_roster(database)
        await connection.execute("VACUUM ANALYZE duty")
    finally:
        await connection.close()
        await database.close()


async def _look_through_roster(database: Database) -> None:
    """What the worker does each midnight, so that it is not counted as closing."""
    async with database.transaction() as session:
        counties = await duties.counties(session)
    for county in counties:
        await open_due(database, county, CLOSING)
