-- Everything of people and places that a set of visits is judged by, in one round trip: a row for each visit, in order.
--
-- The sub-selects hide from the planner how many visits there are, so that it settles on one plan for any number
-- (planning took 1 ms).
WITH visit AS (
  SELECT * FROM unnest(
    (SELECT CAST(:person_ids AS uuid[])), (SELECT CAST(:session_ids AS uuid[])),
    (SELECT CAST(:days AS date[])), (SELECT CAST(:household_ids AS uuid[]))
  ) WITH ORDINALITY AS v(person_id, session_id, day, household_id, number)
-- Locks the people in one order, so that two sets never wait for each other: who writes a person's duties locks the
-- person's row. As the lock finds it: who waited for a merge is told that the session is another's now, and comes again.
), locked AS (
  SELECT p.id, p.merged_into FROM person p
  WHERE p.county_id = :county_id AND p.id IN (SELECT person_id FROM visit)
  ORDER BY p.id FOR NO KEY UPDATE
-- Their phones have been in touch, where the visits came from phones.
), contact AS (
  UPDATE person p SET last_contact_at = :now FROM locked
  WHERE :in_touch AND p.county_id = :county_id AND p.id = locked.id
)
SELECT s.id IS NOT NULL AS signed_in, s.device_id,
  served.day = v.day AS in_service,
  -- The villages assigned on that day; of who had left, on their last.
  ARRAY(
    SELECT DISTINCT a.village_id FROM assignment a
    WHERE a.county_id = :county_id AND a.person_id = v.person_id
      AND a.from_date <= served.day AND (a.until_date IS NULL OR a.until_date > served.day)
    ORDER BY a.village_id
  ) AS assigned,
  h.id AS household_id, h.radius_m, ST_X(h.position) AS household_lon, ST_Y(h.position) AS household_lat,
  -- Whether the household is theirs to visit: assigned, in a village assigned, or in one that they supervise.
  h.id IS NULL OR EXISTS (
    SELECT FROM assignment a
    WHERE a.county_id = :county_id AND a.person_id = v.person_id AND a.village_id = h.village_id
      AND (a.household_id = h.id OR a.household_id IS NULL)
      AND a.from_date <= served.day AND (a.until_date IS NULL OR a.until_date > served.day)
  ) OR EXISTS (
    SELECT FROM post po
    JOIN unit u ON u.county_id = :county_id AND u.id = po.unit_id
    JOIN unit vu ON vu.county_id = :county_id AND vu.path <@ u.path
    JOIN village vi ON vi.county_id = :county_id AND vi.unit_id = vu.id AND vi.id = h.village_id
    WHERE po.county_id = :county_id AND po.person_id = v.person_id AND po.role = ANY(:supervising)
      AND po.from_date <= served.day AND (po.until_date IS NULL OR po.until_date > served.day)
  ) AS household_theirs
FROM visit v
CROSS JOIN LATERAL (
  SELECT coalesce((
    SELECT p.until_date - 1 FROM person p
    WHERE p.county_id = :county_id AND p.id = v.person_id AND p.until_date <= v.day), v.day) AS day
) AS served
-- Who has signed in anew on the same phone is who they were: what was on its way under the session before comes in.
LEFT JOIN device_session s
  ON s.county_id = :county_id AND s.id = v.session_id AND s.person_id = v.person_id
  AND (s.ended_at IS NULL OR s.end_reason = 'signed_in_again')
  AND v.person_id NOT IN (SELECT id FROM locked WHERE merged_into IS NOT NULL)
LEFT JOIN household h ON h.county_id = :county_id AND h.id = v.household_id
ORDER BY v.number
