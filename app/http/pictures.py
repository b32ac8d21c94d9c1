"""Photos as replies: streamed from the object store, after the request's transaction is over."""

from fastapi.responses import StreamingResponse
from starlette.types import Receive, Scope, Send

from app.kernel.problems import PHOTO_DELETED, Problem
from app.photos.objects import PhotoObjects
from app.photos.rules import THUMBNAIL_TYPE, Photo, thumbnail_key


class Picture(StreamingResponse):
    """A photo's bytes, or its thumbnail's.

    The store is asked when the reply begins, so that no database connection waits for it. An object that is gone
    by then is answered as `PHOTO_DELETED`.
    """

    def __init__(self, objects: PhotoObjects, photo: Photo, *, thumbnail: bool) -> None:
        name = f"{photo.id}.thumbnail.jpg" if thumbnail else photo.file_name
        headers = {
            "Content-Disposition": f'inline; filename="{name}"',
            "Cache-Control": "private, max-age=300",
        }
        if not thumbnail:
            headers["Content-Length"] = str(photo.size_bytes)
        super().__init__((), headers=headers, media_type=THUMBNAIL_TYPE if thumbnail else photo.content_type)
        self._objects = objects
        self._key = thumbnail_key(photo.object_key) if thumbnail else photo.object_key

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        pieces = await self._objects.get(self._key)
        if pieces is None:
            raise Problem(PHOTO_DELETED)
        self.body_iterator = pieces
        await super().__call__(scope, receive, send)


def pictures(*media_types: str) -> dict[int | str, dict[str, object]]:
    """Such a reply, for the document."""
    binary = {"schema": {"type": "string", "format": "binary"}}
    return {
        200: {"description": "The picture", "content": dict.fromkeys(media_types, binary)},
        410: {
            "description": "Deleted after its retention time",
            "content": {"application/problem+json": {"schema": {"$ref": "#/components/schemas/Problem"}}},
        },
    }
