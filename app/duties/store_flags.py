"""All statements of flags: raised and withdrawn by set, with their trace; decided one by one."""

from app.duties.store import NEW_ID

_MISSES = """
  SELECT count(*) FROM duty AS earlier
  WHERE earlier.county_id = :county_id AND earlier.person_id = duty.person_id AND earlier.rule_id = duty.rule_id
    AND earlier.period_start <= duty.period_start AND earlier.status = 'missed'
    AND earlier.period_start > coalesce((
      SELECT max(met.period_start) FROM duty AS met
      WHERE met.county_id = :county_id AND met.person_id = duty.person_id AND met.rule_id = duty.rule_id
        AND met.period_start < duty.period_start AND met.status NOT IN ('missed', 'excused')), '-infinity')
"""

# Answerable: the leaders of the nearest unit, from the own one upwards, that has a leader other than the person;
# on both lines, of those who answer for the person on the ground and of those who sent them.
RAISE_FLAGS = f"""
WITH missed AS (
  SELECT duty.id, duty.person_id, person.unit_id, person.department_id, ({_MISSES}) AS misses
  FROM duty JOIN person ON person.county_id = :county_id AND person.id = duty.person_id
  WHERE duty.county_id = :county_id AND duty.id = ANY(CAST(:duty_ids AS uuid[])) AND duty.status = 'missed'
), raised AS (
  INSERT INTO flag (county_id, id, duty_id, person_id, status, misses, raised_at, changed_at)
  SELECT :county_id, {NEW_ID}, id, person_id, 'open', misses, :now, :now FROM missed
  ON CONFLICT (county_id, duty_id) DO UPDATE
  SET status = 'open', misses = excluded.misses, changed_at = excluded.changed_at, reason = NULL
  WHERE flag.status = 'withdrawn'
  RETURNING id, duty_id
), leader AS (
  SELECT DISTINCT below.id AS unit_id, post.person_id, nlevel(above.path) AS depth
  FROM unit AS below
  JOIN unit AS above ON above.county_id = :county_id AND above.path @> below.path
  JOIN post ON post.county_id = :county_id AND post.unit_id = above.id AND post.role = 'leader'
    AND post.from_date <= :today AND (post.until_date IS NULL OR post.until_date > :today)
  WHERE below.county_id = :county_id
    AND below.id IN (SELECT unit_id FROM missed UNION SELECT department_id FROM missed)
), candidate AS (
  SELECT missed.id AS duty_id, leader.person_id,
    rank() OVER (PARTITION BY missed.id, line.unit_id ORDER BY leader.depth DESC) AS distance
  FROM missed
  CROSS JOIN LATERAL (VALUES (missed.unit_id), (missed.department_id)) AS line (unit_id)
  JOIN leader ON leader.unit_id = line.unit_id AND leader.person_id <> missed.person_id
), answerable AS (
  INSERT INTO flag_recipient (county_id, flag_id, person_id)
  SELECT DISTINCT :county_id, raised.id, candidate.person_id
  FROM raised JOIN candidate ON candidate.duty_id = raised.duty_id AND candidate.distance = 1
  ON CONFLICT DO NOTHING
), trace AS (
  INSERT INTO audit_entry (county_id, id, at, action, subject, detail)
  SELECT :county_id, {NEW_ID}, :now, 'flag.raised', 'flag:' || id, jsonb_build_object('duty_id', duty_id)
  FROM raised
)
SELECT id FROM raised
"""

WITHDRAW_FLAGS = f"""
WITH withdrawn AS (
  UPDATE flag SET status = 'withdrawn', changed_at = :now, changed_by = NULL, reason = duty.status
  FROM duty
  WHERE flag.county_id = :county_id AND flag.duty_id = ANY(CAST(:duty_ids AS uuid[]))
    AND flag.status IN ('open', 'acknowledged')
    AND duty.county_id = :county_id AND duty.id = flag.duty_id AND duty.status <> 'missed'
  RETURNING flag.id, flag.duty_id, flag.reason
), trace AS (
  INSERT INTO audit_entry (county_id, id, at, action, subject, detail)
  SELECT :county_id, {NEW_ID}, :now, 'flag.withdrawn', 'flag:' || id,
    jsonb_build_object('duty_id', duty_id, 'reason', reason)
  FROM withdrawn
)
SELECT id FROM withdrawn
"""

FLAGS = """
SELECT flag.id, flag.duty_id, flag.person_id, person.name, flag.misses, duty.period_start, duty.required,
  duty.done, rule.id AS rule_id, rule.name AS rule_name, rule.name_en AS rule_name_en, rule.period_kind, ARRAY(
    SELECT recipient.person_id FROM flag_recipient AS recipient
    WHERE recipient.county_id = :county_id AND recipient.flag_id = flag.id
  ) AS recipients
FROM flag
JOIN person ON person.county_id = :county_id AND person.id = flag.person_id
JOIN duty ON duty.county_id = :county_id AND duty.id = flag.duty_id
JOIN duty_rule AS rule
  ON rule.county_id = :county_id AND rule.id = duty.rule_id AND rule.version = duty.rule_version
WHERE flag.county_id = :county_id AND flag.id = ANY(CAST(:flag_ids AS uuid[]))
ORDER BY flag.id
"""

DECIDE_FLAG = """
UPDATE flag SET status = :to, changed_at = :now, changed_by = :actor_id, reason = :reason
WHERE county_id = :county_id AND id = :flag_id AND status = ANY(CAST(:of AS text[]))
RETURNING id
"""
