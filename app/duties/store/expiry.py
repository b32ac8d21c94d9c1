"""Duties of years past are deleted after their time, with flags and appeals; leave with the evidence."""

from datetime import date
from typing import NamedTuple

from app.kernel.statements import Command, Statement


class UndecidedRow(NamedTuple):
    """The first day that bears on something that is not decided yet; null where everything is."""

    day: date | None


# Duties that are not closed, and what open appeals are about: of a check-in its year, which may be a period.
UNDECIDED = Statement(
    UndecidedRow,
    """
SELECT least(
  (SELECT min(period_start) FROM duty WHERE duty.county_id = :county_id AND closed_at IS NULL),
  (SELECT min(duty.period_start) FROM appeal
    JOIN flag ON flag.county_id = :county_id AND flag.id = appeal.flag_id
    JOIN duty ON duty.county_id = :county_id AND duty.id = flag.duty_id
    WHERE appeal.county_id = :county_id AND appeal.status = 'open'),
  (SELECT CAST(date_trunc('year', min(check_in.visited_at) AT TIME ZONE :timezone - interval '2 days') AS date)
    FROM appeal JOIN check_in ON check_in.county_id = :county_id AND check_in.id = appeal.check_in_id
    WHERE appeal.county_id = :county_id AND appeal.status = 'open')) AS day
""",
)

DELETE_APPEALS = Command("""
DELETE FROM appeal WHERE county_id = :county_id AND check_in_id = ANY(CAST(:ids AS uuid[]))
""")
DELETE_DUTIES = Command("""
WITH old AS (
  SELECT id, person_id, rule_id, period_start FROM duty WHERE county_id = :county_id AND period_start < :until
  LIMIT :limit
), flagged AS (
  SELECT flag.id FROM flag JOIN old ON old.id = flag.duty_id WHERE flag.county_id = :county_id
), told AS (
  DELETE FROM flag_recipient USING flagged
  WHERE flag_recipient.county_id = :county_id AND flag_recipient.flag_id = flagged.id
), appealed AS (
  DELETE FROM appeal USING flagged WHERE appeal.county_id = :county_id AND appeal.flag_id = flagged.id
), waived AS (
  DELETE FROM duty_waiver USING old
  WHERE duty_waiver.county_id = :county_id AND duty_waiver.person_id = old.person_id
    AND duty_waiver.rule_id = old.rule_id AND duty_waiver.period_start = old.period_start
), raised AS (
  DELETE FROM flag USING flagged WHERE flag.county_id = :county_id AND flag.id = flagged.id
)
DELETE FROM duty USING old WHERE duty.county_id = :county_id AND duty.id = old.id
""")
# A handful a week. The last that was opened says from where to go on.
DELETE_PERIODS = Command("""
DELETE FROM duty_period WHERE county_id = :county_id AND start < :until AND NOT EXISTS (
  SELECT FROM duty WHERE duty.county_id = :county_id AND duty.rule_id = duty_period.rule_id
    AND duty.period_start = duty_period.start)
  AND EXISTS (SELECT FROM duty_period AS later WHERE later.county_id = :county_id
    AND later.rule_id = duty_period.rule_id AND later.start > duty_period.start)
""")
DELETE_LEAVE = Command("""
DELETE FROM leave WHERE county_id = :county_id AND id IN (
  SELECT id FROM leave WHERE county_id = :county_id AND until_half <= CAST(:until AS date) LIMIT :limit)
""")
