"""A photo without what is no evidence: the picture as it came, when and where it was taken, which way is up. Pure.

Cameras write far more into a file: who owns the phone, serial numbers, notes of the maker, a smaller picture of
what was there before it was cropped, a film behind the photo. The picture's own bytes are handed on, never encoded
anew, but for a file whose parts cannot be told apart.
"""

import struct
import zlib
from collections.abc import Iterator
from io import BytesIO

from PIL import Image
from PIL.ExifTags import GPS, IFD, Base

_TIME = (
    *(Base.DateTimeOriginal, Base.OffsetTimeOriginal, Base.OffsetTimeDigitized, Base.OffsetTime),
    Base.SubsecTimeOriginal,
)
_PLACE = (
    *(GPS.GPSLatitudeRef, GPS.GPSLatitude, GPS.GPSLongitudeRef, GPS.GPSLongitude),
    *(GPS.GPSMapDatum, GPS.GPSDateStamp, GPS.GPSTimeStamp),
)
_MARKER = 0xFF
_JPEG_JFIF, _JPEG_APP, _JPEG_COMMENT = 0xE0, range(0xE0, 0xF0), 0xFE
_JPEG_RESTARTS, _JPEG_SCAN, _JPEG_END = range(0xD0, 0xD8), 0xDA, 0xD9
_JPEG_NO_SEGMENT = {0x00, 0x01, *range(0xD0, 0xD9)}
_PNG = b"\x89PNG\r\n\x1a\n"
_PNG_KEPT = {
    *(b"IHDR", b"PLTE", b"IDAT", b"IEND", b"tRNS"),
    *(b"gAMA", b"cHRM", b"sRGB", b"iCCP", b"cICP", b"sBIT", b"bKGD", b"pHYs"),
}
_WEBP_KEPT = {b"VP8 ", b"VP8L", b"VP8X", b"ALPH", b"ICCP"}
_WEBP_EXIF, _WEBP_XMP = 0x08, 0x04


def stripped(name: str, data: bytes, image: Image.Image) -> bytes:
    """`data` is all of the file, `image` what Pillow reads of it; `name` one of `FORMATS`."""
    exif = _evidence(image)
    try:
        return {"jpeg": _jpeg, "png": _png, "webp": _webp}[name](data, exif)
    except (ValueError, IndexError, struct.error):
        out = BytesIO()
        with Image.open(BytesIO(data)) as again:
            again.save(out, name, quality=95, exif=exif)
        return out.getvalue()


def _evidence(image: Image.Image) -> bytes:
    """A block of EXIF with what is kept; empty where there is nothing, or nothing that could be written again."""
    try:
        said, kept = image.getexif(), Image.Exif()
        if Base.Orientation in said:
            kept[Base.Orientation] = said[Base.Orientation]
        for ifd, tags in ((IFD.Exif, _TIME), (IFD.GPSInfo, _PLACE)):
            found = said.get_ifd(ifd)
            if chosen := {int(tag): found[tag] for tag in tags if tag in found}:
                kept.get_ifd(ifd).update(chosen)
        return kept.tobytes() if len(kept) or any(kept.get_ifd(ifd) for ifd in (IFD.Exif, IFD.GPSInfo)) else b""
    except Exception:  # noqa: BLE001 - a broken block makes Pillow raise almost anything
        return b""


def _jpeg(data: bytes, exif: bytes) -> bytes:
    """Segments that decode the picture, its colours, and the block; nothing behind its end."""
    parts = [b"\xff\xd8"]
    for marker, segment in _segments(data):
        if exif and marker != _JPEG_JFIF:  # behind JFIF, which is first where it is there
            parts.append(b"\xff\xe1" + struct.pack(">H", len(exif) + 2) + exif)
            exif = b""
        if marker == _JPEG_JFIF and segment[4:9] == b"JFIF\0":
            parts.append(b"\xff\xe0\x00\x10" + segment[4:16] + b"\x00\x00")  # without its thumbnail
        elif _is_needed(marker, segment):
            parts.append(segment)
    return b"".join(parts)


def _is_needed(marker: int, segment: bytes) -> bool:
    if marker in _JPEG_APP:
        return segment[4:].startswith((b"ICC_PROFILE\0", b"Adobe"))
    return marker != _JPEG_COMMENT


def _segments(data: bytes) -> Iterator[tuple[int, bytes]]:
    """Each marker with its segment, a scan with its pixels, up to the end of the picture. Raises ValueError."""
    at = 2
    while True:
        while data[at : at + 2] == b"\xff\xff":  # fill bytes
            at += 1
        marker, start = data[at + 1], at
        if data[at] != _MARKER or marker in _JPEG_NO_SEGMENT:
            raise ValueError(at)
        if marker == _JPEG_END:
            yield marker, data[at : at + 2]
            return
        at += 2 + struct.unpack_from(">H", data, at + 2)[0]
        if marker == _JPEG_SCAN:
            at = _end_of_scan(data, at)
        yield marker, data[start:at]


def _end_of_scan(data: bytes, at: int) -> int:
    while True:
        at = data.index(b"\xff", at)
        if data[at + 1] != 0 and data[at + 1] not in _JPEG_RESTARTS:
            return at
        at += 2


def _png(data: bytes, exif: bytes) -> bytes:
    parts, at = [_PNG], len(_PNG)
    while True:
        size, kind = struct.unpack_from(">I4s", data, at)
        if kind == b"IDAT" and exif:
            block = b"eXIf" + exif.removeprefix(b"Exif\0\0")
            parts.append(struct.pack(">I", len(block) - 4) + block + struct.pack(">I", zlib.crc32(block)))
            exif = b""
        if kind in _PNG_KEPT:
            parts.append(data[at : at + size + 12])
        if kind == b"IEND":
            return b"".join(parts)
        at += size + 12


def _webp(data: bytes, exif: bytes) -> bytes:
    end = 8 + struct.unpack_from("<I", data, 4)[0]
    parts, at = [], 12
    while at + 8 <= min(end, len(data)):
        kind, size = struct.unpack_from("<4sI", data, at)
        chunk = data[at : at + 8 + size + size % 2]
        if kind == b"VP8X":
            flags = (chunk[8] & ~(_WEBP_EXIF | _WEBP_XMP)) | (_WEBP_EXIF if exif else 0)
            chunk = chunk[:8] + bytes([flags]) + chunk[9:]
        if kind in _WEBP_KEPT:
            parts.append(chunk)
        at += len(chunk)
    if exif and parts[0].startswith(b"VP8X"):
        block = exif.removeprefix(b"Exif\0\0")
        parts.append(struct.pack("<4sI", b"EXIF", len(block)) + block + b"\0" * (len(block) % 2))
    body = b"WEBP" + b"".join(parts)
    return b"RIFF" + struct.pack("<I", len(body)) + body
