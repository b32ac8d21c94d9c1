-- tally, of what is counted by stays: the same columns. Where fences overlap, so do stays: a moment counts once.
  SELECT person_id, rule_id, start, {hours(during)}, {hours(in_time)}, 0,
    CAST(NULL AS timestamptz[]), until_at
  FROM (
    SELECT person_id, rule_id, start, range_agg(during) AS during,
      range_agg(during) FILTER (WHERE received_at < closes_at) AS in_time, max(upper(during)) AS until_at
    FROM stayed WHERE code = 'counted' GROUP BY person_id, rule_id, start
  ) AS total
