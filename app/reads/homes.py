"""Households in sight, and every assignment of a village, for the office that changes them."""

from datetime import date, datetime
from typing import NamedTuple
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from app.directory.words import HouseholdCategory
from app.kernel.problems import NOT_FOUND, Problem
from app.kernel.statements import Json, Statement
from app.reads.answers.directory import (
    VillageAssignment,
    VillageAssignmentList,
    VillageHousehold,
    VillageHouseholdList,
)
from app.reads.visibility import TODAY, VISIBLE, VisibleScope, serving

_MOST = 2000


class HouseholdRow(NamedTuple):
    """A household, its village, and who answers for it."""

    id: UUID
    village: Json
    head_name: str
    hamlet: str
    number: str | None
    category: HouseholdCategory | None
    position: Json | None
    radius_m: float
    until_date: date | None
    people: list[Json] | None


class AssignmentRow(NamedTuple):
    """Who answers for a village or one household in it, on [from_date, until_date)."""

    id: UUID
    person: Json
    household: Json | None
    from_date: date
    until_date: date | None


_HOUSEHOLDS = Statement(
    HouseholdRow,
    f"""
WITH {VISIBLE}, {TODAY}
SELECT household.id, jsonb_build_object('id', village.id, 'name', village.name) AS village,
  household.head_name, household.hamlet, household.number, household.category,
  CASE WHEN household.position IS NOT NULL THEN
    jsonb_build_object('lon', ST_X(household.position), 'lat', ST_Y(household.position)) END AS position,
  household.radius_m, household.until_date, (
    SELECT jsonb_agg(jsonb_build_object('id', person.id, 'name', person.name, 'category', person.category)
      ORDER BY person.name, person.id)
    FROM assignment JOIN visible_person AS person ON person.id = assignment.person_id AND {serving("person")}
    WHERE assignment.county_id = :county_id AND assignment.village_id = household.village_id
      AND assignment.household_id = household.id AND {serving("assignment")}) AS people
FROM today CROSS JOIN visible_village AS village
JOIN household ON household.county_id = :county_id AND household.village_id = village.id
WHERE (CAST(:village_id AS text) IS NULL OR village.id = :village_id)
  AND (CAST(:household_id AS uuid) IS NULL OR household.id = :household_id)
ORDER BY coalesce(household.until_date <= today.day, false), household.position IS NOT NULL,
  household.hamlet, household.head_name, household.id
LIMIT :limit
""",
)
_ASSIGNMENTS = Statement(
    AssignmentRow,
    f"""
WITH {VISIBLE}
SELECT assignment.id,
  jsonb_build_object('id', person.id, 'name', person.name, 'category', person.category) AS person,
  CASE WHEN household.id IS NOT NULL THEN
    jsonb_build_object('id', household.id, 'head_name', household.head_name) END AS household,
  assignment.from_date, assignment.until_date
FROM assignment JOIN visible_person AS person ON person.id = assignment.person_id
LEFT JOIN household ON household.county_id = :county_id AND household.id = assignment.household_id
WHERE assignment.county_id = :county_id AND assignment.village_id = :village_id
ORDER BY assignment.until_date DESC NULLS FIRST, household.id IS NOT NULL, person.name, assignment.id
LIMIT :limit
""",
)


async def households(
    session: AsyncSession, visible: VisibleScope, village_id: str, *, now: datetime
) -> VillageHouseholdList:
    """The households of a village that the caller has been found to see."""
    about = {**visible.parameters(), "village_id": village_id, "household_id": None}
    found = await _HOUSEHOLDS.all(session, **about, now=now, limit=_MOST)
    return VillageHouseholdList(items=[_household(row) for row in found])


async def household(
    session: AsyncSession, visible: VisibleScope, household_id: UUID, *, now: datetime
) -> VillageHousehold:
    """One household. Raises `NOT_FOUND` out of sight."""
    about = {**visible.parameters(), "village_id": None, "household_id": household_id}
    found = await _HOUSEHOLDS.first(session, **about, now=now, limit=1)
    if found is None:
        raise Problem(NOT_FOUND)
    return _household(found)


async def assignments(session: AsyncSession, visible: VisibleScope, village_id: str) -> VillageAssignmentList:
    """Every assignment of a village that the caller has been found to see, of people in sight."""
    found = await _ASSIGNMENTS.all(session, **visible.parameters(), village_id=village_id, limit=_MOST)
    return VillageAssignmentList(
        items=[
            VillageAssignment(
                id=row.id, person=row.person, household=row.household, from_=row.from_date, until=row.until_date
            )
            for row in found
        ]
    )


def _household(row: HouseholdRow) -> VillageHousehold:
    return VillageHousehold.model_validate({**row._asdict(), "people": row.people or []})
