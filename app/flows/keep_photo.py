"""Keep an uploaded photo: decode it, write its objects, then its row, and judge anew the check-ins that name it.

The reply is sent after the commit, and the objects are written before it: an acknowledged photo is on disk. No
database connection is held while the photo is decoded and stored.
"""

import asyncio
import hashlib
from dataclasses import dataclass
from datetime import datetime
from typing import BinaryIO
from uuid import UUID
from zoneinfo import ZoneInfo

from app.directory import service as directory
from app.kernel.clock import Clock
from app.kernel.database import Database
from app.kernel.ids import new_id
from app.photos import service as photos
from app.photos.decoding import Decoded, decode
from app.photos.objects import PhotoObjects
from app.photos.rules import Photo, object_key, thumbnail_key


@dataclass(frozen=True, slots=True)
class Upload:
    """A photo as it came. `body` is read once, from where it stands."""

    county_id: str
    person_id: UUID
    photo_id: UUID
    body: BinaryIO


@dataclass(frozen=True, slots=True)
class Kept:
    """The photo as it stands; `fresh` when this upload brought it."""

    photo: Photo
    fresh: bool


class PhotoKeeper:
    """Takes uploads; only so many are in memory at once."""

    def __init__(self, database: Database, clock: Clock, objects: PhotoObjects, *, at_once: int) -> None:
        self._database = database
        self._clock = clock
        self._objects = objects
        self._turns = asyncio.Semaphore(at_once)

    async def admit(self, *, county_id: str, person_id: UUID, session_id: UUID) -> None:
        """Before the body is read: raises `SESSION_ENDED` when there is nobody to keep it for."""
        async with self._database.transaction() as session:
            await directory.scope(
                session, county_id=county_id, person_id=person_id, session_id=session_id, now=self._clock()
            )

    async def keep(self, upload: Upload) -> Kept:
        """Raises what `decode` raises, `ID_REUSED`, and `UNAVAILABLE` when the object store is."""
        async with self._turns:
            data = await asyncio.to_thread(upload.body.read)
            sha256 = await asyncio.to_thread(lambda: hashlib.sha256(data).digest())
            async with self._database.transaction() as session:
                county = await directory.county(session, upload.county_id)
                stored = await photos.known(
                    session,
                    county_id=county.id,
                    photo_id=upload.photo_id,
                    person_id=upload.person_id,
                    sha256=sha256,
                )
            if stored:
                return Kept(stored, fresh=False)
            decoded = await asyncio.to_thread(decode, data, zone=ZoneInfo(county.timezone))
            photo = _photo(upload, decoded, sha256, len(data), self._clock())
            await self._objects.put(photo.object_key, data)
            await self._objects.put(thumbnail_key(photo.object_key), decoded.thumbnail)
        return await self._record(county.id, photo)

    async def _record(self, county_id: str, photo: Photo) -> Kept:
        async with self._database.transaction() as session:
            # A check-in that names the photo is recorded before this or after, never beside it.
            await directory.hold(session, county_id=county_id, person_ids=[photo.person_id])
            stored = await photos.keep(session, county_id=county_id, photo=photo)
        return Kept(stored, fresh=stored is photo)


def _photo(upload: Upload, decoded: Decoded, sha256: bytes, size_bytes: int, now: datetime) -> Photo:
    return Photo(
        id=upload.photo_id,
        person_id=upload.person_id,
        sha256=sha256,
        format=decoded.format,
        size_bytes=size_bytes,
        width=decoded.width,
        height=decoded.height,
        taken=decoded.taken,
        object_key=object_key(
            county_id=upload.county_id,
            photo_id=upload.photo_id,
            format=decoded.format,
            now=now,
            attempt=new_id(),
        ),
        uploaded_at=now,
    )
