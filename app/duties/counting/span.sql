-- span: each period of a rule that is asked about, once. The rule's version, the window of time, the deadline, the
-- number of days, and how much of a day its evening is: all where only evenings count, half where any hour does.
  SELECT of.start, rule.*, following.next_start, period.from_at, period.until_at,
    -- Where the rule shifts its closing past days off: when the first working day after them has ended.
    greatest(period.closes_at, CAST(worked.first + 1 AS timestamp) AT TIME ZONE :timezone) AS closes_at,
    CASE WHEN rule.days = 'calendar' THEN following.next_start - of.start ELSE (
        SELECT CAST(count(*) FILTER (WHERE working) AS int)
        FROM ({calendar(of.start, following.next_start)}) AS day) END AS rule_days,
    CASE WHEN rule.night_start >= interval '12 hours' THEN 1 WHEN rule.night_until <= interval '12 hours' THEN 0
      ELSE 0.5 END AS evening,
    -- Whether days were reckoned in a year for which the county has no calendar yet.
    EXISTS (
      SELECT FROM (VALUES (rule.days = 'working', of.start), (rule.days = 'working', following.next_start - 1),
        (rule.shift_closing, following.next_start), (rule.shift_closing, worked.first)) AS asked (goes_by, day)
      WHERE goes_by AND NOT EXISTS (
        SELECT FROM calendar_year WHERE calendar_year.county_id = :county_id
          AND calendar_year.year = extract(year FROM asked.day))
    ) AS calendar_assumed,
    -- Whether what the period was counted from is deleted, or may be: its duties stay as they are.
    of.start < coalesce({settled}, '-infinity') AS settled
  FROM (SELECT DISTINCT rule_id, start FROM scope) AS of
  CROSS JOIN LATERAL (
    SELECT rule.id AS rule_id, rule.version, rule.categories, rule.unit_ids, rule.except_ids, rule.measure,
      rule.period_kind, rule.required AS amount, rule.per, rule.days, rule.share, rule.counts_in,
      rule.household_required OR rule.measure = 'distinct_households' AS household_required,
      rule.form_required, make_interval(mins => rule.min_dwell_min) AS min_dwell,
      make_interval(mins => rule.night_start) AS night_start,
      make_interval(mins => rule.night_until) AS night_until, {tail} AS tail, rule.grace_h, rule.shift_closing,
      rule.effective_from <= of.start
        AND (rule.effective_until IS NULL OR of.start < rule.effective_until) AS governs
    FROM duty_rule AS rule WHERE rule.county_id = :county_id AND rule.id = of.rule_id
    -- The version that governs the period; the latest where none does, since nobody owes anything then.
    ORDER BY governs DESC, rule.version DESC LIMIT 1
  ) AS rule
  CROSS JOIN LATERAL (SELECT {next_start(rule.period_kind, of.start)} AS next_start) AS following
  CROSS JOIN LATERAL (
    SELECT (of.start + rule.tail) AT TIME ZONE :timezone AS from_at,
      (following.next_start + rule.tail) AT TIME ZONE :timezone AS until_at,
      (following.next_start + rule.tail) AT TIME ZONE :timezone
        + make_interval(hours => rule.grace_h) AS closes_at
  ) AS period
  CROSS JOIN LATERAL (
    SELECT CASE WHEN rule.shift_closing THEN (
      SELECT min(day) FROM ({calendar(following.next_start, following.next_start + 31)}) AS after
      WHERE working) END AS first
  ) AS worked
