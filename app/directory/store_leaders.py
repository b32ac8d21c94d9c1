"""The statement that finds who answers for a person."""

NEAREST = """
WITH line AS (
  SELECT unit.id, unit.path FROM person
  JOIN unit ON unit.county_id = :county_id AND unit.id IN (person.unit_id, person.department_id)
  WHERE person.county_id = :county_id AND person.id = :person_id
), candidate AS (
  SELECT post.person_id, rank() OVER (PARTITION BY line.id ORDER BY nlevel(above.path) DESC) AS distance
  FROM line
  JOIN unit AS above ON above.county_id = :county_id AND above.path @> line.path
  JOIN post ON post.county_id = :county_id AND post.unit_id = above.id AND post.role = ANY(CAST(:roles AS text[]))
    AND post.from_date <= :today AND (post.until_date IS NULL OR post.until_date > :today)
  WHERE post.person_id <> :person_id
)
SELECT DISTINCT person_id FROM candidate WHERE distance = 1 ORDER BY person_id
"""
