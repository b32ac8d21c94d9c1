"""What a photo is: its words, its limits, and where its bytes lie."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

CONTENT_TYPES = {"jpeg": "image/jpeg", "png": "image/png", "webp": "image/webp"}
FORMATS = tuple(CONTENT_TYPES)
_EXTENSIONS = {"jpeg": "jpg", "png": "png", "webp": "webp"}

MOST_PHOTO_BYTES = 64 * 1024 * 1024
"""Whatever the installation sets."""
MOST_A_DAY = 500
MOST_BYTES_A_DAY = 1024**3
"""Of one person, and far more than anybody takes."""
THUMBNAIL_PX = 480
THUMBNAIL_TYPE = "image/jpeg"
_THUMBNAIL = ".thumbnail.jpg"

ORPHANED_AFTER = timedelta(days=7)
"""An object that no row names is left alone so long: for an upload that is about to name it, and for whoever finds
that a worker runs on the wrong database.
"""
PURGE_EVERY = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class CameraData:
    """What the camera wrote into the file (EXIF), as far as it can be believed. Degrees, WGS-84."""

    at: datetime | None = None
    lon: float | None = None
    lat: float | None = None


@dataclass(frozen=True, slots=True)
class Photo:
    """照片: one uploaded photo. Its bytes lie in the object store under `object_key` until `deleted_at`.

    `sha256` is of the file as it came, `kept_sha256` and `size_bytes` of what is kept of it.
    """

    id: UUID
    person_id: UUID
    sha256: bytes
    format: str
    size_bytes: int
    width: int  # as displayed, in pixels
    height: int
    taken: CameraData
    object_key: str
    uploaded_at: datetime
    deleted_at: datetime | None = None
    kept_sha256: bytes | None = None  # None: of one from before files were stripped
    looks: tuple[str, ...] = ()  # of `looks.py`; only of one that has just come

    @property
    def content_type(self) -> str:
        return CONTENT_TYPES[self.format]

    @property
    def file_name(self) -> str:
        return f"{self.id}.{_EXTENSIONS[self.format]}"

    def as_dict(self) -> dict[str, object]:
        """What the wire says of it; never where it was taken."""
        return {
            "id": self.id,
            "content_type": self.content_type,
            "size_bytes": self.size_bytes,
            "width": self.width,
            "height": self.height,
            "taken_at": self.taken.at,
            "uploaded_at": self.uploaded_at,
            "deleted_at": self.deleted_at,
        }


def object_key(*, county_id: str, photo_id: UUID, format: str, now: datetime, attempt: UUID) -> str:  # noqa: A002
    """Where an upload's bytes go. `attempt` makes each upload's key its own, so that none overwrites another's."""
    return f"{county_id}/{now:%Y/%m}/{photo_id}.{attempt.hex}.{_EXTENSIONS[format]}"


def thumbnail_key(key: str) -> str:
    return key + _THUMBNAIL


def original_key(key: str) -> str:
    """The original that an object belongs to: itself, or the photo that it is the thumbnail of."""
    return key.removesuffix(_THUMBNAIL)


def expired_before(now: datetime, retention_d: int) -> datetime:
    """Photos uploaded before this are to be deleted."""
    return now - timedelta(days=retention_d)


def purge_due(last: datetime | None, now: datetime) -> bool:
    return last is None or now - last >= PURGE_EVERY
