"""What the room of photos does for flows and doors."""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from app.kernel.language import Text
from app.kernel.problems import ID_REUSED, NOT_FOUND, OVER_QUOTA, PHOTO_DELETED, Problem
from app.photos import store
from app.photos.looks import bands
from app.photos.rules import MOST_A_DAY, MOST_BYTES_A_DAY, Photo, original_key

_REUSED = Text("同一编号已用于另一张照片", "This id already holds another photo")


@dataclass(frozen=True, slots=True)
class Copied:
    """A photo, and the ids of all photos that hold the same bytes, its own among them."""

    photo: Photo
    copies: tuple[UUID, ...]


async def refuse_too_many(session: AsyncSession, *, county_id: str, person_id: UUID, now: datetime) -> None:
    """Raises `OVER_QUOTA`: more than anybody takes in a day waits on the phone, and is not given up."""
    day = now - timedelta(days=1)
    sent = await store.SINCE.one(session, county_id=county_id, person_id=person_id, since=day)
    if sent.photos >= MOST_A_DAY or sent.size_bytes >= MOST_BYTES_A_DAY:
        raise Problem(OVER_QUOTA, retry_after_s=600)


async def known(
    session: AsyncSession, *, county_id: str, photo_id: UUID, person_id: UUID, sha256: bytes
) -> Photo | None:
    """What the id holds already. Raises `ID_REUSED` when those are other bytes, or somebody else's."""
    stored = await store.one(session, county_id=county_id, photo_id=photo_id)
    if stored and (stored.person_id, stored.sha256) != (person_id, sha256):
        raise Problem(ID_REUSED, _REUSED)
    return stored


async def keep(session: AsyncSession, *, county_id: str, photo: Photo) -> Photo:
    """Write the row, unless its id holds the same bytes by now; the row that stands. Raises `ID_REUSED`."""
    if await store.insert(session, county_id=county_id, photo=photo):
        return photo
    stored = await known(
        session, county_id=county_id, photo_id=photo.id, person_id=photo.person_id, sha256=photo.sha256
    )
    if stored is None:  # not to be: rows are never taken away
        raise Problem(ID_REUSED, _REUSED)
    return stored


async def own(session: AsyncSession, *, county_id: str, person_id: UUID, photo_id: UUID) -> Photo:
    """One of the person's own. Raises `NOT_FOUND`, and `PHOTO_DELETED` after its retention time."""
    photo = await store.one(session, county_id=county_id, photo_id=photo_id)
    if photo is None or photo.person_id != person_id:
        raise Problem(NOT_FOUND)
    return still_kept(photo)


def still_kept(photo: Photo) -> Photo:
    """Raises `PHOTO_DELETED`."""
    if photo.deleted_at:
        raise Problem(PHOTO_DELETED)
    return photo


async def with_copies(session: AsyncSession, *, county_id: str, photo_ids: Iterable[UUID]) -> dict[UUID, Copied]:
    """The photos of these ids that were uploaded, deleted ones too, and which others hold the same bytes."""
    found = await store.WITH_COPIES.all(session, county_id=county_id, ids=list(set(photo_ids)))
    return {row.id: Copied(store.photo_of(row), tuple(row.copies)) for row in found}


async def same_bytes(session: AsyncSession, *, county_id: str, sha256: bytes) -> list[UUID]:
    """The ids of all photos of these bytes, whoever's and deleted ones too."""
    return await store.SAME_BYTES.all(session, county_id=county_id, sha256=sha256)


async def alike(session: AsyncSession, *, county_id: str, photo_ids: Iterable[UUID]) -> dict[UUID, list[UUID]]:
    """By photo the ids of others that show its picture, in other bytes."""
    found: dict[UUID, list[UUID]] = defaultdict(list)
    for row in await store.ALIKE_TO.all(session, county_id=county_id, ids=list(set(photo_ids))):
        found[row.id].append(row.other_id)
    return found


async def alike_to(session: AsyncSession, *, county_id: str, photo: Photo) -> list[UUID]:
    """The same of one that has just come."""
    if not photo.looks:
        return []
    found = await store.ALIKE_TO_NEW.all(
        session,
        county_id=county_id,
        id=photo.id,
        person_id=photo.person_id,
        sha256=photo.sha256,
        looks=list(photo.looks),
        look_bands=list(bands(photo.looks[0])),
    )
    return [row.other_id for row in found]


async def expired(session: AsyncSession, *, county_id: str, before: datetime, limit: int) -> dict[UUID, str]:
    """Photos uploaded before that time that are still kept, the oldest first: id and object key."""
    found = await store.EXPIRED.all(session, county_id=county_id, before=before, limit=limit)
    return {row.id: row.object_key for row in found}


async def mark_deleted(session: AsyncSession, *, county_id: str, ids: Sequence[UUID], now: datetime) -> None:
    """Their objects are gone. Where they were taken is forgotten; hash and time stay."""
    await store.MARK_DELETED.all(session, county_id=county_id, ids=ids, now=now)


async def orphans(session: AsyncSession, *, county_id: str, keys: Sequence[str]) -> list[str]:
    """Which of these objects no kept photo names. What is not named as ours are is left alone."""
    ours = {key: photo_id for key in keys if (photo_id := _photo_id(key))}
    named = await store.named(session, county_id=county_id, ids=list(set(ours.values())))
    return [key for key in ours if original_key(key) not in named]


def _photo_id(key: str) -> UUID | None:
    try:
        return UUID(key.rpartition("/")[2].partition(".")[0])
    except ValueError:
        return None


async def last_purge(session: AsyncSession, *, county_id: str) -> datetime | None:
    return await store.last_purge(session, county_id=county_id)


async def note_purge(session: AsyncSession, *, county_id: str, now: datetime) -> None:
    await store.NOTE_PURGE.run(session, county_id=county_id, now=now)


async def take_over(session: AsyncSession, county_id: str, *, from_id: UUID, into_id: UUID) -> None:
    """Photos of a record that goes into another of the same person."""
    await store.TAKE_OVER.run(session, county_id=county_id, from_id=from_id, into_id=into_id)


async def kept_of(session: AsyncSession, county_id: str, person_ids: Sequence[UUID]) -> dict[UUID, str]:
    """Their photos that are still there: id and object key."""
    found = await store.KEPT_OF_PEOPLE.all(session, county_id=county_id, ids=list(person_ids))
    return {row.id: row.object_key for row in found}


async def forget_looks(session: AsyncSession, county_id: str, person_ids: Sequence[UUID]) -> None:
    """Of deleted photos: where they were taken, and what they looked like."""
    await store.FORGET_LOOKS.run(session, county_id=county_id, ids=list(person_ids))
