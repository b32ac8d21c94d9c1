"""One's own track, where the county keeps any."""

from fastapi import APIRouter, Request

from app.directory.rights import Ability
from app.http.abilities import needs
from app.http.caller import ScopeDep
from app.http.services import services
from app.http.sessions import SessionDep
from app.http.wire import DayQuery
from app.reads.answers.tracks import TrackOut
from app.reads.track import track

router = APIRouter(tags=["me"])


@router.get("/me/track", summary="One's own track on one day")
@needs(Ability.OWN)
async def my_track(request: Request, day: DayQuery, own: ScopeDep, session: SessionDep) -> TrackOut:
    return await track(
        session, county_id=own.county_id, person_id=own.person_id, day=day, now=services(request).clock()
    )
