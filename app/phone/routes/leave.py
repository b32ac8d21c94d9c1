"""Leave of one's own: asked for, taken back, and returned from."""

from collections.abc import Awaitable, Callable
from uuid import UUID

from fastapi import APIRouter, Request, Response

from app.directory import service as directory
from app.directory.rights import Ability
from app.directory.scope import Scope
from app.duties import leave
from app.duties.service import DutyCounty
from app.flows import take_leave
from app.http.abilities import needs
from app.http.caller import ScopeDep
from app.http.services import services
from app.http.sessions import SessionDep
from app.kernel.problems import NOT_FOUND, Problem
from app.phone.schemas.leave import LeaveIn, LeaveList, LeaveOut
from app.reads.leave import view

router = APIRouter(prefix="/me/leave", tags=["leave"])


@router.post(
    "",
    status_code=201,
    response_model=LeaveOut,
    responses={200: {"model": LeaveOut, "description": "Filed before"}},
    summary="Ask for leave, or file official duty elsewhere; 409 where other leave overlaps",
)
@needs(Ability.OWN)
async def post_leave(
    request: Request, response: Response, wish: LeaveIn, own: ScopeDep, session: SessionDep
) -> dict[str, object]:
    now = services(request).clock()
    county = await directory.county(session, own.county_id)
    who = await directory.person(session, county_id=own.county_id, person_id=own.person_id, now=now)
    fresh = await take_leave.file(session, county, wish.of(own.person_id), person=who.name, now=now)
    response.status_code = 201 if fresh else 200
    return await _one(request, session, own, wish.id)


@router.get("", response_model=LeaveList, summary="One's leave, the latest first")
@needs(Ability.OWN)
async def my_leave(request: Request, own: ScopeDep, session: SessionDep) -> dict[str, object]:
    county = await directory.county(session, own.county_id)
    found = await leave.of_person(
        session, DutyCounty(county.id, county.timezone), own.person_id, services(request).clock()
    )
    return {"items": [view(row) for row in found]}


@router.post("/{leave_id}/withdraw", response_model=LeaveOut, summary="Take back what has not begun")
@needs(Ability.OWN)
async def withdraw_leave(
    request: Request, leave_id: UUID, own: ScopeDep, session: SessionDep
) -> dict[str, object]:
    return await _change(take_leave.withdraw, request, session, own, leave_id)


@router.post("/{leave_id}/return", response_model=LeaveOut, summary="Be back from now on (销假)")
@needs(Ability.OWN)
async def return_from_leave(
    request: Request, leave_id: UUID, own: ScopeDep, session: SessionDep
) -> dict[str, object]:
    return await _change(take_leave.come_back, request, session, own, leave_id)


async def _change(
    change: Callable[..., Awaitable[None]], request: Request, session: SessionDep, own: Scope, leave_id: UUID
) -> dict[str, object]:
    """One's own leave, changed. Raises `NOT_FOUND`."""
    await _one(request, session, own, leave_id)
    county = await directory.county(session, own.county_id)
    await change(session, county, leave_id, person_id=own.person_id, now=services(request).clock())
    return await _one(request, session, own, leave_id)


async def _one(request: Request, session: SessionDep, own: Scope, leave_id: UUID) -> dict[str, object]:
    """One's own. Raises `NOT_FOUND`."""
    county = await directory.county(session, own.county_id)
    found = await leave.of_person(
        session,
        DutyCounty(county.id, county.timezone),
        own.person_id,
        services(request).clock(),
        leave_id=leave_id,
    )
    if not found:
        raise Problem(NOT_FOUND)
    return view(found[0])
