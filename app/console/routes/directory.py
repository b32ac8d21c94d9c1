"""The directory as far as the caller sees it: units, villages, people."""

from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Query

from app.console.routes.context import ContextDep
from app.console.routes.parameters import (
    CursorQuery,
    LimitQuery,
    SearchQuery,
    UnitQuery,
    VillagePath,
    VillageQuery,
)
from app.directory import merging
from app.directory.rights import Ability
from app.http.abilities import needs
from app.http.wire import Day
from app.kernel.paging import DEFAULT_LIMIT
from app.reads import homes, structure, tree
from app.reads import person as people_reads
from app.reads import village as village_reads
from app.reads.answers.directory import (
    PersonDetail,
    PersonPage,
    Structure,
    TownshipList,
    UnitList,
    VillageAssignmentList,
    VillageDetail,
    VillageHousehold,
    VillageHouseholdList,
    VillageList,
)

router = APIRouter(tags=["directory"])


@router.get("/units", summary="The responsibility tree, parents first")
@needs(Ability.READ)
async def list_units(context: ContextDep) -> UnitList:
    return await tree.units(context.session, await context.visible(), now=context.now)


@router.get("/villages", summary="The villages in scope")
@needs(Ability.READ)
async def list_villages(context: ContextDep) -> VillageList:
    return await village_reads.villages(context.session, await context.visible(), now=context.now)


@router.get("/villages/{village_id}", summary="A village and who is assigned to it")
@needs(Ability.READ)
async def read_village(village_id: VillagePath, context: ContextDep) -> VillageDetail:
    return await village_reads.village(context.session, await context.visible(), village_id, now=context.now)


@router.get("/townships", summary="The townships in scope")
@needs(Ability.READ)
async def list_townships(context: ContextDep) -> TownshipList:
    return await village_reads.townships(context.session, await context.visible())


@router.get("/villages/{village_id}/households", summary="A village's households, those without a point first")
@needs(Ability.READ)
async def list_households(village_id: VillagePath, context: ContextDep) -> VillageHouseholdList:
    visible = await context.visible(village=village_id)
    return await homes.households(context.session, visible, village_id, now=context.now)


@router.get("/villages/{village_id}/assignments", summary="Who answers, answered or will answer for a village")
@needs(Ability.READ)
async def list_assignments(village_id: VillagePath, context: ContextDep) -> VillageAssignmentList:
    return await homes.assignments(context.session, await context.visible(village=village_id), village_id)


@router.get("/households/{household_id}", summary="A household")
@needs(Ability.READ)
async def read_household(household_id: UUID, context: ContextDep) -> VillageHousehold:
    return await homes.household(context.session, await context.visible(), household_id, now=context.now)


@router.get("/people", summary="Who serves today, by name")
@needs(Ability.READ)
async def list_people(
    context: ContextDep,
    unit: UnitQuery = None,
    village: VillageQuery = None,
    q: SearchQuery = None,
    cursor: CursorQuery = None,
    limit: LimitQuery = DEFAULT_LIMIT,
) -> PersonPage:
    visible = await context.visible(unit=unit, village=village)
    return await people_reads.people(
        context.session, visible, q=q, village_id=village, cursor=cursor, limit=limit, now=context.now
    )


@router.get("/people/{person_id}", summary="A person, posts and assignments")
@needs(Ability.READ)
async def read_person(person_id: UUID, context: ContextDep) -> PersonDetail:
    """An id that went into another record of the same person leads to that one."""
    found = await merging.staying(context.session, context.scope.county_id, person_id)
    return await people_reads.person(context.session, await context.visible(), found, now=context.now)


@router.get("/structure", summary="Where the responsibility tree is not as the briefing has it")
@needs(Ability.READ)
async def read_structure(
    context: ContextDep,
    unit: UnitQuery = None,
    day: Annotated[Day | None, Query(description="by the people of that day; default: today")] = None,
) -> Structure:
    return await structure.structure(context.session, await context.visible(unit=unit), day=day, now=context.now)
