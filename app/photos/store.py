"""Every statement on the tables of photos."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from app.kernel.database import rows
from app.photos.looks import ALIKE, bands
from app.photos.rules import Photo, Taken

_OWN, _THEIRS = 300, 100  # so many photos one is compared with

SHOWN = """
photo.id, photo.person_id, photo.sha256, photo.format, photo.size_bytes, photo.width, photo.height,
photo.taken_at, photo.taken_lon, photo.taken_lat, photo.object_key, photo.uploaded_at, photo.deleted_at
"""
INSERT = """
INSERT INTO photo (county_id, id, person_id, sha256, format, size_bytes, width, height, taken_at, taken_lon,
  taken_lat, object_key, uploaded_at, looks, look_bands)
VALUES (:county_id, :id, :person_id, :sha256, :format, :size_bytes, :width, :height, :taken_at, :taken_lon,
  :taken_lat, :object_key, :uploaded_at, CAST(CAST(:looks AS text[]) AS bit(128)[]), :look_bands)
ON CONFLICT (county_id, id) DO NOTHING RETURNING id
"""
ONE = f"SELECT {SHOWN} FROM photo WHERE county_id = :county_id AND id = :id"
# Each photo asked for, with the ids of all photos that hold the same bytes, itself among them.
WITH_COPIES = f"""
SELECT {SHOWN}, (
  SELECT array_agg(copy.id) FROM photo AS copy
  WHERE copy.county_id = :county_id AND copy.sha256 = photo.sha256) AS copies
FROM photo WHERE county_id = :county_id AND id = ANY(CAST(:ids AS uuid[]))
"""
SAME_BYTES = "SELECT id FROM photo WHERE county_id = :county_id AND sha256 = :sha256"
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
ALIKE_TO = f"""
WITH asked AS MATERIALIZED (
  SELECT id, person_id, sha256, looks, look_bands FROM photo
  WHERE county_id = :county_id AND id = ANY(CAST(:ids AS uuid[])) AND looks IS NOT NULL
)
{_ALIKE}
"""
ALIKE_TO_NEW = f"""
WITH asked AS MATERIALIZED (
  SELECT CAST(:id AS uuid) AS id, CAST(:person_id AS uuid) AS person_id, CAST(:sha256 AS bytea) AS sha256,
    CAST(CAST(:looks AS text[]) AS bit(128)[]) AS looks, CAST(:look_bands AS int[]) AS look_bands
)
{_ALIKE}
"""
EXPIRED = """
SELECT id, object_key FROM photo
WHERE county_id = :county_id AND deleted_at IS NULL AND uploaded_at < :before
ORDER BY uploaded_at LIMIT :limit
"""
# Where it was taken is forgotten with the photo; hash and time stay, and still tell its copies.
MARK_DELETED = """
UPDATE photo SET deleted_at = :now, taken_lon = NULL, taken_lat = NULL
WHERE county_id = :county_id AND id = ANY(CAST(:ids AS uuid[])) AND deleted_at IS NULL
RETURNING id
"""
NAMED = """
SELECT object_key FROM photo
WHERE county_id = :county_id AND id = ANY(CAST(:ids AS uuid[])) AND deleted_at IS NULL
"""
LAST_PURGE = "SELECT done_at FROM photo_purge WHERE county_id = :county_id"
NOTE_PURGE = """
INSERT INTO photo_purge (county_id, done_at) VALUES (:county_id, :now)
ON CONFLICT (county_id) DO UPDATE SET done_at = excluded.done_at RETURNING done_at
"""


async def ask(session: AsyncSession, statement: str, **parameters: Any) -> list[Any]:
    """The rows that one of the statements above gives."""
    return await rows(session, statement, **parameters)


async def insert(session: AsyncSession, *, county_id: str, photo: Photo) -> bool:
    """False when the id is taken."""
    written = await rows(
        session,
        INSERT,
        county_id=county_id,
        id=photo.id,
        person_id=photo.person_id,
        sha256=photo.sha256,
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


def photo_of(row: Any) -> Photo:
    """A row of `SHOWN`."""
    return Photo(
        id=row.id,
        person_id=row.person_id,
        sha256=row.sha256,
        format=row.format,
        size_bytes=row.size_bytes,
        width=row.width,
        height=row.height,
        taken=Taken(row.taken_at, row.taken_lon, row.taken_lat),
        object_key=row.object_key,
        uploaded_at=row.uploaded_at,
        deleted_at=row.deleted_at,
    )


async def one(session: AsyncSession, *, county_id: str, photo_id: UUID) -> Photo | None:
    found = await rows(session, ONE, county_id=county_id, id=photo_id)
    return photo_of(found[0]) if found else None


async def last_purge(session: AsyncSession, *, county_id: str) -> datetime | None:
    found = await rows(session, LAST_PURGE, county_id=county_id)
    return found[0].done_at if found else None


async def named(session: AsyncSession, *, county_id: str, ids: Sequence[UUID]) -> set[str]:
    """The keys of the objects that belong to these photos and are not deleted."""
    return {row.object_key for row in await rows(session, NAMED, county_id=county_id, ids=list(ids))}
