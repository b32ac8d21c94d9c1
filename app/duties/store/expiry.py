"""Duties of years past go after their time, with flags and appeals; leave with the evidence."""

from datetime import date
from typing import NamedTuple
from uuid import UUID

from app.kernel.statements import Command, Id, Statement


class UndecidedRow(NamedTuple):
    """The first day that bears on something that is not decided yet; null where everything is."""

    day: date | None


class SealedRow(NamedTuple):
    """A sealed row, by the key that it is sealed under."""

    table_name: str
    id: UUID


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

APPEALS = Statement(
    UUID,
    "SELECT id FROM appeal WHERE county_id = :county_id AND check_in_id = ANY(CAST(:ids AS uuid[]))",
)
OLD_DUTIES = Statement(
    Id,
    "SELECT id FROM duty WHERE county_id = :county_id AND period_start < :until LIMIT :limit",
)
# The key of a waiver is that of `DutyWaiver.sealed`.
SEALED_OF_DUTIES = Statement(
    SealedRow,
    """
SELECT 'appeal' AS table_name, appeal.id FROM appeal
JOIN flag ON flag.county_id = :county_id AND flag.id = appeal.flag_id
WHERE appeal.county_id = :county_id AND flag.duty_id = ANY(CAST(:ids AS uuid[]))
UNION ALL
SELECT 'duty_waiver', CAST(md5(waiver.person_id || ' ' || waiver.rule_id || ' '
  || (waiver.period_start - DATE '2000-01-01')) AS uuid)
FROM duty_waiver AS waiver
JOIN duty ON duty.county_id = :county_id AND duty.person_id = waiver.person_id
  AND duty.rule_id = waiver.rule_id AND duty.period_start = waiver.period_start
WHERE waiver.county_id = :county_id AND duty.id = ANY(CAST(:ids AS uuid[]))
""",
)
DELETE_DUTIES = Command("""
WITH flagged AS (
  SELECT id FROM flag WHERE county_id = :county_id AND duty_id = ANY(CAST(:ids AS uuid[]))
), told AS (
  DELETE FROM flag_recipient USING flagged
  WHERE flag_recipient.county_id = :county_id AND flag_recipient.flag_id = flagged.id
), raised AS (
  DELETE FROM flag USING flagged WHERE flag.county_id = :county_id AND flag.id = flagged.id
)
DELETE FROM duty WHERE county_id = :county_id AND id = ANY(CAST(:ids AS uuid[]))
""")
# A handful a week. The last that was opened says from where to go on.
DELETE_PERIODS = Command("""
DELETE FROM duty_period WHERE county_id = :county_id AND start < :until AND NOT EXISTS (
  SELECT FROM duty WHERE duty.county_id = :county_id AND duty.rule_id = duty_period.rule_id
    AND duty.period_start = duty_period.start)
  AND EXISTS (SELECT FROM duty_period AS later WHERE later.county_id = :county_id
    AND later.rule_id = duty_period.rule_id AND later.start > duty_period.start)
""")
OLD_LEAVE = Statement(
    Id,
    "SELECT id FROM leave WHERE county_id = :county_id AND until_half <= CAST(:until AS date) LIMIT :limit",
)
