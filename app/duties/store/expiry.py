"""Duties of years past are deleted after their time, with flags and appeals; leave with the evidence."""

from datetime import date
from typing import NamedTuple

from app.duties.models import WAIVER_KEY
from app.kernel.removal import removing
from app.kernel.statements import Command, Id, Statement


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

_IDS = "ANY(CAST(:ids AS uuid[]))"
REMOVE_APPEALS = removing(
    "appeal", f"ARRAY(SELECT id FROM appeal WHERE county_id = :county_id AND check_in_id = {_IDS})"
)
OLD_LEAVE = Statement(
    Id,
    """
SELECT id FROM leave WHERE county_id = :county_id AND until_half <= CAST(:until AS date) LIMIT :limit FOR UPDATE
""",
)
REMOVE_LEAVE = removing("leave")
OLD_DUTIES = Statement(
    Id,
    "SELECT id FROM duty WHERE county_id = :county_id AND period_start < :until LIMIT :limit FOR UPDATE",
)
REMOVE_APPEALS_OF_FLAGS = removing(
    "appeal",
    f"""ARRAY(SELECT appeal.id FROM appeal JOIN flag ON flag.county_id = :county_id AND flag.id = appeal.flag_id
  WHERE appeal.county_id = :county_id AND flag.duty_id = {_IDS})""",
)
REMOVE_WAIVERS = removing(
    "duty_waiver",
    f"""ARRAY(SELECT {WAIVER_KEY} FROM duty_waiver
  WHERE county_id = :county_id AND (person_id, rule_id, period_start) IN (
    SELECT person_id, rule_id, period_start FROM duty WHERE county_id = :county_id AND id = {_IDS}))""",
)
DELETE_DUTIES = Command(f"""
WITH flagged AS (
  SELECT id FROM flag WHERE county_id = :county_id AND duty_id = {_IDS}
), told AS (
  DELETE FROM flag_recipient USING flagged
  WHERE flag_recipient.county_id = :county_id AND flag_recipient.flag_id = flagged.id
), raised AS (
  DELETE FROM flag USING flagged WHERE flag.county_id = :county_id AND flag.id = flagged.id
)
DELETE FROM duty WHERE county_id = :county_id AND id = {_IDS}
""")
# A handful a week. The last that was opened says from where to go on.
DELETE_PERIODS = Command("""
DELETE FROM duty_period WHERE county_id = :county_id AND start < :until AND NOT EXISTS (
  SELECT FROM duty WHERE duty.county_id = :county_id AND duty.rule_id = duty_period.rule_id
    AND duty.period_start = duty_period.start)
  AND EXISTS (SELECT FROM duty_period AS later WHERE later.county_id = :county_id
    AND later.rule_id = duty_period.rule_id AND later.start > duty_period.start)
""")
