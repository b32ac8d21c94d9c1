"""The responsibility tree in sight, with how many people serve in each unit's subtree today."""

from datetime import datetime
from typing import Any

from sqlalchemy.ext.asyncio import AsyncSession

from app.kernel.database import rows
from app.reads.sight import IN_SIGHT, TODAY, Sight, serving

# A unit's people are those on either line (the unit that answers for them, the department that sent them) in its
# subtree, each once: `stands` has one row for each person and each unit above one of the two.
_UNITS = f"""
WITH {IN_SIGHT}, {TODAY}, stands AS (
  SELECT DISTINCT person.id AS person_id, subpath(unit.path, 0, depth) AS path
  FROM today CROSS JOIN person_in_sight AS person
  JOIN unit ON unit.county_id = :county_id AND unit.id IN (person.unit_id, person.department_id)
  CROSS JOIN LATERAL generate_series(1, nlevel(unit.path)) AS depth
  WHERE {serving("person")}
), headcount AS (
  SELECT path, count(*) AS people FROM stands GROUP BY path
)
SELECT unit.id, above.id AS parent_id, unit.code, unit.name, unit.level, CAST(unit.path AS text) AS path,
  coalesce(headcount.people, 0) AS people
FROM unit_in_sight AS unit
LEFT JOIN unit_in_sight AS above ON above.id = unit.parent_id
LEFT JOIN headcount ON headcount.path = unit.path
ORDER BY unit.path
"""


async def units(session: AsyncSession, sight: Sight, *, now: datetime) -> list[dict[str, Any]]:
    """Every unit in sight, parents before children; the topmost have no `parent_id`."""
    found = await rows(session, _UNITS, **sight.parameters(), now=now)
    return [dict(row._mapping) for row in found]  # noqa: SLF001 - SQLAlchemy's public name for it
