"""The office changes the roster: who leaves, what a village is called."""

from uuid import UUID

from fastapi import APIRouter

from app.console.routes.context import ContextDep, RequestContext
from app.console.routes.parameters import VillagePath
from app.console.schemas.roster import LaterCodes, Service, VillageRecoded
from app.directory import service as directory
from app.directory.rights import Ability
from app.directory.roster_changes import NewCode
from app.duties.service import DutyCounty
from app.flows import change_roster
from app.flows.change_directory import OWN
from app.http.abilities import needs
from app.reads import person as people
from app.reads.answers.directory import LaterCode, PersonDetail

router = APIRouter(tags=["directory"])


@router.put("/people/{person_id}/service", summary="Until when a person serves; posts and assignments end with it")
@needs(Ability.CHANGE_ROSTER)
async def put_service(person_id: UUID, body: Service, context: ContextDep) -> PersonDetail:
    await context.where(person=person_id, own=OWN)
    county = await _county(context)
    await change_roster.leave_service(
        context.session,
        county,
        person_id,
        until_date=body.until_date,
        actor_id=context.scope.person_id,
        now=context.now,
    )
    return await _person(context, person_id)


@router.put("/villages/{village_id}/code", summary="A village gets another code")
@needs(Ability.CHANGE_ROSTER)
async def put_code(village_id: VillagePath, body: VillageRecoded, context: ContextDep) -> LaterCodes:
    """Its id stays, and all that was recorded with it."""
    await context.where(village=village_id)
    county = await _county(context)
    codes = await change_roster.recode(
        context.session,
        county,
        village_id,
        NewCode(**body.model_dump()),
        actor_id=context.scope.person_id,
        now=context.now,
    )
    return LaterCodes(items=[LaterCode(**code._asdict()) for code in codes])


async def _county(context: RequestContext) -> DutyCounty:
    county = await directory.county(context.session, context.scope.county_id)
    return DutyCounty(county.id, county.timezone)


async def _person(context: RequestContext, person_id: UUID) -> PersonDetail:
    return await people.person(context.session, await context.visible(), person_id, now=context.now)
