"""Every statement on the tables of photos."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import NamedTuple
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from app.kernel.statements import Command, Id, Statement
from app.photos.looks import ALIKE, bands
from app.photos.rules import CameraData, Photo


@dataclass(frozen=True, slots=True)
class PhotoRow:
    """A photo."""

    id: UUID
    person_id: UUID
    sha256: bytes
    format: str
    size_bytes: int
    width: int
    height: int
    taken_at: datetime | None
    taken_lon: float | None
    taken_lat: float | None
    object_key: str
    uploaded_at: datetime
    deleted_at: datetime | None


@dataclass(frozen=True, slots=True)
class CopiedRow(PhotoRow):
    """A photo, and how many others have the same bytes."""

    copies: list[UUID]


class AlikeRow(NamedTuple):
    """A photo, and another that shows the same picture."""

    id: UUID
    other_id: UUID


class SinceRow(NamedTuple):
    """What a person has uploaded since a moment."""

    photos: int
    size_bytes: int


class ExpiredRow(NamedTuple):
    """A photo past its retention time."""

    id: UUID
    object_key: str


_OWN, _THEIRS = 300, 100  # so many photos one is compared with

SHOWN = """
photo.id, photo.person_id, photo.sha256, photo.format, photo.size_bytes, photo.width, photo.height,
photo.taken_at, photo.taken_lon, photo.taken_lat, photo.object_key, photo.uploaded_at, photo.deleted_at
"""
INSERT = Statement(
    Id,
    """
INSERT INTO photo (county_id, id, person_id, sha256, kept_sha256, format, size_bytes, width, height, taken_at,
  taken_lon, taken_lat, object_key, uploaded_at, looks, look_bands)
VALUES (:county_id, :id, :person_id, :sha256, :kept_sha256, :format, :size_bytes, :width, :height, :taken_at,
  :taken_lon, :taken_lat, :object_key, :uploaded_at, CAST(CAST(:looks AS text[]) AS bit(128)[]), :look_bands)
ON CONFLICT (county_id, id) DO NOTHING RETURNING id
""",
)
ONE = Statement(
    PhotoRow,
    f"SELECT {SHOWN} FROM photo WHERE county_id = :county_id AND id = :id",
)
# Each photo asked for, with the ids of all photos that hold the same bytes, itself among them.
WITH_COPIES = Statement(
    CopiedRow,
    f"""
SELECT {SHOWN}, (
  SELECT array_agg(copy.id) FROM photo AS copy
  WHERE copy.county_id = :county_id AND copy.sha256 = photo.sha256) AS copies
FROM photo WHERE county_id = :county_id AND id = ANY(CAST(:ids AS uuid[]))
""",
)
SAME_BYTES = Statement(
    UUID,
    "SELECT id FROM photo WHERE county_id = :county_id AND sha256 = :sha256",
)
_ALIKE = f"""
SELECT asked.id, other.id AS other_id
FROM asked
CROSS JOIN LATERAL (
  (
    SELECT own.id, own.sha256, own.looks FROM photo AS own
    WHERE own.county_id = :county_id AND own.person_id = asked.person_id AND own.looks IS NOT NULL
    ORDER BY own.uploaded_at DESC LIMIT {_OWN}
  ) UNION ALL (
    SELECT theirs.id, theirs.sha256, theirs.looks FROM photo AS theirs
    WHERE theirs.county_id = :county_id AND theirs.person_id <> asked.person_id
      AND theirs.look_bands IS NOT NULL AND theirs.look_bands && asked.look_bands
    ORDER BY theirs.uploaded_at DESC LIMIT {_THEIRS}
  )
) AS other
WHERE other.id <> asked.id AND other.sha256 <> asked.sha256 AND (
  EXISTS (SELECT FROM unnest(other.looks) AS look WHERE bit_count(look # asked.looks[1]) <= {ALIKE})
  OR EXISTS (SELECT FROM unnest(asked.looks) AS look WHERE bit_count(look # other.looks[1]) <= {ALIKE})
)
"""
# Which photos show the picture of these, encoded anew, made smaller or cropped: among their owners' latest, and of
# others' those that are alike as a whole.
ALIKE_TO = Statement(
    AlikeRow,
    f"""
WITH asked AS MATERIALIZED (
  SELECT id, person_id, sha256, looks, look_bands FROM photo
  WHERE county_id = :county_id AND id = ANY(CAST(:ids AS uuid[])) AND looks IS NOT NULL
)
{_ALIKE}
""",
)
ALIKE_TO_NEW = Statement(
    AlikeRow,
    f"""
WITH asked AS MATERIALIZED (
  SELECT CAST(:id AS uuid) AS id, CAST(:person_id AS uuid) AS person_id, CAST(:sha256 AS bytea) AS sha256,
    CAST(CAST(:looks AS text[]) AS bit(128)[]) AS looks, CAST(:look_bands AS int[]) AS look_bands
)
{_ALIKE}
""",
)
SINCE = Statement(
    SinceRow,
    """
SELECT count(*) AS photos, CAST(coalesce(sum(size_bytes), 0) AS bigint) AS size_bytes FROM photo
WHERE county_id = :county_id AND person_id = :person_id AND uploaded_at > :since AND looks IS NOT NULL
""",
)
EXPIRED = Statement(
    ExpiredRow,
    """
SELECT id, object_key FROM photo
WHERE county_id = :county_id AND deleted_at IS NULL AND uploaded_at < :before
ORDER BY uploaded_at LIMIT :limit
""",
)
# Where it was taken is forgotten with the photo; hash and time stay, and still tell its copies.
MARK_DELETED = Statement(
    Id,
    """
UPDATE photo SET deleted_at = :now, taken_lon = NULL, taken_lat = NULL
WHERE county_id = :county_id AND id = ANY(CAST(:ids AS uuid[])) AND deleted_at IS NULL
RETURNING id
""",
)
NAMED = Statement(
    str,
    """
SELECT object_key FROM photo
WHERE county_id = :county_id AND id = ANY(CAST(:ids AS uuid[])) AND deleted_at IS NULL
""",
)
LAST_PURGE = Statement(
    datetime,
    "SELECT done_at FROM photo_purge WHERE county_id = :county_id",
)
NOTE_PURGE = Command("""
INSERT INTO photo_purge (county_id, done_at) VALUES (:county_id, :now)
ON CONFLICT (county_id) DO UPDATE SET done_at = excluded.done_at
""")


async def insert(session: AsyncSession, *, county_id: str, photo: Photo) -> bool:
    """False when the id is taken."""
    written = await INSERT.all(
        session,
        county_id=county_id,
        id=photo.id,
        person_id=photo.person_id,
        sha256=photo.sha256,
        kept_sha256=photo.kept_sha256,
        format=photo.format,
        size_bytes=photo.size_bytes,
        width=photo.width,
        height=photo.height,
        taken_at=photo.taken.at,
        taken_lon=photo.taken.lon,
        taken_lat=photo.taken.lat,
        object_key=photo.object_key,
        uploaded_at=photo.uploaded_at,
        looks=list(photo.looks) or None,
        look_bands=list(bands(photo.looks[0])) if photo.looks else None,
    )
    return bool(written)


def photo_of(row: PhotoRow) -> Photo:
    """Of its columns."""
    return Photo(
        id=row.id,
        person_id=row.person_id,
        sha256=row.sha256,
        format=row.format,
        size_bytes=row.size_bytes,
        width=row.width,
        height=row.height,
        taken=CameraData(row.taken_at, row.taken_lon, row.taken_lat),
        object_key=row.object_key,
        uploaded_at=row.uploaded_at,
        deleted_at=row.deleted_at,
    )


async def one(session: AsyncSession, *, county_id: str, photo_id: UUID) -> Photo | None:
    found = await ONE.first(session, county_id=county_id, id=photo_id)
    return photo_of(found) if found else None


async def last_purge(session: AsyncSession, *, county_id: str) -> datetime | None:
    return await LAST_PURGE.first(session, county_id=county_id)


async def named(session: AsyncSession, *, county_id: str, ids: Sequence[UUID]) -> set[str]:
    """The keys of the objects that belong to these photos and are not deleted."""
    return set(await NAMED.all(session, county_id=county_id, ids=list(ids)))


# With a record that goes into another of the same person.
TAKE_OVER = Command("""
UPDATE photo SET person_id = :into_id WHERE county_id = :county_id AND person_id = :from_id
""")

# Of photos that are deleted, the rows: from then on nothing tells them when they are used again.
DELETE_ROWS = Command("""
DELETE FROM photo WHERE county_id = :county_id AND id IN (
  SELECT id FROM photo WHERE county_id = :county_id AND uploaded_at < :before AND deleted_at IS NOT NULL
  LIMIT :limit)
""")

KEPT_OF_PEOPLE = Statement(
    ExpiredRow,
    """
SELECT id, object_key FROM photo
WHERE county_id = :county_id AND person_id = ANY(CAST(:ids AS uuid[])) AND deleted_at IS NULL ORDER BY id
""",
)
# Nothing tells any more what was on them.
FORGET_LOOKS = Command("""
UPDATE photo SET taken_lon = NULL, taken_lat = NULL, looks = NULL, look_bands = NULL
WHERE county_id = :county_id AND person_id = ANY(CAST(:ids AS uuid[]))
""")
