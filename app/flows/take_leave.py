"""Leave: a person asks, those who may decide are told; the decision changes what is owed and is told."""

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from typing import Literal
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from app.directory.leaders import LeaderQuery, answering
from app.directory.rights import Ability
from app.directory.scope import Scope
from app.directory.service import County
from app.duties import leave
from app.duties.leave import Given, LeaveRow, NewLeave
from app.duties.rules import HALF
from app.duties.service import DutyChange, DutyCounty, Recounted
from app.duties.settings import DutySettings
from app.kernel import audit
from app.kernel.language import Text
from app.kernel.problems import FORBIDDEN, ID_REUSED, INVALID, FieldError, Problem, invalid
from app.notices import service as notices
from app.notices.service import NewNotice

_UNRECORDED = "导入已撤销"
_TOO_LATE = Text("最迟应在开始后 {days} 天内提出", "To be filed within {days} days of its beginning")
_OWN = Text("不能审批本人的请假", "Nobody decides about their own leave")
_NOT_OFFICE = Text("只能由管辖此人的办公室撤销", "An office above the person revokes it")
_BEYOND = Text("应在请假期内", "Must lie within the leave")
_COUNTY = Text("超过 {days} 天的请假由县里审批", "Leave of more than {days} days is the county's to decide")


async def file(session: AsyncSession, county: County, new: NewLeave, *, person: str, now: datetime) -> bool:
    """Whether it is new. Raises `CONFLICT` where other leave overlaps, `ID_REUSED`, `INVALID` when too late."""
    own, settings = DutyCounty(county.id, county.timezone), county.setting(DutySettings)
    late = too_late(county, new.span.from_half, now)
    if late and not await leave.of_person(session, own, new.person_id, now, leave_id=new.id):
        raise Problem(INVALID, errors=(late,))
    if not await leave.file(session, own, new, township_days=settings.leave_township_days, now=now):
        await _same(session, own, new, now)
        return False
    row = await leave.one(session, own, new.id, now)
    await _trace(session, own, "leave.filed", row, new.person_id, now, {"reason": new.reason})
    reach = LeaderQuery(new.person_id, offices=row.level == "county")
    (asked,) = await answering(session, county_id=county.id, asked=[reach], today=county.day(now))
    deciders = {each.person_id for each in asked if row.level == "township" or not each.leads}
    about = _about(row) | {"person": {"id": new.person_id, "name": person}}
    # Who is away tomorrow should know today; for the rest the deciders' next summary is early enough.
    soon = row.from_half.date() <= county.day(now) + timedelta(days=1) and row.until_half > leave.local(own, now)
    told = [NewNotice(each, "leave_asked", f"leave:{new.id}:asked", about, today=soon) for each in deciders]
    await notices.tell(session, county_id=county.id, now=now, notices=told)
    return True


async def decide(
    session: AsyncSession,
    county: County,
    leave_id: UUID,
    *,
    status: Literal["approved", "refused"],
    decider: Scope,
    reason: str,
    now: datetime,
) -> list[DutyChange]:
    """The duties that change by it. Raises `NOT_FOUND`, `CONFLICT`, `FORBIDDEN` where others are to decide."""
    own = DutyCounty(county.id, county.timezone)
    row = await leave.one(session, own, leave_id, now)
    if row.person_id == decider.person_id:
        raise Problem(FORBIDDEN, _OWN)
    if row.status == "asked" and not leave.may_decide(row, decider):
        why = _COUNTY if row.level == "county" else None
        raise Problem(FORBIDDEN, why, days=f"{county.setting(DutySettings).leave_township_days:g}")
    changes = await leave.decide(
        session,
        own,
        leave_id=leave_id,
        person_id=row.person_id,
        status=status,
        actor_id=decider.person_id,
        reason=reason,
        now=now,
    )
    detail = {"reason": reason, "duties": [_effect(change) for change in changes]}
    await _trace(session, own, f"leave.{status}", row, decider.person_id, now, detail)
    told = NewNotice(row.person_id, f"leave_{status}", f"leave:{leave_id}:{status}", _about(row))
    await notices.tell(session, county_id=county.id, now=now, notices=[told])
    return changes


async def revoke(
    session: AsyncSession,
    county: County,
    leave_id: UUID,
    *,
    half: datetime | None,
    decider: Scope,
    reason: str,
    now: datetime,
) -> list[DutyChange]:
    """Approved leave ends before this half-day, None is all of it; the duties that change by it.

    Raises `NOT_FOUND`, `FORBIDDEN` unless an office above revokes it, `INVALID` for a half-day beyond its end,
    `CONFLICT` where it is not approved, or over by then already.
    """
    own = DutyCounty(county.id, county.timezone)
    row = await leave.one(session, own, leave_id, now)
    if row.person_id == decider.person_id:
        raise Problem(FORBIDDEN, _OWN)
    if not decider.may(Ability.REVOKE_LEAVE, leave.standing(row)):
        raise Problem(FORBIDDEN, _NOT_OFFICE)
    since = max(half or row.from_half, row.from_half)
    if since >= row.until_half:
        raise invalid("/from_date", "beyond", _BEYOND)
    changes = await leave.revoke(
        session,
        own,
        leave_id=leave_id,
        person_id=row.person_id,
        half=since,
        actor_id=decider.person_id,
        reason=reason,
        now=now,
    )
    detail = {"reason": reason, "since": since, "duties": [_effect(change) for change in changes]}
    await _trace(session, own, "leave.revoked", row, decider.person_id, now, detail)
    about = _about(row) | {"since": since.date()}
    told = NewNotice(row.person_id, "leave_revoked", f"leave:{leave_id}:revoked:{since:%Y-%m-%dT%H}", about)
    await notices.tell(session, county_id=county.id, now=now, notices=[told])
    return changes


async def record(
    session: AsyncSession, county: County, given: Sequence[Given], *, actor_id: UUID, source: str, now: datetime
) -> Recounted:
    """Leave given on paper comes in by the set, approved as it is: what is owed follows, and people are told.

    The caller has looked at each: see `too_late`, `leave.meeting`; nobody records their own.
    """
    own, settings = DutyCounty(county.id, county.timezone), county.setting(DutySettings)
    counted = await leave.record(
        session, own, given, township_days=settings.leave_township_days, actor_id=actor_id, now=now
    )
    await audit.record(
        session,
        county_id=own.id,
        at=now,
        actor_id=actor_id,
        action="leave.recorded",
        subject=f"county:{own.id}",
        detail={"source": source, "leave": [each.leave.id for each in given]},
    )
    told = [
        NewNotice(each.leave.person_id, "leave_approved", f"leave:{each.leave.id}:approved", _of_new(each.leave))
        for each in given
    ]
    await notices.tell(session, county_id=county.id, now=now, notices=told)
    return counted


async def unrecord(
    session: AsyncSession,
    county: County,
    given: Sequence[NewLeave],
    *,
    actor_id: UUID,
    source: str,
    now: datetime,
) -> None:
    """What `record` did is revoked as a whole, and told. Raises `CONFLICT` where something came of it since."""
    ids = [each.id for each in given]
    own = DutyCounty(county.id, county.timezone)
    await leave.unrecord(session, own, ids, actor_id=actor_id, reason=_UNRECORDED, now=now)
    await audit.record(
        session,
        county_id=county.id,
        at=now,
        actor_id=actor_id,
        action="leave.unrecorded",
        subject=f"county:{county.id}",
        detail={"source": source, "leave": ids},
    )
    told = [
        NewNotice(
            each.person_id,
            "leave_revoked",
            f"leave:{each.id}:revoked:{each.span.from_half:%Y-%m-%dT%H}",
            _of_new(each) | {"since": each.span.from_half.date()},
        )
        for each in given
    ]
    await notices.tell(session, county_id=county.id, now=now, notices=told)


def too_late(county: County, from_half: datetime, now: datetime) -> FieldError | None:
    """What is filed so long after it began is not taken any more."""
    limit = county.setting(DutySettings).leave_retro_d
    late = (leave.local(DutyCounty(county.id, county.timezone), now) - from_half).days > limit
    return FieldError("/from_date", "too_late", _TOO_LATE, {"days": limit}) if late else None


async def withdraw(
    session: AsyncSession, county: County, leave_id: UUID, *, person_id: UUID, now: datetime
) -> None:
    """See `leave.withdraw`."""
    own = DutyCounty(county.id, county.timezone)
    await leave.withdraw(session, own, leave_id=leave_id, person_id=person_id, now=now)
    row = await leave.one(session, own, leave_id, now)
    await _trace(session, own, "leave.withdrawn", row, person_id, now, {})


async def come_back(
    session: AsyncSession, county: County, leave_id: UUID, *, person_id: UUID, now: datetime
) -> None:
    """See `leave.come_back`."""
    own = DutyCounty(county.id, county.timezone)
    await leave.come_back(session, own, leave_id=leave_id, person_id=person_id, now=now)
    row = await leave.one(session, own, leave_id, now)
    await _trace(session, own, "leave.returned", row, person_id, now, {"overrun": row.overrun})


async def _same(session: AsyncSession, own: DutyCounty, new: NewLeave, now: datetime) -> None:
    """Raises `ID_REUSED` when the id holds leave with other content."""
    row = await leave.one(session, own, new.id, now)
    stored = (row.person_id, row.kind, row.from_half, row.until_half, row.reason)
    if stored != (new.person_id, new.kind, new.span.from_half, new.span.until_half, new.reason):
        raise Problem(ID_REUSED)


def _effect(change: DutyChange) -> dict[str, object]:
    return {
        "duty_id": change.duty.id,
        "required": [change.required_before, change.duty.required],
        "status": [change.status_before, change.duty.status],
    }


def _of_new(new: NewLeave) -> dict[str, object]:
    return {
        "leave_id": new.id,
        "from_date": new.span.from_half.date(),
        "until_date": (new.span.until_half - HALF).date(),
    }


def _about(row: LeaveRow) -> dict[str, object]:
    return {
        "leave_id": row.id,
        "from_date": row.from_half.date(),
        "until_date": (row.until_half - HALF).date(),
    }


async def _trace(
    session: AsyncSession,
    own: DutyCounty,
    action: str,
    row: LeaveRow,
    actor_id: UUID,
    now: datetime,
    detail: Mapping[str, object],
) -> None:
    await audit.record(
        session,
        county_id=own.id,
        at=now,
        actor_id=actor_id,
        action=action,
        subject=f"leave:{row.id}",
        detail={**_about(row), **detail},
    )
