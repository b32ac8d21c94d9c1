"""Every statement of the directory that single requests need. Bulk loading is in `roster.py`."""

from datetime import datetime
from pathlib import Path
from typing import NamedTuple
from uuid import UUID

from app.directory.words import Category
from app.kernel.sql_files import read
from app.kernel.statements import Command, Json, Statement


class PersonRow(NamedTuple):
    """Someone who serves."""

    id: UUID
    name: str
    category: Category
    county_id: str


class CountyRow(NamedTuple):
    """A county; its bounds are degrees, null without an outline."""

    id: str
    name: str
    name_en: str
    timezone: str
    settings: Json
    fence_version: int
    west: float | None
    south: float | None
    east: float | None
    north: float | None


class FenceRow(NamedTuple):
    """A version of a village's fence, as well-known binary."""

    village_id: str
    version: int
    valid_from: datetime
    valid_until: datetime | None
    wkb: bytes


class FactsRow(NamedTuple):
    """What is known of a visit on its day; the household is the one that it names."""

    signed_in: bool
    device_id: str | None
    in_service: bool
    assigned: list[str]
    household_id: UUID | None
    radius_m: float | None
    household_lon: float | None
    household_lat: float | None
    household_theirs: bool


class MyVillageRow(NamedTuple):
    """A village where a person may check in, and its fence as GeoJSON, if it has one."""

    id: str
    name: str
    township: str
    assigned: bool
    version: int | None
    synthetic: bool
    geometry: str | None


class MyHouseholdRow(NamedTuple):
    """A household that a person may visit."""

    id: UUID
    village_id: str
    head_name: str
    radius_m: float
    lon: float | None
    lat: float | None
    assigned: bool


PERSON = Statement(
    PersonRow,
    """
SELECT p.id, p.name, p.category, p.county_id
FROM person p
WHERE p.county_id = :county_id AND p.id = :person_id
  AND p.from_date <= :today AND (p.until_date IS NULL OR p.until_date > :since)
""",
)

COUNTY = Statement(
    CountyRow,
    """
SELECT id, name, name_en, timezone, settings, fence_version,
  ST_XMin(outline) AS west, ST_YMin(outline) AS south,
  ST_XMax(outline) AS east, ST_YMax(outline) AS north
FROM county WHERE id = :county_id
""",
)

BY_PHONE = Statement(
    UUID,
    """
SELECT id FROM person
WHERE county_id = :county_id AND phone = :phone
  AND from_date <= :today AND (until_date IS NULL OR until_date > :today)
""",
)

CHANGE_SETTINGS = Command("""
UPDATE county SET settings = settings || CAST(:changed AS jsonb) WHERE id = :county_id
""")

# One of the few looks across counties: for what is done to each of them in turn.
COUNTY_IDS = Statement(str, "SELECT id FROM every_county() ORDER BY id")

FENCES = Statement(
    FenceRow,
    """
SELECT village_id, version, valid_from, valid_until, ST_AsBinary(area) AS wkb
FROM geofence WHERE county_id = :county_id ORDER BY village_id, version
""",
)

FACTS = Statement(FactsRow, read(Path(__file__).with_name("facts.sql")))

# In one order, so that no two writers wait for each other.
LOCK = Statement(
    int,
    """
SELECT count(*) FROM (
  SELECT FROM person WHERE county_id = :county_id AND id = ANY(CAST(:person_ids AS uuid[]))
  ORDER BY id FOR NO KEY UPDATE
) AS held
""",
)

# Villages where a person may check in: those assigned, and those of the units that the person supervises.
_MINE = """
WITH assigned AS (
  SELECT DISTINCT a.village_id FROM assignment a
  WHERE a.county_id = :county_id AND a.person_id = :person_id
    AND a.from_date <= :today AND (a.until_date IS NULL OR a.until_date > :today)
), mine AS (
  SELECT village_id, true AS assigned FROM assigned
  UNION ALL
  SELECT vi.id, false FROM unit u JOIN village vi ON vi.county_id = u.county_id AND vi.unit_id = u.id
  WHERE u.county_id = :county_id AND u.path <@ ANY(CAST(:paths AS ltree[]))
    AND (vi.until_date IS NULL OR vi.until_date > :today)
    AND vi.id NOT IN (SELECT village_id FROM assigned)
)
"""
MY_VILLAGES = Statement(
    MyVillageRow,
    f"""
{_MINE}
SELECT vi.id, vi.name, t.name AS township, m.assigned,
       g.version, coalesce(g.synthetic, false) AS synthetic, ST_AsGeoJSON(g.area, 6) AS geometry
FROM mine m
JOIN village vi ON vi.county_id = :county_id AND vi.id = m.village_id
JOIN township t ON t.county_id = vi.county_id AND t.id = vi.township_id
LEFT JOIN geofence g ON g.county_id = vi.county_id AND g.village_id = vi.id
  AND g.valid_from <= :now AND (g.valid_until IS NULL OR g.valid_until > :now)
ORDER BY m.assigned DESC, vi.id
""",
)

MY_HOUSEHOLDS = Statement(
    MyHouseholdRow,
    f"""
{_MINE}
SELECT h.id, h.village_id, h.head_name, h.radius_m, ST_X(h.position) AS lon, ST_Y(h.position) AS lat,
  EXISTS (
    SELECT FROM assignment a
    WHERE a.county_id = h.county_id AND a.household_id = h.id AND a.person_id = :person_id
      AND a.from_date <= :today AND (a.until_date IS NULL OR a.until_date > :today)
  ) AS assigned
FROM mine m
JOIN household h ON h.county_id = :county_id AND h.village_id = m.village_id
  AND (h.until_date IS NULL OR h.until_date > :today)
WHERE CAST(:village_id AS text) IS NULL OR h.village_id = :village_id
ORDER BY assigned DESC, h.village_id, h.id
""",
)

HEARD = Command("""
UPDATE person SET last_contact_at = :now WHERE county_id = :county_id AND id = :person_id
""")
