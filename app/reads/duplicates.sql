-- Pairs of records that look like one person's, the likeliest first.
--
-- Nobody is compared with everybody: each kind of likeness is a key, and those who share one are pairs. A key that more
-- than `most` share says nothing, as a name that half the county has.
WITH record AS MATERIALIZED (
  SELECT person.id, person.phone, person.number, replace(person.name, ' ', '') AS name,
    right(regexp_replace(person.phone, '[^0-9]', '', 'g'), 11) AS digits, person.unit_id,
    CASE WHEN nlevel(unit.path) > 1 THEN CAST(subltree(unit.path, 0, 2) AS text) END AS township
  FROM person JOIN unit ON unit.county_id = :county_id AND unit.id = person.unit_id
  WHERE person.county_id = :county_id AND person.merged_into IS NULL
), namesake AS MATERIALIZED (
  SELECT * FROM (SELECT *, count(*) OVER (PARTITION BY name) AS bearers FROM record) AS counted WHERE bearers > 1
), key AS (
  SELECT id, 'same_phone' AS likeness, digits AS value FROM record WHERE length(digits) = 11
  UNION ALL
  SELECT id, 'same_number', ltrim(regexp_replace(upper(number), '[^A-Z0-9]', '', 'g'), '0') FROM record
  WHERE number IS NOT NULL
  UNION ALL
  SELECT id, 'near_phone', name || ' ' || overlay(digits PLACING '*' FROM place)
  FROM namesake CROSS JOIN generate_series(1, 11) AS place WHERE length(digits) = 11
  UNION ALL
  SELECT id, 'same_unit', name || ' ' || unit_id FROM namesake
  UNION ALL
  SELECT id, 'same_township', name || ' ' || township FROM namesake WHERE township IS NOT NULL
  UNION ALL
  SELECT DISTINCT namesake.id, 'same_village', name || ' ' || village_id
  FROM namesake JOIN assignment ON assignment.county_id = :county_id AND assignment.person_id = namesake.id
  UNION ALL
  SELECT DISTINCT record.id, 'name_alike', overlay(name PLACING '*' FROM place) || ' ' || household_id
  FROM record
  JOIN assignment ON assignment.county_id = :county_id AND assignment.person_id = record.id
    AND household_id IS NOT NULL
  CROSS JOIN LATERAL generate_series(1, length(name)) AS place
  WHERE length(name) > 2 -- of two characters the one that is left is the family's
), shared AS (
  SELECT likeness, array_agg(id ORDER BY id) AS ids FROM key
  GROUP BY likeness, value HAVING count(*) BETWEEN 2 AND CAST(:most AS int)
-- Phones that were in more than one hand, and how often they changed hands from one visit to the next: a phone that
-- was handed over once went from one person to another; back and forth it is one person's.
), hand AS MATERIALIZED (
  SELECT DISTINCT device_session.device_id, record.id AS person_id
  FROM device_session JOIN record ON record.id = device_session.person_id
  WHERE device_session.county_id = :county_id AND client IS NULL AND device_id IS NOT NULL
), handset AS MATERIALIZED (
  SELECT device_id AS id FROM hand GROUP BY device_id HAVING count(*) BETWEEN 2 AND 5
), turn AS (
  SELECT check_in.person_id, lag(check_in.person_id) OVER turns AS before
  FROM handset
  JOIN hand ON hand.device_id = handset.id
  JOIN check_in ON check_in.county_id = :county_id AND check_in.person_id = hand.person_id
    AND check_in.device_id = handset.id
  WINDOW turns AS (PARTITION BY handset.id ORDER BY check_in.visited_at, check_in.id)
), found AS (
  SELECT one.id AS one_id, other.id AS other_id, likeness
  FROM shared CROSS JOIN LATERAL unnest(ids) AS one (id) CROSS JOIN LATERAL unnest(ids) AS other (id)
  WHERE one.id < other.id AND (likeness <> 'name_alike' OR NOT EXISTS (
    SELECT FROM record AS this JOIN record AS that USING (name) WHERE this.id = one.id AND that.id = other.id))
  UNION
  SELECT least(person_id, before), greatest(person_id, before), 'same_device'
  FROM turn WHERE person_id <> before GROUP BY 1, 2 HAVING count(*) >= 3
), weighed AS (
  SELECT one_id, other_id, array_agg(likeness ORDER BY weight DESC, likeness) AS reasons,
    round(CAST(1 - exp(sum(ln(1 - weight))) AS numeric), 2) AS confidence
  FROM found
  JOIN (VALUES ('same_phone', 0.95), ('same_number', 0.9), ('near_phone', 0.9), ('same_village', 0.7),
    ('same_unit', 0.6), ('same_device', 0.5), ('same_township', 0.4), ('name_alike', 0.4)
  ) AS known (likeness, weight) USING (likeness)
  WHERE NOT EXISTS (
    SELECT FROM two_people WHERE two_people.county_id = :county_id
      AND two_people.one_id = found.one_id AND two_people.other_id = found.other_id)
  GROUP BY one_id, other_id
), pair AS (
  SELECT * FROM weighed ORDER BY confidence DESC, one_id, other_id LIMIT :limit
)
SELECT pair.one_id, pair.other_id, CAST(pair.confidence AS float8) AS confidence, pair.reasons,
  person.id, person.name, person.phone, person.number, person.category, person.from_date, person.until_date,
  person.last_contact_at, unit.id AS unit_id, unit.name AS unit_name, unit.level AS unit_level,
  EXISTS (SELECT FROM sign_in WHERE sign_in.county_id = :county_id AND sign_in.person_id = person.id) AS account,
  (SELECT count(*) FROM check_in WHERE check_in.county_id = :county_id AND check_in.person_id = person.id) AS visits
FROM pair
JOIN person ON person.county_id = :county_id AND person.id IN (pair.one_id, pair.other_id)
JOIN unit ON unit.county_id = :county_id AND unit.id = person.unit_id
-- The one to stay first: who has an account, then who has made more visits, then who was here before.
ORDER BY pair.confidence DESC, pair.one_id, pair.other_id, account DESC, visits DESC, person.from_date, person.id
