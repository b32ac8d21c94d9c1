"""Appeals of one's own: against a flag, or against the standing of a check-in."""

from typing import Annotated

from fastapi import APIRouter, Query, Request, Response

from app.directory.rights import Ability
from app.duties import appeals
from app.flows.file_appeal import file_appeal
from app.http.abilities import needs
from app.http.caller import ScopeDep
from app.http.services import services
from app.http.sessions import SessionDep
from app.http.wire import Whole
from app.kernel.paging import DEFAULT_LIMIT, MAX_LIMIT
from app.phone.schemas.appeals import AppealIn, AppealList, AppealOut

router = APIRouter(tags=["appeals"])


@router.post(
    "/me/appeals",
    status_code=201,
    responses={200: {"model": AppealOut, "description": "Filed before"}},
    summary="Appeal against a flag or a standing; 409 where nothing stands against one, or an appeal is open",
)
@needs(Ability.OWN)
async def post_appeal(
    request: Request, response: Response, appeal: AppealIn, own: ScopeDep, session: SessionDep
) -> AppealOut:
    fresh = await file_appeal(session, own.county_id, appeal.of(own.person_id), now=services(request).clock())
    response.status_code = 201 if fresh else 200
    (filed,), _ = await appeals.of_person(
        session, county_id=own.county_id, person_id=own.person_id, only=appeal.id
    )
    return AppealOut.model_validate(appeals.view(filed))


@router.get("/me/appeals", summary="One's appeals, the latest first")
@needs(Ability.OWN)
async def my_appeals(
    own: ScopeDep,
    session: SessionDep,
    cursor: str | None = None,
    limit: Annotated[Whole, Query(ge=1, le=MAX_LIMIT)] = DEFAULT_LIMIT,
) -> AppealList:
    found, after = await appeals.of_person(
        session, county_id=own.county_id, person_id=own.person_id, cursor=cursor, limit=limit
    )
    return AppealList(items=[AppealOut.model_validate(appeals.view(row)) for row in found], next_cursor=after)
