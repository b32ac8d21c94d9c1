"""All statements of duties. What counts is defined in `counting/`; here it is asked, kept and compared."""

from dataclasses import dataclass
from datetime import date, datetime
from typing import NamedTuple
from uuid import UUID

from app.duties import counting, scopes
from app.duties.store.flags import UNREVIEWED_BY
from app.duties.words import DutyStatus, Excuse, Measure, PeriodKind, Proration
from app.kernel.ids import NEW_ID
from app.kernel.statements import Command, Json, Statement


class CountyRow(NamedTuple):
    """A county that has rules."""

    id: str
    timezone: str


class ToCloseRow(NamedTuple):
    """A period that has duties to close."""

    rule_id: UUID
    period_start: date
    period_kind: PeriodKind


class PeriodRow(NamedTuple):
    """A period of a rule."""

    rule_id: UUID
    start: date


class OwedNowRow(NamedTuple):
    """What a duty requires and where it stands."""

    id: UUID
    required: int
    status: DutyStatus


@dataclass(frozen=True, slots=True)
class _CountedRow:
    """A duty as it is counted now, and how it stood."""

    person_id: UUID
    start: date
    closes_at: datetime
    required: int
    done: int
    pending_review: int
    status: DutyStatus
    review_due_at: datetime | None
    unreviewed_by: list[Json] | None
    before: DutyStatus | None
    required_before: int | None
    last_visit_at: datetime | None
    days: int
    days_there: float
    excuse: Excuse | None
    calendar_assumed: bool
    tracks_off: bool
    rule_id: UUID
    rule_version: int
    name: str
    name_en: str
    measure: Measure
    period_kind: PeriodKind
    night_start: int | None
    night_until: int | None
    min_dwell_min: int | None
    share: Proration
    form_required: bool
    household_required: bool


@dataclass(frozen=True, slots=True)
class OwedRow(_CountedRow):
    """`id` is null where nobody has opened the period yet."""

    id: UUID | None


@dataclass(frozen=True, slots=True)
class CountedRow(_CountedRow):
    """It has been kept."""

    id: UUID


class EvidenceRow(NamedTuple):
    """A check-in in the period of a duty, and its outcome there."""

    check_in_id: UUID
    code: str
    in_time: bool | None


class CountRow(NamedTuple):
    """What a check-in is to a duty that it touches."""

    check_in_id: UUID
    code: str
    in_time: bool
    start: date
    closes_at: datetime
    rule_id: UUID
    name: str
    name_en: str
    period_kind: PeriodKind


class AwaitedRow(NamedTuple):
    """An open duty that a held check-in could still meet."""

    check_in_id: UUID
    id: UUID
    start: date
    review_due_at: datetime
    rule_id: UUID
    name: str
    name_en: str
    period_kind: PeriodKind


class StayRow(NamedTuple):
    """A stay in the period of a duty of hours, and its outcome there."""

    duty_id: UUID
    village_id: str
    from_at: datetime
    until_at: datetime
    received_at: datetime
    code: str


class StandingRow(NamedTuple):
    """How somebody stands in a period, by a rule as it is."""

    person_id: UUID
    status: DutyStatus
    required: int
    done: int
    excuse: Excuse | None


class ComparedRow(NamedTuple):
    """A duty beside a recount of it; `id` is null where its row is missing."""

    stale: bool
    id: UUID | None
    person_id: UUID
    before: Json | None
    after: Json | None


# Columns of `duty` beside its key, and what each has to be now.
_DERIVED = {
    "rule_version": "version",
    "period_end": "next_start - 1",
    "closes_at": "closes_at",
    "required": "required",
    "days": "rule_days",
    "days_there": "days_there",
    "excuse": "excuse",
    "calendar_assumed": "calendar_assumed",
    "done": "done",
    "pending_review": "pending_review",
    "status": "status",
    "closed_at": "closed_at",
    "review_due_at": "review_due_at",
    "last_visit_at": "last_visit_at",
}
_COLUMNS = ", ".join(_DERIVED)
_VALUES = ", ".join(_DERIVED.values())
_STORED = {name: f"(stored).{name}" for name in _DERIVED}


def _json(columns: dict[str, str]) -> str:
    pairs = ", ".join(f"'{name}', {value}" for name, value in columns.items())
    return f"jsonb_build_object({pairs})"


# A row is stale when it says something else than it would now; one that is missing is stale too.
_KEPT = f"""
  kept AS (
    SELECT duty_now.*, coalesce(id, {NEW_ID}) AS duty_id,
      ({", ".join(_STORED.values())}) IS DISTINCT FROM ({_VALUES}) AS stale
    FROM duty_now
  )"""
_SAVED = f"""
  saved AS (
    INSERT INTO duty (county_id, id, person_id, rule_id, period_start, {_COLUMNS})
    SELECT :county_id, duty_id, person_id, rule_id, start, {_VALUES} FROM kept WHERE stale
    ON CONFLICT (county_id, person_id, rule_id, period_start) DO UPDATE
    SET ({_COLUMNS}) = ROW ({", ".join(f"excluded.{name}" for name in _DERIVED)})
  )"""
_PROGRESS = f"""
  duty.person_id, duty.start, duty.closes_at, duty.required, duty.done, duty.pending_review, duty.status,
  duty.review_due_at, {UNREVIEWED_BY.format(duty="duty")} AS unreviewed_by,
  duty.before, (duty.stored).required AS required_before, duty.last_visit_at, duty.rule_days AS days,
  duty.days_there, duty.excuse, duty.calendar_assumed, {counting.TRACKS_OFF} AS tracks_off,
  rule.id AS rule_id, rule.version AS rule_version, rule.name, rule.name_en,
  rule.measure, rule.period_kind, {counting.OF_RULE}
"""
_RULE = """
  JOIN duty_rule AS rule
    ON rule.county_id = :county_id AND rule.id = duty.rule_id AND rule.version = duty.version
"""
_SAVE = f", {_KEPT}, {_SAVED} SELECT {_PROGRESS}, duty.duty_id AS id FROM kept AS duty {_RULE}"

RECOUNT_MOMENTS = Statement(
    CountedRow, counting.statement(scopes.OF_MOMENTS, f"{_SAVE} ORDER BY duty.start, rule.id", by_stays=False)
)
RECOUNT_STAYS = Statement(
    CountedRow, counting.statement(scopes.OF_MOMENTS, f"{_SAVE} ORDER BY duty.start, rule.id")
)
RECOUNT_PERSON = Statement(
    CountedRow, counting.statement(scopes.OF_PERSON, f"{_SAVE} ORDER BY duty.start, rule.id")
)
RECOUNT_DAYS = Statement(CountedRow, counting.statement(scopes.OF_DAYS, f"{_SAVE} ORDER BY duty.start, rule.id"))
RECOUNT_PEOPLE = Statement(
    CountedRow, counting.statement(scopes.OF_PEOPLE, f"{_SAVE} WHERE duty.before IS DISTINCT FROM duty.status")
)
# Where the duties of these periods stand.
STANDING = Statement(
    OwedNowRow,
    """
SELECT duty.id, duty.required, duty.status
FROM unnest(CAST(:rule_ids AS uuid[]), CAST(:starts AS date[])) AS asked (rule_id, start)
JOIN duty ON duty.county_id = :county_id AND duty.rule_id = asked.rule_id AND duty.period_start = asked.start
""",
)
LOOK_AT_PERSON = Statement(
    OwedRow,
    counting.statement(
        scopes.OF_PERSON,
        f" SELECT {_PROGRESS}, duty.id FROM duty_now AS duty {_RULE} ORDER BY duty.start, rule.id",
    ),
)
EVIDENCE = Statement(
    EvidenceRow,
    counting.statement(
        scopes.OF_DUTY, " SELECT check_in_id, code, in_time FROM judged ORDER BY visited_at, check_in_id"
    ),
)
COUNTS = Statement(
    CountRow,
    counting.statement(
        scopes.OF_MOMENTS,
        f""" SELECT judged.check_in_id, judged.code, judged.in_time, duty.start, duty.closes_at,
      rule.id AS rule_id, rule.name, rule.name_en, rule.period_kind
    FROM judged JOIN asked AS duty USING (person_id, rule_id, start) {_RULE}
    WHERE judged.check_in_id = ANY(CAST(:check_in_ids AS uuid[]))
    ORDER BY judged.check_in_id, duty.start, rule.id""",
        by_stays=False,
    ),
)
# What is held, and the open duty that it could help to meet.
AWAITED = Statement(
    AwaitedRow,
    counting.statement(
        scopes.OF_MOMENTS,
        f""" SELECT judged.check_in_id, duty.id, duty.start, duty.review_due_at, rule.id AS rule_id, rule.name,
      rule.name_en, rule.period_kind
    FROM judged JOIN duty_now AS duty USING (person_id, rule_id, start) {_RULE}
    WHERE judged.code = 'held' AND duty.status = 'open' AND duty.review_due_at IS NOT NULL
    ORDER BY duty.review_due_at, duty.id""",
        by_stays=False,
    ),
)
STAYS = Statement(
    StayRow,
    counting.statement(
        scopes.OF_DUTIES,
        """ SELECT asked.id AS duty_id, stayed.village_id, lower(stayed.during) AS from_at,
      upper(stayed.during) AS until_at, stayed.received_at, stayed.code
    FROM stayed JOIN asked USING (person_id, rule_id, start)
    ORDER BY stayed.during, stayed.village_id""",
    ),
)
LOOK_AT_PERIOD = Statement(
    StandingRow,
    counting.statement(
        scopes.OF_PERIOD,
        " SELECT person_id, status, required, done, excuse FROM duty_now ORDER BY person_id",
    ),
)
COMPARE_PERIOD = Statement(
    ComparedRow,
    counting.statement(
        scopes.OF_PERIOD,
        f""", {_KEPT} SELECT stale, id, person_id,
      CASE WHEN stale THEN {_json(_STORED)} END AS before, CASE WHEN stale THEN {_json(_DERIVED)} END AS after
    FROM kept""",
    ),
)

# In one order, so that no two writers wait for each other.
LOCK_PEOPLE = Statement(
    int,
    """
SELECT count(*) FROM (
  SELECT FROM person
  WHERE county_id = :county_id AND (CAST(:person_id AS uuid) IS NULL OR id = :person_id)
  ORDER BY id FOR NO KEY UPDATE
) AS held
""",
)
LOCK_SOME = Statement(
    int,
    """
SELECT count(*) FROM (
  SELECT FROM person WHERE county_id = :county_id AND id = ANY(CAST(:person_ids AS uuid[]))
  ORDER BY id FOR NO KEY UPDATE
) AS held
""",
)
PEOPLE_OF_PERIOD = Statement(
    UUID,
    f"SELECT person_id FROM ({scopes.OF_PERIOD}) AS anyone ORDER BY person_id",
)
LOCK_COUNTY = Statement(
    bool,
    "SELECT pg_try_advisory_xact_lock(hashtext('duties of ' || CAST(:county_id AS text))) AS got",
)

HOURS_ASKED = Statement(
    bool,
    """
SELECT EXISTS (SELECT FROM duty_rule WHERE county_id = :county_id AND measure = 'hours_in_village') AS asked
""",
)

# The one look across counties, for the clock: where there are duties at all.
COUNTIES = Statement(
    CountyRow,
    "SELECT id, timezone FROM counties_with_rules() ORDER BY id",
)

TO_CLOSE = Statement(
    ToCloseRow,
    """
SELECT DISTINCT duty.rule_id, duty.period_start, rule.period_kind
FROM duty JOIN duty_rule AS rule
  ON rule.county_id = :county_id AND rule.id = duty.rule_id AND rule.version = duty.rule_version
WHERE duty.county_id = :county_id AND duty.closed_at IS NULL
  AND greatest(duty.closes_at, duty.review_due_at) <= :now
ORDER BY duty.period_start, duty.rule_id
""",
)

KNOWN_PERIODS = Statement(
    PeriodRow,
    """
SELECT rule_id, start FROM duty_period WHERE county_id = :county_id
UNION
SELECT rule_id, period_start FROM duty WHERE county_id = :county_id
ORDER BY start, rule_id
""",
)

# Known periods whose duties go by the calendar of [first, last]; days off after a period may move its closing.
CALENDAR_PERIODS = Statement(
    PeriodRow,
    f"""
SELECT DISTINCT known.rule_id, known.start
FROM (
  SELECT rule_id, start FROM duty_period WHERE county_id = :county_id AND start <= :last
  UNION
  SELECT rule_id, period_start FROM duty WHERE county_id = :county_id AND period_start <= :last
) AS known
JOIN duty_rule AS rule ON rule.county_id = :county_id AND rule.id = known.rule_id
WHERE (rule.days = 'working' OR rule.shift_closing)
  AND {scopes.next_start("rule.period_kind", "known.start")} + 31 > :first
ORDER BY known.start, known.rule_id
""",
)
FORGET = Command("DELETE FROM duty WHERE county_id = :county_id AND person_id = ANY(CAST(:person_ids AS uuid[]))")
