"""Coverage: the same visits seen from the household's side. A household is visited by whoever visits it.

A visit is a counted check-in that names the household, whoever made it and whoever owed it. Households are seen by
the unit that answers for their village; whoever came is named where the caller may see them.
"""

from datetime import datetime, timedelta
from typing import NamedTuple
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from app.kernel.paging import cut, decode_cursor
from app.kernel.statements import Json, Statement
from app.reads.answers.coverage import Coverage, CoverageTally, Unvisited
from app.reads.moments import NEVER, Moment
from app.reads.visibility import TODAY, VISIBLE, VisibleScope, serving


class CoverageRow(NamedTuple):
    """A line of coverage, by side: a household, a tally, the whole."""

    side: str
    visited_at: datetime | None
    id: UUID | None
    number: int | None
    place: str | None
    said: Json


# One row a household, with its last visit up to now; each is one look at the end of an index.
_LAST_VISITS = f"""{VISIBLE}, {TODAY}, home AS MATERIALIZED (
  SELECT household.id, household.head_name, household.hamlet,
    village.id AS village_id, village.name AS village_name, village.unit_id,
    last.visited_at AS visited_at, last.person_id AS visitor_id,
    coalesce(last.visited_at >= :since, false) AS visited
  FROM today CROSS JOIN visible_village AS village
  JOIN visible_unit AS unit ON unit.id = village.unit_id
  JOIN household ON household.county_id = :county_id AND household.village_id = village.id
    AND (household.until_date IS NULL OR household.until_date > today.day)
  LEFT JOIN LATERAL (
    SELECT check_in.visited_at, check_in.person_id FROM check_in
    WHERE check_in.county_id = :county_id AND check_in.household_id = household.id
      AND check_in.standing = 'counted' AND check_in.visited_at < :now
    ORDER BY check_in.visited_at DESC LIMIT 1
  ) AS last ON true
  WHERE CAST(:village_id AS text) IS NULL OR village.id = :village_id
)"""
# Never visited comes before all others, as if it had been long ago.
_ORDER = "coalesce(home.visited_at, CAST('-infinity' AS timestamptz))"
_FIGURES = """jsonb_build_object(
  'households', count(*), 'visited', count(*) FILTER (WHERE visited),
  'not_visited', count(*) FILTER (WHERE NOT visited), 'never', count(*) FILTER (WHERE visited_at IS NULL))
"""
# The households of a page and all totals, from one look at every household. The totals go by the child of the
# unit looked at under which a village lies; of several units looked at, by each of them.
_COVERAGE = Statement(
    CoverageRow,
    f"""
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
  JOIN visible_person AS person ON person.id = assignment.person_id AND {serving("person")}
  GROUP BY home.id
), placed AS (
  SELECT unit.id, subpath(unit.path, 0, least(nlevel(unit.path), nlevel(top.path) + :depth)) AS path
  FROM unnest(CAST(:paths AS ltree[])) AS top (path) JOIN visible_unit AS unit ON unit.path <@ top.path
)
SELECT 'home' AS side, home.visited_at, home.id, row_number() OVER (ORDER BY {_ORDER}, home.id) AS number,
  NULL AS place, jsonb_build_object(
    'household', jsonb_build_object('id', home.id, 'head_name', home.head_name, 'hamlet', home.hamlet),
    'village', jsonb_build_object('id', home.village_id, 'name', home.village_name),
    'last_visited_by', CASE WHEN visitor.id IS NOT NULL THEN
      jsonb_build_object('id', visitor.id, 'name', visitor.name, 'category', visitor.category) END,
    'assigned', coalesce(assigned.people, '[]')) AS said
FROM shown AS home
LEFT JOIN assigned ON assigned.id = home.id
LEFT JOIN visible_person AS visitor ON visitor.id = home.visitor_id
UNION ALL
SELECT 'unit', NULL, NULL, NULL, CAST(unit.path AS text), {_FIGURES} || jsonb_build_object(
  'unit', jsonb_build_object('id', unit.id, 'name', unit.name, 'level', unit.level))
FROM home
JOIN placed ON placed.id = home.unit_id
JOIN unit ON unit.county_id = :county_id AND unit.path = placed.path
GROUP BY unit.id, unit.name, unit.level, unit.path
UNION ALL
SELECT 'village', NULL, NULL, NULL, village_id, {_FIGURES} || jsonb_build_object(
  'village', jsonb_build_object('id', village_id, 'name', village_name))
FROM home GROUP BY village_id, village_name
UNION ALL
SELECT 'total', NULL, NULL, NULL, NULL, {_FIGURES} FROM home
ORDER BY number, place
""",
)


async def not_visited(
    session: AsyncSession,
    visible: VisibleScope,
    *,
    days: int,
    village_id: str | None,
    cursor: str | None,
    limit: int,
    now: datetime,
) -> Coverage:
    """Households without a visit in the last `days` times 24 hours, never visited first, then the longest ago.

    With totals of all households in sight, by unit and by village.
    """
    after, last = _place(cursor)
    since = now - timedelta(days=days)
    found = await _COVERAGE.all(
        session,
        **visible.parameters(),
        village_id=village_id,
        since=since,
        now=now,
        depth=1 if len(visible.paths) == 1 else 0,
        after=after,
        id=last,
        limit=limit + 1,
    )
    said = {side: [row.said for row in found if row.side == side] for side in ("unit", "village", "total")}
    homes = [row for row in found if row.side == "home"]
    shown, after_it = cut("coverage", homes, limit, lambda row: (row.visited_at or NEVER, row.id or ""))
    return Coverage(
        since=since,
        items=[Unvisited(**row.said, last_visited_at=row.visited_at) for row in shown],
        next_cursor=after_it,
        total=CoverageTally(**said["total"][0]),
        by_unit=said["unit"],
        by_village=said["village"],
    )


def _place(cursor: str | None) -> tuple[datetime | None, UUID | None]:
    """Where the page before ended: when its last household was visited, and which it is."""
    written, last = decode_cursor("coverage", cursor, Moment, UUID) or (None, None)
    return written and written.at, last
