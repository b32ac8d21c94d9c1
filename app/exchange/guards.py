"""What is refused of a sheet before anything in it is read: bombs, macros, links to elsewhere, locked files.

Of Word documents: `document_guards.py`.

What a zip says of its sizes is not believed: every entry is unpacked once, in pieces, and counted.
"""

import re
import zipfile
from collections.abc import Iterator
from dataclasses import dataclass, field
from io import BytesIO
from typing import IO

from app.exchange.refusals import Refusal, refused

MOST_BYTES = 20 * 1024 * 1024
"""Of a file as it comes. A sheet of 60,000 rows has 3 MB."""
MOST_SENT = MOST_BYTES + 1024 * 1024
"""Of a request that brings one: so that a file which is somewhat too large is refused in words."""
MOST_UNPACKED = 400 * 1024 * 1024
_MOST_ENTRIES = 3000
_MOST_RATIO = 200  # of what is unpacked to what is packed, beyond the first 10 MB
_HARMLESS = 10 * 1024 * 1024
_CHUNK = 1 << 20
OLE = b"\xd0\xcf\x11\xe0"  # .xls and .doc, and newer ones with a password

_SHEET = re.compile(r"xl/worksheets/sheet([0-9]+)\.xml")
_ROW_TAG = re.compile(rb"<row\b[^>]*>")
_HIDDEN = re.compile(rb'\bhidden="(?:1|true)"')
_NUMBER = re.compile(rb'\br="([0-9]+)"')
_CELL = re.compile(rb'<c\b[^>]*\br="([A-Z]{1,3}[0-9]+)"[^>]*>\s*<f\b')
_MACROS = re.compile(rb"macroEnabled|vbaProject|macrosheet", re.IGNORECASE)  # whatever the part is called
_OVERLAP = 400  # bytes: no tag that is looked for is longer


@dataclass(slots=True)
class Looked:
    """What a workbook's own XML says that its reader does not: hidden rows and formulas by number of the sheet."""

    hidden: dict[int, list[int]] = field(default_factory=dict)
    formulas: dict[int, list[str]] = field(default_factory=dict)
    since_1904: bool = False


def look(data: bytes) -> Looked:
    """Raises `Refusal` for what nobody should open."""
    if len(data) > MOST_BYTES:
        raise refused("too_large", most=MOST_BYTES // 1024 // 1024)
    if data.startswith(OLE):
        _look_into_ole(data)
        return Looked()
    if not zipfile.is_zipfile(BytesIO(data)):
        return Looked()
    with zipfile.ZipFile(BytesIO(data)) as archive:
        return _look_into(archive)


def unpacked(archive: zipfile.ZipFile) -> Iterator[tuple[zipfile.ZipInfo, IO[bytes]]]:
    """Each entry, to be read in pieces. Raises `Refusal` for too many, for locked ones, and for what is a bomb."""
    entries = archive.infolist()
    if len(entries) > _MOST_ENTRIES:
        raise refused("bomb")
    if any(entry.flag_bits & 1 for entry in entries):
        raise refused("locked")
    if sum(entry.file_size for entry in entries) > MOST_UNPACKED:
        raise refused("bomb")
    for entry in entries:
        with archive.open(entry) as file:
            yield entry, file


def pieces(entry: zipfile.ZipInfo, file: IO[bytes]) -> Iterator[bytes]:
    """An entry's content. Raises `Refusal` when there is more of it than any honest file holds."""
    read = 0
    while piece := file.read(_CHUNK):
        read += len(piece)
        if read > MOST_UNPACKED or (read > _HARMLESS and read > _MOST_RATIO * max(entry.compress_size, 1)):
            raise refused("bomb")
        yield piece


def _look_into(archive: zipfile.ZipFile) -> Looked:
    looked, total = Looked(), 0
    try:
        for entry, file in unpacked(archive):
            name = entry.filename
            if name.lower().endswith("vbaproject.bin") or "/macrosheets/" in name.lower():
                raise refused("macro")
            if "/externalLinks/" in name:
                raise refused("external_link")
            sheet = _SHEET.fullmatch(name)
            before = b""
            for piece in pieces(entry, file):
                total += len(piece)
                if total > MOST_UNPACKED:
                    raise refused("bomb")
                if sheet:
                    _look_at(before + piece, int(sheet[1]), looked, len(before))
                    before = piece[-_OVERLAP:]
                elif name == "[Content_Types].xml" and _MACROS.search(piece):
                    raise refused("macro")
                elif name == "xl/workbook.xml":
                    looked.since_1904 |= bool(re.search(rb'date1904="(?:1|true)"', piece))
    except (zipfile.BadZipFile, EOFError, ValueError, NotImplementedError, RuntimeError) as error:
        raise refused("unreadable") from error
    return looked


def _look_at(xml: bytes, sheet: int, looked: Looked, seen: int) -> None:
    """What ends within the first `seen` bytes was told before."""
    for tag in _ROW_TAG.finditer(xml):
        number = _NUMBER.search(tag[0])
        if tag.end() > seen and number and _HIDDEN.search(tag[0]):
            looked.hidden.setdefault(sheet, []).append(int(number[1]))
    for cell in _CELL.finditer(xml):
        if cell.end() > seen:
            looked.formulas.setdefault(sheet, []).append(cell[1].decode())


def _look_into_ole(data: bytes) -> None:
    """Names in the directory of an OLE file are UTF-16."""
    for name, code in (("EncryptedPackage", "locked"), ("_VBA_PROJECT", "macro")):
        if name.encode("utf-16le") in data:
            raise refused(code)


__all__ = ["MOST_BYTES", "MOST_SENT", "MOST_UNPACKED", "OLE", "Looked", "Refusal", "look", "pieces", "unpacked"]
