"""Who calls, what they may see, and in which language they are answered.

Dependencies are `async` even where they await nothing: a plain function would take a thread for each request.
"""

from typing import Annotated
from uuid import UUID

from fastapi import Depends, Path, Request

from app.access import service as access
from app.access.sign_ins import Origin
from app.directory.rights import Ability
from app.directory.scope import Scope
from app.http.abilities import ability_of
from app.http.cookies import BROWSER
from app.http.services import Services, services
from app.http.sessions import SessionDep
from app.http.signed_in import CallerDep as CallerDep
from app.http.signed_in import caller_of as caller_of
from app.http.tokens import Caller
from app.kernel.language import Language, preferred
from app.kernel.problems import NOT_FOUND, Problem


def language_of(request: Request) -> Language:
    return preferred(request.headers.get("accept-language"))


def origin_of(request: Request, device_id: str | None) -> Origin:
    """Where a try to sign in comes from.

    Behind a proxy that uvicorn trusts (`FORWARDED_ALLOW_IPS`) the address is the one that the proxy names.
    """
    agent = request.headers.get("user-agent", "")[:300].replace("\0", "")
    try:
        session_id = UUID(hex=request.cookies.get(BROWSER, ""))
    except ValueError:
        session_id = None
    return Origin(request.client.host if request.client else "", device_id, agent or None, session_id)


async def language(request: Request) -> Language:
    return language_of(request)


LanguageDep = Annotated[Language, Depends(language)]


async def scope(request: Request, who: CallerDep, session: SessionDep) -> Scope:
    """The scope of today's posts; 401 when the session has ended, 403 when the person no longer serves.

    What is one's own is open, for a while, also to who has left: where the route says so.
    """
    ability = ability_of(request.scope["endpoint"])
    return await access.scope(
        session,
        county_id=who.county_id,
        person_id=who.person_id,
        session_id=who.session_id,
        now=services(request).clock(),
        may_have_left=ability is Ability.OWN_AFTERWARDS,
        own_only=ability in (Ability.OWN, Ability.OWN_AFTERWARDS),
    )


ScopeDep = Annotated[Scope, Depends(scope)]


async def refuse_ended(handed: Services, who: Caller, *, may_have_left: bool) -> None:
    """In a transaction of its own, for what opens none. Raises `SESSION_ENDED`, and what `scope` does."""
    async with handed.database.transaction(who.county_id) as session:
        await access.scope(
            session,
            county_id=who.county_id,
            person_id=who.person_id,
            session_id=who.session_id,
            now=handed.clock(),
            may_have_left=may_have_left,
            own_only=True,
        )


async def county_scope(county_id: Annotated[str, Path(description="GB/T 2260 code")], own: ScopeDep) -> Scope:
    """The caller's scope, for routes under one county; another county is not there at all."""
    if county_id != own.county_id:
        raise Problem(NOT_FOUND)
    return own


CountyScopeDep = Annotated[Scope, Depends(county_scope)]
