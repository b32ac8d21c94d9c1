"""A whole county directory in one piece, and its insertion in one statement a table.

Single requests go through `store/`; this is for loading a county that is not there yet.
"""

import json
from collections.abc import Sequence
from dataclasses import dataclass, field, fields
from datetime import date, datetime
from typing import Any
from uuid import UUID

import shapely
from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncSession

from app.directory.phone_numbers import phone_number
from app.kernel.language import Text
from app.kernel.problems import CONFLICT, Problem
from app.kernel.statements import Command


@dataclass(frozen=True, slots=True)
class Township:
    """乡镇; its outline becomes the union of its villages' fences."""

    id: str
    name: str


@dataclass(frozen=True, slots=True)
class Unit:
    """责任单元: `path` is made of the codes from the county down, joined by dots."""

    id: UUID
    parent_id: UUID | None
    code: str
    name: str
    level: str
    path: str


@dataclass(frozen=True, slots=True)
class Village:
    """村, answered for by the unit `unit_id`."""

    id: str
    name: str
    official_name: str
    township_id: str
    unit_id: UUID


@dataclass(frozen=True, slots=True)
class Geofence:
    """The first version of a village's fence: a Polygon or MultiPolygon in WGS-84."""

    village_id: str
    area: shapely.Geometry
    synthetic: bool
    source: str
    valid_from: datetime
    version: int = 1


@dataclass(frozen=True, slots=True)
class Household:
    """农户 at a Point in WGS-84; a visit within `radius_m` of it is a visit to this house."""

    id: UUID
    village_id: str
    head_name: str
    hamlet: str
    position: shapely.Point | None
    radius_m: float = 300.0


@dataclass(frozen=True, slots=True)
class Person:
    """干部: `unit_id` answers for the person on the ground, `department_id` sent them."""

    id: UUID
    name: str
    phone: str
    category: str
    unit_id: UUID
    department_id: UUID | None
    from_date: date
    until_date: date | None = None


@dataclass(frozen=True, slots=True)
class Post:
    """任职."""

    id: UUID
    person_id: UUID
    unit_id: UUID
    role: str
    title: str
    from_date: date
    until_date: date | None = None


@dataclass(frozen=True, slots=True)
class Assignment:
    """结对/联系: to a village, or to one household in it."""

    id: UUID
    person_id: UUID
    village_id: str
    household_id: UUID | None
    from_date: date
    until_date: date | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Roster:
    """Everything a county's directory starts with. `settings` holds what differs from `CountySettings`."""

    id: str
    name: str
    name_en: str
    outline: shapely.Geometry | None  # None: not known
    settings: dict[str, object] = field(default_factory=dict)
    townships: Sequence[Township]
    units: Sequence[Unit]
    villages: Sequence[Village]
    geofences: Sequence[Geofence]
    households: Sequence[Household]
    people: Sequence[Person]
    posts: Sequence[Post]
    assignments: Sequence[Assignment]


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
_CODED = ("township", "village")  # their `id` is a code, not a UUID
_MADE = {
    "area": "ST_Multi(ST_GeomFromWKB(new.area, 4326))",
    "position": "ST_GeomFromWKB(new.position, 4326)",
    "path": "CAST(new.path AS ltree)",
}
_COUNTY = Command("""
INSERT INTO county (id, name, name_en, settings, fence_version, outline)
VALUES (:county_id, :name, :name_en, CAST(:settings AS jsonb), 1,
  ST_Multi(ST_GeomFromWKB(CAST(:outline AS bytea), 4326)))
ON CONFLICT (id) DO NOTHING
""")
_OUTLINES = """
UPDATE township SET outline = fenced.outline
FROM (
  SELECT village.township_id, ST_Multi(ST_Union(geofence.area)) AS outline
  FROM geofence JOIN village ON village.county_id = :county_id AND village.id = geofence.village_id
  WHERE geofence.county_id = :county_id GROUP BY village.township_id
) AS fenced
WHERE township.county_id = :county_id AND township.id = fenced.township_id
"""
_TAKEN = Text("系统中已有这个县", "This county is here already")


async def insert(session: AsyncSession, roster: Roster) -> None:
    """Load the county. Raises `CONFLICT`, and changes nothing, when it is there already."""
    created = await _COUNTY.run(
        session,
        county_id=roster.id,
        name=roster.name,
        name_en=roster.name_en,
        settings=json.dumps(roster.settings),
        outline=None if roster.outline is None else shapely.to_wkb(roster.outline),
    )
    if not created:
        raise Problem(CONFLICT, _TAKEN)
    for table, members in {
        "township": roster.townships,
        "unit": roster.units,
        "village": roster.villages,
        "geofence": roster.geofences,
        "household": roster.households,
        "person": roster.people,
        "post": roster.posts,
        "assignment": roster.assignments,
    }.items():
        await _insert_all(session, roster.id, table, members)
    await session.execute(text(_OUTLINES), {"county_id": roster.id})


async def _insert_all(session: AsyncSession, county_id: str, table: str, members: Sequence[Any]) -> None:
    if not members:
        return
    columns = [field.name for field in fields(members[0])]
    types = {"id": "text" if table in _CODED else "uuid"} | _TYPES
    arrays = ", ".join(f"CAST(:{column} AS {types.get(column, 'text')}[])" for column in columns)
    values = ", ".join(_MADE.get(column, f"new.{column}") for column in columns)
    await session.execute(
        text(
            f"INSERT INTO {table} (county_id, {', '.join(columns)}) SELECT :county_id, {values}"
            f" FROM unnest({arrays}) AS new ({', '.join(columns)})"
        ),
        {"county_id": county_id} | {column: _array(members, column) for column in columns},
    )


def _array(members: Sequence[object], column: str) -> list[object]:
    values = [getattr(member, column) for member in members]
    if column == "phone":
        return list(map(phone_number, values))
    return list(shapely.to_wkb(values)) if column in ("area", "position") else values
