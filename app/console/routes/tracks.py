"""Tracks of the people in scope, where the county keeps any. Every look at someone else's is in the audit log."""

from uuid import UUID

from fastapi import APIRouter

from app.asgi.abilities import needs
from app.asgi.tracks import DayQuery, TrackOut
from app.console.routes.look import LookDep
from app.directory.rights import Ability
from app.reads.track import track

router = APIRouter(tags=["tracks"])


@router.get("/people/{person_id}/track", response_model=TrackOut, summary="A person's track on one day")
@needs(Ability.READ)
async def read_track(person_id: UUID, day: DayQuery, look: LookDep) -> dict[str, object]:
    await look.sight(person=person_id)
    found = await track(look.session, county_id=look.scope.county_id, person_id=person_id, day=day, now=look.now)
    await look.seen(person_id, {"track": day})
    return found
