"""The office writes rows of the directory by hand: with `preview`, only what that would mean is said."""

from collections.abc import Sequence
from dataclasses import asdict, replace
from typing import Annotated, Any
from uuid import UUID

from fastapi import APIRouter, Path
from shapely import Point

from app.console.routes.context import ContextDep, RequestContext
from app.console.routes.parameters import PreviewQuery, VillagePath
from app.console.schemas.directory_changes import (
    AssignmentDays,
    AssignmentIn,
    DirectoryChanged,
    HandOver,
    HouseholdIn,
    NewPersonIn,
    NewVillageIn,
    PersonIn,
    PostIn,
    TownshipIn,
    UnitIn,
    VillageIn,
)
from app.directory import changes as directory_changes
from app.directory import service as directory
from app.directory.changes import Changes
from app.directory.rights import Ability
from app.directory.rows import Assignment, Household, Person, Post, Township, Unit, Village
from app.directory.words import usual_role
from app.duties.service import DutyCounty
from app.flows import change_directory
from app.flows.change_directory import OWN
from app.http.abilities import needs
from app.kernel.ids import new_id
from app.kernel.language import Text
from app.kernel.problems import FORBIDDEN, NOT_FOUND, Problem, invalid
from app.reads.visibility import visible_to

router = APIRouter(tags=["directory"])

TownshipPath = Annotated[str, Path(pattern=r"^[0-9]{9}$", description="9-digit code")]
_TAKEN = Text("这个代码已是或曾是一个村的代码", "A village has or had this code")
_LASTED = Text(
    "这项结对从 {begun} 到 {until}，只能在其间移交", "It lasts from {begun} until {until}: hand it over in between"
)
_FOR_GOOD = Text("今后", "for good")
_WHOLE = Text("乡镇由县办公室管理", "The county's office manages townships")


@router.post("/people", status_code=201, summary="A person, with a post")
@needs(Ability.CHANGE_ROSTER)
async def add_person(body: NewPersonIn, context: ContextDep, preview: PreviewQuery = False) -> DirectoryChanged:
    await _units(context, body.unit_id, body.department_id)
    person = Person(id=new_id(), **body.model_dump(exclude={"role", "title"}))
    role = body.role or usual_role(body.category)
    post = Post(new_id(), person.id, person.unit_id, role, body.title, person.from_date, person.until_date)
    return await _change(context, person.id, Changes(people=[person], posts=[post]), preview)


@router.put("/people/{person_id}", summary="A person as they shall be")
@needs(Ability.CHANGE_ROSTER)
async def put_person(
    person_id: UUID, body: PersonIn, context: ContextDep, preview: PreviewQuery = False
) -> DirectoryChanged:
    """The sign-in goes with a phone number that changes; visits belong to the person."""
    await _person(context, person_id)
    await _units(context, body.unit_id, body.department_id)
    person = Person(id=person_id, **body.model_dump())
    return await _change(context, person_id, Changes(people=[person]), preview)


@router.post("/posts", status_code=201, summary="A post for a person")
@needs(Ability.CHANGE_ROSTER)
async def add_post(body: PostIn, context: ContextDep, preview: PreviewQuery = False) -> DirectoryChanged:
    await _person(context, body.person_id)
    await _units(context, body.unit_id)
    post = Post(id=new_id(), **body.model_dump())
    return await _change(context, post.id, Changes(posts=[post]), preview)


@router.put("/posts/{post_id}", summary="A post as it shall be; it ends on its last day")
@needs(Ability.CHANGE_ROSTER)
async def put_post(
    post_id: UUID, body: PostIn, context: ContextDep, preview: PreviewQuery = False
) -> DirectoryChanged:
    was = await _known(directory_changes.post(context.session, context.scope.county_id, post_id))
    await _person(context, was.person_id)
    await _person(context, body.person_id)
    await _units(context, was.unit_id, body.unit_id)
    return await _change(context, post_id, Changes(posts=[Post(id=post_id, **body.model_dump())]), preview)


@router.post("/units", status_code=201, summary="A unit below another")
@needs(Ability.CHANGE_ROSTER)
async def add_unit(body: UnitIn, context: ContextDep, preview: PreviewQuery = False) -> DirectoryChanged:
    await _units(context, body.parent_id)
    made = new_id()
    unit = Unit(made, body.parent_id, body.code or f"u{made.hex}", body.name, body.level, "", body.until_date)
    return await _change(context, made, Changes(units=[unit]), preview)


@router.put("/units/{unit_id}", summary="A unit as it shall be: renamed, moved with its subtree, or closed")
@needs(Ability.CHANGE_ROSTER)
async def put_unit(
    unit_id: UUID, body: UnitIn, context: ContextDep, preview: PreviewQuery = False
) -> DirectoryChanged:
    was = await _known(directory_changes.unit(context.session, context.scope.county_id, unit_id))
    await _units(context, unit_id, was.parent_id, body.parent_id)
    unit = replace(was, **body.model_dump(exclude={"code"}), code=body.code or was.code)
    return await _change(context, unit_id, Changes(units=[unit]), preview)


@router.post("/villages", status_code=201, summary="A village")
@needs(Ability.CHANGE_ROSTER)
async def add_village(body: NewVillageIn, context: ContextDep, preview: PreviewQuery = False) -> DirectoryChanged:
    await _units(context, body.unit_id)
    if body.id in await directory_changes.known_codes(context.session, context.scope.county_id):
        raise invalid("/id", "taken", _TAKEN)
    return await _change(context, body.id, Changes(villages=[Village(**body.model_dump())]), preview)


@router.put("/villages/{village_id}", summary="A village as it shall be: renamed, moved, or no more from a day on")
@needs(Ability.CHANGE_ROSTER)
async def put_village(
    village_id: VillagePath, body: VillageIn, context: ContextDep, preview: PreviewQuery = False
) -> DirectoryChanged:
    was = await _known(directory_changes.village(context.session, context.scope.county_id, village_id))
    await context.where(village=village_id)
    await _units(context, was.unit_id, body.unit_id)
    stays = body.model_dump(exclude={"township_id"}) | {"township_id": body.township_id or was.township_id}
    village = replace(was, **stays)
    changes = await directory_changes.ending(context.session, context.scope.county_id, village)
    return await _change(context, village_id, changes, preview)


@router.put("/townships/{township_id}", summary="A township by its name, new or renamed")
@needs(Ability.CHANGE_SETTINGS)
async def put_township(
    township_id: TownshipPath, body: TownshipIn, context: ContextDep, preview: PreviewQuery = False
) -> DirectoryChanged:
    context.must_hold(_WHOLE)
    return await _change(context, township_id, Changes(townships=[Township(township_id, body.name)]), preview)


@router.post("/households", status_code=201, summary="A household")
@needs(Ability.CHANGE_ROSTER)
async def add_household(body: HouseholdIn, context: ContextDep, preview: PreviewQuery = False) -> DirectoryChanged:
    await context.where(village=body.village_id)
    house = _household(new_id(), body)
    return await _change(context, house.id, Changes(households=[house]), preview)


@router.put("/households/{household_id}", summary="A household as it shall be")
@needs(Ability.CHANGE_ROSTER)
async def put_household(
    household_id: UUID, body: HouseholdIn, context: ContextDep, preview: PreviewQuery = False
) -> DirectoryChanged:
    was = await _known(directory_changes.household(context.session, context.scope.county_id, household_id))
    await context.where(village=was.village_id)
    await context.where(village=body.village_id)
    return await _change(context, household_id, Changes(households=[_household(household_id, body)]), preview)


@router.post("/assignments", status_code=201, summary="Assign a village or household")
@needs(Ability.CHANGE_ROSTER)
async def add_assignment(
    body: AssignmentIn, context: ContextDep, preview: PreviewQuery = False
) -> DirectoryChanged:
    await _person(context, body.person_id)
    await context.where(village=body.village_id)
    made = Assignment(id=new_id(), **body.model_dump())
    return await _change(context, made.id, Changes(assignments=[made]), preview)


@router.put("/assignments/{assignment_id}", summary="From when until when an assignment holds")
@needs(Ability.CHANGE_ROSTER)
async def put_assignment(
    assignment_id: UUID, body: AssignmentDays, context: ContextDep, preview: PreviewQuery = False
) -> DirectoryChanged:
    """What people did stays theirs; what they owe on the days that it gains or loses is counted anew."""
    was = await _assignment(context, assignment_id)
    lasting = replace(was, from_date=body.from_date or was.from_date, until_date=body.until_date)
    return await _change(context, assignment_id, Changes(assignments=[lasting]), preview)


@router.post(
    "/assignments/{assignment_id}/hand-over", status_code=201, summary="Another person answers from a day on"
)
@needs(Ability.CHANGE_ROSTER)
async def hand_over(
    assignment_id: UUID, body: HandOver, context: ContextDep, preview: PreviewQuery = False
) -> DirectoryChanged:
    was = await _assignment(context, assignment_id)
    await _person(context, body.person_id)
    if body.from_date <= was.from_date or (was.until_date and body.from_date >= was.until_date):
        until = was.until_date or _FOR_GOOD.say(context.language)
        raise invalid("/from_date", "outside", _LASTED, begun=was.from_date, until=until)
    ended = replace(was, until_date=body.from_date)
    begun = replace(was, id=new_id(), person_id=body.person_id, from_date=body.from_date)
    return await _change(context, begun.id, Changes(assignments=[ended, begun]), preview)


async def _assignment(context: RequestContext, assignment_id: UUID) -> Assignment:
    """As it is. Raises `NOT_FOUND` out of sight, `FORBIDDEN` where it is another office's or one's own."""
    county_id = context.scope.county_id
    was: Assignment = await _known(directory_changes.assignment(context.session, county_id, assignment_id))
    await _person(context, was.person_id)
    return was


def _household(household_id: UUID, body: HouseholdIn) -> Household:
    point = Point(body.position.lon, body.position.lat) if body.position else None
    return Household(id=household_id, position=point, **body.model_dump(exclude={"position"}))


async def _change(
    context: RequestContext, changed_id: object, changes: Changes, preview: bool
) -> DirectoryChanged:
    county = await directory.county(context.session, context.scope.county_id)
    effect = await change_directory.by_hand(
        context.session,
        DutyCounty(county.id, county.timezone),
        changes,
        actor_id=context.scope.person_id,
        now=context.now,
        only_look=preview,
    )
    return DirectoryChanged(id=str(changed_id), **asdict(effect))


async def _known(found: Any) -> Any:
    """Raises `NOT_FOUND`."""
    row = await found
    if row is None:
        raise Problem(NOT_FOUND)
    return row


async def _units(context: RequestContext, *unit_ids: UUID | None) -> None:
    """All of them lie where the caller may change things. Raises `NOT_FOUND`, `FORBIDDEN`."""
    wanted: Sequence[UUID] = [each for each in unit_ids if each]
    for unit_id in wanted:
        await context.visible(unit=unit_id)
        context.must_hold()
        try:
            await visible_to(context.session, context.scope.within(context.ability), unit_id=unit_id)
        except Problem:
            raise Problem(FORBIDDEN) from None


async def _person(context: RequestContext, person_id: UUID) -> None:
    """Who owes less by it does not decide it themselves. Raises `NOT_FOUND`, `FORBIDDEN`."""
    await context.where(person=person_id, own=OWN)
