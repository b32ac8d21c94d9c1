"""All statements of rules: their versions, and which of their periods have been opened."""

from dataclasses import dataclass
from datetime import date
from uuid import UUID

from app.directory.words import Category
from app.duties.words import CountsIn, DayKind, Measure, PeriodKind, Proration, RequiredPer
from app.kernel.statements import Command, Statement


@dataclass(frozen=True, slots=True)
class VersionRow:
    """A version of a rule, as it is stored."""

    county_id: str
    id: UUID
    version: int
    name: str
    name_en: str
    source: str
    categories: list[Category]
    measure: Measure
    period_kind: PeriodKind
    required: int
    counts_in: CountsIn
    household_required: bool
    night_start: int | None
    night_until: int | None
    grace_h: int
    effective_from: date
    effective_until: date | None
    per: RequiredPer
    days: DayKind
    share: Proration
    unit_ids: list[UUID]
    except_ids: list[UUID]
    min_dwell_min: int | None
    form_required: bool
    shift_closing: bool


@dataclass(frozen=True, slots=True)
class RuleRow(VersionRow):
    """And the last period that was opened of the rule."""

    opened_start: date | None
    opened_on: date | None


RULES = Statement(
    RuleRow,
    """
SELECT rule.*, opened.start AS opened_start, opened.opened_on
FROM duty_rule AS rule
LEFT JOIN LATERAL (
  SELECT start, opened_on FROM duty_period
  WHERE duty_period.county_id = :county_id AND duty_period.rule_id = rule.id ORDER BY start DESC LIMIT 1
) AS opened ON true
WHERE rule.county_id = :county_id ORDER BY rule.id, rule.version
""",
)

MARK_OPENED = Command("""
INSERT INTO duty_period (county_id, rule_id, start, opened_on)
VALUES (:county_id, :rule_id, :start, :today)
ON CONFLICT (county_id, rule_id, start) DO UPDATE SET opened_on = excluded.opened_on
""")

END_RULE = Statement(
    str,
    """
UPDATE duty_rule SET effective_until = :effective_from
WHERE county_id = :county_id AND id = :id AND effective_until IS NULL RETURNING period_kind
""",
)

# From a date on nothing is owed by the rule any more; not where it has ended, or a version begins later.
CLOSE_RULE = Command("""
UPDATE duty_rule SET effective_until = :effective_until
WHERE county_id = :county_id AND id = :id AND effective_until IS NULL AND effective_from < :effective_until
""")

PUT_RULE = Statement(
    int,
    """
INSERT INTO duty_rule (county_id, id, version, name, name_en, source, categories, measure, period_kind, required,
  counts_in, household_required, night_start, night_until, grace_h, per, days, share, unit_ids, except_ids,
  min_dwell_min, form_required, shift_closing, effective_from)
SELECT :county_id, :id, (
    SELECT coalesce(max(version), 0) + 1 FROM duty_rule WHERE county_id = :county_id AND id = :id
  ), :name, :name_en, :source, CAST(:categories AS text[]), :measure, :period_kind, :required, :counts_in,
  :household_required, :night_start, :night_until, :grace_h, :per, :days, :share, CAST(:unit_ids AS uuid[]),
  CAST(:except_ids AS uuid[]), :min_dwell_min, :form_required, :shift_closing, :effective_from
RETURNING version
""",
)

COUNTS_BY_UNITS = Statement(
    bool, "SELECT EXISTS (SELECT FROM duty_rule WHERE county_id = :county_id AND counts_in = 'unit') AS asked"
)
