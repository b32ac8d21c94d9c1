"""Rows of the directory, as rosters, changes and imports carry them: whole, as they are or shall be."""

from dataclasses import dataclass
from datetime import date, datetime
from uuid import UUID

import shapely


@dataclass(frozen=True, slots=True)
class Township:
    """乡镇; its outline becomes the union of its villages' fences."""

    id: str
    name: str


@dataclass(frozen=True, slots=True)
class Unit:
    """责任单位: `path` is made of the codes from the county down, joined by dots; closed from `until_date` on."""

    id: UUID
    parent_id: UUID | None
    code: str
    name: str
    level: str
    path: str
    until_date: date | None = None


@dataclass(frozen=True, slots=True)
class Village:
    """村, answered for by the unit `unit_id`; it is no more from `until_date` on."""

    id: str
    name: str
    official_name: str
    township_id: str
    unit_id: UUID
    until_date: date | None = None


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
    """农户 at a Point in WGS-84; a visit within `radius_m` of it is a visit to this house.

    `number` is the office's own (户编号); it is visited no more from `until_date` on.
    """

    id: UUID
    village_id: str
    head_name: str
    hamlet: str
    position: shapely.Point | None
    radius_m: float = 300.0
    number: str | None = None
    until_date: date | None = None
    category: str | None = None


@dataclass(frozen=True, slots=True)
class Person:
    """干部: `unit_id` answers for the person on the ground, `department_id` sent them.

    `number` is the office's own (工号).
    """

    id: UUID
    name: str
    phone: str
    category: str
    unit_id: UUID
    department_id: UUID | None
    from_date: date
    until_date: date | None = None
    number: str | None = None


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
