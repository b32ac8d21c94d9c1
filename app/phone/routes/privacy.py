"""What the county does with one's data: its notice, one's agreement, and a copy of all that is held."""

from fastapi import APIRouter, Request
from fastapi.responses import FileResponse

from app.access import privacy
from app.directory.rights import Ability
from app.flows import answer_privacy
from app.http.abilities import needs
from app.http.caller import LanguageDep, ScopeDep
from app.http.own_data import ZIP, copy_of
from app.http.services import services
from app.http.sessions import SessionDep
from app.phone.schemas.privacy import PrivacyIn, PrivacyOut

router = APIRouter(prefix="/me", tags=["me"])


@router.get("/privacy", summary="The county's privacy notice, and what one has agreed to")
@needs(Ability.OWN_AFTERWARDS)
async def my_privacy(own: ScopeDep, session: SessionDep, language: LanguageDep) -> PrivacyOut:
    standing = await privacy.standing(session, own.county_id, own.person_id)
    return PrivacyOut.of(standing, answer_privacy.EFFECT.say(language), language)


@router.post("/privacy", summary="Agree to it, or take that back")
@needs(Ability.OWN_AFTERWARDS)
async def answer_my_privacy(
    request: Request, body: PrivacyIn, own: ScopeDep, session: SessionDep, language: LanguageDep
) -> PrivacyOut:
    """409 where there is another version by now. What was captured is uploaded whatever one answers."""
    now = services(request).clock()
    await answer_privacy.answer(session, own, version=body.version, agreed=body.agreed, now=now)
    return await my_privacy(own, session, language)


@router.get(
    "/data.zip",
    response_class=FileResponse,
    responses=ZIP,
    summary="All that is held of oneself, photos included",
)
@needs(Ability.OWN_AFTERWARDS)
async def my_data(request: Request, own: ScopeDep) -> FileResponse:
    return await copy_of(request, county_id=own.county_id, person_id=own.person_id, actor_id=own.person_id)
