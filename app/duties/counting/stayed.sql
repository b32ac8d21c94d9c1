-- stayed: where hours are what counts, in place of `visit` and `judged`: every stay in a village, with its outcome.
-- Stays are rows of one day each, so that none lies across the bounds of a period.
  SELECT asked.person_id, asked.rule_id, asked.start, asked.closes_at, stay.village_id, stay.received_at,
    tstzrange(stay.from_at, stay.until_at) AS during,
    CASE
      WHEN {not_assigned(stay.village_id, stay.day)} THEN 'not_assigned_village'
      WHEN {not_in_unit(stay.village_id, stay.day)} THEN 'not_in_unit'
      ELSE 'counted'
    END AS code
  FROM asked
  CROSS JOIN LATERAL (
    SELECT village_id, day, from_at, until_at, received_at FROM stay
    WHERE stay.county_id = :county_id AND stay.person_id = asked.person_id
      AND stay.day >= asked.start AND stay.day < asked.next_start
    OFFSET 0 -- looked for only where hours are asked for
  ) AS stay
  WHERE asked.measure IN ({by_stays})
