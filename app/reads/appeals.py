"""Appeals of the people in sight: the list, and one with all the evidence and what was done about it."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from app.checkins.words import Standing
from app.directory import service as directory
from app.directory.scope import Scope
from app.directory.words import Category, UnitLevel
from app.duties import appeals as room
from app.duties.appeals import OwnAppealRow
from app.duties.rules import Period
from app.duties.words import PeriodKind
from app.kernel.language import Language
from app.kernel.paging import cut, decode_cursor
from app.kernel.problems import NOT_FOUND, Problem
from app.kernel.statements import Statement
from app.reads import photos, visits
from app.reads.answers.appeals import (
    Appeal,
    AppealCheckIn,
    AppealDetail,
    AppealDuty,
    AppealEvidence,
    AppealPage,
    AppealPeriod,
)
from app.reads.answers.named import Named, PersonRef, UnitRef
from app.reads.history import history
from app.reads.visibility import VISIBLE, VisibleScope


@dataclass(frozen=True, slots=True)
class AppealRow(OwnAppealRow):
    """And whose it is, and what it is about."""

    overdue: bool
    person_name: str
    category: Category
    unit_id: UUID
    unit_name: str
    unit_level: UnitLevel
    duty_id: UUID | None
    period_start: date | None
    rule_id: UUID | None
    rule_name: str | None
    rule_name_en: str | None
    period_kind: PeriodKind | None
    captured_at: datetime | None
    standing: Standing | None


# The open ones first, the longest waiting first; then those that are settled, the latest first.
_APPEALS = f"""
WITH {VISIBLE}
SELECT appeal.*, decider.name AS decided_by_name, appeal.status = 'open' AND appeal.due_at <= :now AS overdue,
  person.name AS person_name, person.category, unit.id AS unit_id, unit.name AS unit_name,
  unit.level AS unit_level, duty.id AS duty_id, duty.period_start, rule.id AS rule_id, rule.name AS rule_name,
  rule.name_en AS rule_name_en, rule.period_kind, c.captured_at, c.standing
FROM appeal
JOIN visible_person AS person ON person.id = appeal.person_id
JOIN unit ON unit.county_id = :county_id AND unit.id = person.unit_id
LEFT JOIN person AS decider ON decider.county_id = :county_id AND decider.id = appeal.decided_by
LEFT JOIN flag ON flag.county_id = :county_id AND flag.id = appeal.flag_id
LEFT JOIN duty ON duty.county_id = :county_id AND duty.id = flag.duty_id
LEFT JOIN duty_rule AS rule
  ON rule.county_id = :county_id AND rule.id = duty.rule_id AND rule.version = duty.rule_version
LEFT JOIN check_in AS c ON c.county_id = :county_id AND c.id = appeal.check_in_id
WHERE appeal.county_id = :county_id
"""
_LIST = Statement(
    AppealRow,
    f"""{_APPEALS}
  AND (CAST(:status AS text) IS NULL OR appeal.status = :status)
  AND (CAST(:person_id AS uuid) IS NULL OR appeal.person_id = :person_id)
  AND (CAST(:at AS timestamptz) IS NULL OR CASE WHEN CAST(:waiting AS int) = 1
    THEN appeal.status <> 'open' OR (appeal.filed_at, appeal.id) > (:at, CAST(:id AS uuid))
    ELSE appeal.status <> 'open' AND (appeal.filed_at, appeal.id) < (:at, CAST(:id AS uuid)) END)
ORDER BY appeal.status <> 'open', CASE WHEN appeal.status = 'open' THEN appeal.filed_at END,
  CASE WHEN appeal.status = 'open' THEN appeal.id END, appeal.filed_at DESC, appeal.id DESC LIMIT :limit
""",
)
_ONE = Statement(
    AppealRow,
    f"{_APPEALS} AND appeal.id = :appeal_id",
)
_ABOUT = Statement(
    AppealRow,
    f"""{_APPEALS}
  AND (appeal.flag_id = ANY(CAST(:flag_ids AS uuid[])) OR appeal.check_in_id = ANY(CAST(:check_in_ids AS uuid[])))
ORDER BY appeal.filed_at, appeal.id
""",
)


async def appeals(
    session: AsyncSession,
    visible: VisibleScope,
    *,
    status: str | None,
    person_id: UUID | None,
    cursor: str | None,
    limit: int,
    now: datetime,
    language: Language,
) -> AppealPage:
    """The appeals of the people in sight, the open ones first."""
    waiting, at, last = decode_cursor("appeals", cursor, int, datetime, UUID) or (None, None, None)
    found = await _LIST.all(
        session,
        **visible.parameters(),
        status=status,
        person_id=person_id,
        waiting=waiting,
        at=at,
        id=last,
        limit=limit + 1,
        now=now,
    )
    shown, after = cut("appeals", found, limit, lambda row: (int(row.status == "open"), row.filed_at, row.id))
    return AppealPage(items=[Appeal(**_view(row, language)) for row in shown], next_cursor=after)


async def appeal(
    session: AsyncSession,
    visible: VisibleScope,
    appeal_id: UUID,
    *,
    who: Scope,
    now: datetime,
    language: Language,
) -> AppealDetail:
    """One appeal with the duty or check-in behind it, its trace, and whether the caller may decide.

    Raises `NOT_FOUND`.
    """
    found = await _ONE.all(session, **visible.parameters(), appeal_id=appeal_id, now=now)
    if not found:
        raise Problem(NOT_FOUND)
    (row,) = found
    every = await about(
        session,
        visible,
        flag_ids=[row.flag_id] if row.flag_id else (),
        check_in_ids=[row.check_in_id] if row.check_in_id else (),
        now=now,
        language=language,
    )
    subjects = [f"appeal:{each.id}" for each in every] + ([f"flag:{row.flag_id}"] if row.flag_id else [])
    evidence = AppealEvidence(
        duty=await visits.duty(session, visible, row.duty_id, now=now, language=language) if row.duty_id else None,
        check_in=await visits.check_in(session, visible, row.check_in_id, language=language)
        if row.check_in_id
        else None,
    )
    county = await directory.county(session, visible.county_id)
    subject = await room.subject(session, visible.county_id, flag_id=row.flag_id, check_in_id=row.check_in_id)
    able = await room.deciders(session, county, subject, instance=row.instance, now=now)
    return AppealDetail(
        **_view(row, language),
        photos=await photos.photos(session, visible, person_id=row.person_id, photo_ids=row.photo_ids),
        may_decide=row.status == "open" and room.may_decide(who, subject, able),
        evidence=evidence,
        others=[each for each in every if each.id != appeal_id],
        history=await history(session, visible.county_id, subjects, language),
    )


async def about(
    session: AsyncSession,
    visible: VisibleScope,
    *,
    flag_ids: Sequence[UUID] = (),
    check_in_ids: Sequence[UUID] = (),
    now: datetime,
    language: Language,
) -> list[Appeal]:
    """Every appeal against these flags and check-ins, the first first."""
    found = await _ABOUT.all(
        session,
        **visible.parameters(),
        flag_ids=list(flag_ids),
        check_in_ids=list(check_in_ids),
        now=now,
    )
    return [Appeal(**_view(row, language)) for row in found]


def _view(row: AppealRow, language: Language) -> dict[str, object]:
    return room.view(row) | {
        "overdue": row.overdue,
        "person": PersonRef(id=row.person_id, name=row.person_name, category=row.category),
        "unit": UnitRef(id=row.unit_id, name=row.unit_name, level=row.unit_level),
        "duty": _duty(row, language),
        "check_in": AppealCheckIn(id=row.check_in_id, captured_at=row.captured_at, standing=row.standing)
        if row.check_in_id
        else None,
    }


def _duty(row: AppealRow, language: Language) -> AppealDuty | None:
    if row.duty_id is None or row.period_kind is None or row.period_start is None:
        return None
    period = Period.of(row.period_kind, row.period_start)
    return AppealDuty(
        id=row.duty_id,
        rule=Named(id=row.rule_id, name=row.rule_name_en if language == "en" else row.rule_name),
        period=AppealPeriod(id=period.id, start=period.start, end=period.end),
    )
