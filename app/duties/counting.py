"""The one definition of who owes what, and which check-ins count: a statement in named parts.

`statement(scope, ending)` puts them together. `scope` says which (person_id, rule_id, start of period) are asked
about; the parts between derive, from rules, assignments and check-ins alone:

    asked    one row per duty that is owed, or that has a row already: its rule version, window of time, deadline
    visit    every check-in of the person inside that window, and what stands against its counting, if anything
    judged   the same with its single outcome: `counted`, or why not
    duty_now what the row in `duty` has to say

Progress, evidence, openings, closings and the full recount all end on these, so they cannot differ.
Parameters of every statement: county_id, timezone, now, closing (whether duties past their time are closed now).
"""

_TAIL = "make_interval(mins => greatest(rule.night_until - 1440, 0))"  # greatest() passes over nulls


def period_start(kind: str, day: str) -> str:
    """SQL for the first day of the period of `kind` in which `day` lies; `Period.of` in SQL."""
    return f"""CAST(CASE
      WHEN {kind} = 'half_year' THEN
        date_trunc('quarter', CAST({day} AS timestamp))
        - CASE WHEN extract(quarter FROM {day}) IN (2, 4) THEN interval '3 months' ELSE interval '0' END
      ELSE date_trunc({kind}, CAST({day} AS timestamp))
    END AS date)"""


def next_start(kind: str, start: str) -> str:
    """SQL for the first day after the period of `kind` that begins on `start`."""
    return f"""CAST(CAST({start} AS timestamp) + CASE {kind}
      WHEN 'week' THEN interval '7 days' WHEN 'month' THEN interval '1 month'
      WHEN 'quarter' THEN interval '3 months' WHEN 'half_year' THEN interval '6 months'
      ELSE interval '1 year' END AS date)"""


# (person, captured_at) pairs: a night's tail past midnight belongs to the evening before, hence to its period.
# The sub-selects hide from the planner how many there are, so that it settles on one plan for any number.
OF_MOMENTS = f"""
  SELECT DISTINCT touched.person_id, rule.id AS rule_id, period.start
  FROM unnest((SELECT CAST(:person_ids AS uuid[])), (SELECT CAST(:moments AS timestamptz[])))
    AS touched (person_id, moment)
  JOIN duty_rule AS rule ON rule.county_id = :county_id
  CROSS JOIN LATERAL (
    SELECT CAST(touched.moment AT TIME ZONE :timezone - {_TAIL} AS date) AS day
  ) AS local
  CROSS JOIN LATERAL (SELECT {period_start("rule.period_kind", "local.day")} AS start) AS period
"""

# One person in periods given as (kind, start).
OF_PERSON = """
  SELECT DISTINCT CAST(:person_id AS uuid) AS person_id, rule.id AS rule_id, period.start
  FROM unnest(CAST(:kinds AS text[]), CAST(:starts AS date[])) AS period (kind, start)
  JOIN duty_rule AS rule ON rule.county_id = :county_id AND rule.period_kind = period.kind
"""

# Everybody in one period of one rule: who may owe, and who has a row.
OF_PERIOD = """
  SELECT person.id AS person_id, CAST(:rule_id AS uuid) AS rule_id, CAST(:start AS date) AS start
  FROM person
  WHERE person.county_id = :county_id AND EXISTS (
    SELECT FROM duty_rule AS rule WHERE rule.county_id = :county_id AND rule.id = :rule_id
      AND person.category = ANY(rule.categories))
  UNION
  SELECT duty.person_id, duty.rule_id, duty.period_start FROM duty
  WHERE duty.county_id = :county_id AND duty.rule_id = :rule_id AND duty.period_start = :start
"""

OF_DUTY = """
  SELECT duty.person_id, duty.rule_id, duty.period_start AS start FROM duty
  WHERE duty.county_id = :county_id AND duty.id = :duty_id
"""

# Owing: of the rule's category, and serving (and assigned, where only assigned villages count) throughout the
# period. Who came or left halfway owes nothing, since the rule does not say how to share it out; a row that is
# there already is then `excused`. OFFSET 0 keeps the planner from working `owed` out twice.
_ASKED = f"""
  SELECT scope.person_id, scope.start, rule.*, period.*, duty.id, duty.status AS before, duty AS stored,
    owing.owed, coalesce(duty.closed_at, CASE
      WHEN CAST(:closing AS boolean) AND period.closes_at <= :now THEN CAST(:now AS timestamptz)
    END) AS closed_at
  FROM scope
  JOIN person ON person.county_id = :county_id AND person.id = scope.person_id
  CROSS JOIN LATERAL (
    SELECT rule.id AS rule_id, rule.version, rule.categories, rule.measure, rule.period_kind, rule.required,
      rule.counts_in, rule.household_required OR rule.measure = 'distinct_households' AS household_required,
      make_interval(mins => rule.night_start) AS night_start,
      make_interval(mins => rule.night_until) AS night_until, {_TAIL} AS tail, rule.grace_h,
      rule.effective_from <= scope.start
        AND (rule.effective_until IS NULL OR scope.start < rule.effective_until) AS governs
    FROM duty_rule AS rule WHERE rule.county_id = :county_id AND rule.id = scope.rule_id
    ORDER BY governs DESC, rule.version DESC LIMIT 1
  ) AS rule
  CROSS JOIN LATERAL (SELECT {next_start("rule.period_kind", "scope.start")} AS next_start) AS following
  CROSS JOIN LATERAL (
    SELECT following.next_start, (scope.start + rule.tail) AT TIME ZONE :timezone AS from_at,
      (following.next_start + rule.tail) AT TIME ZONE :timezone AS until_at,
      (following.next_start + rule.tail) AT TIME ZONE :timezone
        + make_interval(hours => rule.grace_h) AS closes_at
  ) AS period
  CROSS JOIN LATERAL (
    SELECT rule.governs AND person.category = ANY(rule.categories)
      AND person.from_date <= scope.start
      AND (person.until_date IS NULL OR person.until_date >= following.next_start)
      AND (rule.counts_in <> 'assigned' OR coalesce((
        SELECT range_agg(daterange(assignment.from_date, assignment.until_date))
          @> daterange(scope.start, following.next_start)
        FROM assignment
        WHERE assignment.county_id = :county_id AND assignment.person_id = scope.person_id
      ), false)) AS owed
    OFFSET 0
  ) AS owing
  LEFT JOIN duty ON duty.county_id = :county_id AND duty.person_id = scope.person_id
    AND duty.rule_id = scope.rule_id AND duty.period_start = scope.start
  WHERE scope.start <= CAST(CAST(:now AS timestamptz) AT TIME ZONE :timezone AS date)
    AND (owing.owed OR duty.id IS NOT NULL)
"""

# `here` is the village that a check-in speaks for: the one it was judged against, or, when it was outside of
# that, the one it was found in. Where the place is unsure, or outside and held or accepted all the same, whoever
# accepts the check-in vouches for the place.
# `stands_for` is what the measure counts: check-ins that stand for the same thing count once.
_VISIT = """
  SELECT asked.person_id, asked.rule_id, asked.start, asked.closes_at, asked.measure,
    check_in.id AS check_in_id, check_in.captured_at, check_in.received_at, check_in.standing,
    CASE asked.measure
      WHEN 'distinct_households' THEN CAST(check_in.household_id AS text)
      WHEN 'visits' THEN concat_ws(' ', at.day, coalesce(CAST(check_in.household_id AS text), at.here))
      ELSE CAST(at.day AS text)
    END AS stands_for,
    CASE
      WHEN check_in.standing = 'refused' THEN 'refused'
      WHEN NOT at.vouched AND at.here IS NULL THEN 'outside'
      WHEN NOT at.vouched AND asked.counts_in = 'assigned' AND NOT EXISTS (
        SELECT FROM assignment
        WHERE assignment.county_id = :county_id AND assignment.person_id = asked.person_id
          AND assignment.village_id = at.here AND assignment.from_date <= at.day
          AND (assignment.until_date IS NULL OR at.day < assignment.until_date)
      ) THEN 'not_assigned_village'
      WHEN NOT at.vouched AND asked.counts_in = 'unit' AND NOT EXISTS (
        SELECT FROM village
        JOIN unit ON unit.county_id = :county_id AND unit.id = village.unit_id
        JOIN unit AS own ON own.county_id = :county_id AND own.path @> unit.path
        WHERE village.county_id = :county_id AND village.id = at.here AND (
          own.id = (SELECT unit_id FROM person WHERE county_id = :county_id AND id = asked.person_id)
          OR own.id IN (
            SELECT post.unit_id FROM post
            WHERE post.county_id = :county_id AND post.person_id = asked.person_id
              AND post.from_date <= at.day AND (post.until_date IS NULL OR at.day < post.until_date)))
      ) THEN 'not_in_unit'
      WHEN asked.household_required AND check_in.household_id IS NULL THEN 'no_household'
      WHEN at.local < at.day + asked.night_start OR at.local >= at.day + asked.night_until THEN 'not_at_night'
    END AS obstacle
  FROM asked
  JOIN check_in ON check_in.county_id = :county_id AND check_in.person_id = asked.person_id
    AND check_in.captured_at >= asked.from_at AND check_in.captured_at < asked.until_at
  CROSS JOIN LATERAL (
    SELECT check_in.captured_at AT TIME ZONE :timezone AS local,
      CAST(check_in.captured_at AT TIME ZONE :timezone - asked.tail AS date) AS day,
      CASE WHEN check_in.standing = 'outside' THEN check_in.found_in_village_id
        ELSE coalesce(check_in.village_id, check_in.found_in_village_id) END AS here,
      check_in.place = 'unsure' OR (check_in.place = 'outside' AND check_in.standing <> 'outside') AS vouched
  ) AS at
"""

# Of those that stand for the same thing the first received is taken, so that a later upload never turns a duty
# that was met in time into one that was met late; a held one only where no other stands.
_JUDGED = """
  SELECT ranked.*, CASE
      WHEN obstacle IS NOT NULL THEN obstacle
      WHEN place_in_line > 1 THEN CASE measure WHEN 'nights' THEN 'same_night' WHEN 'visits' THEN 'same_visit'
        WHEN 'distinct_households' THEN 'same_household' ELSE 'same_day' END
      WHEN standing = 'held' THEN 'held'
      ELSE 'counted'
    END AS code
  FROM (
    SELECT visit.*, row_number() OVER (
      PARTITION BY person_id, rule_id, start, obstacle IS NULL, stands_for
      ORDER BY standing = 'held', received_at, captured_at, check_in_id) AS place_in_line
    FROM visit
  ) AS ranked
"""

_DUTY_NOW = """
  SELECT asked.*, coalesce(tally.done, 0) AS done, coalesce(tally.pending_review, 0) AS pending_review,
    tally.last_visit_at, CASE
      WHEN NOT asked.owed THEN 'excused'
      WHEN tally.in_time >= asked.required THEN 'met'
      WHEN tally.done >= asked.required THEN 'met_late'
      WHEN asked.closed_at IS NOT NULL THEN 'missed'
      ELSE 'open'
    END AS status
  FROM asked
  LEFT JOIN (
    SELECT person_id, rule_id, start, CAST(count(*) FILTER (WHERE code = 'counted') AS int) AS done,
      count(*) FILTER (WHERE code = 'counted' AND received_at < closes_at) AS in_time,
      CAST(count(*) FILTER (WHERE code = 'held') AS int) AS pending_review,
      max(captured_at) FILTER (WHERE obstacle IS NULL AND standing <> 'held') AS last_visit_at
    FROM judged GROUP BY person_id, rule_id, start
  ) AS tally USING (person_id, rule_id, start)
"""


def statement(scope: str, ending: str) -> str:
    """The whole statement. `ending` continues after `WITH ...`: a SELECT, or `, name AS (...) SELECT`."""
    return (
        f"WITH scope AS MATERIALIZED ({scope}), asked AS ({_ASKED}), visit AS MATERIALIZED ({_VISIT}),"
        f" judged AS ({_JUDGED}), duty_now AS ({_DUTY_NOW}){ending}"
    )
