"""Flags: the missed duties that were put before the leaders who answer for them."""

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from datetime import date, datetime
from typing import NamedTuple
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from app.directory import service as directory
from app.directory.words import Category, UnitLevel
from app.duties.counting import OF_RULE, TRACKS_OFF
from app.duties.escalation import Ladder
from app.duties.flags import ladder_of
from app.duties.progress import of_row
from app.duties.store.appeals import AGAINST_FLAG
from app.duties.store.flags import UNREVIEWED_BY
from app.duties.words import DutyStatus, Excuse, FlagStatus, Measure, PeriodKind
from app.kernel.language import Language
from app.kernel.paging import cut, decode_cursor
from app.kernel.problems import NOT_FOUND, Problem
from app.kernel.statements import Json, Statement
from app.reads import appeals
from app.reads.answers.appeals import FlagDetail
from app.reads.answers.board import Flag, FlagPage
from app.reads.answers.named import PersonRef, UnitRef
from app.reads.history import TURNED, history
from app.reads.silence import waiting
from app.reads.visibility import VISIBLE, VisibleScope


class FlagRow(NamedTuple):
    """A flag with its duty and person."""

    county_id: str
    id: UUID
    rule_id: UUID
    rule_version: int
    person_id: UUID
    period_start: date
    period_end: date
    closes_at: datetime
    required: int
    done: int
    pending_review: int
    status: DutyStatus
    closed_at: datetime | None
    last_visit_at: datetime | None
    days: int
    days_there: float
    excuse: Excuse | None
    calendar_assumed: bool
    review_due_at: datetime | None
    start: date
    name: str
    name_en: str
    measure: Measure
    period_kind: PeriodKind
    night_start: int | None
    night_until: int | None
    min_dwell_min: int | None
    share: str
    form_required: bool
    household_required: bool
    tracks_off: bool
    unreviewed_by: list[Json] | None
    person_name: str
    category: Category
    last_contact_at: datetime | None
    unit_id: UUID
    unit_name: str
    unit_level: UnitLevel
    timezone: str
    flag_id: UUID
    flag_status: FlagStatus
    misses: int
    level: int
    raised_at: datetime
    opened_at: datetime
    told_at: datetime
    changed_at: datetime
    reason: str | None
    appeal: Json | None
    waiting: Json | None
    answerable: list[Json]


# Columns of the duty and its rule are named as `progress.of_row` wants them.
_FLAGS = f"""
WITH {VISIBLE}
SELECT duty.*, duty.period_start AS start, rule.name, rule.name_en, rule.measure, rule.period_kind,
  {OF_RULE}, {TRACKS_OFF} AS tracks_off,
  {UNREVIEWED_BY.format(duty="duty")} AS unreviewed_by,
  person.name AS person_name, person.category, person.last_contact_at,
  unit.id AS unit_id, unit.name AS unit_name, unit.level AS unit_level, county.timezone,
  flag.id AS flag_id, flag.status AS flag_status, flag.misses, flag.level, flag.raised_at, flag.opened_at,
  flag.told_at, flag.changed_at, flag.reason, {AGAINST_FLAG} AS appeal,
  {waiting("person.id")} AS waiting, (
    SELECT coalesce(jsonb_agg(jsonb_build_object('id', leader.id, 'name', leader.name) ORDER BY leader.id), '[]')
    FROM flag_recipient AS told
    JOIN person AS leader ON leader.county_id = :county_id AND leader.id = told.person_id
    WHERE told.county_id = :county_id AND told.flag_id = flag.id
  ) AS answerable
FROM flag
JOIN county ON county.id = :county_id
JOIN visible_person AS person ON person.id = flag.person_id
JOIN unit ON unit.county_id = :county_id AND unit.id = person.unit_id
JOIN duty ON duty.county_id = :county_id AND duty.id = flag.duty_id
JOIN duty_rule AS rule
  ON rule.county_id = :county_id AND rule.id = duty.rule_id AND rule.version = duty.rule_version
WHERE flag.county_id = :county_id
"""
MATCHING = """
  AND (CAST(:person_id AS uuid) IS NULL OR flag.person_id = :person_id)
  AND (CAST(:rule_id AS uuid) IS NULL OR duty.rule_id = :rule_id)
  AND (CAST(:level AS int) IS NULL OR flag.level = :level)
  AND (CAST(:put_before AS uuid) IS NULL OR EXISTS (
    SELECT FROM flag_recipient AS told WHERE told.county_id = :county_id AND told.flag_id = flag.id
      AND told.person_id = :put_before))"""
_LIST = Statement(
    FlagRow,
    f"""{_FLAGS} {MATCHING}
  AND (CAST(:status AS text) IS NULL OR flag.status = :status)
  AND (CAST(:at AS timestamptz) IS NULL OR (flag.raised_at, flag.id) < (:at, CAST(:id AS uuid)))
ORDER BY flag.raised_at DESC, flag.id DESC LIMIT :limit
""",
)
_ONE = Statement(
    FlagRow,
    f"{_FLAGS} AND flag.id = :flag_id",
)
_OF_DUTIES = Statement(
    FlagRow,
    f"{_FLAGS} AND flag.duty_id = ANY(CAST(:duty_ids AS uuid[])) ORDER BY duty.period_start, flag.id",
)


@dataclass(frozen=True, slots=True)
class FlagFilter:
    """Which flags; None is all of them. `put_before` is whom, and not only within whose sight."""

    status: str | None = None
    person_id: UUID | None = None
    rule_id: UUID | None = None
    level: int | None = None
    put_before: UUID | None = None


async def flags(
    session: AsyncSession,
    visible: VisibleScope,
    *,
    filters: FlagFilter,
    cursor: str | None,
    limit: int,
    now: datetime,
    language: Language,
) -> FlagPage:
    """The flags of the people in sight, the latest first."""
    at, last = decode_cursor("flags", cursor, datetime, UUID) or (None, None)
    found = await _LIST.all(session, **visible.parameters(), **asdict(filters), at=at, id=last, limit=limit + 1)
    ladder = ladder_of(await directory.county(session, visible.county_id))
    shown, after = cut("flags", found, limit, lambda row: (row.raised_at, row.flag_id))
    return FlagPage(items=[Flag(**_view(row, ladder, now, language)) for row in shown], next_cursor=after)


async def of_duties(
    session: AsyncSession,
    visible: VisibleScope,
    duty_ids: Sequence[UUID],
    *,
    now: datetime,
    language: Language,
) -> list[Flag]:
    """The flags about these duties, by period."""
    found = await _OF_DUTIES.all(session, **visible.parameters(), duty_ids=list(duty_ids))
    ladder = ladder_of(await directory.county(session, visible.county_id))
    return [Flag(**_view(row, ladder, now, language)) for row in found]


async def flag(
    session: AsyncSession, visible: VisibleScope, flag_id: UUID, *, now: datetime, language: Language
) -> FlagDetail:
    """One flag, with every appeal against it and all that was done about it. Raises `NOT_FOUND`."""
    found = await _ONE.all(session, **visible.parameters(), flag_id=flag_id)
    if not found:
        raise Problem(NOT_FOUND)
    against = await appeals.about(session, visible, flag_ids=[flag_id], now=now, language=language)
    subjects = [f"flag:{flag_id}", *(f"appeal:{each.id}" for each in against)]
    ladder = ladder_of(await directory.county(session, visible.county_id))
    return FlagDetail(
        **_view(found[0], ladder, now, language),
        appeals=against,
        history=await history(session, visible.county_id, subjects, language),
    )


def _view(row: FlagRow, ladder: Ladder, now: datetime, language: Language) -> dict[str, object]:
    return {
        "id": row.flag_id,
        "status": row.flag_status,
        "raised_at": row.raised_at,
        "person": PersonRef(id=row.person_id, name=row.person_name, category=row.category),
        "unit": UnitRef(id=row.unit_id, name=row.unit_name, level=row.unit_level),
        "duty": of_row(row, row.timezone).as_dict(language, now),
        "misses": row.misses,
        "level": row.level,
        "level_name": ladder.step(row.level).name.say(language),
        "escalated_at": row.told_at if row.told_at > row.opened_at else None,
        "appeal": row.appeal,
        "answerable": row.answerable,
        "last_contact_at": row.last_contact_at,
        "waiting": row.waiting,
        "acknowledged_at": row.changed_at if row.flag_status == "acknowledged" else None,
        "cleared_at": row.changed_at if row.flag_status == "cleared" else None,
        "reason": TURNED[row.reason].say(language)
        if row.reason and row.flag_status == "withdrawn"
        else row.reason,
    }
