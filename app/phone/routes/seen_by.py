"""Who looked at one's own places."""

from typing import Annotated

from fastapi import APIRouter, Query

from app.directory.rights import Ability
from app.http.abilities import needs
from app.http.caller import ScopeDep
from app.http.sessions import SessionDep
from app.http.wire import Whole
from app.kernel.paging import DEFAULT_LIMIT, MAX_LIMIT
from app.reads import seen_by
from app.reads.answers.seen_by import LookPage

router = APIRouter(tags=["me"])


@router.get("/me/seen-by", summary="Who looked at one's places, when, as what")
@needs(Ability.OWN_AFTERWARDS)
async def my_looks(
    own: ScopeDep,
    session: SessionDep,
    cursor: str | None = None,
    limit: Annotated[Whole, Query(ge=1, le=MAX_LIMIT)] = DEFAULT_LIMIT,
) -> LookPage:
    return await seen_by.looks(session, own, cursor=cursor, limit=limit)
