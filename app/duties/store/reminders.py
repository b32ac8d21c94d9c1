"""All statements of reminders."""

from datetime import date
from typing import NamedTuple
from uuid import UUID

from app.duties.counting import calendar
from app.duties.words import PeriodKind
from app.kernel.statements import Statement


class LastDayRow(NamedTuple):
    """The last working day of the current period of a kind."""

    kind: str
    day: date


class TurnRow(NamedTuple):
    """Which reminders of a period have been made."""

    rule_id: UUID
    start: date
    reminded: str | None


class BehindRow(NamedTuple):
    """Somebody who is behind, and with what."""

    id: UUID
    person_id: UUID
    required: int
    done: int
    pending_review: int
    start: date
    reminder: str
    rule_id: UUID
    name: str
    name_en: str
    period_kind: PeriodKind
    waiting: int | None


# A year's last working day lies within a fortnight of its end, or there is none worth waiting for.
_DAYS = calendar("greatest(period.start, period.until - 14)", "CAST(period.until + 1 AS timestamp)")
LAST_WORKING_DAYS = Statement(
    LastDayRow,
    f"""
SELECT period.kind, (
  SELECT max(day) FROM ({_DAYS}) AS at WHERE working
) AS day
FROM unnest(CAST(:kinds AS text[]), CAST(:starts AS date[]), CAST(:ends AS date[])) AS period (kind, start, until)
""",
)

# Whoever moves a period on reminds its people; another worker waits, and then finds it moved.
TURN = Statement(
    TurnRow,
    """
UPDATE duty_period SET reminded = due.reminder
FROM unnest(CAST(:kinds AS text[]), CAST(:starts AS date[]), CAST(:reminders AS text[]))
  AS due (kind, start, reminder)
WHERE duty_period.county_id = :county_id AND duty_period.start = due.start
  AND duty_period.reminded IS DISTINCT FROM due.reminder
  AND due.kind = (
    SELECT min(rule.period_kind) FROM duty_rule AS rule
    WHERE rule.county_id = :county_id AND rule.id = duty_period.rule_id)
RETURNING duty_period.rule_id, duty_period.start, duty_period.reminded
""",
)

# Not whoever has met it, is excused, or would have met it if what awaits review counts.
BEHIND = Statement(
    BehindRow,
    """
SELECT duty.id, duty.person_id, duty.required, duty.done, duty.pending_review, period.start, period.reminder,
  rule.id AS rule_id, rule.name, rule.name_en, rule.period_kind, (
    SELECT device.waiting FROM device
    WHERE device.county_id = :county_id AND device.person_id = duty.person_id AND device.waiting IS NOT NULL
    ORDER BY device.waiting_said_at DESC LIMIT 1
  ) AS waiting
FROM unnest(CAST(:rule_ids AS uuid[]), CAST(:starts AS date[]), CAST(:reminders AS text[]))
  AS period (rule_id, start, reminder)
JOIN duty ON duty.county_id = :county_id AND duty.rule_id = period.rule_id AND duty.period_start = period.start
  AND duty.status = 'open' AND duty.done + duty.pending_review < duty.required
JOIN duty_rule AS rule
  ON rule.county_id = :county_id AND rule.id = duty.rule_id AND rule.version = duty.rule_version
ORDER BY duty.person_id, rule.name, duty.id
""",
)
