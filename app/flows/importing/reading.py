"""What every kind of sheet is read with: the changes in the making, faults at cells, what a cell means."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date
from typing import Any, TypeVar
from uuid import UUID

from app.directory.changes import TABLES, Changes
from app.directory.rows import Assignment, Unit, Village
from app.exchange.cells import Bad
from app.exchange.tables import Finding, Row
from app.flows.importing.lookup import Lookup
from app.flows.importing.missing import Compared, Ending, Lasting, Missing
from app.kernel.ids import new_id
from app.kernel.language import Text
from app.kernel.problems import FieldError

_OF = Text("不在文件里的{left_out}：", "{left_out}, who is not in the file: ")
OTHER_NAME = Text("这个手机号（工号）登记的是{name}，不是{written}", "The number is {name}'s, not {written}'s")
_TWICE = Text("与第 {row} 行是同一个", "The same as row {row}")

# Which column of a file a field of the directory comes from, where they are not named alike.
_COLUMN_OF = {
    "person_id": "person",
    "village_id": "village",
    "unit_id": "unit",
    "department_id": "department",
    "household_id": "household",
    "township_id": "township",
    "parent_id": "parent",
    "position": "lon",
    "id": "code",
}
K = TypeVar("K")


@dataclass(slots=True)
class Built:
    """Changes, which rows of the file they came from, and what is wrong with the rest."""

    rows: dict[str, list[Any]] = field(default_factory=lambda: {table: [] for table in TABLES})
    origins: dict[tuple[str, int], Row] = field(default_factory=dict)
    problems: list[Finding] = field(default_factory=list)
    compared: Compared = field(default_factory=Compared)
    ended: dict[tuple[str, int], str] = field(default_factory=dict)  # names of what no row of the file is about

    @property
    def changes(self) -> Changes:
        return Changes(**self.rows)

    def add(self, table: str, made: object, row: Row) -> None:
        self.origins[table, len(self.rows[table])] = row
        self.rows[table].append(made)

    def finding(self, error: FieldError) -> Finding:
        """A fault of the changes, at the cell that it came from; of what no row is about, of the whole file."""
        _, table, number, name = [*error.pointer.split("/"), ""][:4]
        row = self.origins.get((table, int(number)))
        if row:
            return row.finding(_COLUMN_OF.get(name, name), error.code, error.text, **error.values)
        left_out = self.ended[table, int(number)]
        said = Text(_OF.zh + error.text.zh, _OF.en + error.text.en)
        return Finding("", None, None, error.code, said, {**error.values, "left_out": left_out})

    def compare(self, found: Iterable[Missing], ending: Ending | None, among: Text, whole: Unit | None) -> None:
        """What the file leaves out; where the office asks for it, it ends."""
        ordered = sorted(found, key=lambda each: (each.about, each.name))
        left_out = [each.under(ending) for each in ordered] if ending else ordered
        self.compared = Compared(left_out, among, whole, ending)
        for each in left_out:
            if ending and each.ends:
                self.ended[each.table, len(self.rows[each.table])] = each.name
                self.rows[each.table].append(replace(each.row, until_date=ending.from_date))


@dataclass(frozen=True, slots=True)
class Asked:
    """How a file is to be read: the county's day, who imports it, its system of coordinates, what is to end."""

    today: date
    by: UUID
    crs: str = "wgs84"
    ending: Ending | None = None


class BadCell(Exception):  # noqa: N818
    """What is wrong with the cell in the column `key` of a row."""

    def __init__(self, key: str, bad: Bad) -> None:
        super().__init__(key)
        self.key = key
        self.bad = bad


class Reader:
    """Of one kind. `take` adds what a row means, or raises what is wrong with one of its cells."""

    def __init__(self, lookup: Lookup, asked: Asked, built: Built) -> None:
        self.lookup = lookup
        self.asked = asked
        self.built = built
        self._first: dict[object, int] = {}
        self.references: Mapping[str, Callable[[Row], object]] = {
            "village": self.village,
            "unit": lambda row: self.of(row, "unit", lookup.unit),
            "department": lambda row: self.of(row, "department", lookup.unit),
            "person": lambda row: self.of(row, "person", lookup.person),
            "household": lambda row: self.of(row, "household", lookup.household),
        }

    def in_order(self, rows: Sequence[Row]) -> Sequence[Row]:
        return rows

    def take(self, row: Row) -> None:
        raise NotImplementedError

    def compare(self) -> None:
        """What is there and was not in the file."""

    def once(self, row: Row, key: str, what: object) -> None:
        first = self._first.setdefault(what, row.number)
        if first != row.number:
            raise BadCell(key, Bad("twice", _TWICE, row=first))

    def of(self, row: Row, key: str, find: Callable[[str], K]) -> K:
        """What a cell means; what is wrong is said there."""
        try:
            return find(str(row.get(key)))
        except Bad as bad:
            raise BadCell(key, bad) from None

    def village(self, row: Row) -> Village:
        township = row.get("township")
        named = None if township is None else str(township)
        return self.of(row, "village", lambda written: self.lookup.village(written, named))

    def days(self, row: Row, was: Any = None) -> dict[str, date | None]:
        """From and until: what is blank stays as it was, else is today, and for good."""
        begun = row.get("from_date") or (was.from_date if was else self.asked.today)
        until = row.get("until_date") or (was.until_date if was else None)
        return {"from_date": begun, "until_date": until}  # type: ignore[dict-item]

    def lasts(self, row: Lasting) -> bool:
        """Whether it goes on after today."""
        return row.until_date is None or row.until_date > self.asked.today

    def named(self, table: str) -> set[object]:
        """What rows of the file are about, by id."""
        return {row.id for row in self.built.rows[table]}


_Key = tuple[UUID, str, UUID | None]


def open_assignments(rows: Sequence[Assignment]) -> dict[_Key, Assignment]:
    """Those that have not ended, by what they are about."""
    return {(row.person_id, row.village_id, row.household_id): row for row in rows if row.until_date is None}


def answer(
    person_id: UUID,
    village_id: str,
    household_id: UUID | None,
    known: Mapping[_Key, Assignment],
    days: Mapping[str, date | None],
    until: object = None,
) -> Assignment:
    """The one that is open goes on as it is, or ends; else one begins."""
    was = known.get((person_id, village_id, household_id))
    if was:
        return replace(was, until_date=until) if isinstance(until, date) else was
    return Assignment(new_id(), person_id, village_id, household_id, **days)  # type: ignore[arg-type]
