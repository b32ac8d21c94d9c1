"""请假/报备: leave, in half-days of the county's own clock, and what becomes of it.

Absence that is approved comes off what a person owes, also when it is approved afterwards; whoever is back early
owes from then on. Official duty elsewhere (公出报备) is filed the same way and excuses the same.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import Literal
from uuid import UUID
from zoneinfo import ZoneInfo

from sqlalchemy.ext.asyncio import AsyncSession

from app.directory.rights import Ability
from app.directory.scope import Scope, Standing
from app.duties.rules import HALF, Span, level_of
from app.duties.service import DutyChange, DutyCounty, Recounted, recount_days
from app.duties.store import leave as store_leave
from app.duties.store.duties import LOCK_PEOPLE, LOCK_SOME
from app.duties.store.leave import LeaveRow as LeaveRow
from app.duties.store.leave import MeetingRow, SpanRow
from app.kernel.language import Text
from app.kernel.problems import CONFLICT, ID_REUSED, NOT_FOUND, Problem

_OVERLAP = Text("与已有的请假重叠", "Overlaps leave that was asked for already")
_DECIDED = Text("已有决定或已撤销", "Decided or withdrawn already")
_BEGUN = Text("已经开始或已有决定，不能撤销", "It has begun or was decided; it cannot be withdrawn")
_NOT_GIVEN = Text("没有可以撤销的已批准请假", "There is no approved leave to revoke from then on")
_SINCE = Text(
    "不能撤销：其中有人已销假，或有的已被撤销。请逐条撤销",
    "It cannot be revoked: somebody has come back from it, or some was revoked. Revoke the rest singly",
)
_NOT_AWAY = Text("没有可以销假的请假", "There is no leave to return from")


@dataclass(frozen=True, slots=True)
class NewLeave:
    """What a person asks for; the id is made by the phone."""

    id: UUID
    person_id: UUID
    kind: str
    span: Span
    reason: str


async def file(
    session: AsyncSession, county: DutyCounty, new: NewLeave, *, township_days: float, now: datetime
) -> bool:
    """Ask for leave; False when this id was filed already.

    Raises `ID_REUSED` where it is somebody else's, `CONFLICT` where other leave of the person overlaps.
    """
    await _take(session, county, new.person_id)
    about = {"county_id": county.id, "person_id": new.person_id, "id": new.id}
    found = await store_leave.ASK.all(
        session,
        **about,
        kind=new.kind,
        from_half=new.span.from_half,
        until_half=new.span.until_half,
        reason=new.reason,
        level=level_of(new.span, township_days),
        now=now,
    )
    if found:
        return True
    owner = await store_leave.OWNER.first(session, county_id=county.id, id=new.id)
    if owner is None:
        raise Problem(CONFLICT, _OVERLAP)
    if owner != new.person_id:
        raise Problem(ID_REUSED)
    return False


async def decide(
    session: AsyncSession,
    county: DutyCounty,
    *,
    leave_id: UUID,
    person_id: UUID,
    status: Literal["approved", "refused"],
    actor_id: UUID,
    reason: str,
    now: datetime,
) -> list[DutyChange]:
    """Approve or refuse what was asked; the duties that change by it. Raises `CONFLICT` when it is past that."""
    await _take(session, county, person_id)
    found = await store_leave.DECIDE.all(
        session,
        county_id=county.id,
        id=leave_id,
        status=status,
        actor_id=actor_id,
        reason=reason,
        now=now,
    )
    return await _follow(session, county, found, now, Problem(CONFLICT, _DECIDED))


@dataclass(frozen=True, slots=True)
class Given:
    """Leave that was given on paper, and by whom."""

    leave: NewLeave
    decision: str


async def meeting(session: AsyncSession, county: DutyCounty, leave: Sequence[NewLeave]) -> list[MeetingRow]:
    """Which of these meet leave that their people have already. The people are locked from here on."""
    person_ids = [each.person_id for each in leave]
    await LOCK_SOME.one(session, county_id=county.id, person_ids=person_ids)
    return await store_leave.MEETING.all(session, county_id=county.id, **_spans(leave))


async def record(
    session: AsyncSession,
    county: DutyCounty,
    given: Sequence[Given],
    *,
    township_days: float,
    actor_id: UUID,
    now: datetime,
) -> Recounted:
    """Leave that is approved as it comes, which meets no other; what people owe is counted anew."""
    leave = [each.leave for each in given]
    await store_leave.RECORD.run(
        session,
        county_id=county.id,
        ids=[each.id for each in leave],
        kinds=[each.kind for each in leave],
        reasons=[each.reason for each in leave],
        levels=[level_of(each.span, township_days) for each in leave],
        decision_reasons=[each.decision for each in given],
        actor_id=actor_id,
        now=now,
        **_spans(leave),
    )
    return await _recount(session, county, [SpanRow(each.person_id, *_halves(each)) for each in leave], now)


async def unrecord(
    session: AsyncSession,
    county: DutyCounty,
    leave_ids: Sequence[UUID],
    *,
    actor_id: UUID,
    reason: str,
    now: datetime,
) -> None:
    """None of it is left. Raises `CONFLICT` where somebody has come back from it, or some was revoked."""
    found = await store_leave.UNRECORD.all(
        session, county_id=county.id, ids=list(leave_ids), actor_id=actor_id, reason=reason, now=now
    )
    if len(found) != len(leave_ids):
        raise Problem(CONFLICT, _SINCE)
    await _recount(session, county, found, now)


def _spans(leave: Sequence[NewLeave]) -> dict[str, object]:
    return {
        "person_ids": [each.person_id for each in leave],
        "from_halves": [each.span.from_half for each in leave],
        "until_halves": [each.span.until_half for each in leave],
    }


def _halves(leave: NewLeave) -> tuple[datetime, datetime]:
    return leave.span.from_half, leave.span.until_half


async def withdraw(
    session: AsyncSession, county: DutyCounty, *, leave_id: UUID, person_id: UUID, now: datetime
) -> None:
    """The person takes it back: what was asked, or what was approved and has not begun. Raises `CONFLICT`."""
    await _take(session, county, person_id)
    found = await store_leave.WITHDRAW.all(
        session, **_mine(county, leave_id, person_id), local_now=local(county, now)
    )
    await _follow(session, county, found, now, Problem(CONFLICT, _BEGUN))


async def come_back(
    session: AsyncSession, county: DutyCounty, *, leave_id: UUID, person_id: UUID, now: datetime
) -> None:
    """销假: the person is back from this half-day on. Raises `CONFLICT` when not away on this leave."""
    await _take(session, county, person_id)
    here = local(county, now)
    midnight = datetime.combine(here.date(), time.min)
    half = midnight + ((here - midnight) // HALF) * HALF
    found = await store_leave.RETURN.all(
        session, **_mine(county, leave_id, person_id), half=half, local_now=here, now=now
    )
    await _follow(session, county, found, now, Problem(CONFLICT, _NOT_AWAY))


async def revoke(
    session: AsyncSession,
    county: DutyCounty,
    *,
    leave_id: UUID,
    person_id: UUID,
    half: datetime,
    actor_id: UUID,
    reason: str,
    now: datetime,
) -> list[DutyChange]:
    """Approved leave is none from this half-day on, all of it if it began later; the duties that change by it.

    Raises `CONFLICT` where nothing approved is left from then on.
    """
    await _take(session, county, person_id)
    found = await store_leave.REVOKE.all(
        session,
        county_id=county.id,
        id=leave_id,
        half=half,
        actor_id=actor_id,
        reason=reason,
        now=now,
    )
    return await _follow(session, county, found, now, Problem(CONFLICT, _NOT_GIVEN))


async def of_person(
    session: AsyncSession,
    county: DutyCounty,
    person_id: UUID,
    now: datetime,
    *,
    leave_id: UUID | None = None,
    days: tuple[date, date] | None = None,
) -> list[LeaveRow]:
    """The person's leave, the latest first; only one, or only what touches these days (both included)."""
    first, last = days or (None, None)
    return await store_leave.OF_PERSON.all(
        session,
        county_id=county.id,
        timezone=county.timezone,
        local_now=local(county, now),
        person_id=person_id,
        id=leave_id,
        from_half=first and datetime.combine(first, time.min),
        until_half=last and datetime.combine(last + timedelta(days=1), time.min),
    )


async def one(session: AsyncSession, county: DutyCounty, leave_id: UUID, now: datetime) -> LeaveRow:
    """Whoever's it is. Raises `NOT_FOUND`."""
    found = await store_leave.ONE.all(
        session,
        county_id=county.id,
        timezone=county.timezone,
        local_now=local(county, now),
        id=leave_id,
    )
    if not found:
        raise Problem(NOT_FOUND)
    return found[0]


def may_decide(row: LeaveRow, decider: Scope) -> bool:
    """Whether the decider may approve or refuse it now; long leave is the county's to decide."""
    ability = Ability.DECIDE_LONG_LEAVE if row.level == "county" else Ability.DECIDE_LEAVE
    return row.status == "asked" and decider.may(ability, standing(row))


def may_revoke(row: LeaveRow, decider: Scope) -> bool:
    """Whether the decider may take it back, as long as any of it stands."""
    given = row.status == "approved" and row.from_half < (row.returned_half or row.until_half)
    return given and decider.may(Ability.REVOKE_LEAVE, standing(row))


def standing(row: LeaveRow) -> Standing:
    """Where the person of the leave stands in the tree."""
    return Standing(row.person_id, row.lines, row.leads)


def local(county: DutyCounty, now: datetime) -> datetime:
    """The time on the county's own clocks, without a zone, as half-days are kept."""
    return now.astimezone(ZoneInfo(county.timezone)).replace(tzinfo=None)


def _mine(county: DutyCounty, leave_id: UUID, person_id: UUID) -> dict[str, object]:
    return {"county_id": county.id, "id": leave_id, "person_id": person_id}


async def _take(session: AsyncSession, county: DutyCounty, person_id: UUID) -> None:
    """Raises `NOT_FOUND` for nobody."""
    if not await LOCK_PEOPLE.one(session, county_id=county.id, person_id=person_id):
        raise Problem(NOT_FOUND)


async def _follow(
    session: AsyncSession, county: DutyCounty, found: list[SpanRow], now: datetime, otherwise: Problem
) -> list[DutyChange]:
    if not found:
        raise otherwise
    return list((await _recount(session, county, found, now)).changed)


async def _recount(
    session: AsyncSession, county: DutyCounty, found: Sequence[SpanRow], now: datetime
) -> Recounted:
    """What these people owe, from the first day of any of it to the last."""
    if not found:
        return Recounted(0, [])
    last = (max(row.until_half for row in found) - HALF).date()
    return await recount_days(
        session,
        county,
        person_ids=sorted({row.person_id for row in found}),
        from_day=min(row.from_half for row in found).date(),
        until_day=last + timedelta(days=1),
        now=now,
    )
