"""Photos: uploading one, before or after the check-in that names it, and looking at one's own."""

import asyncio
from tempfile import SpooledTemporaryFile
from typing import BinaryIO, cast
from uuid import UUID

from fastapi import APIRouter, Request
from fastapi.responses import Response
from pydantic_core import to_json

from app.directory.rights import Ability
from app.flows.keep_photo import Upload
from app.http.abilities import needs
from app.http.caller import ScopeDep, caller_of
from app.http.pictures import Picture, pictures
from app.http.services import services
from app.http.sessions import SessionDep
from app.http.wire import MadeId
from app.kernel.language import Text
from app.kernel.problems import TOO_LARGE, TOO_SLOW, Problem
from app.phone.schemas.photos import PhotoOut
from app.photos import service as photos
from app.photos.rules import CONTENT_TYPES, MOST_PHOTO_BYTES, THUMBNAIL_TYPE

router = APIRouter(tags=["photos"])

_IN_MEMORY = 64 * 1024  # of a body that arrives slowly; the rest waits on disk
_PATIENCE_S = 900  # 10 MiB at 12 KB/s
_BYTES = Text("照片最大 {most_kib} KiB", "At most {most_kib} KiB a photo")
_BINARY = {"schema": {"type": "string", "format": "binary"}}


@router.put(
    "/photos/{photo_id}",
    status_code=201,
    max_body_size=MOST_PHOTO_BYTES,
    response_model=PhotoOut,
    responses={200: {"model": PhotoOut, "description": "The same bytes again"}},
    openapi_extra={
        "security": [{"OAuth2PasswordBearer": []}],
        "requestBody": {"required": True, "content": dict.fromkeys(CONTENT_TYPES.values(), _BINARY)},
    },
    summary="Upload a photo; the phone makes its id, and the bytes decide what it is",
)
@needs(Ability.OWN_AFTERWARDS)
async def put_photo(request: Request, photo_id: MadeId) -> Response:
    caller, handed = caller_of(request), services(request)
    async with handed.photos.admitted(
        county_id=caller.county_id, person_id=caller.person_id, session_id=caller.session_id
    ):
        with SpooledTemporaryFile(max_size=_IN_MEMORY) as spooled:
            body = cast("BinaryIO", spooled)
            await _read(request, body, most=handed.photo_bytes)
            kept = await handed.photos.keep(Upload(caller.county_id, caller.person_id, photo_id, body))
    shown = PhotoOut.model_validate(kept.photo.as_dict()).model_dump()
    return Response(to_json(shown), status_code=201 if kept.fresh else 200, media_type="application/json")


@router.get(
    "/me/photos/{photo_id}",
    response_class=Response,
    responses=pictures(*CONTENT_TYPES.values()),
    summary="One of one's own photos, as it was uploaded",
)
@needs(Ability.OWN_AFTERWARDS)
async def my_photo(request: Request, photo_id: UUID, own: ScopeDep, session: SessionDep) -> Response:
    photo = await photos.own(session, county_id=own.county_id, person_id=own.person_id, photo_id=photo_id)
    return Picture(services(request).photo_objects, photo, thumbnail=False)


@router.get(
    "/me/photos/{photo_id}/thumbnail",
    response_class=Response,
    responses=pictures(THUMBNAIL_TYPE),
    summary="A small JPEG of one of one's own photos, without what the camera wrote into it",
)
@needs(Ability.OWN_AFTERWARDS)
async def my_thumbnail(request: Request, photo_id: UUID, own: ScopeDep, session: SessionDep) -> Response:
    photo = await photos.own(session, county_id=own.county_id, person_id=own.person_id, photo_id=photo_id)
    return Picture(services(request).photo_objects, photo, thumbnail=True)


async def _read(request: Request, body: BinaryIO, *, most: int) -> None:
    """The body into a file, from its beginning. Raises `TOO_LARGE` as soon as it is, whatever was declared."""
    size = 0
    try:
        async with asyncio.timeout(_PATIENCE_S):
            async for chunk in request.stream():
                size += len(chunk)
                if size > most:
                    raise Problem(TOO_LARGE, _BYTES, most_kib=most // 1024)
                body.write(chunk)
    except TimeoutError:
        raise Problem(TOO_SLOW) from None
    body.seek(0)
