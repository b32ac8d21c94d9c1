"""Who is behind. Every screen that says so (totals, list, map, a person's page) ends on `standing`."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Literal
from uuid import UUID

from sqlalchemy import Row
from sqlalchemy.ext.asyncio import AsyncSession

from app.directory.words import Category, UnitLevel
from app.duties.counting import OF_RULE, TRACKS_OFF
from app.duties.progress import of_row
from app.duties.store.appeals import latest
from app.duties.store.flags import UNREVIEWED_BY
from app.duties.words import DutyStatus, Excuse, Measure, PeriodKind, Proration
from app.kernel.database import rows
from app.kernel.language import Language
from app.kernel.paging import cut, decode_cursor
from app.kernel.problems import NOT_FOUND, Problem
from app.kernel.statements import Json, Statement
from app.reads import rule_period
from app.reads.answers.board import Compliance, ComplianceItem, Duty, DutyPage, Tally
from app.reads.answers.named import CodedPlace, PersonRef, Rule, UnitRef
from app.reads.rule_period import RuleInPeriod
from app.reads.silence import waiting
from app.reads.visibility import VISIBLE, VisibleScope


@dataclass(frozen=True, slots=True)
class DutyRow:
    """A duty with its person."""

    appeal: Json | None
    waiting: Json | None
    id: UUID
    person_id: UUID
    rule_id: UUID
    rule_version: int
    start: date
    period_end: date
    closes_at: datetime
    required: int
    days: int
    days_there: float
    excuse: Excuse | None
    calendar_assumed: bool
    done: int
    pending_review: int
    review_due_at: datetime | None
    status: DutyStatus
    last_visit_at: datetime | None
    person_name: str
    category: Category
    unit_id: UUID
    department_id: UUID | None
    last_contact_at: datetime | None
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
    tracks_off: bool
    unreviewed_by: list[Json] | None
    unit_name: str
    unit_level: UnitLevel


@dataclass(frozen=True, slots=True)
class ListedRow(DutyRow):
    """And its place in the list."""

    balance: int
    rank: int


Grouping = Literal["unit", "village", "category"]


def standing(where: str) -> str:
    """Opens a WITH: one row for each duty that meets `where` and whose person is in sight."""
    return f"""{VISIBLE}, standing AS (
      SELECT duty.id, duty.person_id, duty.rule_id, duty.rule_version, duty.period_start AS start,
        duty.period_end, duty.closes_at, duty.required, duty.days, duty.days_there, duty.excuse,
        duty.calendar_assumed, duty.done, duty.pending_review, duty.review_due_at, duty.status, duty.last_visit_at,
        person.name AS person_name, person.category, person.unit_id, person.department_id, person.last_contact_at
      FROM duty JOIN visible_person AS person ON person.id = duty.person_id
      WHERE duty.county_id = :county_id AND {where}
    )"""


AWAITING = "(status = 'open' AND review_due_at IS NOT NULL)"
"""待核实: what awaits review could meet the duty, so that nobody is behind with it; of a row of `duty`."""

AT_RISK = """(status = 'open' AND review_due_at IS NULL
  AND required - done - pending_review >= greatest(period_end - CAST(:today AS date) + 1, 1))"""
"""有逾期风险: of those who still have time, who needs one a day from today on; past the period, all of them.
Of a row of `duty`, as of a day."""

TALLY = f"""
  count(*) AS people,
  count(*) FILTER (WHERE status = 'met') AS met,
  count(*) FILTER (WHERE status = 'met_late') AS met_late,
  count(*) FILTER (WHERE status = 'open') AS open,
  count(*) FILTER (WHERE status = 'missed') AS missed,
  count(*) FILTER (WHERE status = 'excused') AS excused,
  count(*) FILTER (WHERE {AWAITING}) AS awaiting_review,
  count(*) FILTER (WHERE {AT_RISK}) AS at_risk,
  count(*) FILTER (WHERE pending_review > 0) AS pending_review,
  CAST(count(*) FILTER (WHERE status IN ('met', 'met_late')) AS float8)
    / nullif(count(*) FILTER (WHERE status <> 'excused'), 0) AS rate
"""
FIGURES = (
    *("people", "met", "met_late", "open", "missed", "excused"),
    *("awaiting_review", "at_risk", "pending_review", "rate"),
)

OF_PERIOD = standing("duty.rule_id = :rule_id AND duty.period_start = :start")

# Whoever is assigned to a village on any day of the period, once for each village; and how they stand there.
_ASSIGNED = """assigned AS (
  SELECT DISTINCT standing.id AS duty_id, standing.status, standing.required, standing.done,
    standing.pending_review, standing.review_due_at, standing.period_end, assignment.village_id
  FROM standing JOIN assignment
    ON assignment.county_id = :county_id AND assignment.person_id = standing.person_id
    AND assignment.from_date <= standing.period_end
    AND (assignment.until_date IS NULL OR assignment.until_date > standing.start)
)"""
IN_VILLAGES = f"""{_ASSIGNED}, in_village AS MATERIALIZED (
  SELECT village_id, {TALLY} FROM assigned GROUP BY village_id
)"""

# Each person stands in one unit: on the line of the unit that answers for them if that is looked at, else on the
# line of the department that sent them, else (oneself, outside of one's subtrees) in their own unit. The item is
# the child of the unit looked at, or, for the people directly in it, that unit itself (`own`); of several units
# looked at, each.
PLACED = """
placed AS (
  SELECT unit.id, subpath(unit.path, 0, least(nlevel(unit.path), nlevel(top.path) + :depth)) AS path
  FROM unnest(CAST(:paths AS ltree[])) AS top (path) JOIN visible_unit AS unit ON unit.path <@ top.path
)"""
_BY_UNIT = f"""
{PLACED}, stands AS (
  SELECT standing.*, coalesce(ground.path, sent.path, own.path) AS path,
    coalesce(ground.path, sent.path) IS NULL AS elsewhere
  FROM standing
  JOIN unit AS own ON own.county_id = :county_id AND own.id = standing.unit_id
  LEFT JOIN placed AS ground ON ground.id = standing.unit_id
  LEFT JOIN placed AS sent ON sent.id = standing.department_id
), item AS (
  SELECT CAST(unit.id AS text) AS id, unit.name, unit.level,
    bool_or(elsewhere) OR (:depth = 1 AND unit.path = ANY(CAST(:paths AS ltree[]))) AS own,
    CAST(unit.path AS text) AS place, {TALLY}
  FROM stands JOIN unit ON unit.county_id = :county_id AND unit.path = stands.path
  GROUP BY unit.id, unit.name, unit.level, unit.path
)"""
_BY_VILLAGE = f"""
{IN_VILLAGES}, item AS (
  SELECT village.id, village.name, NULL AS level, false AS own, village.id AS place, {", ".join(FIGURES)}
  FROM in_village JOIN visible_village AS village ON village.id = in_village.village_id
)"""
_BY_CATEGORY = f"""
item AS (
  SELECT category AS id, NULL AS name, NULL AS level, false AS own, category AS place, {TALLY}
  FROM standing GROUP BY category
)"""
_GROUPINGS: dict[Grouping, str] = {"unit": _BY_UNIT, "village": _BY_VILLAGE, "category": _BY_CATEGORY}
# The items, then one row for the whole, in which everyone stands once.
_COMPLIANCE = {
    grouping: f"""
    WITH {OF_PERIOD}, {items} SELECT * FROM item
    UNION ALL SELECT NULL, NULL, NULL, false, NULL, {TALLY} FROM standing
    ORDER BY place NULLS LAST"""
    for grouping, items in _GROUPINGS.items()
}

_AGAINST_DUTY = latest("""appeal.flag_id = (
      SELECT flag.id FROM flag WHERE flag.county_id = :county_id AND flag.duty_id = standing.id)""")
# What `standing` has.
_OF_STANDING = """
  standing.id, standing.person_id, standing.rule_id, standing.rule_version, standing.start,
  standing.period_end, standing.closes_at, standing.required, standing.days, standing.days_there,
  standing.excuse, standing.calendar_assumed, standing.done, standing.pending_review, standing.review_due_at,
  standing.status, standing.last_visit_at, standing.person_name, standing.category, standing.unit_id,
  standing.department_id, standing.last_contact_at
"""
# With what a duty's own words need of its rule (`progress.of_row`).
_SHOWN = f"""
  {_AGAINST_DUTY} AS appeal, {waiting("standing.person_id")} AS waiting,
  {_OF_STANDING}, rule.name, rule.name_en, rule.measure, rule.period_kind, {OF_RULE},
  {TRACKS_OFF} AS tracks_off, {UNREVIEWED_BY.format(duty="standing")} AS unreviewed_by,
  unit.name AS unit_name, unit.level AS unit_level
"""
_OF_WHAT = """
  JOIN duty_rule AS rule
    ON rule.county_id = :county_id AND rule.id = standing.rule_id AND rule.version = standing.rule_version
  JOIN unit ON unit.county_id = :county_id AND unit.id = standing.unit_id
"""
# The worst first: by status, of what is open who is at risk first and what awaits review last, then by how much is
# wanting.
_DUTIES = Statement(
    ListedRow,
    f"""
WITH {OF_PERIOD}, {_ASSIGNED}, ranked AS (
  SELECT standing.*, done - required AS balance,
    array_position(ARRAY['missed', 'at_risk', 'open', 'awaiting_review', 'met_late', 'met', 'excused'],
      CASE WHEN {AWAITING} THEN 'awaiting_review' WHEN {AT_RISK} THEN 'at_risk' ELSE status END) AS rank
  FROM standing
)
SELECT {_SHOWN}, standing.balance, standing.rank FROM ranked AS standing {_OF_WHAT}
WHERE (CAST(:statuses AS text[]) IS NULL OR standing.status = ANY(:statuses))
  AND (CAST(:awaiting_review AS boolean) IS NULL OR {AWAITING} = :awaiting_review)
  AND (CAST(:category AS text) IS NULL OR standing.category = :category)
  AND (CAST(:person_id AS uuid) IS NULL OR standing.person_id = :person_id)
  AND (CAST(:village_id AS text) IS NULL OR standing.id IN (
    SELECT duty_id FROM assigned WHERE village_id = :village_id))
  AND (CAST(:rank AS int) IS NULL OR (rank, balance, standing.id) > (:rank, :balance, CAST(:id AS uuid)))
ORDER BY rank, balance, standing.id LIMIT :limit
""",
)
_DUTY = Statement(
    DutyRow,
    f"WITH {standing('duty.id = :duty_id')} SELECT {_SHOWN} FROM standing {_OF_WHAT}",
)
_OF_PERSON = Statement(
    DutyRow,
    f"""
WITH {standing("duty.person_id = :person_id AND duty.period_start <= :last AND duty.period_end >= :first")}
SELECT {_SHOWN} FROM standing {_OF_WHAT} ORDER BY standing.rule_id, standing.start
""",
)


@dataclass(frozen=True, slots=True)
class DutyFilter:
    """Which duties to list; None is all of them."""

    statuses: Sequence[str] | None = None
    awaiting_review: bool | None = None
    category: str | None = None
    village_id: str | None = None
    person_id: UUID | None = None


async def compliance(
    session: AsyncSession, visible: VisibleScope, asked: RuleInPeriod, *, group_by: Grouping, language: Language
) -> Compliance:
    """How many people stand where, by unit, village or category, and in all.

    By village, people without one are in no item, and people with several are in several.
    """
    found = await rows(
        session,
        _COMPLIANCE[group_by],
        **visible.parameters(),
        **asked.parameters(),
        **({"depth": visible.depth} if group_by == "unit" else {}),
    )
    *items, total = found
    return Compliance(
        period=asked.said(),
        rule=Rule(**rule_period.said(asked.rule, language)),
        items=[ComplianceItem(**_figures(row), **_whose(row, group_by)) for row in items],
        total=Tally(**_figures(total)),
    )


def _figures(row: Row[tuple[object, ...]]) -> dict[str, object]:
    return {name: getattr(row, name) for name in FIGURES}


def _whose(row: Row[tuple[object, ...]], group_by: Grouping) -> dict[str, object]:
    if group_by == "category":
        return {"category": row.id}
    if group_by == "village":
        return {"village": CodedPlace(id=row.id, name=row.name)}
    return {"unit": UnitRef(id=row.id, name=row.name, level=row.level), "own": row.own}


async def duties(
    session: AsyncSession,
    visible: VisibleScope,
    asked: RuleInPeriod,
    filters: DutyFilter,
    *,
    cursor: str | None,
    limit: int,
    now: datetime,
    language: Language,
) -> DutyPage:
    """The people who owe by one rule in one period, the worst first."""
    rank, balance, last = decode_cursor("duties", cursor, int, int, UUID) or (None, None, None)
    found = await _DUTIES.all(
        session,
        **visible.parameters(),
        **asked.parameters(),
        statuses=filters.statuses,
        awaiting_review=filters.awaiting_review,
        category=filters.category,
        village_id=filters.village_id,
        person_id=filters.person_id,
        rank=rank,
        balance=balance,
        id=last,
        limit=limit + 1,
    )
    shown, after = cut("duties", found, limit, lambda row: (row.rank, row.balance, row.id))
    return DutyPage(items=[Duty(**view(row, asked.timezone, now, language)) for row in shown], next_cursor=after)


async def duty(session: AsyncSession, visible: VisibleScope, duty_id: UUID) -> DutyRow:
    """The row of one duty, for `view`. Raises `NOT_FOUND`."""
    found = await _DUTY.all(session, **visible.parameters(), duty_id=duty_id)
    if not found:
        raise Problem(NOT_FOUND)
    return found[0]


async def of_person(
    session: AsyncSession, visible: VisibleScope, person_id: UUID, days: tuple[date, date]
) -> list[DutyRow]:
    """Of a person in sight every duty whose period touches these days, both included: by rule, then by period."""
    first, last = days
    return await _OF_PERSON.all(session, **visible.parameters(), person_id=person_id, first=first, last=last)


def view(row: DutyRow, timezone: str, now: datetime, language: Language) -> dict[str, object]:
    """What a `Duty` is made of: what the phone says of it too, whose it is, when they were last heard from."""
    return of_row(row, timezone).as_dict(language, now) | {
        "person": PersonRef(id=row.person_id, name=row.person_name, category=row.category),
        "unit": UnitRef(id=row.unit_id, name=row.unit_name, level=row.unit_level),
        "appeal": row.appeal,
        "last_visit_at": row.last_visit_at,
        "last_contact_at": row.last_contact_at,
        "waiting": row.waiting,
    }
