-- What is stored around a set of visits. A row for each person: their fixes around the set's visits, as arrays; which
-- of the visits were made with a phone that somebody else had used, or a key that somebody else had made; when the phone of a visit that came late was in
-- touch meanwhile; and the fixes, whoever's, that are where a visit's is.
--
-- The sub-selects hide from the planner how many visits there are, so that it settles on one plan for any number
-- (planning took 1 ms).
--
-- What a visit's moment and place are compared with is made here: an index is looked up by what is plain, and not by
-- what a function says of another row.
WITH visit AS (
  SELECT v.*, captured_at - interval '1 day' AS day_before, captured_at + interval '1 day' AS day_after,
    ST_Expand(ST_SetSRID(ST_MakePoint(lon, lat), 4326), {twins_degrees}) AS beside
  FROM unnest(
    (SELECT CAST(:ids AS uuid[])), (SELECT CAST(:person_ids AS uuid[])),
    (SELECT CAST(:captured_at AS timestamptz[])), (SELECT CAST(:device_ids AS text[])),
    (SELECT CAST(:received_at AS timestamptz[])), (SELECT CAST(:lon AS float8[])), (SELECT CAST(:lat AS float8[]))
  ) AS v(id, person_id, captured_at, device_id, received_at, lon, lat)
), visitor AS (
  SELECT person_id, min(captured_at) AS first, max(captured_at) AS last FROM visit GROUP BY person_id

-- lent: the phone had been another person's before, who made a visit with it within a day of this one, stored or in
-- this set, or signed in on it within the day before this one came.
), lent AS (
  SELECT visit.person_id, array_agg(visit.id) AS visit_ids, array_agg(lender.person_id) AS lender_ids
  FROM visit
  CROSS JOIN LATERAL (
    SELECT person_id, min(started_at) AS since FROM device_session
    WHERE county_id = :county_id AND device_id = visit.device_id AND person_id <> visit.person_id
    GROUP BY person_id
  ) AS lender
  WHERE lender.since < (
    SELECT min(started_at) FROM device_session
    WHERE county_id = :county_id AND device_id = visit.device_id AND person_id = visit.person_id
  ) AND (
    EXISTS (
      SELECT FROM check_in
      WHERE check_in.county_id = :county_id AND check_in.person_id = lender.person_id
        AND check_in.device_id = visit.device_id AND {within_a_day(check_in.visited_at)}
    ) OR EXISTS (
      SELECT FROM visit AS theirs
      WHERE theirs.person_id = lender.person_id AND theirs.device_id = visit.device_id
        AND {within_a_day(theirs.captured_at)}
    ) OR EXISTS (
      SELECT FROM device_session AS signed_in
      WHERE signed_in.county_id = :county_id AND signed_in.device_id = visit.device_id
        AND signed_in.person_id = lender.person_id
        AND signed_in.started_at BETWEEN visit.received_at - interval '1 day' AND visit.received_at
    ))
  GROUP BY visit.person_id

-- issued: it came from a tracking app (whose devices are named so) with a key that somebody else had made.
), issued AS (
  SELECT visit.person_id, array_agg(visit.id) AS visit_ids, array_agg(key.issued_by) AS issuer_ids
  FROM visit
  CROSS JOIN LATERAL (
    SELECT issued_by FROM device_session
    WHERE county_id = :county_id AND device_id = visit.device_id AND device_session.person_id = visit.person_id
      AND issued_by <> visit.person_id AND started_at <= visit.received_at
      AND (ended_at IS NULL OR ended_at > visit.received_at)
    LIMIT 1
  ) AS key
  WHERE visit.device_id LIKE '%~%'
  GROUP BY visit.person_id

-- touched: of a visit that came late, when its phone was in touch since; of many times the last 100. What came in the
-- 15 minutes before the visit without a word is left out: signing in and sending are one act.
), touched AS (
  SELECT visit.person_id, array_agg(visit.id) AS visit_ids,
    {contacts(met)}
  FROM visit
  CROSS JOIN LATERAL (
    SELECT
      date_part('epoch', max(at) FILTER (
        WHERE waiting = 0 OR oldest_waiting_at > visit.captured_at + {later})) AS empty_at,
      date_part('epoch', min(at) FILTER (
        WHERE waiting IS NULL AND at < visit.received_at - interval '15 minutes')) AS first_at,
      date_part('epoch', max(at) FILTER (
        WHERE waiting IS NULL AND at < visit.received_at - interval '15 minutes')) AS last_at,
      coalesce(bool_or(
        waiting > 0 AND coalesce(oldest_waiting_at <= visit.captured_at + {later}, true)), false) AS still_held
    FROM (
      SELECT at, waiting, oldest_waiting_at FROM contact
      WHERE contact.county_id = :county_id AND contact.person_id = visit.person_id
        AND contact.device_id = visit.device_id AND at > visit.captured_at + {later}
        AND at < visit.received_at - interval '1 minute'
      ORDER BY at DESC LIMIT 100
    ) AS contact
    HAVING count(*) > 0
  ) AS met
  WHERE visit.received_at > visit.captured_at + {later}
  GROUP BY visit.person_id

-- alike: other check-ins that are where this one is; of many the 30 earliest.
), alike AS (
  SELECT visit.person_id, array_agg(visit.id) AS visit_ids,
    {twins(twin)}
  FROM visit
  CROSS JOIN LATERAL (
    SELECT check_in.id, check_in.person_id, date_part('epoch', check_in.visited_at),
      date_part('epoch', coalesce(check_in.position_added_at, check_in.received_at)),
      check_in.raw_lon, check_in.raw_lat, check_in.device_id
    FROM check_in
    WHERE check_in.county_id = :county_id
      AND position && visit.beside
      AND withdrawn_at IS NULL AND coalesce(accuracy_m, 0) < :network_m AND check_in.id <> visit.id
    ORDER BY check_in.visited_at, check_in.id LIMIT 30
  ) AS twin({twin})
  WHERE visit.lon IS NOT NULL
  GROUP BY visit.person_id
)
SELECT visitor.person_id, trail.*, lent.visit_ids, lent.lender_ids,
  issued.visit_ids AS issued_ids, issued.issuer_ids,
  touched.visit_ids AS touched_ids, {touched},
  alike.visit_ids AS alike_ids, {alike}
FROM visitor

-- trail: fixes before the first visit of the set, between it and the last (at most 1000), and after that.
CROSS JOIN LATERAL (
  SELECT {steps(step)}
  FROM (
    ({fixes} < visitor.first ORDER BY visited_at DESC LIMIT {before})
    UNION ALL
    ({fixes} >= visitor.first ORDER BY visited_at
     LIMIT {after} + CASE WHEN visitor.last > visitor.first THEN 1000 ELSE 0 END)
  ) AS step({step})
) AS trail
LEFT JOIN lent ON lent.person_id = visitor.person_id
LEFT JOIN issued ON issued.person_id = visitor.person_id
LEFT JOIN touched ON touched.person_id = visitor.person_id
LEFT JOIN alike ON alike.person_id = visitor.person_id
