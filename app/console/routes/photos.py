"""Photos of the people in scope. Every look at someone else's is in the audit log."""

from uuid import UUID

from fastapi import APIRouter, Request
from fastapi.responses import Response

from app.console.routes.context import ContextDep, RequestContext
from app.directory.rights import Ability
from app.http.abilities import needs
from app.http.pictures import Picture, pictures
from app.http.services import services
from app.photos.rules import CONTENT_TYPES, THUMBNAIL_TYPE
from app.reads import photos

router = APIRouter(prefix="/photos", tags=["photos"])


@router.get(
    "/{photo_id}",
    response_class=Response,
    responses=pictures(*CONTENT_TYPES.values()),
    summary="A photo, as it was uploaded",
)
@needs(Ability.READ)
async def read_photo(request: Request, photo_id: UUID, context: ContextDep) -> Response:
    return await _picture(request, photo_id, context, thumbnail=False)


@router.get(
    "/{photo_id}/thumbnail",
    response_class=Response,
    responses=pictures(THUMBNAIL_TYPE),
    summary="A small JPEG of a photo, without what the camera wrote into it",
)
@needs(Ability.READ)
async def read_thumbnail(request: Request, photo_id: UUID, context: ContextDep) -> Response:
    return await _picture(request, photo_id, context, thumbnail=True)


async def _picture(request: Request, photo_id: UUID, context: RequestContext, *, thumbnail: bool) -> Response:
    photo = await photos.photo(context.session, await context.visible(), photo_id)
    await context.seen(photo.person_id, {"photo": photo_id, "thumbnail": thumbnail})
    return Picture(services(request).photo_objects, photo, thumbnail=thumbnail)
