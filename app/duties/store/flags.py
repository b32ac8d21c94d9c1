"""All statements of flags: raised, escalated, withdrawn and decided by set, with their trace."""

from datetime import date
from typing import NamedTuple
from uuid import UUID

from app.duties.words import DutyStatus, PeriodKind
from app.kernel.ids import NEW_ID
from app.kernel.statements import Command, Id, Json, Statement


class EscalatedRow(NamedTuple):
    """A flag that has climbed a step."""

    id: UUID
    person_id: UUID
    level: int


class FlagRow(NamedTuple):
    """A flag with its duty, to tell of it."""

    id: UUID
    duty_id: UUID
    person_id: UUID
    name: str
    misses: int
    level: int
    period_start: date
    required: int
    done: int
    duty_status: DutyStatus
    reviewable: bool
    unreviewed_by: list[Json] | None
    rule_id: UUID
    rule_name: str
    rule_name_en: str
    period_kind: PeriodKind


class FlagStatusRow(NamedTuple):
    """Where a flag stands."""

    id: UUID
    status: str


class RaisedRow(NamedTuple):
    """A flag that has just been raised."""

    id: UUID
    person_id: UUID
    level: int
    unreviewed: bool


_MISSES = """
  SELECT count(*) FROM duty AS earlier
  WHERE earlier.county_id = :county_id AND earlier.person_id = duty.person_id AND earlier.rule_id = duty.rule_id
    AND earlier.period_start <= duty.period_start AND earlier.status = 'missed'
    AND earlier.period_start > coalesce((
      SELECT max(met.period_start) FROM duty AS met
      WHERE met.county_id = :county_id AND met.person_id = duty.person_id AND met.rule_id = duty.rule_id
        AND met.period_start < duty.period_start AND met.status NOT IN ('missed', 'excused')), '-infinity')
"""

# Who should have made the review that a missed duty waited for, of a row of `duty`.
UNREVIEWED_BY = """CASE WHEN {duty}.status = 'missed' AND {duty}.review_due_at IS NOT NULL THEN (
    SELECT jsonb_agg(jsonb_build_object('id', reviewer.id, 'name', reviewer.name) ORDER BY reviewer.id)
    FROM flag JOIN person AS reviewer
      ON reviewer.county_id = :county_id AND reviewer.id = ANY(flag.unreviewed_by)
    WHERE flag.county_id = :county_id AND flag.duty_id = {duty}.id) END"""

# `ladder` is, for each step, the misses in a row from which on a flag stands on it.
RAISE_FLAGS = Statement(
    RaisedRow,
    f"""
WITH missed AS (
  SELECT duty.id, duty.person_id, ({_MISSES}) AS misses FROM duty
  WHERE duty.county_id = :county_id AND duty.id = ANY(CAST(:duty_ids AS uuid[])) AND duty.status = 'missed'
), raised AS (
  INSERT INTO flag (county_id, id, duty_id, person_id, status, misses, level, raised_at, opened_at, told_at,
    changed_at)
  SELECT :county_id, {NEW_ID}, id, person_id, 'open', misses, (
    SELECT count(*) FROM unnest(CAST(:ladder AS int[])) AS step (misses) WHERE step.misses <= missed.misses
  ), :now, :now, :now, :now FROM missed
  ON CONFLICT (county_id, duty_id) DO UPDATE
  SET status = 'open', misses = excluded.misses, level = excluded.level, opened_at = :now, told_at = :now,
    changed_at = :now, changed_by = NULL, reason = NULL, unreviewed_by = '{{}}'
  WHERE flag.status = 'withdrawn'
  RETURNING id, duty_id, person_id, misses, level, raised_at < opened_at AS again
), trace AS (
  INSERT INTO audit_entry (county_id, id, at, action, subject, detail)
  SELECT :county_id, {NEW_ID}, :now, CASE WHEN again THEN 'flag.raised_again' ELSE 'flag.raised' END,
    'flag:' || id, jsonb_build_object('duty_id', duty_id, 'misses', misses, 'level', level)
  FROM raised
)
SELECT raised.id, raised.person_id, level, duty.review_due_at IS NOT NULL AS unreviewed
FROM raised JOIN duty ON duty.county_id = :county_id AND duty.id = raised.duty_id
""",
)

UNREVIEWED = Statement(
    Id,
    """
UPDATE flag SET unreviewed_by = told.person_ids
FROM (
  SELECT flag_id, array_agg(DISTINCT person_id) AS person_ids
  FROM unnest(CAST(:flag_ids AS uuid[]), CAST(:person_ids AS uuid[])) AS each (flag_id, person_id) GROUP BY flag_id
) AS told
WHERE flag.county_id = :county_id AND flag.id = told.flag_id RETURNING flag.id
""",
)

# One step up what nobody acknowledged for so long, since they were told. Those that somebody else is at are passed
# over: they come in the next round, and no two workers wait for each other.
ESCALATE_FLAGS = Statement(
    EscalatedRow,
    f"""
WITH due AS (
  SELECT id FROM flag
  WHERE county_id = :county_id AND status = 'open' AND told_at <= :since AND level < :steps
  ORDER BY told_at, id LIMIT :limit FOR UPDATE SKIP LOCKED
), escalated AS (
  UPDATE flag SET level = level + 1, told_at = :now FROM due
  WHERE flag.county_id = :county_id AND flag.id = due.id
  RETURNING flag.id, flag.person_id, flag.level
), trace AS (
  INSERT INTO audit_entry (county_id, id, at, action, subject, detail)
  SELECT :county_id, {NEW_ID}, :now, 'flag.escalated', 'flag:' || id, jsonb_build_object('level', level)
  FROM escalated
)
SELECT id, person_id, level FROM escalated
""",
)

PUT_BEFORE = Command("""
INSERT INTO flag_recipient (county_id, flag_id, person_id)
SELECT :county_id, told.flag_id, told.person_id
FROM unnest(CAST(:flag_ids AS uuid[]), CAST(:person_ids AS uuid[])) AS told (flag_id, person_id)
ON CONFLICT DO NOTHING
""")

WITHDRAW_FLAGS = Statement(
    UUID,
    f"""
WITH withdrawn AS (
  UPDATE flag SET status = 'withdrawn', changed_at = :now, changed_by = NULL,
    reason = CASE WHEN duty.excuse IN ('appeal', 'merged') THEN duty.excuse
      WHEN duty.status = 'open' AND duty.review_due_at IS NOT NULL THEN 'awaiting_review' ELSE duty.status END
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
""",
)

FLAGS = Statement(
    FlagRow,
    f"""
SELECT flag.id, flag.duty_id, flag.person_id, person.name, flag.misses, flag.level, duty.period_start,
  duty.required, duty.done, duty.status AS duty_status, duty.review_due_at IS NOT NULL AS reviewable,
  {UNREVIEWED_BY.format(duty="duty")} AS unreviewed_by,
  rule.id AS rule_id, rule.name AS rule_name, rule.name_en AS rule_name_en, rule.period_kind
FROM flag
JOIN person ON person.county_id = :county_id AND person.id = flag.person_id
JOIN duty ON duty.county_id = :county_id AND duty.id = flag.duty_id
JOIN duty_rule AS rule
  ON rule.county_id = :county_id AND rule.id = duty.rule_id AND rule.version = duty.rule_version
WHERE flag.county_id = :county_id AND flag.id = ANY(CAST(:flag_ids AS uuid[]))
ORDER BY flag.id
""",
)

# Those that are past it meanwhile stay as they are.
DECIDE_FLAGS = Statement(
    UUID,
    f"""
WITH due AS (
  SELECT id FROM flag
  WHERE county_id = :county_id AND id = ANY(CAST(:flag_ids AS uuid[])) AND status = ANY(CAST(:of AS text[]))
  ORDER BY id FOR UPDATE
), decided AS (
  UPDATE flag SET status = :to, changed_at = :now, changed_by = :actor_id, reason = :reason FROM due
  WHERE flag.county_id = :county_id AND flag.id = due.id
  RETURNING flag.id
), trace AS (
  INSERT INTO audit_entry (county_id, id, at, actor_id, action, subject, detail)
  SELECT :county_id, {NEW_ID}, :now, CAST(:actor_id AS uuid), 'flag.' || CAST(:to AS text), 'flag:' || id,
    jsonb_build_object('reason', CAST(:reason AS text))
  FROM decided
)
SELECT id FROM decided
""",
)

OF_PEOPLE = Statement(
    FlagStatusRow,
    """
SELECT id, status FROM flag WHERE county_id = :county_id AND person_id = ANY(CAST(:person_ids AS uuid[]))
""",
)
