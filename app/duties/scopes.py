"""Which duties a statement of `counting/` is about: SQL for (person_id, rule_id, start of period)."""

TAIL = "make_interval(mins => greatest(rule.night_until - 1440, 0))"  # greatest() passes over nulls


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
    SELECT CAST(touched.moment AT TIME ZONE :timezone - {TAIL} AS date) AS day
  ) AS local
  CROSS JOIN LATERAL (SELECT {period_start("rule.period_kind", "local.day")} AS start) AS period
"""

# Periods that overlap [from_day, until_day), for each of these people: that are open, or in which they have a row
# already, as by a late upload from before the rule's first period was opened.
OF_DAYS = f"""
  SELECT known.person_id, known.rule_id, known.start
  FROM (
    SELECT person.id AS person_id, opened.rule_id, opened.start
    FROM unnest(CAST(:person_ids AS uuid[])) AS person (id)
    JOIN duty_period AS opened ON opened.county_id = :county_id AND opened.start < :until_day
    UNION
    SELECT duty.person_id, duty.rule_id, duty.period_start FROM duty
    WHERE duty.county_id = :county_id AND duty.person_id = ANY(CAST(:person_ids AS uuid[]))
      AND duty.period_start < :until_day
  ) AS known
  WHERE :from_day < (
    SELECT {next_start("min(rule.period_kind)", "known.start")} FROM duty_rule AS rule
    WHERE rule.county_id = :county_id AND rule.id = known.rule_id)
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

# These people in one period of one rule.
OF_PEOPLE = """
  SELECT person.id AS person_id, CAST(:rule_id AS uuid) AS rule_id, CAST(:start AS date) AS start
  FROM unnest(CAST(:person_ids AS uuid[])) AS person (id)
"""

OF_DUTIES = """
  SELECT duty.person_id, duty.rule_id, duty.period_start AS start FROM duty
  WHERE duty.county_id = :county_id AND duty.id = ANY(CAST(:duty_ids AS uuid[]))
"""

OF_DUTY = """
  SELECT duty.person_id, duty.rule_id, duty.period_start AS start FROM duty
  WHERE duty.county_id = :county_id AND duty.id = :duty_id
"""
