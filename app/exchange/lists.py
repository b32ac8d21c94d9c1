"""Writes lists of any length as .xlsx or CSV into a file, a page at a time: memory does not grow with the list.

Nothing that somebody typed becomes a formula: in .xlsx text is written as text, in CSV a sign that begins one is
preceded by an apostrophe (OWASP, CSV injection). Numbers stay numbers, and codes and phone numbers texts.
"""

import csv
import re
from collections.abc import Iterable, Sequence
from datetime import date, datetime
from pathlib import Path
from types import TracebackType
from typing import Self

import xlsxwriter

Value = str | int | float | bool | date | datetime | None
_BEGINS_FORMULA = re.compile(r"[\s]*[=+\-@＝＋－＠\t\r]")
_BOM = "\ufeff"  # without it Excel takes UTF-8 for the system's own encoding
_WIDEST = 40


class CsvFile:
    """Rows of a CSV, as Excel in China opens it."""

    def __init__(self, path: Path, headings: Sequence[str]) -> None:
        self._file = path.open("w", encoding="utf-8", newline="")
        self._file.write(_BOM)
        self._writer = csv.writer(self._file)
        self._writer.writerow(map(_in_csv, headings))

    def write(self, rows: Iterable[Sequence[Value]]) -> None:
        self._writer.writerows([_in_csv(value) for value in row] for row in rows)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._file.close()


class XlsxFile:
    """Rows of an .xlsx with fixed headings and filters, and a page that says what the list is."""

    def __init__(self, path: Path, headings: Sequence[str], name: str, about: Sequence[tuple[str, str]]) -> None:
        self._book = xlsxwriter.Workbook(
            path, {"constant_memory": True, "strings_to_formulas": False, "strings_to_urls": False}
        )
        self._about = about
        head = self._book.add_format({"bold": True, "bg_color": "#E3EAEF", "border": 1})
        self._moment = self._book.add_format({"num_format": "yyyy-mm-dd hh:mm"})
        self._day = self._book.add_format({"num_format": "yyyy-mm-dd"})
        self._sheet = self._book.add_worksheet(name[:31])
        self._sheet.freeze_panes(1, 0)
        for place, heading in enumerate(headings):
            self._sheet.set_column(place, place, min(max(10, 2 * len(heading) + 4), _WIDEST))
        self._sheet.write_row(0, 0, headings, head)
        self._columns, self._next = len(headings), 1

    def write(self, rows: Iterable[Sequence[Value]]) -> None:
        for row in rows:
            for place, value in enumerate(row):
                self._cell(place, value)
            self._next += 1

    def _cell(self, place: int, value: Value) -> None:
        if isinstance(value, bool) or value is None:
            if value is not None:
                self._sheet.write_boolean(self._next, place, value)
        elif isinstance(value, int | float):
            self._sheet.write_number(self._next, place, value)
        elif isinstance(value, datetime):
            self._sheet.write_datetime(self._next, place, value.replace(tzinfo=None), self._moment)
        elif isinstance(value, date):
            self._sheet.write_datetime(self._next, place, value, self._day)
        else:
            self._sheet.write_string(self._next, place, value)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._sheet.autofilter(0, 0, max(self._next - 1, 1), self._columns - 1)
        about = self._book.add_worksheet("说明")
        about.set_column(0, 0, 14)
        about.set_column(1, 1, 60)
        for number, line in enumerate(self._about):
            about.write_row(number, 0, line)
        self._book.close()


def _in_csv(value: Value) -> object:
    if isinstance(value, datetime):
        return value.strftime("%Y-%m-%d %H:%M")
    if isinstance(value, str) and _BEGINS_FORMULA.match(value):
        return f"'{value}"
    return value
