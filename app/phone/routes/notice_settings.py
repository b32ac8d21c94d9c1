"""How one wants to be told: language, channels and their order. The inbox always has everything."""

from fastapi import APIRouter, Request

from app.directory import service as directory
from app.directory.rights import Ability
from app.directory.scope import Scope
from app.http.abilities import needs
from app.http.caller import ScopeDep
from app.http.services import services
from app.http.sessions import SessionDep
from app.notices import county_channels
from app.notices.rules import NoticeSettings
from app.phone.schemas.notice_settings import NoticePreferenceIn, NoticePreferenceOut

router = APIRouter(prefix="/me/notice-settings", tags=["me"])


@router.get("", response_model=NoticePreferenceOut, summary="How one is told, and what else there is")
@needs(Ability.OWN)
async def my_notice_settings(request: Request, own: ScopeDep, session: SessionDep) -> dict[str, object]:
    return await _view(request, own, session)


@router.put("", response_model=NoticePreferenceOut, summary="Choose language, channels and their order")
@needs(Ability.OWN)
async def put_notice_settings(
    request: Request, wanted: NoticePreferenceIn, own: ScopeDep, session: SessionDep
) -> dict[str, object]:
    await county_channels.prefer(session, own.county_id, own.person_id, wanted.model_dump(exclude_unset=True))
    return await _view(request, own, session)


async def _view(request: Request, own: Scope, session: SessionDep) -> dict[str, object]:
    chosen = await county_channels.preference(session, own.county_id, own.person_id)
    county = await directory.county(session, own.county_id)
    return {
        "language": chosen.language,
        "channels": chosen.channels,
        "addresses": chosen.addresses or {},
        "summary_at": chosen.summary_at,
        "usual_summary_at": NoticeSettings.lenient(county.raw_settings).summary_at,
        "available": [
            {"name": way.name, "kind": way.kind, "needs_address": way.needs_address}
            for way in await county_channels.ways(session, own.county_id)
            if way.enabled
        ],
        "webpush_public_key": services(request).vapid_public_key,
    }
