"""Statements by which a second record of a person goes into the one that stays."""

from datetime import date
from typing import NamedTuple
from uuid import UUID

from app.kernel.ids import NEW_ID
from app.kernel.statements import Command, Statement


class RecordRow(NamedTuple):
    """One of the two records."""

    id: UUID
    name: str
    from_date: date
    until_date: date | None
    merged_into: UUID | None


RECORDS = Statement(
    RecordRow,
    """
SELECT id, name, from_date, until_date, merged_into FROM person
WHERE county_id = :county_id AND id IN (:from_id, :into_id)
""",
)
STAYING = Statement(
    UUID,
    "SELECT coalesce(merged_into, id) AS id FROM person WHERE county_id = :county_id AND id = :person_id",
)
REMEMBER = Command("""
INSERT INTO person_merge (county_id, id, from_id, into_id, made_by, made_at, was, check_in_ids)
SELECT :county_id, :id, person.id, :into_id, :made_by, :now, to_jsonb(person) - 'county_id', '{}'
FROM person WHERE person.county_id = :county_id AND person.id = :from_id
""")
REMEMBER_VISITS = Command("""
UPDATE person_merge SET check_in_ids = CAST(:check_in_ids AS uuid[])
WHERE county_id = :county_id AND from_id = :from_id
""")

# It serves on no day from now on, and its numbers are free: its id stands in the place of the phone's. What went
# into it before goes on to the one that stays.
END = Command("""
UPDATE person SET merged_into = :into_id,
  until_date = CASE WHEN id = :from_id THEN from_date ELSE until_date END,
  phone = CASE WHEN id = :from_id THEN CAST(id AS text) ELSE phone END,
  number = CASE WHEN id = :from_id THEN NULL ELSE number END
WHERE county_id = :county_id AND (id = :from_id OR merged_into = :from_id)
""")

# What the office has set of the one that stays holds; what it lacks comes from the other.
EXTEND = Command("""
UPDATE person SET from_date = least(person.from_date, CAST(was.record ->> 'from_date' AS date)),
  until_date = CASE WHEN person.until_date IS NULL OR was.record ->> 'until_date' IS NULL THEN NULL
    ELSE greatest(person.until_date, CAST(was.record ->> 'until_date' AS date)) END,
  department_id = coalesce(person.department_id, CAST(was.record ->> 'department_id' AS uuid)),
  number = coalesce(person.number, was.record ->> 'number'),
  last_contact_at = greatest(person.last_contact_at, CAST(was.record ->> 'last_contact_at' AS timestamptz))
FROM (SELECT was AS record FROM person_merge WHERE county_id = :county_id AND from_id = :from_id) AS was
WHERE person.county_id = :county_id AND person.id = :into_id
""")


class _Held(NamedTuple):
    """A table of what people hold from-until, the columns that say what it is, and all that a row says."""

    table: str
    same: str
    columns: str


_POST = _Held("post", "own.unit_id = theirs.unit_id AND own.role = theirs.role", "unit_id, role, title")
_ASSIGNMENT = _Held(
    "assignment",
    "own.village_id = theirs.village_id AND own.household_id IS NOT DISTINCT FROM theirs.household_id",
    "village_id, household_id",
)


def _cut(held: _Held) -> str:
    return f"""
WITH served AS (
  SELECT own.id, daterange(own.from_date, own.until_date) * daterange(person.from_date, person.until_date) AS days
  FROM {held.table} AS own JOIN person ON person.county_id = :county_id AND person.id = own.person_id
  WHERE own.county_id = :county_id AND own.person_id IN (:from_id, :into_id)
), never AS (
  DELETE FROM {held.table} USING served
  WHERE {held.table}.county_id = :county_id AND {held.table}.id = served.id AND isempty(served.days)
)
UPDATE {held.table} SET from_date = lower(served.days), until_date = upper(served.days)
FROM served WHERE {held.table}.county_id = :county_id AND {held.table}.id = served.id AND NOT isempty(served.days)
"""


def _give(held: _Held) -> str:
    return f"""
WITH part AS (
  SELECT theirs.id, days.part, row_number() OVER (PARTITION BY theirs.id ORDER BY days.part) AS number
  FROM {held.table} AS theirs
  CROSS JOIN LATERAL unnest(datemultirange(daterange(theirs.from_date, theirs.until_date)) - coalesce((
    SELECT range_agg(daterange(own.from_date, own.until_date)) FROM {held.table} AS own
    WHERE own.county_id = :county_id AND own.person_id = :into_id AND {held.same}), '{{}}')) AS days (part)
  WHERE theirs.county_id = :county_id AND theirs.person_id = :from_id
), first AS (
  UPDATE {held.table} SET person_id = :into_id, from_date = lower(part), until_date = upper(part)
  FROM part WHERE {held.table}.county_id = :county_id AND {held.table}.id = part.id AND part.number = 1
  RETURNING {held.table}.id
), further AS (
  INSERT INTO {held.table} (county_id, id, person_id, {held.columns}, from_date, until_date)
  SELECT :county_id, {NEW_ID}, :into_id, {held.columns}, lower(part), upper(part)
  FROM part JOIN {held.table} AS theirs ON theirs.county_id = :county_id AND theirs.id = part.id
  WHERE part.number > 1
), held_already AS (
  DELETE FROM {held.table}
  WHERE county_id = :county_id AND person_id = :from_id AND id NOT IN (SELECT id FROM part)
)
SELECT count(*) AS given FROM first
"""


# What either held holds on the days on which they served, and on no others that the other's service would add.
CUT_POSTS, CUT_ASSIGNMENTS = Command(_cut(_POST)), Command(_cut(_ASSIGNMENT))
# Of what both held, the other's goes over for the days on which the one that stays did not hold it.
GIVE_POSTS, GIVE_ASSIGNMENTS = Statement(int, _give(_POST)), Statement(int, _give(_ASSIGNMENT))

SAY_TWO = Command("""
INSERT INTO two_people (county_id, one_id, other_id, said_by, said_at)
VALUES (:county_id, least(CAST(:one_id AS uuid), CAST(:other_id AS uuid)),
  greatest(CAST(:one_id AS uuid), CAST(:other_id AS uuid)), :said_by, :now)
ON CONFLICT DO NOTHING
""")
