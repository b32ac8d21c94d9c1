"""Silence: whom nobody has heard from, and what is known of it; that is not the same as "missed"."""

from datetime import datetime, timedelta
from typing import NamedTuple
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from app.access.client_keys import STATUS_TEXTS
from app.directory.words import Category, UnitLevel
from app.duties.rules import Period
from app.kernel.language import Language
from app.kernel.paging import cut, decode_cursor
from app.kernel.statements import Json, Statement
from app.reads.answers.coverage import AppProblem, AppStatus, AtStake, Silence, Silent
from app.reads.answers.named import PersonRef, UnitRef
from app.reads.moments import NEVER, Moment
from app.reads.visibility import TODAY, VISIBLE, VisibleScope, serving


class SilentRow(NamedTuple):
    """Somebody whose phone is silent, and what they are behind with."""

    id: UUID
    name: str
    category: Category
    phone: str
    last_contact_at: datetime | None
    unit_id: UUID
    unit_name: str
    unit_level: UnitLevel
    people: int
    waiting: Json | None
    status: Json | None
    duties: list[Json] | None


_LOOK_BACK_D = 31  # days in which a missed period still is at stake


def waiting(person_id: str) -> str:
    """SQL: what the person's phone last said that it still held; null where none ever said."""
    return f"""(
      SELECT jsonb_build_object('count', device.waiting, 'oldest_at', device.oldest_waiting_at,
        'said_at', device.waiting_said_at)
      FROM device
      WHERE device.county_id = :county_id AND device.person_id = {person_id} AND device.waiting IS NOT NULL
      ORDER BY device.waiting_said_at DESC LIMIT 1)"""


# Never heard from comes before all others, as if it had been long ago.
_ORDER = "coalesce(person.last_contact_at, CAST('-infinity' AS timestamptz))"
_SILENT = Statement(
    SilentRow,
    f"""
WITH {VISIBLE}, {TODAY}, silent AS (
  SELECT person.* FROM today CROSS JOIN visible_person AS person
  WHERE {serving("person")} AND {_ORDER} < :heard_since
), shown AS (
  SELECT person.* FROM silent AS person
  WHERE CAST(:id AS uuid) IS NULL OR ({_ORDER}, person.id) > (
    coalesce(CAST(:after AS timestamptz), CAST('-infinity' AS timestamptz)), CAST(:id AS uuid))
  ORDER BY {_ORDER}, person.id LIMIT :limit
)
SELECT person.id, person.name, person.category, person.phone, person.last_contact_at,
  unit.id AS unit_id, unit.name AS unit_name, unit.level AS unit_level,
  (SELECT count(*) FROM silent) AS people, {waiting("person.id")} AS waiting,
  (SELECT device.status FROM device
   WHERE device.county_id = :county_id AND device.person_id = person.id AND device.status IS NOT NULL
   ORDER BY device.last_seen_at DESC LIMIT 1) AS status,
  (SELECT jsonb_agg(jsonb_build_object('id', duty.id, 'name', rule.name, 'name_en', rule.name_en,
      'kind', rule.period_kind, 'start', duty.period_start, 'status', duty.status, 'required', duty.required,
      'done', duty.done, 'closes_at', duty.closes_at) ORDER BY duty.closes_at, duty.id)
   FROM duty JOIN duty_rule AS rule
     ON rule.county_id = :county_id AND rule.id = duty.rule_id AND rule.version = duty.rule_version
   WHERE duty.county_id = :county_id AND duty.person_id = person.id AND (duty.status = 'open' OR (
     duty.status = 'missed' AND duty.period_end >= today.day - {_LOOK_BACK_D}
     AND duty.closes_at > {_ORDER}))) AS duties
FROM today CROSS JOIN shown AS person
JOIN unit ON unit.county_id = :county_id AND unit.id = person.unit_id
ORDER BY {_ORDER}, person.id
""",
)


async def silent(
    session: AsyncSession,
    visible: VisibleScope,
    *,
    hours: int,
    cursor: str | None,
    limit: int,
    now: datetime,
    language: Language,
) -> Silence:
    """Who serves today and has not been heard from for so long: never first, then the longest.

    Each with what the phone and its tracking app last said, and the duties at stake: the open ones, and those
    missed in the last 31 days that closed after the last contact.
    """
    after, last = decode_cursor("silence", cursor, Moment, UUID) or (None, None)
    heard_since = now - timedelta(hours=hours)
    found = await _SILENT.all(
        session,
        **visible.parameters(),
        heard_since=heard_since,
        after=after and after.at,
        id=last,
        limit=limit + 1,
        now=now,
    )
    shown, after_it = cut("silence", found, limit, lambda row: (row.last_contact_at or NEVER, row.id))
    return Silence(
        heard_since=heard_since,
        people=found[0].people if found else 0,
        items=[_view(row, language) for row in shown],
        next_cursor=after_it,
    )


def _view(row: SilentRow, language: Language) -> Silent:
    return Silent(
        person=PersonRef(id=row.id, name=row.name, category=row.category),
        phone=row.phone,
        unit=UnitRef(id=row.unit_id, name=row.unit_name, level=row.unit_level),
        last_contact_at=row.last_contact_at,
        waiting=row.waiting,
        app_status=_app_status(row.status, language) if row.status else None,
        duties=[_at_stake(duty, language) for duty in row.duties or ()],
    )


def _app_status(status: Json, language: Language) -> AppStatus:
    return AppStatus(
        at=status["at"],
        problems=[AppProblem(code=code, detail=STATUS_TEXTS[code].say(language)) for code in status["problems"]],
    )


def _at_stake(duty: Json, language: Language) -> AtStake:
    start = datetime.fromisoformat(duty["start"]).date()
    return AtStake(
        id=duty["id"],
        rule=duty["name_en"] if language == "en" else duty["name"],
        period=Period.of(duty["kind"], start).id,
        status=duty["status"],
        required=duty["required"],
        done=duty["done"],
        closes_at=duty["closes_at"],
    )
