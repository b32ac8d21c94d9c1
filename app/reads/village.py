"""Villages in sight, and the people who answer for one of them."""

from datetime import date, datetime
from typing import NamedTuple
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from app.directory import roster_changes
from app.directory.words import Category
from app.kernel.problems import NOT_FOUND, Problem
from app.kernel.statements import Json, Statement
from app.reads.answers.directory import Contact, LaterCode, Township, TownshipList, VillageDetail, VillageList
from app.reads.silence import waiting
from app.reads.visibility import TODAY, VISIBLE, VisibleScope, serving


class VillageRow(NamedTuple):
    """A village, and where it belongs."""

    id: str
    code: str
    name: str
    official_name: str
    unit_id: UUID
    until_date: date | None
    township_id: str
    township_name: str
    synthetic: bool
    geofence_version: int | None


class PersonRow(NamedTuple):
    """Who answers for the village."""

    id: UUID
    name: str
    category: Category
    phone: str
    last_contact_at: datetime | None
    waiting: Json | None


_VILLAGES = Statement(
    VillageRow,
    f"""
WITH {VISIBLE}
SELECT village.id, coalesce(village.code, village.id) AS code, village.name, village.official_name,
  village.unit_id, village.until_date, township.id AS township_id, township.name AS township_name,
  coalesce(geofence.synthetic, false) AS synthetic, geofence.version AS geofence_version
FROM visible_village AS village
JOIN township ON township.county_id = :county_id AND township.id = village.township_id
LEFT JOIN geofence ON geofence.county_id = :county_id AND geofence.village_id = village.id
  AND geofence.valid_from <= :now AND (geofence.valid_until IS NULL OR geofence.valid_until > :now)
WHERE CAST(:village_id AS text) IS NULL OR village.id = :village_id
ORDER BY village.id
""",
)
_ITS_PEOPLE = Statement(
    PersonRow,
    f"""
WITH {VISIBLE}, {TODAY}
SELECT person.id, person.name, person.category, person.phone, person.last_contact_at,
  {waiting("person.id")} AS waiting
FROM today CROSS JOIN visible_person AS person
WHERE {serving("person")} AND EXISTS (
  SELECT FROM assignment
  WHERE assignment.county_id = :county_id AND assignment.person_id = person.id
    AND assignment.village_id = :village_id AND {serving("assignment")})
ORDER BY person.category, person.name, person.id
""",
)


class TownshipRow(NamedTuple):
    """A township, and how many of its villages are in sight."""

    id: str
    name: str
    villages: int


# Who answers for the whole county sees those that have no village yet.
_TOWNSHIPS = Statement(
    TownshipRow,
    f"""
WITH {VISIBLE}
SELECT township.id, township.name, count(village.id) AS villages
FROM township LEFT JOIN visible_village AS village ON village.township_id = township.id
WHERE township.county_id = :county_id
GROUP BY township.id, township.name
HAVING count(village.id) > 0 OR EXISTS (SELECT FROM visible_unit WHERE parent_id IS NULL)
ORDER BY township.id
""",
)


async def townships(session: AsyncSession, visible: VisibleScope) -> TownshipList:
    """Every township with a village in sight, by code."""
    found = await _TOWNSHIPS.all(session, **visible.parameters())
    return TownshipList(items=[Township(**row._asdict()) for row in found])


async def villages(session: AsyncSession, visible: VisibleScope, *, now: datetime) -> VillageList:
    """Every village in sight, by code."""
    found = await _VILLAGES.all(session, **visible.parameters(), village_id=None, now=now)
    return VillageList(items=[_view(row) for row in found])  # validated in one go: there may be thousands


async def village(
    session: AsyncSession, visible: VisibleScope, village_id: str, *, now: datetime
) -> VillageDetail:
    """One village with the people assigned to it today. Raises `NOT_FOUND`."""
    about = {**visible.parameters(), "village_id": village_id, "now": now}
    found = await _VILLAGES.all(session, **about)
    if not found:
        raise Problem(NOT_FOUND)
    people = await _ITS_PEOPLE.all(session, **about)
    codes = await roster_changes.codes(session, visible.county_id, village_id)
    return VillageDetail(
        **_view(found[0]),
        people=[Contact(**row._asdict()) for row in people],
        codes=[LaterCode(**row._asdict()) for row in codes],
    )


def _view(row: VillageRow) -> dict[str, object]:
    return {
        "id": row.id,
        "code": row.code,
        "name": row.name,
        "official_name": row.official_name,
        "until_date": row.until_date,
        "township": {"id": row.township_id, "name": row.township_name},
        "unit_id": row.unit_id,
        "synthetic": row.synthetic,
        "geofence_version": row.geofence_version,
    }
