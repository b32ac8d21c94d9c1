"""The county's office finds people who were entered twice, and makes one record of two."""

from dataclasses import asdict
from uuid import UUID

from fastapi import APIRouter

from app.console.routes.context import ContextDep, RequestContext
from app.console.routes.parameters import PreviewQuery
from app.console.schemas.duplicates import MergeDone, MergeIn, TwoPeopleIn
from app.directory import service as directory
from app.directory.merging import Merge
from app.directory.rights import Ability
from app.duties.service import DutyCounty
from app.flows import merge_people
from app.http.abilities import needs
from app.kernel.language import Text
from app.reads import duplicates
from app.reads.answers.duplicates import DuplicateList

router = APIRouter(tags=["directory"])

_OWN = Text("不能合并本人的档案", "Nobody merges records of themselves")


@router.get("/duplicates", summary="Records that look like one person's")
@needs(Ability.MERGE_PEOPLE)
async def list_duplicates(context: ContextDep) -> DuplicateList:
    return await duplicates.duplicates(context.session, context.scope.county_id)


@router.post("/people/{person_id}/merges", summary="Another record of the same person goes into this one")
@needs(Ability.MERGE_PEOPLE)
async def merge_into(
    person_id: UUID, body: MergeIn, context: ContextDep, preview: PreviewQuery = False
) -> MergeDone:
    """It cannot be undone: of later visits nobody can tell under which of the two they would have been."""
    county = await _about(context, person_id, body.from_id)
    do = merge_people.preview if preview else merge_people.merge
    merged = await do(
        context.session,
        county,
        Merge(from_id=body.from_id, into_id=person_id),
        actor_id=context.scope.person_id,
        now=context.now,
    )
    return MergeDone(**asdict(merged))


@router.post("/two-people", status_code=204, summary="Two records that look alike are of two people")
@needs(Ability.MERGE_PEOPLE)
async def post_two_people(body: TwoPeopleIn, context: ContextDep) -> None:
    county = await _about(context, body.one_id, body.other_id)
    await merge_people.two_people(
        context.session, county, body.one_id, body.other_id, actor_id=context.scope.person_id, now=context.now
    )


async def _about(context: RequestContext, *person_ids: UUID) -> DutyCounty:
    """Raises `FORBIDDEN` for the caller's own records."""
    for person_id in person_ids:
        context.of_another(person_id, _OWN)
    county = await directory.county(context.session, context.scope.county_id)
    return DutyCounty(county.id, county.timezone)
