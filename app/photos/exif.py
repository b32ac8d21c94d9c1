"""When and where a photo says that it was taken (EXIF 2.32). Cameras write rubbish: what cannot be is unknown."""

import math
import re
from datetime import UTC, datetime, timedelta, timezone, tzinfo
from typing import Any
from zoneinfo import ZoneInfo

import numpy as np
from PIL.ExifTags import GPS, IFD, Base
from PIL.Image import Image

from app.geo.coordinates import to_wgs84
from app.photos.rules import Taken

_TIME = re.compile(r"(\d{4}):(\d\d):(\d\d) (\d\d):(\d\d):(\d\d)")
_OFFSET = re.compile(r"([+-])(\d\d):(\d\d)")
_FIRST_YEAR = 2010  # a camera whose clock was never set begins in 1970, 1980, 2000 ...


def taken(image: Image, *, zone: ZoneInfo) -> Taken:
    """DateTimeOriginal, in `zone` where it has no offset, and the GPS position, in WGS-84."""
    try:
        exif = image.getexif()
        at = _at(exif.get_ifd(IFD.Exif), zone)
        lon, lat = _position(exif.get_ifd(IFD.GPSInfo))
    except Exception:  # noqa: BLE001 - a broken block makes Pillow raise almost anything
        return Taken()
    return Taken(at, lon, lat)


def _at(tags: dict[int, Any], zone: ZoneInfo) -> datetime | None:
    written = _TIME.match(_text(tags.get(Base.DateTimeOriginal)))
    if not written:
        return None
    try:
        local = datetime(*map(int, written.groups()), tzinfo=_offset(tags) or zone)  # type: ignore[arg-type,misc]
        return local.astimezone(UTC) if local.year >= _FIRST_YEAR else None
    except (ValueError, OverflowError):
        return None


def _offset(tags: dict[int, Any]) -> tzinfo | None:
    written = _OFFSET.match(_text(tags.get(Base.OffsetTimeOriginal)))
    if not written:
        return None
    sign, hours, minutes = written.groups()
    ahead = timedelta(hours=int(hours), minutes=int(minutes))
    return timezone(-ahead if sign == "-" else ahead) if ahead < timedelta(hours=15) else None


def _position(tags: dict[int, Any]) -> tuple[float | None, float | None]:
    lat = _degrees(tags.get(GPS.GPSLatitude), _text(tags.get(GPS.GPSLatitudeRef)), "NS", most=90)
    lon = _degrees(tags.get(GPS.GPSLongitude), _text(tags.get(GPS.GPSLongitudeRef)), "EW", most=180)
    if lon is None or lat is None or (lon, lat) == (0, 0):  # 0, 0 is what is written without a fix
        return None, None
    # The standard means WGS-84 unless the datum says otherwise; some apps in China say that they shift.
    crs = "gcj02" if "GCJ" in _text(tags.get(GPS.GPSMapDatum)).upper() else "wgs84"
    east, north = to_wgs84(np.array([lon]), np.array([lat]), np.array([crs]))
    return float(east[0]), float(north[0])


def _degrees(parts: Any, ref: str, refs: str, *, most: float) -> float | None:
    """Degrees, minutes and seconds with their hemisphere as signed degrees."""
    if not isinstance(parts, tuple) or len(parts) != len("dms") or ref[:1] not in tuple(refs):
        return None
    degrees, minutes, seconds = map(float, parts)
    value = degrees + minutes / 60 + seconds / 3600
    if not math.isfinite(value) or not 0 <= value <= most:
        return None
    return value if ref[0] == refs[0] else -value


def _text(value: Any) -> str:
    if isinstance(value, bytes):
        value = value.decode("ascii", "replace")
    return value.strip("\x00 ") if isinstance(value, str) else ""
