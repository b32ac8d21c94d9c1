-- How each rule stands in what each leader answers for: a row for each leader, rule and period that ended from `since`
-- until `until`. Periods from `before` on are read, to compare with.
WITH {below}, standing AS MATERIALIZED (
  SELECT below.leader_id, below.path, duty.*, {is_behind} AS is_behind
  FROM duty JOIN below ON below.person_id = duty.person_id
  WHERE duty.county_id = :county_id AND duty.period_end BETWEEN :before AND :until
-- As the board counts.
), tally AS (
  SELECT {of}, max(rule_version) AS rule_version, max(period_end) AS period_end, max(closes_at) AS closes_at,
    {tally}
  FROM standing GROUP BY {of}
-- Where people were behind: the units with the most of them.
), unit_behind AS (
  SELECT {of}, path, count(*) AS behind,
    row_number() OVER (PARTITION BY {of} ORDER BY count(*) DESC, path) AS turn
  FROM standing WHERE is_behind AND period_end >= :since GROUP BY {of}, path
), units AS MATERIALIZED (
  SELECT {of}, count(*) AS unit_count, jsonb_agg(
      jsonb_build_object('name', unit.name, 'behind', behind) ORDER BY turn
    ) FILTER (WHERE turn <= {shown}) AS units
  FROM unit_behind JOIN unit ON unit.county_id = :county_id AND unit.path = unit_behind.path
  GROUP BY {of}
-- Who was behind: those with the most periods in a row first.
), person_behind AS (
  SELECT standing.*, coalesce(flag.misses, last.misses + 1, 1) AS misses, row_number() OVER (
    PARTITION BY {of} ORDER BY coalesce(flag.misses, last.misses + 1, 1) DESC, done - required, standing.id
  ) AS turn
  FROM standing
  LEFT JOIN flag ON flag.county_id = :county_id AND flag.duty_id = standing.id AND standing.status = 'missed'
  -- What is open still has no flag: it would be one more than the period before.
  LEFT JOIN LATERAL (
    SELECT flag.misses FROM duty JOIN flag ON flag.county_id = :county_id AND flag.duty_id = duty.id
    WHERE duty.county_id = :county_id AND duty.person_id = standing.person_id AND duty.rule_id = standing.rule_id
      AND duty.period_end = standing.period_start - 1 AND duty.status = 'missed'
  ) AS last ON true
  WHERE standing.is_behind AND standing.period_end >= :since
), people_behind AS MATERIALIZED (
  SELECT {of}, jsonb_agg(jsonb_build_object('name', person.name, 'misses', misses) ORDER BY turn) AS people
  FROM person_behind JOIN person ON person.county_id = :county_id AND person.id = person_behind.person_id
  WHERE turn <= {shown} GROUP BY {of}
)
SELECT tally.*, rule.name, rule.name_en, rule.period_kind,
  earlier.missed + earlier.open - earlier.awaiting_review AS behind_before, units.units, units.unit_count,
  people_behind.people AS people_behind
FROM tally LEFT JOIN units USING ({of}) LEFT JOIN people_behind USING ({of})
JOIN duty_rule AS rule
  ON rule.county_id = :county_id AND rule.id = tally.rule_id AND rule.version = tally.rule_version
-- The period before, to say whether it grew.
LEFT JOIN tally AS earlier ON earlier.leader_id = tally.leader_id AND earlier.rule_id = tally.rule_id
  AND earlier.period_end = tally.period_start - 1
WHERE tally.period_end >= :since
ORDER BY tally.leader_id, rule.name, tally.rule_id
