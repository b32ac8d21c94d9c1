"""The office changes the roster: who answers for which village, who leaves, what a village is called."""

from uuid import UUID

from fastapi import APIRouter

from app.console.routes.context import ContextDep, RequestContext
from app.console.routes.parameters import VillagePath
from app.console.schemas.roster import (
    AssignmentEnd,
    AssignmentIn,
    AssignmentMade,
    HandOver,
    LaterCode,
    LaterCodes,
    Service,
    VillageRecoded,
)
from app.directory import roster_changes
from app.directory import service as directory
from app.directory.rights import Ability
from app.directory.roster_changes import NewAssignment, NewCode
from app.duties.service import DutyCounty
from app.flows import change_roster
from app.http.abilities import needs
from app.kernel.language import Text
from app.kernel.problems import FORBIDDEN, Problem
from app.reads import person as people
from app.reads.answers.directory import PersonDetail

router = APIRouter(tags=["directory"])

_OWN = Text("不能更改本人的结对和任职", "Nobody changes what they themselves answer for")


@router.post("/assignments", status_code=201, summary="Assign a village or household")
@needs(Ability.CHANGE_ROSTER)
async def post_assignment(body: AssignmentIn, context: ContextDep) -> AssignmentMade:
    county = await _county(context)
    await context.where(person=body.person_id, village=body.village_id)
    _of_another(context, body.person_id)
    new = NewAssignment(**body.model_dump())
    made = await change_roster.begin(
        context.session, county, new, actor_id=context.scope.person_id, now=context.now
    )
    return AssignmentMade(id=made)


@router.put("/assignments/{assignment_id}", summary="End an assignment from a day on")
@needs(Ability.CHANGE_ROSTER)
async def end_assignment(assignment_id: UUID, body: AssignmentEnd, context: ContextDep) -> PersonDetail:
    county, person_id = await _county(context), await _whose(context, assignment_id)
    await change_roster.end(
        context.session,
        county,
        assignment_id,
        until_date=body.until_date,
        actor_id=context.scope.person_id,
        now=context.now,
    )
    return await _person(context, person_id)


@router.post(
    "/assignments/{assignment_id}/hand-over",
    status_code=201,
    summary="Another person answers from a day on",
)
@needs(Ability.CHANGE_ROSTER)
async def hand_over(assignment_id: UUID, body: HandOver, context: ContextDep) -> AssignmentMade:
    county = await _county(context)
    await _whose(context, assignment_id)
    await context.where(person=body.person_id)
    _of_another(context, body.person_id)
    made = await change_roster.hand_over(
        context.session,
        county,
        assignment_id,
        to=body.person_id,
        from_date=body.from_date,
        actor_id=context.scope.person_id,
        now=context.now,
    )
    return AssignmentMade(id=made)


@router.put("/people/{person_id}/service", summary="Until when a person serves; posts and assignments end with it")
@needs(Ability.CHANGE_ROSTER)
async def put_service(person_id: UUID, body: Service, context: ContextDep) -> PersonDetail:
    county = await _county(context)
    await context.where(person=person_id)
    _of_another(context, person_id)
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
    county = await _county(context)
    await context.where(village=village_id)
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
    """Raises `FORBIDDEN` for all but the office."""
    context.must_hold()
    county = await directory.county(context.session, context.scope.county_id)
    return DutyCounty(county.id, county.timezone)


async def _whose(context: RequestContext, assignment_id: UUID) -> UUID:
    """The person of an assignment. Raises `NOT_FOUND` out of sight, `FORBIDDEN` where it is another office's."""
    found = await roster_changes.assignment(context.session, context.scope.county_id, assignment_id)
    await context.where(person=found.person_id)
    _of_another(context, found.person_id)
    person_id: UUID = found.person_id
    return person_id


def _of_another(context: RequestContext, person_id: UUID) -> None:
    """Who answers for less owes less: nobody decides about their own. Raises `FORBIDDEN`."""
    if person_id == context.scope.person_id:
        raise Problem(FORBIDDEN, _OWN)


async def _person(context: RequestContext, person_id: UUID) -> PersonDetail:
    return await people.person(context.session, await context.visible(), person_id, now=context.now)
