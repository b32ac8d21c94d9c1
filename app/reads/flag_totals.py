"""How many flags there are, by status, rule, level and unit; and which of them one answer is for."""

from collections import Counter
from collections.abc import Callable, Sequence
from datetime import datetime
from typing import NamedTuple, TypeVar
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from app.directory import service as directory
from app.directory.words import Category, UnitLevel
from app.duties.flags import ladder_of
from app.duties.words import FlagStatus
from app.kernel.language import Language
from app.kernel.statements import Statement
from app.reads.answers.flags import FlagTotals, LevelTotal, RuleTotal, StatusTotal, UnitTotal
from app.reads.answers.named import Named, UnitRef
from app.reads.board import PLACED
from app.reads.flags import MATCHING, FlagFilter
from app.reads.visibility import VISIBLE, VisibleScope

K = TypeVar("K")


class TotalRow(NamedTuple):
    """Flags counted by status, level, rule and unit."""

    status: FlagStatus
    level: int
    rule_id: UUID
    path: str
    rule_version: int
    flags: int
    rule_name: str
    rule_name_en: str
    unit_id: UUID
    unit_name: str
    unit_level: UnitLevel


class ChosenRow(NamedTuple):
    """A flag that was named or matched."""

    id: UUID
    status: FlagStatus
    person_id: UUID
    person_name: str
    category: Category


# A person stands in one unit, as on the board.
_TOTALS = Statement(
    TotalRow,
    f"""
WITH {VISIBLE}, {PLACED}, tally AS (
  SELECT flag.status, flag.level, duty.rule_id, coalesce(ground.path, sent.path, own.path) AS path,
    max(duty.rule_version) AS rule_version, count(*) AS flags
  FROM flag
  JOIN visible_person AS person ON person.id = flag.person_id
  JOIN duty ON duty.county_id = :county_id AND duty.id = flag.duty_id
  JOIN unit AS own ON own.county_id = :county_id AND own.id = person.unit_id
  LEFT JOIN placed AS ground ON ground.id = person.unit_id
  LEFT JOIN placed AS sent ON sent.id = person.department_id
  WHERE flag.county_id = :county_id {MATCHING}
  GROUP BY 1, 2, 3, 4
)
SELECT tally.*, rule.name AS rule_name, rule.name_en AS rule_name_en, unit.id AS unit_id, unit.name AS unit_name,
  unit.level AS unit_level
FROM tally
JOIN duty_rule AS rule
  ON rule.county_id = :county_id AND rule.id = tally.rule_id AND rule.version = tally.rule_version
JOIN unit ON unit.county_id = :county_id AND unit.path = tally.path
ORDER BY tally.path
""",
)

# As they were shown at `as_of`: not what has come since, but what has changed since is said to be past it.
_CHOSEN = Statement(
    ChosenRow,
    f"""
WITH {VISIBLE}
SELECT flag.id, flag.status, person.id AS person_id, person.name AS person_name, person.category
FROM flag
JOIN visible_person AS person ON person.id = flag.person_id
JOIN duty ON duty.county_id = :county_id AND duty.id = flag.duty_id
WHERE flag.county_id = :county_id {MATCHING}
  AND (CAST(:ids AS uuid[]) IS NULL OR flag.id = ANY(:ids))
  AND (CAST(:statuses AS text[]) IS NULL OR flag.status = ANY(:statuses) OR flag.changed_at > :as_of)
  AND (CAST(:as_of AS timestamptz) IS NULL OR flag.opened_at <= :as_of)
ORDER BY flag.raised_at DESC, flag.id DESC
""",
)


async def totals(
    session: AsyncSession, visible: VisibleScope, filters: FlagFilter, *, now: datetime, language: Language
) -> FlagTotals:
    """Each list counts what the other filters leave, so that it says what choosing one of its items would show."""
    all_of = {
        "rule_id": None,
        "level": None,
        "put_before": filters.put_before,
        "person_id": filters.person_id,
    }
    found = await _TOTALS.all(session, **visible.parameters(), **all_of, depth=visible.depth)
    ladder = ladder_of(await directory.county(session, visible.county_id))
    of_status, of_rule, of_level = _filters(filters)
    statuses = _sum(found, lambda row: row.status, of_rule, of_level)
    rules = _sum(found, lambda row: row.rule_id, of_status, of_level)
    levels = _sum(found, lambda row: row.level, of_status, of_rule)
    units = _sum(found, lambda row: row.unit_id, of_status, of_rule, of_level)
    rule_names = {row.rule_id: row.rule_name_en if language == "en" else row.rule_name for row in found}
    named = {row.unit_id: UnitRef(id=row.unit_id, name=row.unit_name, level=row.unit_level) for row in found}
    return FlagTotals(
        as_of=now,
        flags=units.total(),
        statuses=[StatusTotal(status=status, flags=n) for status, n in statuses.items()],
        rules=[
            RuleTotal(rule=Named(id=rule_id, name=rule_names[rule_id]), flags=n)
            for rule_id, n in rules.most_common()
        ],
        levels=[
            LevelTotal(level=level, name=ladder.step(level).name.say(language), flags=n)
            for level, n in sorted(levels.items())
        ],
        units=[UnitTotal(unit=named[unit_id], flags=n) for unit_id, n in units.items()],
    )


def _filters(filters: FlagFilter) -> tuple[Callable[[TotalRow], bool], ...]:
    return (
        lambda row: filters.status in (None, row.status),
        lambda row: filters.rule_id in (None, row.rule_id),
        lambda row: filters.level in (None, row.level),
    )


def _sum(
    found: Sequence[TotalRow], by: Callable[[TotalRow], K], *filters: Callable[[TotalRow], bool]
) -> Counter[K]:
    counted: Counter[K] = Counter()
    for row in found:
        if all(passes(row) for passes in filters):
            counted[by(row)] += row.flags
    return counted


async def chosen(
    session: AsyncSession,
    visible: VisibleScope,
    *,
    ids: Sequence[UUID] | None,
    filters: FlagFilter,
    statuses: Sequence[str] | None,
    as_of: datetime | None,
) -> list[ChosenRow]:
    """The flags in sight that are meant, by id or by the filters, whatever has become of them since."""
    return await _CHOSEN.all(
        session,
        **visible.parameters(),
        rule_id=filters.rule_id,
        level=filters.level,
        put_before=filters.put_before,
        person_id=filters.person_id,
        ids=None if ids is None else list(ids),
        statuses=None if statuses is None else list(statuses),
        as_of=as_of,
    )
