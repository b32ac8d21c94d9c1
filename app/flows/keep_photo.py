"""Keep an uploaded photo: decode it, write its objects, then its row, and judge anew the check-ins that name it.

The reply is sent after the commit, and the objects are written before it: an acknowledged photo is on disk. No
database connection is held while the photo is decoded and stored.
"""

import asyncio
import hashlib
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import datetime
from typing import BinaryIO
from uuid import UUID
from zoneinfo import ZoneInfo

from app.access import service as access
from app.directory import service as directory
from app.directory.fences import Fences
from app.flows.judge_photo import concerned, judge_photo
from app.kernel.clock import Clock
from app.kernel.database import Database
from app.kernel.ids import new_id
from app.kernel.problems import BUSY, Problem
from app.kernel.quotas import AtOnce
from app.photos import service as photos
from app.photos.decoding import Decoded, decode
from app.photos.objects import PhotoObjects
from app.photos.rules import Photo, object_key, thumbnail_key

_MOST_OF_PERSON = 25  # at the same time: who uploads slowly takes nobody's place
_MOST_UPLOADS = 200  # that arrive or wait at the same time in one process, each in a file of its own


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
    """Takes uploads; only `at_once` are in memory at the same time."""

    def __init__(
        self, database: Database, clock: Clock, fences: Fences, objects: PhotoObjects, *, at_once: int
    ) -> None:
        self._database = database
        self._clock = clock
        self._fences = fences
        self._objects = objects
        self._turns = asyncio.Semaphore(at_once)
        self._uploads = 0
        self._of_person = AtOnce(_MOST_OF_PERSON)

    @asynccontextmanager
    async def admitted(self, *, county_id: str, person_id: UUID, session_id: UUID) -> AsyncIterator[None]:
        """Around reading and keeping a body.

        Raises `BUSY`, `OVER_QUOTA`, and `SESSION_ENDED` when there is nobody to keep it.

        No transaction stays open: a phone in the mountains takes minutes.
        """
        if self._uploads >= _MOST_UPLOADS:
            raise Problem(BUSY, retry_after_s=10)
        self._of_person.take(person_id)
        self._uploads += 1
        try:
            async with self._database.transaction(county_id) as session:
                await access.scope(
                    session,
                    county_id=county_id,
                    person_id=person_id,
                    session_id=session_id,
                    now=self._clock(),
                    may_have_left=True,
                    own_only=True,
                )
                await photos.refuse_too_many(session, county_id=county_id, person_id=person_id, now=self._clock())
            yield
        finally:
            self._of_person.leave(person_id)
            self._uploads -= 1

    async def keep(self, upload: Upload) -> Kept:
        """Raises what `decode` raises, `ID_REUSED`, and `UNAVAILABLE` when the object store is."""
        async with self._turns:
            data = await asyncio.to_thread(upload.body.read)
            sha256 = await asyncio.to_thread(lambda: hashlib.sha256(data).digest())
            async with self._database.transaction(upload.county_id) as session:
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
            photo = _photo(upload, decoded, sha256, self._clock())
            await self._objects.put(photo.object_key, decoded.kept)
            await self._objects.put(thumbnail_key(photo.object_key), decoded.thumbnail)
        return await self._record(county.id, photo)

    async def _record(self, county_id: str, photo: Photo) -> Kept:
        async with self._database.transaction(county_id) as session:
            county = await directory.county(session, county_id)
            uses = await concerned(session, county_id, photo)
            # All at once, in the order of their ids. A check-in of the owner's that names the photo is recorded
            # before this or after, never beside it.
            people = {photo.person_id, *(use.person_id for use in uses)}
            await directory.lock_people(session, county_id=county_id, person_ids=list(people))
            stored = await photos.keep(session, county_id=county_id, photo=photo)
            if stored is photo:
                index = await self._fences.of(session, county)
                await judge_photo(session, county, index, photo, people=people, now=photo.uploaded_at)
        return Kept(stored, fresh=stored is photo)


def _photo(upload: Upload, decoded: Decoded, sha256: bytes, now: datetime) -> Photo:
    return Photo(
        id=upload.photo_id,
        person_id=upload.person_id,
        sha256=sha256,
        format=decoded.format,
        kept_sha256=hashlib.sha256(decoded.kept).digest(),
        size_bytes=len(decoded.kept),
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
        looks=decoded.looks,
    )
