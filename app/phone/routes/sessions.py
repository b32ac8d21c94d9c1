"""Where one is signed in, and signing out elsewhere. Tracking apps have a list of their own."""

from uuid import UUID

from fastapi import APIRouter, Request

from app.access import service as access
from app.directory.rights import Ability
from app.http.abilities import needs
from app.http.caller import CallerDep, ScopeDep
from app.http.services import services
from app.http.sessions import SessionDep
from app.phone.schemas.accounts import SessionList, SessionOut

router = APIRouter(prefix="/me/sessions", tags=["sign-in"])


@router.get("", summary="Where one is signed in")
@needs(Ability.OWN_AFTERWARDS)
async def my_sessions(request: Request, caller: CallerDep, own: ScopeDep, session: SessionDep) -> SessionList:
    found = await access.sessions_of(session, own.county_id, own.person_id, now=services(request).clock())
    return SessionList(
        items=[SessionOut(**each._asdict(), current=each.id == caller.session_id) for each in found]
    )


@router.delete("/{session_id}", status_code=204, summary="Sign out on another device")
@needs(Ability.OWN_AFTERWARDS)
async def end_session(request: Request, session_id: UUID, own: ScopeDep, session: SessionDep) -> None:
    await access.end_own(session, own.county_id, own.person_id, session_id, now=services(request).clock())
