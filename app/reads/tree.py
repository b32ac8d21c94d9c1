"""The responsibility tree in sight, with how many people serve in each unit's subtree today."""

from datetime import date, datetime
from typing import NamedTuple
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from app.kernel.statements import Statement
from app.reads.answers.directory import UnitList
from app.reads.visibility import TODAY, VISIBLE, VisibleScope, serving


class UnitRow(NamedTuple):
    """A unit, and how many people are below it."""

    id: UUID
    parent_id: UUID | None
    code: str
    name: str
    level: str
    path: str
    until_date: date | None
    people: int


# A unit's people are those who stand in its subtree on either line (the unit that answers for them, the department
# that sent them), each once. Paths are compared as text, which can be hashed.
_UNITS = Statement(
    UnitRow,
    f"""
WITH {VISIBLE}, {TODAY}, present AS (
  SELECT person.id, person.unit_id, person.department_id
  FROM today CROSS JOIN visible_person AS person WHERE {serving("person")}
), line AS (
  SELECT id AS person_id, unit_id FROM present
  UNION ALL SELECT id, department_id FROM present WHERE department_id IS NOT NULL
), stands AS (
  SELECT DISTINCT line.person_id, CAST(subpath(unit.path, 0, depth) AS text) AS path
  FROM line JOIN visible_unit AS unit ON unit.id = line.unit_id
  CROSS JOIN LATERAL generate_series(1, nlevel(unit.path)) AS depth
), headcount AS (
  SELECT path, count(*) AS people FROM stands GROUP BY path
)
SELECT unit.id, above.id AS parent_id, unit.code, unit.name, unit.level, CAST(unit.path AS text) AS path,
  unit.until_date,
  coalesce(headcount.people, 0) AS people
FROM visible_unit AS unit
LEFT JOIN visible_unit AS above ON above.id = unit.parent_id
LEFT JOIN headcount ON headcount.path = CAST(unit.path AS text)
ORDER BY unit.path
""",
)


async def units(session: AsyncSession, visible: VisibleScope, *, now: datetime) -> UnitList:
    """Every unit in sight, parents before children; the topmost have no `parent_id`."""
    found = await _UNITS.all(session, **visible.parameters(), now=now)
    return UnitList(items=[row._asdict() for row in found])  # validated in one go: there may be thousands
