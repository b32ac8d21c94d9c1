-- What of the responsibility tree is not as the briefing has it, on a day: one row each.
WITH {visible}, asked AS (
  SELECT coalesce(CAST(:day AS date), CAST(CAST(:now AS timestamptz) AT TIME ZONE timezone AS date)) AS day
  FROM county WHERE id = :county_id
), open_unit AS (
  SELECT unit.* FROM visible_unit AS unit, asked WHERE unit.until_date IS NULL OR unit.until_date > asked.day
), open_village AS (
  SELECT village.* FROM visible_village AS village, asked
  WHERE village.until_date IS NULL OR village.until_date > asked.day
), serving AS (
  SELECT person.* FROM visible_person AS person, asked
  WHERE person.from_date <= asked.day AND (person.until_date IS NULL OR person.until_date > asked.day)
), held AS (
  SELECT post.* FROM post JOIN serving ON serving.id = post.person_id, asked
  WHERE post.county_id = :county_id AND post.from_date <= asked.day
    AND (post.until_date IS NULL OR post.until_date > asked.day)
), answered AS (
  SELECT DISTINCT assignment.village_id FROM asked CROSS JOIN assignment
  JOIN person ON person.county_id = :county_id AND person.id = assignment.person_id
  WHERE person.from_date <= asked.day AND (person.until_date IS NULL OR person.until_date > asked.day) AND assignment.county_id = :county_id AND assignment.from_date <= asked.day
    AND (assignment.until_date IS NULL OR assignment.until_date > asked.day)
)
-- Exactly three sectors a township (Tianlin briefing, TL-03).
SELECT 'sectors' AS finding, CAST(theatre.id AS text) AS id, theatre.name, theatre.name AS unit, count(sector.id) AS number
FROM open_unit AS theatre
LEFT JOIN open_unit AS sector ON sector.parent_id = theatre.id AND sector.level = 'sector'
WHERE theatre.level = 'theatre'
GROUP BY theatre.id, theatre.name HAVING count(sector.id) <> 3
UNION ALL
-- Every village in one of them.
SELECT 'village_without_sector', village.id, village.name, unit.name, 0
FROM open_village AS village
JOIN unit ON unit.county_id = :county_id AND unit.id = village.unit_id
WHERE NOT EXISTS (
  SELECT FROM unit AS sector
  WHERE sector.county_id = :county_id AND sector.level = 'sector' AND sector.path @> unit.path)
UNION ALL
-- A squad has one leader (TL-05).
SELECT 'squad_leaders', CAST(squad.id AS text), squad.name, squad.name, count(held.id)
FROM open_unit AS squad
LEFT JOIN held ON held.unit_id = squad.id AND held.role = 'leader' AND NOT starts_with(held.title, '副')
WHERE squad.level = 'squad'
GROUP BY squad.id, squad.name HAVING count(held.id) <> 1
UNION ALL
-- And two deputies, or one who is both secretary and head of the village (一肩挑).
SELECT 'squad_deputies', CAST(squad.id AS text), squad.name, squad.name, count(held.id)
FROM open_unit AS squad
LEFT JOIN held ON held.unit_id = squad.id AND starts_with(held.title, '副')
WHERE squad.level = 'squad'
GROUP BY squad.id, squad.name
HAVING count(held.id) <> 2
  AND NOT (count(held.id) = 1 AND bool_or(held.title ~ '一肩挑' OR (held.title ~ '支书' AND held.title ~ '主任')))
UNION ALL
-- A department's group has one to three (TL-02).
SELECT 'department_group', CAST(department.id AS text), department.name, department.name, count(held.id)
FROM open_unit AS department
LEFT JOIN held ON held.unit_id = department.id AND held.role = 'leader'
WHERE department.level = 'department'
GROUP BY department.id, department.name HAVING count(held.id) NOT BETWEEN 1 AND 3
UNION ALL
SELECT 'village_without_people', village.id, village.name, unit.name, 0
FROM open_village AS village
JOIN unit ON unit.county_id = :county_id AND unit.id = village.unit_id
WHERE village.id NOT IN (SELECT village_id FROM answered)
UNION ALL
SELECT 'person_without_post', CAST(serving.id AS text), serving.name, unit.name, 0
FROM serving JOIN unit ON unit.county_id = :county_id AND unit.id = serving.unit_id
WHERE serving.id NOT IN (SELECT person_id FROM held)
UNION ALL
SELECT 'person_in_closed_unit', CAST(serving.id AS text), serving.name, unit.name, 0
FROM serving JOIN unit ON unit.county_id = :county_id AND unit.id = serving.unit_id, asked
WHERE unit.until_date <= asked.day
UNION ALL
SELECT 'household_without_point', CAST(household.id AS text), household.head_name, village.name, 0
FROM household JOIN visible_village AS village ON village.id = household.village_id, asked
WHERE household.county_id = :county_id AND household.position IS NULL
  AND (household.until_date IS NULL OR household.until_date > asked.day)
ORDER BY finding, unit, name, id
LIMIT :limit
