"""Photos without what is no evidence: the picture, its time and place; nothing else that the camera wrote."""

import struct
import zlib
from io import BytesIO
from zoneinfo import ZoneInfo

import pytest
from PIL import Image, ImageCms, PngImagePlugin
from PIL.ExifTags import GPS, IFD, Base

from app.photos import exif as reading
from app.photos.decoding import decode
from app.photos.rules import FORMATS
from tests.support.camera import exif, photo, scene

ZONE = ZoneInfo("Asia/Shanghai")
SECRETS = ("SERIAL-9f8e7d", "Wang Xiaoming", "MAKER-NOTE", "IMEI-86", "THUMB", "a film", "debts", "Yefang-Phone")
WRITTEN = {
    Base.Make: "Yefang-Phone",
    Base.Model: "Yefang-Phone 9",
    Base.Software: "SERIAL-9f8e7d",
    Base.Artist: "Wang Xiaoming",
    Base.Copyright: "Wang Xiaoming",
    Base.ImageDescription: "debts",
    Base.HostComputer: "SERIAL-9f8e7d",
}
IN_EXIF = {
    Base.MakerNote: b"MAKER-NOTE" * 40,
    Base.UserComment: b"ASCII\0\0\0IMEI-86",
    0xA430: "Wang Xiaoming",
    0xA431: "SERIAL-9f8e7d",
    0xA435: "SERIAL-9f8e7d",
    0xA420: "IMEI-86",
}


def talkative(orientation: int = 6) -> Image.Exif:
    """What a phone writes that says all it knows."""
    made = exif("2026:11:18 20:05:00", position=(106.2213, 24.3224), orientation=orientation)
    made.update(WRITTEN)
    made.get_ifd(IFD.Exif).update(IN_EXIF)
    made.get_ifd(IFD.GPSInfo).update(
        {
            GPS.GPSProcessingMethod: b"ASCII\0\0\0IMEI-86",
            GPS.GPSDateStamp: "2026:11:18",
            GPS.GPSTimeStamp: (12.0, 4.0, 0.0),
        }
    )
    return made


def camera_file(name: str) -> bytes:
    """A photo of the format, with something to hide in every corner that the format has."""
    profile = ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes()
    options = {"exif": talkative(), "icc_profile": profile}
    if name == "jpeg":
        data = photo(scene(7), comment=b"debts", **options)
        segments = b"".join(
            marker + struct.pack(">H", len(body) + 2) + body
            for marker, body in (
                (b"\xff\xe1", b"http://ns.adobe.com/xap/1.0/\0<x>Wang Xiaoming</x>"),
                (b"\xff\xe2", b"FPXR\0IMEI-86"),
                (b"\xff\xe0", b"JFXX\0\x10THUMB"),
                (b"\xff\xed", b"Photoshop 3.0\0Wang Xiaoming"),
                (b"\xff\xe5", b"SERIAL-9f8e7d"),
            )
        )
        return data[:2] + segments + data[2:] + b"\xff\xd8 a film, THUMB"
    if name == "png":
        said = PngImagePlugin.PngInfo()
        said.add_text("Author", "Wang Xiaoming", zip=False)
        said.add_itxt("XML:com.adobe.xmp", "<x>IMEI-86</x>")
        data = photo(scene(7), format="PNG", pnginfo=said, **options)
        block = b"prVtSERIAL-9f8e7d"
        private = struct.pack(">I", len(block) - 4) + block + struct.pack(">I", zlib.crc32(block))
        return data[:33] + private + data[33:] + b"a film"
    data = photo(scene(7), format="WEBP", xmp=b"<x>Wang Xiaoming</x>", **options)
    body = data[8:] + struct.pack("<4sI", b"ABCD", 8) + b"IMEI-86\0"
    return b"RIFF" + struct.pack("<I", len(body)) + body + b"a film"


def pixels(data: bytes) -> bytes:
    return Image.open(BytesIO(data)).convert("RGB").tobytes()


@pytest.mark.parametrize("name", FORMATS)
def test_only_the_picture_its_time_and_place_are_kept(name: str):
    data = camera_file(name)
    assert sum(secret.encode() in data for secret in SECRETS) >= 5
    found = decode(data, zone=ZONE)
    kept = found.kept
    assert [secret for secret in SECRETS if secret.encode() in kept] == []
    assert pixels(kept) == pixels(data)
    image = Image.open(BytesIO(kept))
    assert image.info.get("icc_profile"), "its colours"
    tags = image.getexif()
    assert set(tags) <= {Base.Orientation, IFD.Exif, IFD.GPSInfo}
    assert set(tags.get_ifd(IFD.Exif)) == {Base.DateTimeOriginal, Base.OffsetTimeOriginal}
    assert GPS.GPSProcessingMethod not in tags.get_ifd(IFD.GPSInfo)
    again = decode(kept, zone=ZONE)
    assert (again.taken, again.width, again.height, again.looks) == (
        found.taken,
        found.width,
        found.height,
        found.looks,
    )
    assert again.kept == kept
    assert reading.camera_data(image, zone=ZONE).lat == pytest.approx(24.3224)


@pytest.mark.parametrize("name", FORMATS)
def test_what_has_nothing_to_hide_stays_byte_by_byte(name: str):
    data = photo(scene(3), format=name)
    assert decode(data, zone=ZONE).kept == data


def test_progressive_pictures_and_restart_markers():
    for options in ({"progressive": True}, {"restart_marker_blocks": 2}, {"quality": 100, "subsampling": 0}):
        data = photo(scene(5), exif=talkative(), **options)
        kept = decode(data, zone=ZONE).kept
        assert pixels(kept) == pixels(data)
        assert b"SERIAL" not in kept


def test_a_file_whose_parts_cannot_be_told_apart_is_encoded_anew():
    data = photo(scene(5), exif=talkative())
    end = 4 + struct.unpack_from(">H", data, 4)[0]
    odd = data[:end] + b"debts" + data[end:]  # readers look on for the next part
    found = decode(odd, zone=ZONE)
    assert [secret for secret in SECRETS if secret.encode() in found.kept] == []
    assert decode(found.kept, zone=ZONE).taken == found.taken
    assert Image.open(BytesIO(found.kept)).size == (640, 480)


def test_a_broken_block_goes():
    data = photo(scene(5), exif=talkative())
    at = data.index(b"Exif\0\0") + 6
    broken = data[:at] + b"XX*\0" + data[at + 4 :]
    kept = decode(broken, zone=ZONE).kept
    assert b"Exif" not in kept
    assert pixels(kept) == pixels(data)
