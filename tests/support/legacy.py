"""Writes .xls as offices still send it: Excel 97's records (BIFF8) in a compound file."""

import struct
from collections.abc import Sequence

_SECTOR = 512
_FREE, _END, _FAT = 0xFFFFFFFF, 0xFFFFFFFE, 0xFFFFFFFD
_GLOBALS, _WORKSHEET = 0x0005, 0x0010


def xls(*rows: Sequence[str | float], name: str = "Sheet1") -> bytes:
    """A workbook of one sheet; empty text is no cell."""
    title = name.encode("utf-16-le")
    sheet = _begin(_WORKSHEET) + b"".join(
        _cell(at, place, value) for at, row in enumerate(rows) for place, value in enumerate(row) if value != ""
    )
    sheet += _record(0x000A)
    begin = _begin(_GLOBALS)
    about = struct.pack("<HBB", 0, len(name), 1) + title
    where = len(begin) + 4 + 4 + len(about) + 4  # behind BOF, this record and EOF
    book = begin + _record(0x0085, struct.pack("<I", where) + about) + _record(0x000A)
    return _compound(book + sheet)


def _record(kind: int, data: bytes = b"") -> bytes:
    return struct.pack("<HH", kind, len(data)) + data


def _begin(kind: int) -> bytes:
    return _record(0x0809, struct.pack("<HHHHII", 0x0600, kind, 0x0DBB, 1996, 0, 6))


def _cell(row: int, column: int, value: str | float) -> bytes:
    at = struct.pack("<HHH", row, column, 0)
    if isinstance(value, str):
        return _record(0x0204, at + struct.pack("<HB", len(value), 1) + value.encode("utf-16-le"))
    return _record(0x0203, at + struct.pack("<d", value))


def _compound(stream: bytes) -> bytes:
    """One stream, named Workbook: sector 0 is the table of sectors, 1 the directory, the stream what follows."""
    stream = stream.ljust(4096, b"\0")  # smaller ones would go elsewhere
    count = -(-len(stream) // _SECTOR)
    chain = [_FAT, _END, *range(3, 2 + count), _END]
    table = struct.pack("<128I", *chain, *[_FREE] * (128 - len(chain)))
    head = bytes.fromhex("d0cf11e0a1b11ae1") + bytes(16)
    head += struct.pack("<HHHHH6x", 0x3E, 3, 0xFFFE, 9, 6)
    head += struct.pack("<IIIIIIIIII", 0, 1, 1, 0, 4096, _END, 0, _END, 0, 0) + struct.pack("<I", _FREE) * 108
    directory = _entry("Root Entry", 5, _END, 0, child=1) + _entry("Workbook", 2, 2, len(stream))
    return head + table + directory.ljust(_SECTOR, b"\0") + stream.ljust(count * _SECTOR, b"\0")


def _entry(name: str, kind: int, start: int, size: int, child: int = _FREE) -> bytes:
    written = (name + "\0").encode("utf-16-le")
    links = struct.pack("<BBIII", kind, 1, _FREE, _FREE, child)
    return (
        written.ljust(64, b"\0")
        + struct.pack("<H", len(written))
        + links
        + bytes(36)
        + struct.pack("<IQ", start, size)
    )
