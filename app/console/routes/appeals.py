"""Appeals: what people say against a flag or a standing, with the evidence, and who decides it."""

from typing import Any
from uuid import UUID

from fastapi import APIRouter

from app.asgi.abilities import needs
from app.console.routes.look import Look, LookDep
from app.console.routes.parameters import CursorQuery, LimitQuery
from app.console.schemas.appeals import AppealDecision, AppealDetail, AppealPage
from app.directory.rights import Ability
from app.duties.words import AppealStatus
from app.flows.decide_appeal import Answer, decide_appeal
from app.kernel.paging import DEFAULT_LIMIT
from app.reads import appeals

router = APIRouter(prefix="/appeals", tags=["appeals"])


@router.get("", response_model=AppealPage, summary="The appeals of the people in scope, the open ones first")
@needs(Ability.READ)
async def list_appeals(
    look: LookDep,
    status: AppealStatus | None = None,
    cursor: CursorQuery = None,
    limit: LimitQuery = DEFAULT_LIMIT,
) -> dict[str, object]:
    return await appeals.appeals(
        look.session,
        await look.sight(),
        status=status,
        cursor=cursor,
        limit=limit,
        now=look.now,
        language=look.language,
    )


@router.get(
    "/{appeal_id}", response_model=AppealDetail, summary="An appeal with all the evidence and what was done"
)
@needs(Ability.READ)
async def read_appeal(appeal_id: UUID, look: LookDep) -> dict[str, object]:
    found = await _appeal(look, appeal_id)
    await look.seen(found["person"]["id"], {"appeal": appeal_id})
    return found


@router.post(
    "/{appeal_id}/decide",
    response_model=AppealDetail,
    summary="Decide an appeal; 403 for who may not, 409 when it is decided already",
)
@needs(Ability.DECIDE_APPEALS)
async def post_decision(appeal_id: UUID, said: AppealDecision, look: LookDep) -> dict[str, object]:
    await _appeal(look, appeal_id)  # or 404
    answer = Answer(said.decision, said.reason)
    await decide_appeal(look.session, look.scope, appeal_id, answer, now=look.now)
    return await read_appeal(appeal_id, look)


async def _appeal(look: Look, appeal_id: UUID) -> dict[str, Any]:
    return await appeals.appeal(
        look.session,
        await look.sight(),
        appeal_id,
        caller_id=look.scope.person_id,
        now=look.now,
        language=look.language,
    )
