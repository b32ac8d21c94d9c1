"""Appeals: what people say against a flag or a standing, with the evidence, and who decides it."""

from uuid import UUID

from fastapi import APIRouter

from app.console.routes.context import ContextDep, RequestContext, shows
from app.console.routes.parameters import CursorQuery, LimitQuery, PersonQuery, UnitQuery
from app.console.schemas.appeals import AppealDecision
from app.directory.rights import Ability
from app.duties.words import AppealStatus
from app.flows.decide_appeal import Answer, decide_appeal
from app.http.abilities import needs
from app.kernel.audit import Looked
from app.kernel.paging import DEFAULT_LIMIT
from app.reads import appeals
from app.reads.answers.appeals import AppealDetail, AppealPage

router = APIRouter(prefix="/appeals", tags=["appeals"])


@router.get("", summary="The appeals of the people in scope, the open ones first")
@needs(Ability.READ)
@shows(Looked.APPEAL)
async def list_appeals(
    context: ContextDep,
    status: AppealStatus | None = None,
    unit: UnitQuery = None,
    person: PersonQuery = None,
    cursor: CursorQuery = None,
    limit: LimitQuery = DEFAULT_LIMIT,
) -> AppealPage:
    return await appeals.appeals(
        context.session,
        await context.visible(unit=unit, person=person),
        status=status,
        person_id=person,
        cursor=cursor,
        limit=limit,
        now=context.now,
        language=context.language,
    )


@router.get("/{appeal_id}", summary="An appeal with all the evidence and what was done")
@needs(Ability.READ)
async def read_appeal(appeal_id: UUID, context: ContextDep) -> AppealDetail:
    found = await _appeal(context, appeal_id)
    await context.seen(found.person.id, {"appeal": appeal_id})
    return found


@router.post(
    "/{appeal_id}/decide",
    summary="Decide an appeal; 403 for who may not, 409 when it is decided already",
)
@needs(Ability.DECIDE_APPEALS)
async def post_decision(appeal_id: UUID, said: AppealDecision, context: ContextDep) -> AppealDetail:
    await _appeal(context, appeal_id)  # or 404
    answer = Answer(said.decision, said.reason)
    await decide_appeal(context.session, context.scope, appeal_id, answer, now=context.now)
    return await read_appeal(appeal_id, context)


async def _appeal(context: RequestContext, appeal_id: UUID) -> AppealDetail:
    return await appeals.appeal(
        context.session,
        await context.visible(),
        appeal_id,
        who=context.scope,
        now=context.now,
        language=context.language,
    )
