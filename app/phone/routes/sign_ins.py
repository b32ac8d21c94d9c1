"""Who signed in with one's number, or tried to."""

from typing import Annotated

from fastapi import APIRouter, Query

from app.access import sign_ins
from app.directory.rights import Ability
from app.http.abilities import needs
from app.http.caller import ScopeDep
from app.http.sessions import SessionDep
from app.http.sign_ins import SignInList
from app.http.wire import Whole
from app.kernel.paging import DEFAULT_LIMIT, MAX_LIMIT

router = APIRouter(tags=["sign-in"])


@router.get("/me/sign-ins", summary="Who signed in with one's number, or tried to; newest first")
@needs(Ability.OWN_AFTERWARDS)
async def my_sign_ins(
    own: ScopeDep,
    session: SessionDep,
    cursor: str | None = None,
    limit: Annotated[Whole, Query(ge=1, le=MAX_LIMIT)] = DEFAULT_LIMIT,
) -> SignInList:
    found = await sign_ins.of_person(session, own.county_id, own.person_id, cursor=cursor, limit=limit)
    return SignInList.model_validate(found)
