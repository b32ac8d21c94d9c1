"""Coverage: the same visits seen from the household's side. A household is visited by whoever visits it.

A visit is a counted check-in that names the household, whoever made it and whoever owed it. Households are seen by
the unit that answers for their village; whoever came is named where the caller may see them.
"""

from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from app.kernel.database import rows
from app.kernel.paging import decode_cursor, page
from app.reads.moments import NEVER, Moment
from app.reads.sight import IN_SIGHT, TODAY, Sight, serving

# One row a household, with its last visit up to now; each is one look at the end of an index.
_LAST_VISITS = f"""{IN_SIGHT}, {TODAY}, home AS MATERIALIZED (
  SELECT household.id, household.head_name, household.hamlet,
    village.id AS village_id, village.name AS village_name, village.unit_id,
    last.captured_at AS visited_at, last.person_id AS visitor_id,
    coalesce(last.captured_at >= :since, false) AS visited
  FROM village_in_sight AS village
  JOIN unit_in_sight AS unit ON unit.id = village.unit_id
  JOIN household ON household.county_id = :county_id AND household.village_id = village.id
  LEFT JOIN LATERAL (
    SELECT check_in.captured_at, check_in.person_id FROM check_in
    WHERE check_in.county_id = :county_id AND check_in.household_id = household.id
      AND check_in.standing = 'counted' AND check_in.captured_at < :now
    ORDER BY check_in.captured_at DESC LIMIT 1
  ) AS last ON true
  WHERE CAST(:village_id AS text) IS NULL OR village.id = :village_id
)"""
# Never visited comes before all others, as if it had been long ago.
_ORDER = "coalesce(home.visited_at, CAST('-infinity' AS timestamptz))"
_NOT_VISITED = f"""
WITH {_LAST_VISITS}, shown AS (
  SELECT * FROM home
  WHERE NOT home.visited
    AND (CAST(:id AS uuid) IS NULL OR ({_ORDER}, home.id) > (
      coalesce(CAST(:after AS timestamptz), CAST('-infinity' AS timestamptz)), CAST(:id AS uuid)))
  ORDER BY {_ORDER}, home.id LIMIT :limit
), assigned AS (
  SELECT home.id, jsonb_agg(jsonb_build_object('id', person.id, 'name', person.name, 'category', person.category)
    ORDER BY person.name, person.id) AS people
  FROM today CROSS JOIN shown AS home
  JOIN assignment ON assignment.county_id = :county_id AND assignment.village_id = home.village_id
    AND assignment.household_id = home.id AND {serving("assignment")}
  JOIN person_in_sight AS person ON person.id = assignment.person_id AND {serving("person")}
  GROUP BY home.id
)
SELECT home.*, visitor.name AS visitor_name, visitor.category AS visitor_category, assigned.people AS assigned
FROM shown AS home
LEFT JOIN assigned ON assigned.id = home.id
LEFT JOIN person_in_sight AS visitor ON visitor.id = home.visitor_id
ORDER BY {_ORDER}, home.id
"""
_FIGURES = """
  count(*) AS households, count(*) FILTER (WHERE visited) AS visited,
  count(*) FILTER (WHERE NOT visited) AS not_visited, count(*) FILTER (WHERE visited_at IS NULL) AS never
"""
# By the child of the unit looked at under which a village lies; of several units looked at, by each of them.
_TOTALS = f"""
WITH {_LAST_VISITS}, placed AS (
  SELECT unit.id, subpath(unit.path, 0, least(nlevel(unit.path), nlevel(top.path) + :depth)) AS path
  FROM unnest(CAST(:paths AS ltree[])) AS top (path) JOIN unit_in_sight AS unit ON unit.path <@ top.path
), total AS (
  SELECT 'unit' AS side, CAST(unit.id AS text) AS id, unit.name, unit.level, CAST(unit.path AS text) AS place,
    {_FIGURES}
  FROM home
  JOIN placed ON placed.id = home.unit_id
  JOIN unit ON unit.county_id = :county_id AND unit.path = placed.path
  GROUP BY unit.id, unit.name, unit.level, unit.path
  UNION ALL
  SELECT 'village', village_id, village_name, NULL, village_id, {_FIGURES} FROM home
  GROUP BY village_id, village_name
  UNION ALL
  SELECT 'all', NULL, NULL, NULL, NULL, {_FIGURES} FROM home
)
SELECT * FROM total ORDER BY place
"""


async def not_visited(
    session: AsyncSession,
    sight: Sight,
    *,
    days: int,
    village_id: str | None,
    cursor: str | None,
    limit: int,
    now: datetime,
) -> dict[str, Any]:
    """Households without a visit in the last `days` times 24 hours, never visited first, then the longest ago.

    With totals of all households in sight, by unit and by village.
    """
    after, last = _place(cursor)
    about = {
        **sight.parameters(),
        "village_id": village_id,
        "since": now - timedelta(days=days),
        "now": now,
    }
    found = await rows(session, _NOT_VISITED, **about, after=after, id=last, limit=limit + 1)
    totals = await rows(session, _TOTALS, **about, depth=1 if len(sight.paths) == 1 else 0)
    (everything,) = (row for row in totals if row.side == "all")
    keys = [(row.visited_at or NEVER, row.id) for row in found]
    return page("coverage", [_view(row) for row in found], limit, keys) | {
        "since": about["since"],
        "total": _figures(everything),
        "by_unit": [
            _figures(row) | {"unit": {"id": row.id, "name": row.name, "level": row.level}}
            for row in totals
            if row.side == "unit"
        ],
        "by_village": [
            _figures(row) | {"village": {"id": row.id, "name": row.name}}
            for row in totals
            if row.side == "village"
        ],
    }


def _place(cursor: str | None) -> tuple[datetime | None, UUID | None]:
    """Where the page before ended: when its last household was visited, and which it is."""
    written, last = decode_cursor("coverage", cursor, Moment, UUID) or (None, None)
    return written and written.at, last


def _figures(row: Any) -> dict[str, int]:
    return {
        "households": row.households,
        "visited": row.visited,
        "not_visited": row.not_visited,
        "never": row.never,
    }


def _view(row: Any) -> dict[str, Any]:
    by = {"id": row.visitor_id, "name": row.visitor_name, "category": row.visitor_category}
    return {
        "household": {"id": row.id, "head_name": row.head_name, "hamlet": row.hamlet},
        "village": {"id": row.village_id, "name": row.village_name},
        "last_visited_at": row.visited_at,
        "last_visited_by": by if row.visitor_name else None,
        "assigned": row.assigned or [],
    }
