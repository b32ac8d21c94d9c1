"""Leave of the people in scope: what waits, and its decision."""

from collections.abc import Sequence
from typing import Annotated, Literal
from uuid import UUID

from fastapi import APIRouter, Query

from app.console.routes.context import ContextDep, RequestContext, shows
from app.console.routes.parameters import CursorQuery, LimitQuery, PersonQuery, UnitQuery
from app.console.schemas.leave import LeaveReason, LeaveRevocation
from app.directory import service as directory
from app.directory.rights import Ability
from app.duties.service import DutyChange, DutyCounty
from app.duties.words import LeaveStatus
from app.flows import take_leave
from app.http.abilities import needs
from app.http.wire import Day
from app.kernel.audit import Looked
from app.kernel.paging import DEFAULT_LIMIT
from app.kernel.problems import NOT_FOUND, Problem
from app.reads import leave
from app.reads.answers.board import Progress
from app.reads.answers.leave import ChangedDuty, LeaveItem, LeavePage, LeaveSettled

FromQuery = Annotated[Day | None, Query(alias="from")]

router = APIRouter(prefix="/leave", tags=["leave"])


@router.get("", summary="Leave, what waits for a decision first")
@needs(Ability.READ)
@shows(Looked.LEAVE)
async def list_leave(
    context: ContextDep,
    status: LeaveStatus | None = None,
    unit: UnitQuery = None,
    person: PersonQuery = None,
    from_: FromQuery = None,
    to: Day | None = None,
    cursor: CursorQuery = None,
    limit: LimitQuery = DEFAULT_LIMIT,
) -> LeavePage:
    county = await directory.county(context.session, context.scope.county_id)
    return await leave.listing(
        context.session,
        await context.visible(unit=unit, person=person),
        context.scope,
        DutyCounty(county.id, county.timezone),
        now=context.now,
        limit=limit,
        cursor=cursor,
        status=status,
        person_id=person,
        days=(from_, to),
    )


@router.post("/{leave_id}/approve", summary="Approve; what is owed is counted anew")
@needs(Ability.DECIDE_LEAVE)
async def approve_leave(leave_id: UUID, body: LeaveReason, context: ContextDep) -> LeaveSettled:
    return await _decide(context, leave_id, "approved", body.reason)


@router.post("/{leave_id}/refuse", summary="Refuse")
@needs(Ability.DECIDE_LEAVE)
async def refuse_leave(leave_id: UUID, body: LeaveReason, context: ContextDep) -> LeaveSettled:
    return await _decide(context, leave_id, "refused", body.reason)


@router.post(
    "/{leave_id}/revoke",
    summary="The office takes back what was approved, from a half-day on or altogether",
)
@needs(Ability.REVOKE_LEAVE)
async def revoke_leave(leave_id: UUID, body: LeaveRevocation, context: ContextDep) -> LeaveSettled:
    await _seen(context, leave_id)
    changes = await take_leave.revoke(
        context.session,
        await directory.county(context.session, context.scope.county_id),
        leave_id,
        half=body.half,
        decider=context.scope,
        reason=body.reason,
        now=context.now,
    )
    return await _settled(context, leave_id, changes)


async def _decide(
    context: RequestContext, leave_id: UUID, status: Literal["approved", "refused"], reason: str
) -> LeaveSettled:
    await _seen(context, leave_id)
    changes = await take_leave.decide(
        context.session,
        await directory.county(context.session, context.scope.county_id),
        leave_id,
        status=status,
        decider=context.scope,
        reason=reason,
        now=context.now,
    )
    return await _settled(context, leave_id, changes)


async def _settled(context: RequestContext, leave_id: UUID, changes: Sequence[DutyChange]) -> LeaveSettled:
    changed = [
        ChangedDuty(
            duty=Progress(**change.duty.as_dict(context.language, context.now)),
            required_before=change.required_before,
            status_before=change.status_before,
        )
        for change in changes
    ]
    return LeaveSettled(**dict(await _seen(context, leave_id)), changed=changed)


async def _seen(context: RequestContext, leave_id: UUID) -> LeaveItem:
    """Raises `NOT_FOUND` where its person is out of sight."""
    county = await directory.county(context.session, context.scope.county_id)
    found = await leave.listing(
        context.session,
        await context.visible(),
        context.scope,
        DutyCounty(county.id, county.timezone),
        now=context.now,
        limit=1,
        leave_id=leave_id,
    )
    if not found.items:
        raise Problem(NOT_FOUND)
    return found.items[0]
