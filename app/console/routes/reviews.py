"""Reviews: whether a check-in counts, and what was found on site. By whoever supervises, never about oneself."""

from uuid import UUID

from fastapi import APIRouter, Request

from app.asgi.abilities import needs
from app.asgi.services import services
from app.console.routes.check_ins import read_check_in
from app.console.routes.look import LookDep
from app.console.routes.parameters import CursorQuery, LimitQuery
from app.console.schemas.check_ins import CheckInDetail, ReviewIn, ReviewQueue, ReviewSummary, VerificationIn
from app.directory import service as directory
from app.directory.rights import Ability
from app.flows import review_visit
from app.flows.review_visit import Decided, Found
from app.kernel.paging import DEFAULT_LIMIT
from app.reads import judgements, review_queue

router = APIRouter(tags=["reviews"])


@router.get(
    "/reviews",
    response_model=ReviewQueue,
    summary="Held check-ins to decide on: what duties wait for first, the soonest due first, then the oldest",
)
@needs(Ability.READ)
async def list_reviews(
    look: LookDep, cursor: CursorQuery = None, limit: LimitQuery = DEFAULT_LIMIT
) -> dict[str, object]:
    listed = await review_queue.queue(
        look.session,
        await look.sight(),
        await directory.county(look.session, look.scope.county_id),
        caller_id=look.scope.person_id,
        cursor=cursor,
        limit=limit,
        now=look.now,
        language=look.language,
    )
    await look.seen(None, {"standing": "held"})
    return listed


@router.get("/reviews/summary", response_model=ReviewSummary, summary="How many check-ins await one's decision")
@needs(Ability.READ)
async def review_summary(look: LookDep) -> dict[str, object]:
    return await judgements.waiting(look.session, await look.sight(), look.scope.person_id)


@router.post(
    "/check-ins/{check_in_id}/reviews",
    status_code=201,
    response_model=CheckInDetail,
    summary="Decide whether a check-in counts; 409 when it stands so already, or changed meanwhile",
)
@needs(Ability.REVIEW_CHECK_INS)
async def post_review(request: Request, check_in_id: UUID, said: ReviewIn, look: LookDep) -> dict[str, object]:
    """Where the phone's time is wrong, `visited_at` says when it was: it is judged and counted by that."""
    await judgements.must_see(look.session, await look.sight(), check_in_id)
    decided = Decided(said.decision, said.reason, said.seen, said.visited_at)
    fences = services(request).fences
    await review_visit.review(look.session, look.scope, check_in_id, decided, fences, now=look.now)
    return await read_check_in(check_in_id, look)


@router.post(
    "/check-ins/{check_in_id}/verifications",
    status_code=201,
    response_model=CheckInDetail,
    summary="Report what was found on site; the standing stays as it is",
)
@needs(Ability.REVIEW_CHECK_INS)
async def post_verification(check_in_id: UUID, said: VerificationIn, look: LookDep) -> dict[str, object]:
    await judgements.must_see(look.session, await look.sight(), check_in_id)
    found = Found(said.finding, said.note, said.verified_at)
    await review_visit.verify(look.session, look.scope, check_in_id, found, now=look.now)
    return await read_check_in(check_in_id, look)
