"""Oneself: who one is, where one may check in, what one owes, what one has been told."""

import hashlib
from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Path, Query, Request
from fastapi.responses import JSONResponse, Response
from pydantic_core import to_json

from app.access import devices
from app.directory import service as directory
from app.directory.rights import Ability
from app.duties import appeals
from app.duties import service as duties
from app.flows.county_settings import for_phones
from app.http.abilities import needs
from app.http.caller import LanguageDep, ScopeDep
from app.http.services import services
from app.http.sessions import SessionDep
from app.http.wire import DeviceId, Whole
from app.kernel.language import Text
from app.kernel.paging import DEFAULT_LIMIT, MAX_LIMIT
from app.kernel.problems import invalid
from app.notices import county_channels
from app.notices import service as notices
from app.phone.schemas.duties import DutyList, flag_of
from app.phone.schemas.people import (
    DeviceIn,
    DeviceOut,
    HouseholdList,
    HouseholdOut,
    MeOut,
    NoticeList,
    VillageCollection,
    VillageFeature,
)
from app.reads import own_households

router = APIRouter(tags=["me"])

VillageQuery = Annotated[str | None, Query(pattern="^[0-9]{12}$", description="12-digit code")]
_PERIODS = Text(
    "应为 current、previous 或 2026-W47 这样的期间", "Must be current, previous or a period such as 2026-W47"
)


class GeoJson(JSONResponse):
    """GeoJSON (RFC 7946), for the document."""

    media_type = "application/geo+json"


@router.get("/me", response_model=MeOut, summary="Oneself, one's posts, county and current duties")
@needs(Ability.OWN_AFTERWARDS)
async def me(request: Request, own: ScopeDep, session: SessionDep, language: LanguageDep) -> dict[str, object]:
    now = services(request).clock()
    county = await directory.county(session, own.county_id)
    person = await directory.person(
        session, county_id=own.county_id, person_id=own.person_id, now=now, may_have_left=True
    )
    owed = await duties.of_person(
        session,
        county_id=own.county_id,
        person_id=own.person_id,
        timezone=county.timezone,
        period="current",
        now=now,
    )
    return {
        "person": person.as_dict(),
        "posts": [post.as_dict() for post in own.posts],
        "may": own.abilities,
        "county": {
            "id": county.id,
            "name": county.name,
            "name_en": county.name_en,
            "timezone": county.timezone,
            "settings": for_phones(county),
            "outline_bbox": county.bounds,
        },
        "duties": [duty.as_dict(language, now) for duty in owed],
    }


@router.get(
    "/me/villages",
    response_class=GeoJson,
    response_model=VillageCollection,
    responses={304: {"description": "Unchanged since the ETag offered"}},
    summary="The villages where one may check in, those assigned first (GeoJSON)",
)
@needs(Ability.OWN)
async def my_villages(request: Request, own: ScopeDep, session: SessionDep) -> Response:
    mine = await directory.my_villages(session, own, now=services(request).clock())
    body = to_json(VillageCollection(features=[VillageFeature.of(each) for each in mine]))
    tag = f'"{hashlib.sha256(body).hexdigest()[:32]}"'
    headers = {"ETag": tag, "Cache-Control": "private, no-cache"}
    if tag in request.headers.get("if-none-match", ""):
        return Response(status_code=304, headers=headers)
    return Response(body, media_type=GeoJson.media_type, headers=headers)


@router.get("/me/households", summary="The households one may visit")
@needs(Ability.OWN)
async def my_households(
    request: Request, own: ScopeDep, session: SessionDep, village_id: VillageQuery = None
) -> HouseholdList:
    now = services(request).clock()
    mine = await directory.my_households(session, own, village_id=village_id, now=now)
    visited = await own_households.last_visits(session, own, [row.id for row in mine], now=now)
    return HouseholdList(items=[HouseholdOut.of(row, visited.get(row.id)) for row in mine])


@router.get("/me/duties", response_model=DutyList, summary="What one owes in a period")
@needs(Ability.OWN_AFTERWARDS)
async def my_duties(
    request: Request,
    own: ScopeDep,
    session: SessionDep,
    language: LanguageDep,
    period: Annotated[str, Query(description="current, previous, or such as 2026-W47, 2026-11")] = "current",
) -> dict[str, object]:
    now = services(request).clock()
    county = await directory.county(session, own.county_id)
    try:
        owed = await duties.of_person(
            session,
            county_id=own.county_id,
            person_id=own.person_id,
            timezone=county.timezone,
            period=period,
            now=now,
        )
    except ValueError:
        raise invalid("/period", "bad_period", _PERIODS) from None
    flagged = await appeals.of_duties(session, own.county_id, [duty.id for duty in owed])
    return {"items": [duty.as_dict(language, now) | flag_of(flagged.get(duty.id)) for duty in owed]}


@router.put("/devices/{device_id}", response_model=DeviceOut, summary="Describe the device in one's hands")
@needs(Ability.OWN_AFTERWARDS)
async def put_device(
    request: Request,
    device_id: Annotated[DeviceId, Path(min_length=1, max_length=100, pattern="^[!-~]+$")],
    device: DeviceIn,
    own: ScopeDep,
    session: SessionDep,
    language: LanguageDep,
) -> dict[str, object]:
    """What is not said stays as it was; `push: null` takes it away. The last to say a push token owns it.

    A registration that nothing is sent to here yet is kept, and the answer says why (`push_problem`).
    """
    handed, said = services(request), device.model_dump(exclude_unset=True)
    kept = await devices.put(session, own, device_id=device_id, said=said, now=handed.clock())
    why = await county_channels.why_not_pushed(session, own.county_id, kept.push, set_up=handed.channel_kinds)
    return kept._asdict() | {"push_problem": why and {"code": why[0], "detail": why[1].say(language)}}


@router.get("/me/notices", response_model=NoticeList, summary="One's inbox, newest first")
@needs(Ability.OWN_AFTERWARDS)
async def my_notices(
    own: ScopeDep,
    session: SessionDep,
    language: LanguageDep,
    unread: bool = False,
    cursor: str | None = None,
    limit: Annotated[Whole, Query(ge=1, le=MAX_LIMIT)] = DEFAULT_LIMIT,
) -> dict[str, object]:
    return await notices.inbox(
        session,
        county_id=own.county_id,
        person_id=own.person_id,
        unread=unread,
        cursor=cursor,
        limit=limit,
        language=language,
    )


@router.post("/me/notices/{notice_id}/read", status_code=204, summary="Mark a notice as read")
@needs(Ability.OWN_AFTERWARDS)
async def read_notice(request: Request, notice_id: UUID, own: ScopeDep, session: SessionDep) -> None:
    await notices.mark_read(
        session,
        county_id=own.county_id,
        person_id=own.person_id,
        notice_id=notice_id,
        now=services(request).clock(),
    )
