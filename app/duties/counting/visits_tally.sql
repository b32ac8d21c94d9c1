-- tally, of what is counted by check-ins.
  SELECT person_id, rule_id, start, CAST(count(*) FILTER (WHERE code = 'counted') AS int) AS done,
    count(*) FILTER (WHERE code = 'counted' AND in_time) AS in_time,
    CAST(count(*) FILTER (WHERE code = 'held') AS int) AS pending_review,
    -- What awaits review, but not what was received when the first wait was over: for that nobody waits anew.
    array_agg(held_since ORDER BY held_since) FILTER (
      WHERE code = 'held' AND received_at < closes_at + {review_wait}) AS held_since,
    max(visited_at) FILTER (WHERE obstacle IS NULL AND standing <> 'held') AS last_visit_at
  FROM judged GROUP BY person_id, rule_id, start
