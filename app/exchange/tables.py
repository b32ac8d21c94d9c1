"""A table in a sheet: which row holds the headings, which column is what, and its rows with what is wrong in them.

Headings are found by what they say, never by where they stand: offices put titles above them and columns between.
"""

import re
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import cast

from app.exchange.cells import Bad, as_clock, as_day, as_text
from app.exchange.refusals import refused
from app.exchange.workbooks import Sheet, Value
from app.kernel.language import Language, Text

HEADINGS_WITHIN = 20  # rows
PROBLEM = Text("问题", "Problem")
"""The heading of the column in which a sheet comes back with what is wrong; it is no column of the county's."""
_NOISE = re.compile(r"[\s*＊:：()（）【】\[\]_/、-]|必填|选填")
_MISSING = Text("必须填写", "This must be filled in")
_FORMULA = Text(
    "这里是公式，数值可能不是最新的。请复制后“选择性粘贴→数值”",
    "A formula, whose value may be old. Copy it, and paste it as values",
)
_UNKNOWN_COLUMN = Text(
    "不认识的列，没有读取：{heading}", "A column that is not known, and was left out: {heading}"
)
_HIDDEN = Text("有 {count} 行是隐藏的，也读取了", "{count} rows are hidden; they were read too")


@dataclass(frozen=True, slots=True)
class Column:
    """`read` makes of a cell what it stands for, or raises `Bad`. `names` are headings that mean the same."""

    key: str
    heading: Text
    meaning: Text
    read: Callable[[Value], object] = as_text
    required: bool = False
    names: tuple[str, ...] = ()
    examples: tuple[str, ...] = ()
    choices: tuple[str, ...] = ()  # what the template's drop-down offers


@dataclass(frozen=True, slots=True)
class Finding:
    """What is wrong, or worth saying, at a cell; without a column, of the row; without a row, of the sheet."""

    sheet: str
    row: int | None
    column: str | None  # the heading
    code: str
    text: Text
    values: Mapping[str, object] = field(default_factory=dict)

    def as_dict(self, language: Language) -> dict[str, object]:
        said = self.text.say(language, **self.values)
        return {"sheet": self.sheet, "row": self.row, "column": self.column, "code": self.code, "detail": said}


@dataclass(frozen=True, slots=True)
class Row:
    """A row of the table; what was blank or could not be read is not among its values."""

    sheet: str
    number: int  # as the sheet counts them
    values: Mapping[str, object]
    headings: Mapping[str, str]  # of the columns, by key

    def get(self, key: str) -> object:
        return self.values.get(key)

    def finding(self, key: str | None, code: str, text: Text, **values: object) -> Finding:
        return Finding(self.sheet, self.number, self.headings.get(key or "", key), code, text, values)


@dataclass(frozen=True, slots=True)
class Table:
    """All of a file's rows of one kind, what cannot be, and what is only told."""

    rows: list[Row]
    problems: list[Finding]
    notes: list[Finding]
    headings: dict[str, str]  # column key -> as the file says it
    unknown: list[str]  # headings that mean nothing to us


def tables(
    sheets: Sequence[Sheet],
    columns: Sequence[Column],
    mapped: Mapping[str, str],
    needed: Collection[str] | None = None,
) -> Table:
    """The rows of every sheet that has the headings. `mapped`: a heading of the office's own -> the column's key.

    `needed`: keys of the columns by which a sheet is known; None: those that are required.

    Raises `Refusal` where no sheet has them.
    """
    found = Table([], [], [], {}, [])
    known = _spelt(columns) | {plain(heading): key for heading, key in mapped.items()}
    required = {column.key for column in columns if column.required} if needed is None else set(needed)
    for sheet in sheets:
        at = _heading_row(sheet, known, required)
        if at is not None:
            _read(sheet, at, columns, known, found)
    if not found.headings:
        wanted = "、".join(column.heading.zh for column in columns if column.key in required)
        raise refused("no_headings", wanted=wanted)
    return found


def headings(sheets: Sequence[Sheet]) -> list[str]:
    """What may be headings, where none were recognised: the fullest of the first rows."""
    rows = [row for sheet in sheets for row in sheet.rows[:HEADINGS_WITHIN]]
    fullest = max(rows, key=lambda row: len({value for value in row if isinstance(value, str)}), default=[])
    return [value for value in fullest if isinstance(value, str)]


def _spelt(columns: Sequence[Column]) -> dict[str, str]:
    return {
        plain(name): column.key
        for column in columns
        for name in (column.key, column.heading.zh, column.heading.en, *column.names)
    }


def plain(heading: object) -> str:
    """A heading without spaces, stars and brackets: two that are alike are one."""
    return _NOISE.sub("", as_text(heading) if isinstance(heading, str) else "").casefold()


def _heading_row(sheet: Sheet, known: Mapping[str, str], required: set[str]) -> int | None:
    best: tuple[int, int] | None = None
    for at, row in enumerate(sheet.rows[:HEADINGS_WITHIN]):
        keys = {known[name] for value in row if (name := plain(value)) in known}
        if required <= keys and (best is None or len(keys) > best[0]):
            best = len(keys), at
    return best[1] if best else None


def _read(sheet: Sheet, at: int, columns: Sequence[Column], known: Mapping[str, str], found: Table) -> None:
    places: dict[str, int] = {}
    for place, value in enumerate(sheet.rows[at]):
        key = known.get(plain(value))
        if key and key not in places:
            places[key] = place
            found.headings[key] = str(value)
        elif isinstance(value, str) and not key and value not in (PROBLEM.zh, PROBLEM.en):
            found.unknown.append(value)
            about = sheet.name, at + sheet.first, value, "unknown_column", _UNKNOWN_COLUMN
            found.notes.append(Finding(*about, {"heading": value}))
    if sheet.hidden:
        count = {"count": len(sheet.hidden)}
        found.notes.append(Finding(sheet.name, None, None, "hidden_rows", _HIDDEN, count))
    said = {key: str(sheet.rows[at][place]) for key, place in places.items()}
    reading = _Reading(sheet, {column.key: column for column in columns}, places, said)
    for number, cells in enumerate(sheet.rows[at + 1 :], at + 1 + sheet.first):
        row, problems = reading.row(number, cells)
        if row:
            found.rows.append(row)
            found.problems.extend(problems)


class _Reading:
    """Reads the rows below the headings of one sheet."""

    def __init__(
        self, sheet: Sheet, columns: Mapping[str, Column], places: Mapping[str, int], said: Mapping[str, str]
    ) -> None:
        self._sheet = sheet
        self._columns = columns
        self._places = places
        self._said = said
        self._formulas = frozenset(sheet.formulas)
        self._required = [key for key, column in columns.items() if column.required]

    def row(self, number: int, cells: Sequence[Value]) -> tuple[Row | None, list[Finding]]:
        """No row where there is nothing, or where the headings stand once more, as on a new page."""
        filled = {
            key: cells[place]
            for key, place in self._places.items()
            if place < len(cells) and cells[place] is not None
        }
        if not filled or all(cell == self._said[key] for key, cell in filled.items()):
            return None, []
        values: dict[str, object] = {}
        row = Row(self._sheet.name, number, values, self._said)
        problems = []
        for key, cell in filled.items():
            try:
                values[key] = self._value(key, number, cell)
            except Bad as bad:
                problems.append(row.finding(key, bad.code, bad.text, **bad.values))
        problems += [row.finding(key, "missing", _MISSING) for key in self._required if key not in filled]
        return row, problems

    def _value(self, key: str, number: int, cell: Value) -> object:
        if self._formulas and f"{_letters(self._places[key])}{number}" in self._formulas:
            raise Bad("formula", _FORMULA)
        read = self._columns[key].read
        if read is as_day or read is as_clock:
            return read(cell, since_1904=self._sheet.since_1904)
        return read(cell)


def _letters(place: int) -> str:
    """0 is A, 26 is AA."""
    letters = ""
    place += 1
    while place:
        place, rest = divmod(place - 1, 26)
        letters = chr(65 + rest) + letters
    return letters


def day(row: Row, key: str) -> date:
    """Of a column that must be filled in, and is read as a date."""
    return cast("date", row.get(key))
