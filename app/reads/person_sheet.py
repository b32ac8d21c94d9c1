"""个人履职情况表: what a person owed in some days, what was done, and why each that did not count did not.

It puts together what the other screens say (board, visits, leave, flags, appeals), so that it says the same.
"""

from collections import Counter
from collections.abc import Mapping, Sequence
from datetime import date, datetime, time, timedelta
from typing import NamedTuple
from uuid import UUID
from zoneinfo import ZoneInfo

from sqlalchemy.ext.asyncio import AsyncSession

from app.directory.scope import Scope
from app.directory.service import County
from app.duties import service as duties
from app.duties.evidence import Count
from app.duties.rules import DAY_MIN
from app.duties.service import DutyCounty
from app.duties.words import DutyStatus
from app.kernel.language import Language, Text
from app.kernel.problems import invalid
from app.kernel.statements import Json, Statement
from app.reads import appeals, board, flags, leave, person, reckoning, rule_period, visits
from app.reads.answers.check_ins import CheckIn
from app.reads.answers.directory import PersonDetail
from app.reads.answers.named import Named
from app.reads.answers.person_sheet import (
    DutyTotals,
    HeldPost,
    NotCounted,
    PersonSheet,
    RuleTotals,
    SheetCheckIn,
    SheetDuty,
    SheetPerson,
)
from app.reads.board import DutyRow
from app.reads.visibility import VisibleScope
from app.reads.visits import CheckInFilter

MOST_DAYS = 366
MOST_CHECK_INS = 5000
_MOST_LEAVE = 2 * MOST_DAYS  # in half-days no more can be, and what is refused is rarer than that
_WEEKS_BEFORE = 12
_TOO_LONG = Text("最多 {days} 天", "At most {days} days")
_BACKWARDS = Text("不能早于开始日期", "Must not lie before the first day")
_TOO_MANY = Text(
    "这段时间的签到超过 {n} 次，请选短一些的日期", "More than {n} check-ins in these days: ask for fewer days"
)


class ServiceRow(NamedTuple):
    """Who sent a person, and the posts held on some of the days."""

    department: Json | None
    posts: list[Json] | None


_SERVICE = Statement(
    ServiceRow,
    """
SELECT (
    SELECT jsonb_build_object('id', sent.id, 'name', sent.name, 'level', sent.level) FROM unit AS sent
    WHERE sent.county_id = :county_id AND sent.id = person.department_id) AS department, (
    SELECT jsonb_agg(jsonb_build_object('role', post.role, 'title', post.title,
      'from', post.from_date, 'until', post.until_date,
      'unit', jsonb_build_object('id', held.id, 'name', held.name, 'level', held.level))
      ORDER BY post.from_date, held.path, post.role)
    FROM post JOIN unit AS held ON held.county_id = :county_id AND held.id = post.unit_id
    WHERE post.county_id = :county_id AND post.person_id = person.id
      AND post.from_date <= :last AND (post.until_date IS NULL OR post.until_date > :first)) AS posts
FROM person WHERE person.county_id = :county_id AND person.id = :person_id
""",
)


def days_asked(first: date | None, last: date | None, today: date) -> tuple[date, date]:
    """The days of a sheet, both included: this week and the twelve before it unless said otherwise.

    Raises `INVALID` for days that lie backwards or are more than `MOST_DAYS`.
    """
    last = last or max(today + timedelta(days=6 - today.weekday()), first or today)
    first = first or last - timedelta(days=last.weekday(), weeks=_WEEKS_BEFORE)
    if last < first:
        raise invalid("/to", "before_from", _BACKWARDS)
    if (last - first).days >= MOST_DAYS:
        raise invalid("/from", "too_many_days", _TOO_LONG, days=MOST_DAYS)
    return first, last


async def sheet(
    session: AsyncSession,
    visible: VisibleScope,
    who: Scope,
    county: County,
    person_id: UUID,
    days: tuple[date, date],
    *,
    now: datetime,
    language: Language,
) -> PersonSheet:
    """The sheet of a person in sight, as `who` may look at it. Raises `NOT_FOUND`, and `INVALID` for too much."""
    about = await person.person(session, visible, person_id, now=now)
    of = DutyCounty(county.id, county.timezone)
    owed = await board.of_person(session, visible, person_id, days)
    seen = await _check_ins(session, visible, of, person_id, days, owed, language)
    counts = await _counts(session, of, person_id, seen, now)
    listed = await _duties(session, of, owed, days, counts, now, language)
    raised = await flags.of_duties(session, visible, [row.id for row in owed], now=now, language=language)
    against = await appeals.about(
        session,
        visible,
        flag_ids=[flag.id for flag in raised],
        check_in_ids=[each.id for each in seen],
        now=now,
        language=language,
    )
    away = await leave.listing(
        session, visible, who, of, now=now, limit=_MOST_LEAVE, person_id=person_id, days=days
    )
    versions = {(row.rule_id, row.rule_version) for row in owed}
    return PersonSheet(
        as_of=now,
        from_=days[0],
        to=days[1],
        **await _service(session, about, of.id, days),
        total=DutyTotals(**_totals(listed)),
        by_rule=_by_rule(listed),
        rules=await rule_period.in_words(session, county_id=of.id, versions=versions, language=language),
        duties=listed,
        check_ins=[
            SheetCheckIn(**dict(each), counts=[count.as_dict(language) for count in counts[each.id]])
            for each in seen
        ],
        leave=sorted(away.items, key=lambda item: (item.from_date, item.filed_at)),
        flags=raised,
        appeals=against,
    )


async def _counts(
    session: AsyncSession, county: DutyCounty, person_id: UUID, seen: Sequence[CheckIn], now: datetime
) -> dict[UUID, list[Count]]:
    return await duties.counts(
        session,
        county_id=county.id,
        timezone=county.timezone,
        person_id=person_id,
        visits={each.id: each.visited_at for each in seen},
        now=now,
    )


async def _duties(
    session: AsyncSession,
    county: DutyCounty,
    owed: Sequence[DutyRow],
    days: tuple[date, date],
    counts: Mapping[UUID, Sequence[Count]],
    now: datetime,
    language: Language,
) -> list[SheetDuty]:
    stays = await reckoning.stays(session, county, [row.id for row in owed], now, language)
    not_counted = _not_counted([count for each in counts.values() for count in each], language)
    return [
        SheetDuty(
            **board.view(row, county.timezone, now, language),
            whole=days[0] <= row.start and row.period_end <= days[1],
            not_counted=not_counted.get((row.rule_id, row.start), []),
            stays=stays[row.id],
        )
        for row in owed
    ]


async def _check_ins(
    session: AsyncSession,
    visible: VisibleScope,
    county: DutyCounty,
    person_id: UUID,
    days: tuple[date, date],
    owed: Sequence[DutyRow],
    language: Language,
) -> list[CheckIn]:
    """Of these days, with what belongs to their last night although it was past midnight."""
    zone = ZoneInfo(county.timezone)
    tail = max((row.night_until - DAY_MIN for row in owed if row.night_until), default=0)
    filters = CheckInFilter(
        from_at=datetime.combine(days[0], time.min, zone),
        until_at=datetime.combine(days[1] + timedelta(days=1), time.min, zone) + timedelta(minutes=max(tail, 0)),
        person_id=person_id,
    )
    page = await visits.check_ins(
        session, visible, filters, order="oldest", cursor=None, limit=MOST_CHECK_INS, language=language
    )
    if page.next_cursor:
        raise invalid("/from", "too_many_check_ins", _TOO_MANY, n=MOST_CHECK_INS)
    return page.items


async def _service(
    session: AsyncSession, about: PersonDetail, county_id: str, days: tuple[date, date]
) -> dict[str, object]:
    """Who the person is, and what posts and assignments they held on these days."""
    first, last = days
    held = await _SERVICE.one(session, county_id=county_id, person_id=about.id, first=first, last=last)
    return {
        "person": SheetPerson(
            id=about.id,
            name=about.name,
            category=about.category,
            number=about.number,
            unit=about.unit,
            department=held.department,
            from_=about.from_,
            until=about.until,
            last_contact_at=about.last_contact_at,
            waiting=about.waiting,
        ),
        "posts": [HeldPost(**post) for post in held.posts or ()],
        "assignments": [
            each
            for each in reversed(about.assignments)
            if each.from_ <= last and (each.until is None or each.until > first)
        ],
    }


def _not_counted(counts: Sequence[Count], language: Language) -> dict[tuple[UUID, date], list[NotCounted]]:
    """By rule and first day of the period."""
    codes: dict[tuple[UUID, date], Counter[str]] = {}
    for count in counts:
        if count.code != "counted":
            codes.setdefault((count.rule_id, count.period.start), Counter())[count.code] += 1
    return {
        of: [
            NotCounted(code=code, detail=duties.outcome_text(code, language), check_ins=n)
            for code, n in found.most_common()
        ]
        for of, found in codes.items()
    }


def _by_rule(listed: Sequence[SheetDuty]) -> list[RuleTotals]:
    by_rule: dict[UUID, list[SheetDuty]] = {}
    for duty in listed:
        by_rule.setdefault(duty.rule.id, []).append(duty)
    return [
        RuleTotals(rule=Named(id=rule_id, name=of_rule[-1].rule.name), **_totals(of_rule))
        for rule_id, of_rule in by_rule.items()
    ]


def _totals(listed: Sequence[SheetDuty]) -> dict[str, int | float | None]:
    stand = Counter(duty.status for duty in listed)
    owing = len(listed) - stand[DutyStatus.EXCUSED]
    met = stand[DutyStatus.MET] + stand[DutyStatus.MET_LATE]
    return {
        "duties": len(listed),
        **{status.value: stand[status] for status in DutyStatus},
        "awaiting_review": sum(
            duty.status == DutyStatus.OPEN and duty.review_due_at is not None for duty in listed
        ),
        "required": sum(duty.required for duty in listed),
        "done": sum(duty.done for duty in listed),
        "rate": met / owing if owing else None,
    }
