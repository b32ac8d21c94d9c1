"""申诉: a person appeals against a flag, or against the standing of a check-in, and is answered.

Twice at most about the same thing: first to those who answer for the person (复查), and where they uphold it, to
the county office. Once the thing changes (a flag raised again, a check-in reviewed anew) it is another one.
"""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from uuid import UUID
from zoneinfo import ZoneInfo

from sqlalchemy.ext.asyncio import AsyncSession

from app.directory.leaders import EVERY_LEVEL, LeaderQuery, answering
from app.directory.scope import Scope
from app.directory.service import County
from app.duties import calendar
from app.duties.rules import last_day
from app.duties.settings import DutySettings
from app.duties.store import appeals as store_appeals
from app.duties.store.appeals import AppealRow as AppealRow
from app.duties.store.appeals import DutyAppealRow as DutyAppealRow
from app.duties.store.appeals import OwnAppealRow as OwnAppealRow
from app.duties.words import AppealVerdict
from app.kernel.language import Text
from app.kernel.paging import cut, decode_cursor
from app.kernel.problems import CONFLICT, ID_REUSED, NOT_FOUND, Problem
from app.kernel.statements import Json

_INSTANCES = 2
_LONGEST_HOLIDAY_D = 31
_LISTING = "my-appeals"

_NOTHING_AGAINST = Text("没有对您不利的认定，无需申诉", "Nothing stands against you here")
_TAKEN_BACK = Text(
    "这条记录的导入已撤销，它不再算数，也不能申诉",
    "The import of this record was revoked: it counts for nothing and cannot be appealed against",
)
_OPEN = Text("已有申诉正在处理", "An appeal is open already")
_LATE = Text("申诉期限已过", "The time for an appeal is over")
_FINAL = Text("已有最终决定，不能再申诉", "It has been decided for good")
_DECIDED = Text("申诉已有决定，或因逾期不予受理", "The appeal is decided already, or came too late")


@dataclass(frozen=True, slots=True)
class NewAppeal:
    """What a person files; the id is made by the phone. Either of flag and check-in is there."""

    id: UUID
    person_id: UUID
    flag_id: UUID | None
    check_in_id: UUID | None
    text: str
    photo_ids: tuple[UUID, ...] = ()


@dataclass(frozen=True, slots=True)
class Subject:
    """What is appealed against, as it stands; of a flag also its duty, of a check-in also its time.

    `acted` are those who reviewed it last or have decided an appeal about it. `withdrawn`: a record of another
    platform whose import was taken back. `instance` and `told_at` are of the next appeal: the first or the second,
    and from when its days are counted.
    """

    person_id: UUID
    against: bool
    withdrawn: bool
    told_at: datetime
    instance: int
    acted: frozenset[UUID]
    status: str | None  # of an open appeal, or of the latest about it as it stands
    rule_id: UUID | None
    period_start: date | None
    captured_at: datetime | None


async def subject(
    session: AsyncSession, county_id: str, *, flag_id: UUID | None, check_in_id: UUID | None
) -> Subject:
    """Raises `NOT_FOUND`."""
    statement = store_appeals.OF_FLAG if flag_id else store_appeals.OF_CHECK_IN
    row = await statement.first(session, county_id=county_id, id=flag_id or check_in_id)
    if row is None:
        raise Problem(NOT_FOUND)
    current = row.filed_at is not None and row.filed_at >= row.told_at
    second = current and row.status == "upheld"
    return Subject(
        person_id=row.person_id,
        against=row.against,
        withdrawn=row.withdrawn,
        told_at=row.decided_at if second and row.decided_at else row.told_at,
        instance=(row.instance or 0) + 1 if second else 1,
        acted=frozenset([*row.deciders, *([row.by] if row.by else [])]),
        status=row.status if current or row.status == "open" else None,
        rule_id=row.rule_id,
        period_start=row.period_start,
        captured_at=row.captured_at,
    )


async def file(session: AsyncSession, county: County, new: NewAppeal, *, now: datetime) -> AppealRow | None:
    """Keep the appeal; its row, or None when the same was filed already. The caller has locked the person's row.

    Filed too late it is kept as `late`, and nobody has to decide it. Raises `NOT_FOUND` for what is not the
    person's own, `ID_REUSED`, and `CONFLICT` where nothing stands against them, an appeal is open, or the last one
    was decided.
    """
    if before := await one(session, county.id, new.id):
        same = (before.person_id, before.flag_id, before.check_in_id, before.text, tuple(before.photo_ids))
        if same != (new.person_id, new.flag_id, new.check_in_id, new.text, new.photo_ids):
            raise Problem(ID_REUSED)
        return None
    about = await subject(session, county.id, flag_id=new.flag_id, check_in_id=new.check_in_id)
    if about.person_id != new.person_id:
        raise Problem(NOT_FOUND)
    if no := _why_not(about):
        raise Problem(CONFLICT, no)
    until = await _end_of(session, county, about.told_at, county.setting(DutySettings).appeal_days)
    await store_appeals.FILE.all(
        session,
        county_id=county.id,
        id=new.id,
        person_id=new.person_id,
        flag_id=new.flag_id,
        check_in_id=new.check_in_id,
        instance=about.instance,
        text=new.text,
        photo_ids=list(new.photo_ids),
        until=until,
        due_at=await _end_of(session, county, now, county.setting(DutySettings).appeal_decision_days),
        status="open" if now < until else "late",
        now=now,
    )
    return await one(session, county.id, new.id)


def _why_not(about: Subject) -> Text | None:
    """Why nobody can appeal about this now."""
    if about.status == "open":
        return _OPEN
    if about.withdrawn:
        return _TAKEN_BACK
    if not about.against:
        return _NOTHING_AGAINST
    if about.status == "late":
        return _LATE
    return _FINAL if about.status == "overturned" or about.instance > _INSTANCES else None


async def take(session: AsyncSession, county_id: str, appeal_id: UUID) -> AppealRow:
    """The row of an open appeal, locked. Raises `NOT_FOUND`, `CONFLICT` once decided."""
    found = await store_appeals.TAKE.all(session, county_id=county_id, id=appeal_id)
    if not found:
        raise Problem(NOT_FOUND)
    if found[0].status != "open":
        raise Problem(CONFLICT, _DECIDED)
    return found[0]


async def decide(
    session: AsyncSession,
    *,
    county_id: str,
    appeal_id: UUID,
    decision: AppealVerdict,
    reason: str,
    actor_id: UUID,
    post: str,
    now: datetime,
) -> None:
    """Write the decision on an appeal that was taken."""
    await store_appeals.DECIDE.all(
        session,
        county_id=county_id,
        id=appeal_id,
        status=decision.status,
        reason=reason,
        actor_id=actor_id,
        post=post,
        now=now,
    )


async def deciders(
    session: AsyncSession, county: County, about: Subject, *, instance: int, now: datetime
) -> set[UUID]:
    """Who may decide: the leaders and offices above the person on both lines; a second appeal, the offices.

    Never the person, and nobody about an act of their own as long as there is somebody else. Whoever was there
    when it was done and is so no more is replaced first: nobody becomes the only one by ending others' posts.
    """
    able = await _above(session, county, about, instance, county.day(now))
    if others := able[0] - about.acted or able[1] - about.acted:
        return others
    before = await _above(session, county, about, instance, county.day(about.told_at))
    return set() if before[1] - about.acted else able[0]


async def _above(
    session: AsyncSession, county: County, about: Subject, instance: int, day: date
) -> tuple[set[UUID], set[UUID]]:
    """Who decides an appeal of this instance by the posts of that day; and all who are above the person."""
    reach = LeaderQuery(about.person_id, EVERY_LEVEL, offices=True)
    (found,) = await answering(session, county_id=county.id, asked=[reach], today=day)
    everybody = {each.person_id for each in found}
    offices = {each.person_id for each in found if not each.leads}
    return (offices if instance > 1 and offices else everybody), everybody


def may_decide(decider: Scope, about: Subject, able: Collection[UUID]) -> bool:
    """Whether this is one of those `able`, by an account that nobody opened whose case it is."""
    own = {about.person_id, *about.acted}
    return decider.person_id in able and not decider.opened_by & own


async def waive(session: AsyncSession, county_id: str, about: Subject, now: datetime) -> None:
    """Take the duty off the person. The caller recounts it."""
    await store_appeals.WAIVE.run(
        session,
        county_id=county_id,
        person_id=about.person_id,
        rule_id=about.rule_id,
        period_start=about.period_start,
        now=now,
    )


async def one(session: AsyncSession, county_id: str, appeal_id: UUID) -> AppealRow | None:
    """The row of an appeal."""
    found = await store_appeals.ONE.all(session, county_id=county_id, id=appeal_id)
    return found[0] if found else None


async def of_person(
    session: AsyncSession,
    *,
    county_id: str,
    person_id: UUID,
    cursor: str | None = None,
    limit: int = 1,
    only: UUID | None = None,
) -> tuple[Sequence[OwnAppealRow], str | None]:
    """The person's appeals, the latest first, and the cursor of what follows; or only one."""
    after = decode_cursor(_LISTING, cursor, datetime, UUID)
    found = await store_appeals.OF_PERSON.all(
        session,
        county_id=county_id,
        person_id=person_id,
        only=only,
        at=after and after[0],
        id=after and after[1],
        limit=limit + 1,
    )
    return cut(_LISTING, found, limit, lambda row: (row.filed_at, row.id))


def view(row: OwnAppealRow) -> dict[str, object]:
    """An appeal as both sides see it."""
    by = {"id": row.decided_by, "name": row.decided_by_name, "post": row.post}
    return {
        "id": row.id,
        "flag_id": row.flag_id,
        "check_in_id": row.check_in_id,
        "instance": row.instance,
        "text": row.text,
        "photo_ids": row.photo_ids,
        "filed_at": row.filed_at,
        "until": row.until,
        "due_at": row.due_at,
        "status": row.status,
        "decision": {"reason": row.decision_reason, "by": by, "at": row.decided_at} if row.decided_at else None,
    }


async def recipients(session: AsyncSession, county_id: str, flag_id: UUID) -> list[UUID]:
    """Those whom a flag was put before."""
    return await store_appeals.RECIPIENTS.all(session, county_id=county_id, flag_id=flag_id)


async def of_check_ins(session: AsyncSession, county_id: str, ids: Sequence[UUID]) -> dict[UUID, Json | None]:
    """The latest appeal against each of these check-ins, `{id, status}` or None."""
    found = await store_appeals.MARK_CHECK_INS.all(session, county_id=county_id, ids=list(ids))
    return {row.id: row.appeal for row in found}


async def of_duties(session: AsyncSession, county_id: str, ids: Sequence[UUID]) -> dict[UUID, DutyAppealRow]:
    """The flag of each of these duties that has one, and the latest appeal against that."""
    found = await store_appeals.MARK_DUTIES.all(session, county_id=county_id, ids=list(ids))
    return {row.id: row for row in found}


async def _end_of(session: AsyncSession, county: County, moment: datetime, days: int) -> datetime:
    """24:00 of the last of so many days, of which the first is the day after `moment`; of a working day."""
    nominal = county.day(moment) + timedelta(days=days)
    following = await calendar.days(session, county.id, nominal, nominal + timedelta(days=_LONGEST_HOLIDAY_D))
    last = last_day(nominal, [day.date for day in following if day.working])
    return datetime.combine(last + timedelta(days=1), time.min, ZoneInfo(county.timezone))
