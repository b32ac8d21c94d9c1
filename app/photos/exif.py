"""When and where a photo says that it was taken (EXIF 2.32). Cameras write rubbish: what cannot be is unknown."""

import math
import re
from datetime import UTC, datetime, timedelta, timezone, tzinfo
from typing import Any
from zoneinfo import ZoneInfo

import numpy as np
from PIL.ExifTags import GPS, IFD, Base
from PIL.Image import Image

from app.geo.coordinates import is_unset, to_wgs84
from app.photos.rules import CameraData

_OFFSET = r"(?:UTC|GMT)?([+-])(\d{1,2})(?::?(\d\d))?(?::00)?|Z|UTC|GMT"
_STATED = re.compile(_OFFSET, re.ASCII | re.IGNORECASE)
_TIME = re.compile(
    rf"(\d{{4}}):(\d\d):(\d\d) (\d\d):(\d\d):(\d\d)(?:\.\d*)?\s*(?P<offset>{_OFFSET})?", re.ASCII | re.IGNORECASE
)
_DAY = re.compile(r"(\d{4}):(\d\d):(\d\d)", re.ASCII)
_OFFSETS = (Base.OffsetTimeOriginal, Base.OffsetTimeDigitized, Base.OffsetTime)
_FIRST_YEAR = 2010  # a camera whose clock was never set begins in 1970, 1980, 2000 ...
_WESTERNMOST, _EASTERNMOST = timedelta(hours=-12), timedelta(hours=14)  # offsets that are somewhere in use
# Of the satellites' time from the camera's: less is the age of the fix, more is no matter of offsets.
_CONTRADICTION = (timedelta(minutes=30), timedelta(hours=27))


def camera_data(image: Image, *, zone: ZoneInfo) -> CameraData:
    """DateTimeOriginal, in `zone` where no offset is stated, and the GPS position, in WGS-84.

    The time is right or unknown: where an offset cannot be read, or the satellites' time (UTC) contradicts, it
    might be hours off.
    """
    try:
        exif = image.getexif()
        gps = exif.get_ifd(IFD.GPSInfo)
        at = _at(exif.get_ifd(IFD.Exif), zone)
        lon, lat = _position(gps)
    except Exception:  # noqa: BLE001 - a broken block makes Pillow raise almost anything
        return CameraData()
    if at:
        low, high = _CONTRADICTION
        satellites = _satellite_time(gps)
        if satellites and low < abs(satellites - at) < high:
            at = None
    return CameraData(at, lon, lat)


def _at(tags: dict[int, object], zone: ZoneInfo) -> datetime | None:
    written = _TIME.fullmatch(_text(tags.get(Base.DateTimeOriginal)))
    stated = (written and written["offset"]) or next(
        filter(None, (_text(tags.get(tag)) for tag in _OFFSETS)), None
    )
    offset = _offset(stated) if stated and stated.strip(": ") else zone
    if not written or offset is None:
        return None
    try:
        local = datetime(*map(int, written.groups()[:6]), tzinfo=offset)  # type: ignore[arg-type,misc]
        return local.astimezone(UTC) if local.year >= _FIRST_YEAR else None
    except (ValueError, OverflowError):
        return None


def _offset(stated: str) -> tzinfo | None:
    """None for what cannot be read, or is in use nowhere."""
    written = _STATED.fullmatch(stated.replace("\N{MINUS SIGN}", "-"))
    if not written:
        return None
    sign, hours, minutes = written.groups()
    if sign is None:
        return UTC
    ahead = timedelta(hours=int(hours), minutes=int(minutes or 0)) * (-1 if sign == "-" else 1)
    in_use = _WESTERNMOST <= ahead <= _EASTERNMOST and ahead % timedelta(minutes=15) == timedelta(0)
    return timezone(ahead) if in_use and int(minutes or 0) < 60 else None  # noqa: PLR2004 - minutes of an hour


def _satellite_time(tags: dict[int, Any]) -> datetime | None:
    day = _DAY.fullmatch(_text(tags.get(GPS.GPSDateStamp)))
    try:
        hours, minutes, seconds = (float(part) for part in tags[GPS.GPSTimeStamp])
        of_day = timedelta(hours=hours, minutes=minutes, seconds=seconds)
        return day and datetime(*map(int, day.groups()), tzinfo=UTC) + of_day  # type: ignore[arg-type,misc]
    except (KeyError, TypeError, ValueError, ArithmeticError):
        return None


def _position(tags: dict[int, object]) -> tuple[float | None, float | None]:
    lat = _degrees(tags.get(GPS.GPSLatitude), _text(tags.get(GPS.GPSLatitudeRef)), "NS", most=90)
    lon = _degrees(tags.get(GPS.GPSLongitude), _text(tags.get(GPS.GPSLongitudeRef)), "EW", most=180)
    if lon is None or lat is None or is_unset(lon, lat):  # as cameras write 0, 0 without a fix
        return None, None
    # The standard means WGS-84 unless the datum says otherwise; some apps in China say that they shift.
    crs = "gcj02" if "GCJ" in _text(tags.get(GPS.GPSMapDatum)).upper() else "wgs84"
    east, north = to_wgs84(np.array([lon]), np.array([lat]), np.array([crs]))
    return float(east[0]), float(north[0])


def _degrees(parts: object, ref: str, refs: str, *, most: float) -> float | None:
    """Degrees, minutes and seconds with their hemisphere as signed degrees."""
    if not isinstance(parts, tuple) or len(parts) != len("dms") or ref[:1] not in tuple(refs):
        return None
    degrees, minutes, seconds = map(float, parts)
    value = degrees + minutes / 60 + seconds / 3600
    if not math.isfinite(value) or not 0 <= value <= most:
        return None
    return value if ref[0] == refs[0] else -value


def _text(value: object) -> str:
    if isinstance(value, bytes):
        value = value.decode("ascii", "replace")
    return value.partition("\x00")[0].strip() if isinstance(value, str) else ""
