"""Statements that read and write rows of the directory by the thousand: one for each table."""

from collections.abc import Sequence
from dataclasses import fields
from datetime import date
from typing import Any, NamedTuple
from uuid import UUID

import shapely
from sqlalchemy.ext.asyncio import AsyncSession

from app.directory.phone_numbers import phone_number
from app.directory.rows import Assignment, Geofence, Household, Person, Post, Township, Unit, Village
from app.kernel.statements import Command, Statement

# What travels in an array for each column that is not text; geometries go as well-known binary.
_TYPES = {
    "parent_id": "uuid",
    "unit_id": "uuid",
    "department_id": "uuid",
    "person_id": "uuid",
    "household_id": "uuid",
    "from_date": "date",
    "until_date": "date",
    "valid_from": "timestamptz",
    "version": "int",
    "synthetic": "boolean",
    "radius_m": "float8",
    "area": "bytea",
    "position": "bytea",
}
_MADE = {
    "area": "ST_Multi(ST_GeomFromWKB(new.area, 4326))",
    "position": "ST_GeomFromWKB(new.position, 4326)",
    "path": "CAST(new.path AS ltree)",
}


class _Table(NamedTuple):
    """Where rows of one kind go; `id_type` of its `id` and of the array that names them."""

    name: str
    row: type
    id_type: str = "uuid"
    key: str = "id"


_TABLES = (
    _Table("township", Township, "text"),
    _Table("unit", Unit),
    _Table("village", Village, "text"),
    _Table("geofence", Geofence, "text", "village_id, version"),
    _Table("household", Household),
    _Table("person", Person),
    _Table("post", Post),
    _Table("assignment", Assignment),
)


def _columns(table: _Table) -> list[str]:
    return [field.name for field in fields(table.row)]


def _put(table: _Table) -> Command:
    columns = _columns(table)
    types = {"id": table.id_type} | _TYPES
    arrays = ", ".join(f"CAST(:{column} AS {types.get(column, 'text')}[])" for column in columns)
    values = ", ".join(_MADE.get(column, f"new.{column}") for column in columns)
    kept = ", ".join(f"{column} = excluded.{column}" for column in columns if column not in table.key.split(", "))
    return Command(f"""
INSERT INTO {table.name} (county_id, {", ".join(columns)})
SELECT :county_id, {values} FROM unnest({arrays}) AS new ({", ".join(columns)})
ON CONFLICT (county_id, {table.key}) DO UPDATE SET {kept}
""")


_PUT = {table.row: (_columns(table), _put(table)) for table in _TABLES}
_DELETE = {
    table.row: Command(
        f"DELETE FROM {table.name} WHERE county_id = :county_id AND id = ANY(CAST(:ids AS {table.id_type}[]))"
    )
    for table in _TABLES
    if table.key == "id"
}


async def put(session: AsyncSession, county_id: str, rows: Sequence[Any]) -> None:
    """Rows of one kind become as they stand here, new or not, in one statement."""
    if rows:
        columns, command = _PUT[type(rows[0])]
        await command.run(session, county_id=county_id, **{column: _array(rows, column) for column in columns})


async def delete(session: AsyncSession, county_id: str, rows: Sequence[Any]) -> None:
    """Rows of one kind that nothing refers to are gone."""
    if rows:
        await _DELETE[type(rows[0])].run(session, county_id=county_id, ids=[row.id for row in rows])


def _array(rows: Sequence[object], column: str) -> list[object]:
    values = [getattr(row, column) for row in rows]
    if column == "phone":
        return list(map(phone_number, values))
    return list(shapely.to_wkb(values)) if column in ("area", "position") else values


class HouseholdRow(NamedTuple):
    """A household, its point as well-known binary."""

    id: UUID
    village_id: str
    head_name: str
    hamlet: str
    position: bytes | None
    radius_m: float
    number: str | None
    until_date: date | None
    category: str | None

    def household(self) -> Household:
        point = None if self.position is None else shapely.from_wkb(self.position)
        return Household(*self[:4], point, *self[5:])


class VillageCodeRow(NamedTuple):
    """A later code of a village."""

    code: str
    village_id: str


class FormerRow(NamedTuple):
    """A number that a record had which went into another, and whose it is."""

    written: str
    person_id: UUID


class InUseRow(NamedTuple):
    """A unit or household that is to end, and how much of it goes on."""

    id: UUID
    people: int
    units: int
    villages: int


class AnsweredForRow(NamedTuple):
    """What somebody answers for: a whole village, or a household in it."""

    village_id: str
    household_id: UUID | None


class VillageInUseRow(NamedTuple):
    """A village that is to end, who still answers for it, and what households go on in it."""

    id: str
    people: int
    homes: int


TOWNSHIPS = Statement(Township, "SELECT id, name FROM township WHERE county_id = :county_id")
UNITS = Statement(
    Unit,
    """
SELECT id, parent_id, code, name, level, CAST(path AS text) AS path, until_date
FROM unit WHERE county_id = :county_id
""",
)
VILLAGES = Statement(
    Village,
    """
SELECT id, name, official_name, township_id, unit_id, until_date FROM village WHERE county_id = :county_id
""",
)
_HOUSEHOLDS = """
SELECT id, village_id, head_name, hamlet, ST_AsBinary(position) AS position, radius_m, number, until_date, category
FROM household WHERE county_id = :county_id
"""
_PEOPLE = """
SELECT id, name, phone, category, unit_id, department_id, from_date, until_date, number
FROM person WHERE county_id = :county_id
"""
_POSTS = """
SELECT id, person_id, unit_id, role, title, from_date, until_date FROM post WHERE county_id = :county_id
"""
_ASSIGNMENTS = """
SELECT id, person_id, village_id, household_id, from_date, until_date FROM assignment WHERE county_id = :county_id
"""
_BY_ID = "AND id = ANY(CAST(:ids AS uuid[]))"
_BY_ID_OR_PERSON = "AND (id = ANY(CAST(:ids AS uuid[])) OR person_id = ANY(CAST(:person_ids AS uuid[])))"
HOUSEHOLDS = Statement(HouseholdRow, _HOUSEHOLDS + _BY_ID)
PEOPLE = Statement(Person, _PEOPLE + _BY_ID)
POSTS = Statement(Post, _POSTS + _BY_ID_OR_PERSON)
ASSIGNMENTS = Statement(Assignment, _ASSIGNMENTS + _BY_ID_OR_PERSON)
_GOING_ON = "AND village_id = :village_id AND (until_date IS NULL OR until_date > :day)"
HOUSEHOLDS_GOING_ON = Statement(HouseholdRow, _HOUSEHOLDS + _GOING_ON)
ASSIGNMENTS_GOING_ON = Statement(Assignment, _ASSIGNMENTS + _GOING_ON)
ALL_HOUSEHOLDS = Statement(HouseholdRow, _HOUSEHOLDS)
ALL_PEOPLE = Statement(Person, _PEOPLE + "AND merged_into IS NULL")
ALL_POSTS = Statement(Post, _POSTS)
ALL_ASSIGNMENTS = Statement(Assignment, _ASSIGNMENTS)
# By which phone number or office number somebody was known before their records became one.
FORMER_NUMBERS = Statement(
    FormerRow,
    """
SELECT former.written, person.merged_into AS person_id
FROM person_merge JOIN person ON person.county_id = :county_id AND person.id = person_merge.from_id
CROSS JOIN LATERAL (VALUES (was ->> 'phone'), (was ->> 'number')) AS former (written)
WHERE person_merge.county_id = :county_id AND former.written IS NOT NULL
""",
)
VILLAGE_CODES = Statement(VillageCodeRow, "SELECT code, village_id FROM village_code WHERE county_id = :county_id")
PEOPLE_WITH = Statement(
    Person, f"{_PEOPLE} AND (phone = ANY(CAST(:phones AS text[])) OR number = ANY(CAST(:numbers AS text[])))"
)
HOUSEHOLDS_WITH = Statement(HouseholdRow, f"{_HOUSEHOLDS} AND number = ANY(CAST(:numbers AS text[]))")

# What goes on in a unit or village, or with a household, after the day on which it is to end.
UNITS_IN_USE = Statement(
    InUseRow,
    """
SELECT ended.id,
  (SELECT count(*) FROM person WHERE person.county_id = :county_id
    AND ended.id IN (person.unit_id, person.department_id)
    AND (person.until_date IS NULL OR person.until_date > ended.until_date))
  + (SELECT count(*) FROM post WHERE post.county_id = :county_id AND post.unit_id = ended.id
    AND (post.until_date IS NULL OR post.until_date > ended.until_date)) AS people,
  (SELECT count(*) FROM unit AS below WHERE below.county_id = :county_id AND below.parent_id = ended.id
    AND (below.until_date IS NULL OR below.until_date > ended.until_date)) AS units,
  (SELECT count(*) FROM village WHERE village.county_id = :county_id AND village.unit_id = ended.id
    AND (village.until_date IS NULL OR village.until_date > ended.until_date)) AS villages
FROM unit AS ended
WHERE ended.county_id = :county_id AND ended.until_date IS NOT NULL AND ended.id = ANY(CAST(:ids AS uuid[]))
""",
)
HOUSEHOLDS_IN_USE = Statement(
    InUseRow,
    """
SELECT ended.id, count(*) AS people, 0 AS units, 0 AS villages
FROM household AS ended
JOIN assignment ON assignment.county_id = :county_id AND assignment.household_id = ended.id
  AND (assignment.until_date IS NULL OR assignment.until_date > ended.until_date)
WHERE ended.county_id = :county_id AND ended.until_date IS NOT NULL AND ended.id = ANY(CAST(:ids AS uuid[]))
GROUP BY ended.id
""",
)

VILLAGES_IN_USE = Statement(
    VillageInUseRow,
    """
SELECT ended.id,
  (SELECT count(DISTINCT person_id) FROM assignment WHERE assignment.county_id = :county_id
    AND assignment.village_id = ended.id
    AND (assignment.until_date IS NULL OR assignment.until_date > ended.until_date)) AS people,
  (SELECT count(*) FROM household WHERE household.county_id = :county_id AND household.village_id = ended.id
    AND (household.until_date IS NULL OR household.until_date > ended.until_date)) AS homes
FROM village AS ended
WHERE ended.county_id = :county_id AND ended.until_date IS NOT NULL AND ended.id = ANY(CAST(:ids AS text[]))
""",
)

# Not in the way of rows that refer to the county: those need it to keep its key.
ANSWERED_FOR = Statement(
    AnsweredForRow,
    """
SELECT village_id, household_id FROM assignment
WHERE county_id = :county_id AND person_id = ANY(CAST(:person_ids AS uuid[]))
  AND (until_date IS NULL OR until_date > :today)
""",
)
LOCK_COUNTY = Statement(str, "SELECT id FROM county WHERE id = :county_id FOR NO KEY UPDATE")
EVERYONE = Statement(UUID, "SELECT id FROM person WHERE county_id = :county_id ORDER BY id")

# The outline of a township is the union of its villages' fences.
OUTLINES = Command("""
UPDATE township SET outline = fenced.outline
FROM (
  SELECT village.township_id, ST_Multi(ST_Union(geofence.area)) AS outline
  FROM geofence JOIN village ON village.county_id = :county_id AND village.id = geofence.village_id
  WHERE geofence.county_id = :county_id GROUP BY village.township_id
) AS fenced
WHERE township.county_id = :county_id AND township.id = fenced.township_id
""")
