"""When and where a photo says that it was taken."""

from datetime import UTC, datetime
from io import BytesIO
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from PIL import Image
from PIL.ExifTags import GPS, IFD, Base
from PIL.TiffImagePlugin import IFDRational

from app.geo.coordinates import from_wgs84
from app.photos.exif import camera_data
from app.photos.rules import CameraData
from tests.support.camera import exif, photo

ZONE = ZoneInfo("Asia/Shanghai")
AT = datetime(2026, 11, 18, 12, 10, 5, tzinfo=UTC)


def read(made: Image.Exif, format: str = "JPEG") -> CameraData:
    with Image.open(BytesIO(photo(format=format, exif=made))) as image:
        return camera_data(image, zone=ZONE)


@pytest.mark.parametrize("format", ["JPEG", "PNG", "WEBP"])
def test_time_and_place_in_every_format(format: str):
    read_back = read(exif("2026:11:18 20:10:05", position=(106.22484, -24.2973)), format)
    assert read_back.at == AT
    assert (read_back.lon, read_back.lat) == (pytest.approx(106.22484), pytest.approx(-24.2973))


@pytest.mark.parametrize(
    ("at", "offset", "expected"),
    [
        ("2026:11:18 20:10:05", "+08:00", AT),
        ("2026:11:18 20:10:05", None, AT),  # the county's zone
        ("2026:11:18 12:10:05", "+00:00", AT),
        ("2026:11:18 06:40:05", "-05:30", AT),
        ("2026:11:18 12:10:05", "Z", AT),
        ("2026:11:18 12:10:05", "z", AT),
        ("2026:11:18 12:10:05", "UTC", AT),
        ("2026:11:18 20:10:05", "+8:00", AT),
        ("2026:11:18 20:10:05", "+0800", AT),
        ("2026:11:18 20:10:05", "+800", AT),
        ("2026:11:18 20:10:05", "+08", AT),
        ("2026:11:18 20:10:05", "+8", AT),
        ("2026:11:18 20:10:05", "GMT+08:00", AT),
        ("2026:11:18 20:10:05", "+08:00:00", AT),
        ("2026:11:18 20:10:05", "   :  ", AT),  # EXIF's way to say that it is not known
        ("2026:11:18 20:10:05", "", AT),
        ("2026:11:18 20:10:05", "local", None),  # anybody's: hours off, if it were taken for the county's
        ("2026:11:18 20:10:05", "CST", None),
        ("2026:11:18 20:10:05", "+99:00", None),
        ("2026:11:18 20:10:05", "+15:00", None),
        ("2026:11:18 20:10:05", "+08:60", None),
        ("2026:11:18 20:10:05", "+08:01", None),
        ("2026:11:18 20:10:05", "8:00", None),
        ("2026:11:18 20:10:05", "+٠٨:٠٠", None),
        ("2026:11:18 20:10:05.123", "+08:00", AT),
        ("2026:11:18 12:10:05Z", None, AT),
        ("2026:11:18 12:10:05+00:00", "+08:00", AT),  # what stands beside the time itself
        ("2026:11:18 08:10:05 PM", "+08:00", None),
        ("2026:11:18 20:10:05 local", "+08:00", None),
        ("2026:11:18 20:10:05\0rest", "+08:00", AT),
        ("2026:11:18 20:10:05\0\0", "+08:00\0", AT),
        ("0000:00:00 00:00:00", None, None),
        ("    :  :     :  :  ", None, None),
        ("2026:02:30 00:00:00", None, None),
        ("2026:11:18 25:00:00", None, None),
        ("9999:12:31 23:59:59", "-12:00", None),
        ("2002:12:08 12:00:00", None, None),  # the clock was never set
        ("2026-11-18T20:10:05", None, None),
        ("", None, None),
    ],
)
def test_times(at: str, offset: str | None, expected: datetime | None):
    assert read(exif(at, offset=offset)).at == expected


@pytest.mark.parametrize("tag", [Base.OffsetTime, Base.OffsetTimeDigitized])
def test_an_offset_beside_another_time_of_the_same_camera_is_its_offset(tag: Base):
    made = exif("2026:11:18 12:10:05", offset=None)
    made.get_ifd(IFD.Exif)[tag] = "+00:00"
    assert read(made).at == AT


@pytest.mark.parametrize(
    ("local", "offset", "day", "time", "expected"),
    [
        ("2026:11:18 20:10:05", "+08:00", "2026:11:18", (12.0, 10.0, 5.0), AT),
        ("2026:11:18 20:10:05", None, "2026:11:18", (12.0, 1.0, 0.0), AT),  # a fix nine minutes old
        (
            "2026:11:18 12:10:05",
            None,
            "2026:11:18",
            (12.0, 10.0, 5.0),
            None,
        ),  # the clock shows UTC and does not say
        ("2026:11:18 12:10:05", "+08:00", "2026:11:18", (12.0, 10.0, 5.0), None),
        ("2026:11:18 20:10:05", "Z", "2026:11:18", (12.0, 10.0, 5.0), None),  # local time called UTC
        ("2026:11:18 20:10:05", "+08:00", "2007:04:04", (12.0, 10.0, 5.0), AT),  # the satellites' week rolled over
        ("2026:11:18 20:10:05", "+08:00", "2026:02:30", (12.0, 10.0, 5.0), AT),
        ("2026:11:18 20:10:05", "+08:00", "2026:11:18", (IFDRational(0, 0),) * 3, AT),
        ("2026:11:18 20:10:05", "+08:00", "2026:11:18", (12.0,), AT),
    ],
)
def test_the_satellites_time_contradicts(
    local: str, offset: str | None, day: str, time: tuple[Any, ...], expected: datetime | None
):
    made = exif(local, offset=offset, position=(106.2, 24.3))
    tags = made.get_ifd(IFD.GPSInfo)
    tags[GPS.GPSDateStamp], tags[GPS.GPSTimeStamp] = day, time
    assert read(made).at == expected


def test_a_photo_without_exif_says_nothing():
    with Image.open(BytesIO(photo())) as image:
        assert camera_data(image, zone=ZONE) == CameraData()


def test_a_datum_that_says_shifted_is_shifted_back():
    east, north = (float(each) for each in from_wgs84(106.22484, 24.2973, "gcj02"))
    assert east > 106.227
    read_back = read(exif(position=(east, north), datum="GCJ-02"))
    assert (read_back.lon, read_back.lat) == (pytest.approx(106.22484), pytest.approx(24.2973))
    assert read(exif(position=(106.22484, 24.2973), datum=None)).lon == pytest.approx(106.22484)


def gps(**changes: Any) -> Image.Exif:
    made = exif(position=(106.2, 24.3))
    tags = made.get_ifd(IFD.GPSInfo)
    for name, value in changes.items():
        if value is None:
            del tags[GPS[name]]
        else:
            tags[GPS[name]] = value
    return made


@pytest.mark.parametrize(
    "changes",
    [
        {"GPSLatitudeRef": None},
        {"GPSLongitude": None},
        {"GPSLatitudeRef": "?"},
        {"GPSLatitude": (91.0, 0.0, 0.0)},
        {"GPSLongitude": (106.0, 12.0)},
        {"GPSLatitude": (IFDRational(0, 0), IFDRational(0, 0), IFDRational(0, 0))},
        {"GPSLatitude": (0.0, 0.0, 0.0), "GPSLongitude": (0.0, 0.0, 0.0)},
    ],
)
def test_a_place_that_cannot_be_is_unknown(changes: dict[str, Any]):
    read_back = read(gps(**changes))
    assert (read_back.lon, read_back.lat) == (None, None)


def test_the_time_of_a_photo_with_a_broken_place_is_still_read():
    made = gps(GPSLatitude=(IFDRational(0, 0),) * 3)
    made.get_ifd(IFD.Exif)[Base.DateTimeOriginal] = "2026:11:18 20:10:05"
    assert read(made).at == AT


@pytest.mark.filterwarnings("ignore")  # Pillow warns
def test_a_broken_block_is_no_reason_to_refuse():
    data = photo(exif=b"Exif\0\0MM\0*\xff\xff\xff\xff" + b"\xff" * 200)
    with Image.open(BytesIO(data)) as image:
        assert camera_data(image, zone=ZONE) == CameraData()
