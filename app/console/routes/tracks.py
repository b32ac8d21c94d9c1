"""Tracks of the people in scope, where the county keeps any. Every look at someone else's is in the audit log."""

from uuid import UUID

from fastapi import APIRouter

from app.console.routes.context import ContextDep
from app.directory.rights import Ability
from app.http.abilities import needs
from app.http.wire import DayQuery
from app.reads.answers.tracks import TrackOut
from app.reads.track import track

router = APIRouter(tags=["tracks"])


@router.get("/people/{person_id}/track", summary="A person's track on one day")
@needs(Ability.READ)
async def read_track(person_id: UUID, day: DayQuery, context: ContextDep) -> TrackOut:
    await context.visible(person=person_id)
    found = await track(
        context.session, county_id=context.scope.county_id, person_id=person_id, day=day, now=context.now
    )
    await context.seen(person_id, {"track": day})
    return found
