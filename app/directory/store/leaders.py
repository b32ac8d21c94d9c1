"""The statements that find who answers for people, and where they stand in the tree themselves."""

from typing import NamedTuple
from uuid import UUID

from app.kernel.statements import Statement


class StandingRow(NamedTuple):
    """Where a person stands in the tree: paths of units."""

    person_id: UUID
    lines: list[str]
    leads: list[str]


class AnsweringRow(NamedTuple):
    """Who answers for the person in this place of those asked about, from 1."""

    place: int
    holder_id: UUID
    leads: bool


LEADS = """
ARRAY(
  SELECT CAST(unit.path AS text) FROM post JOIN unit ON unit.county_id = :county_id AND unit.id = post.unit_id
  WHERE post.county_id = :county_id AND post.person_id = {person_id} AND post.role IN ('leader', 'office', 'admin')
    AND post.from_date <= {today} AND (post.until_date IS NULL OR post.until_date > {today}))"""
"""A column: the paths of the units that a person leads, or is the office of."""

LINES = """
ARRAY(
  SELECT CAST(unit.path AS text) FROM person
  JOIN unit ON unit.county_id = :county_id AND unit.id IN (person.unit_id, person.department_id)
  WHERE person.county_id = :county_id AND person.id = {person_id})"""
"""A column: the paths of the units that answer for a person."""

# Of these people, those who hold, now or later, a post over others outside of these units.
REACHING_BEYOND = Statement(
    UUID,
    """
SELECT DISTINCT post.person_id FROM post
JOIN unit ON unit.county_id = :county_id AND unit.id = post.unit_id
WHERE post.county_id = :county_id AND post.person_id = ANY(CAST(:person_ids AS uuid[]))
  AND post.role = ANY(CAST(:supervising AS text[])) AND (post.until_date IS NULL OR post.until_date > :today)
  AND NOT unit.path <@ ANY(CAST(:paths AS ltree[]))
""",
)
STANDINGS = Statement(
    StandingRow,
    f"""
SELECT asked.person_id, {LINES.format(person_id="asked.person_id")} AS lines,
  {LEADS.format(person_id="asked.person_id", today="today.day")} AS leads
FROM unnest(CAST(:person_ids AS uuid[])) AS asked (person_id) CROSS JOIN (
  SELECT CAST(CAST(:now AS timestamptz) AT TIME ZONE timezone AS date) AS day FROM county WHERE id = :county_id
) AS today
""",
)

# `distance` counts, from the own unit upwards on each line, the units in which somebody else holds such a post: of
# leaders and of offices, each on their own. Holders are found once, not anew for each line. Peers do not
# answer for each other: `scope.stands_above` says who is above whom.
ANSWERING = Statement(
    AnsweringRow,
    """
WITH asked AS (
  SELECT * FROM unnest(CAST(:person_ids AS uuid[]), CAST(:levels AS int[]), CAST(:offices AS boolean[]))
    WITH ORDINALITY AS asked (person_id, levels, offices, place)
), line AS (
  SELECT DISTINCT asked.person_id, unit.id AS unit_id, unit.path
  FROM asked
  JOIN person ON person.county_id = :county_id AND person.id = asked.person_id
  JOIN unit ON unit.county_id = :county_id AND unit.id IN (person.unit_id, person.department_id)
), holder AS MATERIALIZED (
  SELECT DISTINCT own.unit_id, post.person_id, nlevel(above.path) AS depth, post.role = 'leader' AS leads,
    post.unit_id AS held_in, nlevel(above.path) = 1 OR EXISTS (
      SELECT FROM person JOIN unit AS home
        ON home.county_id = :county_id AND home.id IN (person.unit_id, person.department_id)
      WHERE person.county_id = :county_id AND person.id = post.person_id
        AND home.path @> above.path AND home.path <> above.path) AS over_peers
  FROM (SELECT DISTINCT unit_id, path FROM line) AS own
  JOIN unit AS above ON above.county_id = :county_id AND above.path @> own.path
  JOIN post ON post.county_id = :county_id AND post.unit_id = above.id
    AND post.role IN ('leader', 'office', 'admin')
    AND post.from_date <= :today AND (post.until_date IS NULL OR post.until_date > :today)
), candidate AS (
  SELECT line.person_id, holder.person_id AS holder_id, holder.leads,
    dense_rank() OVER (
      PARTITION BY line.person_id, line.unit_id, holder.leads ORDER BY holder.depth DESC) AS distance
  FROM line JOIN holder ON holder.unit_id = line.unit_id AND holder.person_id <> line.person_id
  WHERE holder.over_peers OR NOT EXISTS (
    SELECT FROM post AS own
    WHERE own.county_id = :county_id AND own.person_id = line.person_id AND own.unit_id = holder.held_in
      AND own.role IN ('leader', 'office', 'admin')
      AND own.from_date <= :today AND (own.until_date IS NULL OR own.until_date > :today))
), reach AS (
  SELECT person_id, max(distance) AS levels FROM candidate WHERE leads GROUP BY person_id
)
SELECT DISTINCT asked.place, candidate.holder_id, candidate.leads
FROM asked JOIN candidate USING (person_id) LEFT JOIN reach USING (person_id)
WHERE CASE WHEN candidate.leads THEN candidate.distance <= asked.levels
  ELSE asked.offices OR (coalesce(reach.levels, 0) < asked.levels AND candidate.distance = 1) END
ORDER BY asked.place, candidate.holder_id
""",
)
