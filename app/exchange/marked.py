"""The county's own sheet comes back with what is wrong written at each row, to be mended and sent again as it is.

The whole of it comes back, not the rows at fault alone: an import takes all of a file or nothing.
"""

import re
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, time
from io import BytesIO

import xlsxwriter
from xlsxwriter.format import Format
from xlsxwriter.worksheet import Worksheet

from app.exchange.tables import HEADINGS_WITHIN, PROBLEM
from app.exchange.workbooks import Sheet, Value
from app.kernel.language import Language

_WIDEST = 60
_LONGEST_NAME = 31
_NOT_IN_NAMES = re.compile(r"[\[\]:*?/\\\x00-\x1f]")


@dataclass(frozen=True, slots=True)
class Fault:
    """What is wrong in a row, at the column of this heading if at any."""

    sheet: str
    row: int
    column: str | None
    said: str


def marked(sheets: Sequence[Sheet], faults: Sequence[Fault], language: Language) -> bytes:
    """An .xlsx with the same rows at the same places; cells at fault are coloured and say why."""
    made = BytesIO()
    options = {"in_memory": True, "strings_to_formulas": False, "strings_to_urls": False}
    # Plain numbers count days as they did.
    book = xlsxwriter.Workbook(made, {**options, "date_1904": any(sheet.since_1904 for sheet in sheets)})
    pens, taken = _Pens(book), set[str]()
    for sheet in sheets:
        _write(
            book.add_worksheet(_name(sheet.name, taken)),
            sheet,
            [f for f in faults if f.sheet == sheet.name],
            pens,
            language,
        )
    book.close()
    return made.getvalue()


def _name(name: str, taken: set[str]) -> str:
    """A name that Excel lets a sheet have, and no other sheet has yet."""
    allowed = _NOT_IN_NAMES.sub("_", name).strip("'")[:_LONGEST_NAME]
    number = 1
    while not allowed or allowed.lower() in taken:
        number += 1
        allowed = f"{allowed[: _LONGEST_NAME - 4]}_{number}"
    taken.add(allowed.lower())
    return allowed


class _Pens:
    """Formats by what is in a cell, and whether it is at fault. Text stays text, which loses no digits."""

    def __init__(self, book: xlsxwriter.Workbook) -> None:
        colours: dict[bool, dict[str, str]] = {False: {}, True: {"bg_color": "#F8D7D3"}}
        forms = {date: "yyyy-mm-dd", datetime: "yyyy-mm-dd hh:mm", time: "hh:mm", str: "@"}
        self._formats: dict[tuple[type, bool], Format] = {
            (kind, wrong): book.add_format({"num_format": form, **colour})
            for kind, form in forms.items()
            for wrong, colour in colours.items()
        }
        self._others = {wrong: book.add_format(colour) for wrong, colour in colours.items()}
        self.said = book.add_format({"font_color": "#A1260D"})

    def of(self, value: Value, wrong: bool) -> Format:
        return self._formats.get((type(value), wrong), self._others[wrong])


def _write(paper: Worksheet, sheet: Sheet, faults: Sequence[Fault], pens: _Pens, language: Language) -> None:
    places, at = _headings(sheet, {fault.column for fault in faults if fault.column})
    own = {PROBLEM.zh, PROBLEM.en}
    last = max(map(len, sheet.rows), default=0)
    column = next((place for place, value in enumerate(sheet.rows[at]) if value in own), last)
    said: defaultdict[int, list[str]] = defaultdict(list)
    cells: defaultdict[tuple[int, int], list[str]] = defaultdict(list)
    for fault in faults:
        said[fault.row].append(f"{fault.column}：{fault.said}" if fault.column else fault.said)
        if fault.column in places:
            cells[fault.row, places[fault.column]].append(fault.said)
    for number, row in enumerate(sheet.rows, 1):
        for place, value in enumerate(row):
            if place != column:
                _cell(paper, number - 1, place, value, pens.of(value, (number, place) in cells))
    for (number, place), why in cells.items():
        if place >= len(sheet.rows[number - 1]) or sheet.rows[number - 1][place] is None:
            paper.write_blank(number - 1, place, None, pens.of(None, True))
        paper.write_comment(number - 1, place, "\n".join(why))
    paper.set_column(column, column, _WIDEST)
    paper.write_string(at, column, PROBLEM.say(language), pens.said)
    for number, why in said.items():
        paper.write_string(number - 1, column, "；".join(why), pens.said)


def _headings(sheet: Sheet, named: set[str]) -> tuple[dict[str | None, int], int]:
    """Where these headings stand: their columns, and the row that has most of them."""
    at = max(range(min(len(sheet.rows), HEADINGS_WITHIN)), key=lambda at: len(named & _texts(sheet.rows[at])))
    return {str(value): place for place, value in reversed(list(enumerate(sheet.rows[at])))}, at


def _texts(row: Sequence[Value]) -> set[str]:
    return {value for value in row if isinstance(value, str)}


def _cell(paper: Worksheet, row: int, place: int, value: Value, pen: Format) -> None:
    if isinstance(value, bool):
        paper.write_boolean(row, place, value, pen)
    elif isinstance(value, datetime | date | time):
        paper.write_datetime(row, place, value, pen)
    elif isinstance(value, float | int):
        paper.write_number(row, place, value, pen)
    elif value is not None:
        paper.write_string(row, place, value, pen)
