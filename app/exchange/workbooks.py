"""Reads sheets: .xlsx, .xls, .ods, .csv. What comes is rows of plain values, each at its address.

Files come from anywhere, so they are parsed in a process of their own (`apart.py`), which may use so much memory
and time and no more; this module is what runs there.
"""

import csv
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta
from io import BytesIO, StringIO
from math import isfinite

import python_calamine

from app.exchange.guards import look
from app.exchange.refusals import refused

Value = str | float | bool | date | datetime | time | None
MOST_ROWS = 200_000
MOST_COLUMNS = 200
_UTF8, _CHINESE = "utf-8-sig", "gb18030"  # never GBK: it has no signs for rare names of villages
_DELIMITERS = ",\t;|"


@dataclass(frozen=True, slots=True)
class Sheet:
    """`rows[0][0]` is A1. Merged cells all hold what their first one holds."""

    name: str
    rows: list[list[Value]]
    hidden: list[int] = field(default_factory=list)  # numbers of rows, from 1
    formulas: list[str] = field(default_factory=list)  # addresses of cells
    since_1904: bool = False  # how plain numbers count days
    first: int = 1  # the number of its first row


def read(data: bytes, file_name: str) -> list[Sheet]:
    """The sheets that hold anything. Raises `Refusal`."""
    looked = look(data)
    if not data.strip():
        raise refused("unreadable")
    if file_name.lower().endswith((".csv", ".tsv", ".txt")):
        return [_text_table(data)]
    try:
        book = python_calamine.CalamineWorkbook.from_filelike(BytesIO(data))
        sheets = []
        for number, about in enumerate(book.sheets_metadata):
            if about.typ != python_calamine.SheetTypeEnum.WorkSheet:
                continue
            sheet = book.get_sheet_by_index(number)
            if sheet.total_height > MOST_ROWS or sheet.total_width > MOST_COLUMNS * 10:
                raise refused("too_many_rows", most=MOST_ROWS)
            rows = [
                [_plain(value) for value in row[:MOST_COLUMNS]] for row in sheet.to_python(skip_empty_area=False)
            ]
            _fill_merged(rows, sheet.merged_cell_ranges or [])
            sheets.append(
                Sheet(
                    about.name,
                    _trimmed(rows),
                    looked.hidden.get(number + 1, []),
                    looked.formulas.get(number + 1, []),
                    looked.since_1904,
                )
            )
    except python_calamine.PasswordError as error:
        raise refused("locked") from error
    except (python_calamine.CalamineError, ValueError, OSError) as error:
        raise refused("unreadable") from error
    filled = [sheet for sheet in sheets if sheet.rows]
    if not filled:
        raise refused("unreadable")
    return filled


def decoded(data: bytes) -> str:
    """Text as UTF-8 where it is that, else as GB18030. Raises `Refusal`."""
    if data.startswith((b"\xff\xfe", b"\xfe\xff")):
        return data.decode("utf-16")
    for encoding in (_UTF8, _CHINESE):
        try:
            return data.decode(encoding)
        except UnicodeDecodeError:
            continue
    raise refused("encoding")


def _text_table(data: bytes) -> Sheet:
    written = decoded(data)
    if "\x00" in written:
        raise refused("unreadable")
    first = written[:4096]
    delimiter = max(_DELIMITERS, key=first.count)
    rows: list[list[Value]] = []
    try:
        for row in csv.reader(StringIO(written, newline=""), delimiter=delimiter):
            if len(rows) >= MOST_ROWS:
                raise refused("too_many_rows", most=MOST_ROWS)
            rows.append([_plain(value) for value in row[:MOST_COLUMNS]])
    except csv.Error as error:
        raise refused("unreadable") from error
    return Sheet("", _trimmed(rows))


def _plain(value: object) -> Value:
    if isinstance(value, str):
        return value.strip() or None
    if isinstance(value, timedelta):
        return value.total_seconds() / 86_400  # a time past midnight, as sheets count
    if isinstance(value, float) and not isfinite(value):
        return str(value)  # which is no number, and is told at its cell
    return value  # type: ignore[return-value]


def _fill_merged(rows: list[list[Value]], ranges: list[tuple[tuple[int, int], tuple[int, int]]]) -> None:
    for (top, left), (bottom, right) in ranges:
        if top >= len(rows) or left >= len(rows[top]):
            continue
        value = rows[top][left]
        for row in rows[top : bottom + 1]:
            for column in range(left, min(right + 1, len(row))):
                row[column] = value


def _trimmed(rows: list[list[Value]]) -> list[list[Value]]:
    """Without the empty rows at the end, of which a sheet may have a million."""
    end = len(rows)
    while end and not any(value is not None for value in rows[end - 1]):
        end -= 1
    return rows[:end]
