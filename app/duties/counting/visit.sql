-- visit: every check-in of the person inside the window, and what stands against its counting, if anything.
--
-- `here` is the village that a check-in speaks for: the one it was judged against, or, when it was outside of that,
-- the one it was found in. Where the place is unsure, or outside and held or accepted all the same, whoever accepts
-- the check-in vouches for the place.
-- It is `in_time` when all that makes it count was received before closing: itself, a fix that followed unless a
-- person has vouched for it, and the other check-ins of a stay.
-- `stands_for` is what the measure counts: check-ins that stand for the same thing count once (measures.py).
  SELECT asked.person_id, asked.rule_id, asked.start, asked.closes_at, asked.measure,
    check_in.id AS check_in_id, check_in.visited_at, check_in.received_at, check_in.standing,
    {known_in_time(check_in)} AND CASE WHEN asked.min_dwell IS NULL THEN true
      ELSE asked.min_dwell <= ({stay_in_time}) END AS in_time,
    CASE WHEN check_in.standing = 'held' THEN {held_since(check_in)} END AS held_since,
    {stands_for} AS stands_for,
    CASE
      WHEN asked.settled THEN 'settled'
      WHEN check_in.withdrawn_at IS NOT NULL THEN 'withdrawn'
      WHEN check_in.standing = 'refused' THEN 'refused'
      WHEN NOT at.vouched AND at.here IS NULL THEN 'outside'
      WHEN NOT at.vouched AND {not_assigned(at.here, at.day)} THEN 'not_assigned_village'
      WHEN NOT at.vouched AND {not_in_unit(at.here, at.day)} THEN 'not_in_unit'
      WHEN asked.household_required AND check_in.household_id IS NULL THEN 'no_household'
      WHEN asked.household_required AND {not_their_household(at.day)} THEN 'not_your_household'
      WHEN asked.form_required AND check_in.form ->> 'kind' IS DISTINCT FROM 'night_visit' THEN 'no_form'
      WHEN at.local < at.day + asked.night_start OR at.local >= at.day + asked.night_until THEN 'not_at_night'
      WHEN asked.min_dwell IS NOT NULL AND asked.min_dwell > ({stay}) THEN 'too_short'
    END AS obstacle
  FROM asked
  JOIN check_in ON check_in.county_id = :county_id AND check_in.person_id = asked.person_id
    AND check_in.visited_at >= asked.from_at AND check_in.visited_at < asked.until_at
    AND asked.measure NOT IN ({by_stays})
  CROSS JOIN LATERAL (
    SELECT check_in.visited_at AT TIME ZONE :timezone AS local,
      CAST(check_in.visited_at AT TIME ZONE :timezone - asked.tail AS date) AS day,
      {here(check_in)} AS here,
      check_in.place = 'unsure' OR (check_in.place = 'outside' AND check_in.standing <> 'outside') AS vouched
  ) AS at
