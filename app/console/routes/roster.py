"""The office changes the roster: who answers for which village, who leaves, what a village is called."""

from typing import Any
from uuid import UUID

from fastapi import APIRouter

from app.asgi.abilities import needs
from app.console.routes.look import Look, LookDep
from app.console.routes.parameters import VillagePath
from app.console.schemas.directory import PersonDetail
from app.console.schemas.roster import (
    AssignmentEnd,
    AssignmentIn,
    AssignmentMade,
    HandOver,
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
from app.kernel.language import Text
from app.kernel.problems import FORBIDDEN, Problem
from app.reads import person as people

router = APIRouter(tags=["directory"])

_OWN = Text("不能更改本人的结对和任职", "Nobody changes what they themselves answer for")


@router.post(
    "/assignments", status_code=201, response_model=AssignmentMade, summary="Assign a village or household"
)
@needs(Ability.CHANGE_ROSTER)
async def post_assignment(body: AssignmentIn, look: LookDep) -> dict[str, object]:
    county = await _county(look)
    await look.where(person=body.person_id, village=body.village_id)
    _of_another(look, body.person_id)
    new = NewAssignment(**body.model_dump())
    made = await change_roster.begin(look.session, county, new, actor_id=look.scope.person_id, now=look.now)
    return {"id": made}


@router.put("/assignments/{assignment_id}", response_model=PersonDetail, summary="End an assignment from a day on")
@needs(Ability.CHANGE_ROSTER)
async def end_assignment(assignment_id: UUID, body: AssignmentEnd, look: LookDep) -> dict[str, object]:
    county, person_id = await _county(look), await _whose(look, assignment_id)
    await change_roster.end(
        look.session,
        county,
        assignment_id,
        until_date=body.until_date,
        actor_id=look.scope.person_id,
        now=look.now,
    )
    return await _person(look, person_id)


@router.post(
    "/assignments/{assignment_id}/hand-over",
    status_code=201,
    response_model=AssignmentMade,
    summary="Another person answers from a day on",
)
@needs(Ability.CHANGE_ROSTER)
async def hand_over(assignment_id: UUID, body: HandOver, look: LookDep) -> dict[str, object]:
    county = await _county(look)
    await _whose(look, assignment_id)
    await look.where(person=body.person_id)
    _of_another(look, body.person_id)
    made = await change_roster.hand_over(
        look.session,
        county,
        assignment_id,
        to=body.person_id,
        from_date=body.from_date,
        actor_id=look.scope.person_id,
        now=look.now,
    )
    return {"id": made}


@router.put("/people/{person_id}/service", response_model=PersonDetail, summary="Until when a person serves")
@needs(Ability.CHANGE_ROSTER)
async def put_service(person_id: UUID, body: Service, look: LookDep) -> dict[str, object]:
    county = await _county(look)
    await look.where(person=person_id)
    _of_another(look, person_id)
    before = (await _person(look, person_id))["until"]
    await change_roster.leave_service(
        look.session,
        county,
        person_id,
        until_date=body.until_date,
        before=before,
        actor_id=look.scope.person_id,
        now=look.now,
    )
    return await _person(look, person_id)


@router.put("/villages/{village_id}/code", response_model=LaterCodes, summary="A village gets another code")
@needs(Ability.CHANGE_ROSTER)
async def put_code(village_id: VillagePath, body: VillageRecoded, look: LookDep) -> dict[str, object]:
    """Its id stays, and all that was recorded with it."""
    county = await _county(look)
    await look.where(village=village_id)
    codes = await change_roster.recode(
        look.session,
        county,
        village_id,
        NewCode(**body.model_dump()),
        actor_id=look.scope.person_id,
        now=look.now,
    )
    return {"items": [code._asdict() for code in codes]}


async def _county(look: Look) -> DutyCounty:
    """Raises `FORBIDDEN` for all but the office."""
    look.must_hold()
    county = await directory.county(look.session, look.scope.county_id)
    return DutyCounty(county.id, county.timezone)


async def _whose(look: Look, assignment_id: UUID) -> UUID:
    """The person of an assignment. Raises `NOT_FOUND` out of sight, `FORBIDDEN` where it is another office's."""
    found = await roster_changes.assignment(look.session, look.scope.county_id, assignment_id)
    await look.where(person=found.person_id)
    _of_another(look, found.person_id)
    person_id: UUID = found.person_id
    return person_id


def _of_another(look: Look, person_id: UUID) -> None:
    """Who answers for less owes less: nobody decides about their own. Raises `FORBIDDEN`."""
    if person_id == look.scope.person_id:
        raise Problem(FORBIDDEN, _OWN)


async def _person(look: Look, person_id: UUID) -> dict[str, Any]:
    return await people.person(look.session, await look.sight(), person_id, now=look.now)
