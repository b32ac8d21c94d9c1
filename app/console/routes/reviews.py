"""Reviews: whether a check-in counts, and what was found on site. By whoever supervises, never about oneself."""

from uuid import UUID

from fastapi import APIRouter, Request

from app.console.routes.check_ins import read_check_in
from app.console.routes.context import ContextDep, shows
from app.console.routes.parameters import CursorQuery, LimitQuery, PersonQuery, UnitQuery
from app.console.schemas.check_ins import ReviewIn, VerificationIn
from app.directory import service as directory
from app.directory.rights import Ability
from app.flows import review_visit
from app.flows.review_visit import Decided, SiteFinding
from app.http.abilities import needs
from app.http.services import services
from app.kernel.audit import Looked
from app.kernel.paging import DEFAULT_LIMIT
from app.reads import judgements, review_queue
from app.reads.answers.check_ins import CheckInDetail, ReviewQueue, ReviewSummary

router = APIRouter(tags=["reviews"])


@router.get(
    "/reviews",
    summary="Held check-ins to decide on: what duties wait for first, the soonest due first, then the oldest",
)
@needs(Ability.READ)
@shows(Looked.CHECK_INS, asked=False)
async def list_reviews(
    context: ContextDep,
    unit: UnitQuery = None,
    person: PersonQuery = None,
    cursor: CursorQuery = None,
    limit: LimitQuery = DEFAULT_LIMIT,
) -> ReviewQueue:
    listed = await review_queue.queue(
        context.session,
        await context.visible(unit=unit, person=person),
        await directory.county(context.session, context.scope.county_id),
        caller_id=context.scope.person_id,
        person_id=person,
        cursor=cursor,
        limit=limit,
        now=context.now,
        language=context.language,
    )
    asked = (
        {"standing": "held"}
        | ({"unit": unit} if unit else {})
        | ({Looked.CHECK_INS.value: True} if person else {})
    )
    await context.seen(person, asked)
    above = await context.above(Ability.REVIEW_CHECK_INS, {each.person.id for each in listed.items})
    for each in listed.items:
        each.may_review = each.person.id in above
    return listed


@router.get("/reviews/summary", summary="How many check-ins await one's decision")
@needs(Ability.READ)
async def review_summary(context: ContextDep) -> ReviewSummary:
    return await judgements.waiting(context.session, await context.visible(), context.scope.person_id)


@router.post(
    "/check-ins/{check_in_id}/reviews",
    status_code=201,
    summary="Decide whether a check-in counts; 409 when it stands so already, or changed meanwhile",
)
@needs(Ability.REVIEW_CHECK_INS)
async def post_review(request: Request, check_in_id: UUID, said: ReviewIn, context: ContextDep) -> CheckInDetail:
    """Where the phone's time is wrong, `visited_at` says when it was: it is judged and counted by that."""
    await judgements.must_see(context.session, await context.visible(), check_in_id)
    decided = Decided(said.decision, said.reason, said.seen, said.visited_at)
    fences = services(request).fences
    await review_visit.review(context.session, context.scope, check_in_id, decided, fences, now=context.now)
    return await read_check_in(check_in_id, context)


@router.post(
    "/check-ins/{check_in_id}/verifications",
    status_code=201,
    summary="Report what was found on site; the standing stays as it is",
)
@needs(Ability.REVIEW_CHECK_INS)
async def post_verification(check_in_id: UUID, said: VerificationIn, context: ContextDep) -> CheckInDetail:
    await judgements.must_see(context.session, await context.visible(), check_in_id)
    found = SiteFinding(said.finding, said.note, said.verified_at)
    await review_visit.verify(context.session, context.scope, check_in_id, found, now=context.now)
    return await read_check_in(check_in_id, context)
