"""The responsibility tree in sight, with how many people serve in each unit's subtree today."""

from datetime import datetime
from typing import Any

from sqlalchemy.ext.asyncio import AsyncSession

from app.kernel.database import rows
from app.reads.sight import IN_SIGHT, TODAY, Sight, serving

# A unit's people are those who stand in its subtree on either line (the unit that answers for them, the department
# that sent them), each once. Paths are compared as text, which can be hashed.
_UNITS = f"""
WITH {IN_SIGHT}, {TODAY}, present AS (
  SELECT person.id, person.unit_id, person.department_id
  FROM today CROSS JOIN person_in_sight AS person WHERE {serving("person")}
), line AS (
  SELECT id AS person_id, unit_id FROM present
  UNION ALL SELECT id, department_id FROM present WHERE department_id IS NOT NULL
), stands AS (
  SELECT DISTINCT line.person_id, CAST(subpath(unit.path, 0, depth) AS text) AS path
  FROM line JOIN unit_in_sight AS unit ON unit.id = line.unit_id
  CROSS JOIN LATERAL generate_series(1, nlevel(unit.path)) AS depth
), headcount AS (
  SELECT path, count(*) AS people FROM stands GROUP BY path
)
SELECT unit.id, above.id AS parent_id, unit.code, unit.name, unit.level, CAST(unit.path AS text) AS path,
  coalesce(headcount.people, 0) AS people
FROM unit_in_sight AS unit
LEFT JOIN unit_in_sight AS above ON above.id = unit.parent_id
LEFT JOIN headcount ON headcount.path = CAST(unit.path AS text)
ORDER BY unit.path
"""


async def units(session: AsyncSession, sight: Sight, *, now: datetime) -> list[dict[str, Any]]:
    """Every unit in sight, parents before children; the topmost have no `parent_id`."""
    found = await rows(session, _UNITS, **sight.parameters(), now=now)
    return [dict(row._mapping) for row in found]  # noqa: SLF001 - SQLAlchemy's public name for it
