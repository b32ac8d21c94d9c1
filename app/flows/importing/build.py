"""Rows of a file become changes of the directory: what is known is changed, the rest is new.

Each row of the changes remembers the row of the file that it came from, so that whatever is wrong with it later is
said at its cell.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date
from typing import Any, TypeVar
from uuid import UUID

import numpy as np
import shapely
from shapely import Point

from app.directory.changes import TABLES, Changes
from app.directory.phone_numbers import phone_number
from app.directory.rows import Assignment, Household, Person, Post, Township, Unit, Village
from app.directory.words import UnitLevel, usual_role
from app.exchange.cells import Bad
from app.exchange.tables import Finding, Row
from app.flows.importing.columns import ImportKind
from app.flows.importing.lookup import Lookup
from app.geo import coordinates
from app.kernel.ids import new_id
from app.kernel.language import Text
from app.kernel.problems import FieldError

_TWICE = Text("与第 {row} 行是同一个", "The same as row {row}")
_OTHER_NAME = Text("这个手机号（工号）登记的是{name}，不是{written}", "The number is {name}'s, not {written}'s")
_TWO_PEOPLE = Text(
    "手机号是{phone}的，工号是{number}的，请核对", "The phone number is {phone}'s and the number {number}'s; check"
)
_HALF = Text("经度和纬度要一起填", "Longitude and latitude go together")
_WHOSE = Text(
    "这个手机号登记的是{name}，不是{written}。如果改了姓名，请先在花名册改；如果号码给了别人，请先让{name}离任或换号",
    "The number is {name}'s, not {written}'s. Where the name has changed, correct it in the roster first; where the"
    " number has passed on, end {name}'s service or change their number first",
)
_HAS_LEFT = Text(
    "{name}已于 {until} 离任。回来任职的，请填开始日期",
    "{name} left on {until}. For who has come back, give the date from which",
)
_ELSEWHERE = Text("这一户在{village}，不在所填的村", "The household is in {village}")
_NO_TOWNSHIP = Text("还没有这个乡镇，请填乡镇名称", "The township is not known yet; give its name")
_TOWNSHIP_LENGTH = 9
_USUAL_RADIUS = 300.0

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
    gone: int = 0  # that are there and not in the file
    gone_named: list[str] = field(default_factory=list)

    @property
    def changes(self) -> Changes:
        return Changes(**self.rows)

    def add(self, table: str, made: object, row: Row) -> None:
        self.origins[table, len(self.rows[table])] = row
        self.rows[table].append(made)

    def finding(self, error: FieldError) -> Finding:
        """A fault of the changes, at the cell that it came from."""
        _, table, number, name = [*error.pointer.split("/"), ""][:4]
        row = self.origins[table, int(number)]
        return row.finding(_COLUMN_OF.get(name, name), error.code, error.text, **error.values)


@dataclass(frozen=True, slots=True)
class Asked:
    """How a file is to be read: the county's day, and the system of its coordinates."""

    today: date
    crs: str = "wgs84"


def build(
    kind: ImportKind, rows: Sequence[Row], lookup: Lookup, asked: Asked, broken: Sequence[Row] = ()
) -> Built:
    """The changes that the rows mean. Rows in which something is wrong are left out, and said.

    `broken` rows have cells that cannot be read: what they name is looked up all the same, so that all is said.
    """
    built = Built()
    reader = _READERS[kind](lookup, asked, built)
    for row in reader.in_order(rows):
        try:
            reader.take(row)
        except _BadCell as bad:
            built.problems.append(row.finding(bad.key, bad.bad.code, bad.bad.text, **bad.bad.values))
    for row in broken:
        for key, find in reader.references.items():
            try:
                if row.get(key):
                    find(row)
            except _BadCell as bad:
                built.problems.append(row.finding(key, bad.bad.code, bad.bad.text, **bad.bad.values))
    reader.compare()
    return built


class _BadCell(Exception):  # noqa: N818
    def __init__(self, key: str, bad: Bad) -> None:
        super().__init__(key)
        self.key = key
        self.bad = bad


class _Reader:
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
            raise _BadCell(key, Bad("twice", _TWICE, row=first))

    def of(self, row: Row, key: str, find: Callable[[str], K]) -> K:
        """What a cell means; what is wrong is said there."""
        try:
            return find(str(row.get(key)))
        except Bad as bad:
            raise _BadCell(key, bad) from None

    def village(self, row: Row) -> Village:
        township = row.get("township")
        named = None if township is None else str(township)
        return self.of(row, "village", lambda written: self.lookup.village(written, named))

    def days(self, row: Row, was: Any = None) -> dict[str, date | None]:
        """From and until: what is blank stays as it was, else is today, and for good."""
        begun = row.get("from_date") or (was.from_date if was else self.asked.today)
        until = row.get("until_date") or (was.until_date if was else None)
        return {"from_date": begun, "until_date": until}  # type: ignore[dict-item]

    def gone(self, missing: Sequence[str]) -> None:
        self.built.gone = len(missing)
        self.built.gone_named = list(missing[:20])


class _Units(_Reader):
    def in_order(self, rows: Sequence[Row]) -> Sequence[Row]:
        """From the top down, so that who stands above is known."""
        rank = {level: number for number, level in enumerate(UnitLevel)}
        return sorted(rows, key=lambda row: rank.get(row.get("level"), 0))  # type: ignore[call-overload]

    def take(self, row: Row) -> None:
        name, level = str(row.get("name")), str(row.get("level"))
        parent = self.of(row, "parent", self.lookup.unit) if row.get("parent") else self.lookup.root
        was = self._known(row, name, level, parent.id)
        self.once(row, "name", was.id if was else (name, parent.id))
        until = row.get("until_date") or (was.until_date if was else None)
        code = str(row.get("code") or (was.code if was else self.lookup.free_code()))
        unit = Unit(was.id if was else new_id(), parent.id, code, name, level, was.path if was else "", until)  # type: ignore[arg-type]
        self.lookup.add_unit(unit)
        self.built.add("units", unit, row)

    def _known(self, row: Row, name: str, level: str, parent_id: UUID) -> Unit | None:
        if row.get("code"):
            return self.lookup.unit_codes.get(str(row.get("code")))
        same = [
            unit for unit in self.lookup.units_named(name) if (unit.level, unit.parent_id) == (level, parent_id)
        ]
        return same[0] if same else None


class _Villages(_Reader):
    def take(self, row: Row) -> None:
        code, name = str(row.get("code")), str(row.get("name"))
        self.once(row, "code", code)
        village_id = code if code in self.lookup.villages else self.lookup.known.later_codes.get(code, code)
        was = self.lookup.villages.get(village_id)
        township_id = was.township_id if was else code[:_TOWNSHIP_LENGTH]
        self._township(row, township_id)
        unit_id = self.of(row, "unit", self.lookup.unit).id if row.get("unit") else None
        village = Village(
            village_id,
            name,
            str(row.get("official_name") or (was.official_name if was else name)),
            township_id,
            unit_id or (was.unit_id if was else self._squad(row, code, name, township_id)),
        )
        self.lookup.villages[village_id] = village
        self.built.add("villages", village, row)

    def _township(self, row: Row, township_id: str) -> None:
        named = row.get("township")
        known = self.lookup.townships.get(township_id)
        if known is None and not named:
            raise _BadCell("township", Bad("missing", _NO_TOWNSHIP))
        if named and named != known and str(named) != township_id:
            self.lookup.townships[township_id] = str(named)
            self.built.add("townships", Township(township_id, str(named)), row)

    def _squad(self, row: Row, code: str, name: str, township_id: str) -> UUID:
        """A squad of the village in the theatre of its township, which the office moves where it belongs."""
        theatre = self.lookup.unit_codes.get(f"t{township_id}")
        if theatre is None:
            called = f"{self.lookup.townships[township_id]}战区"
            theatre = self._unit(row, f"t{township_id}", called, UnitLevel.THEATRE, self.lookup.root.id)
        squad = self.lookup.unit_codes.get(f"v{code}")
        return (squad or self._unit(row, f"v{code}", f"{name}突击班", UnitLevel.SQUAD, theatre.id)).id

    def _unit(self, row: Row, code: str, name: str, level: UnitLevel, parent_id: UUID) -> Unit:
        unit = Unit(new_id(), parent_id, code, name, level, "")
        self.lookup.add_unit(unit)
        self.built.add("units", unit, row)
        return unit

    def compare(self) -> None:
        named = {village.id for village in self.built.rows["villages"]}
        self.gone([village.name for village in self.lookup.known.villages if village.id not in named])


class _People(_Reader):
    def __init__(self, lookup: Lookup, asked: Asked, built: Built) -> None:
        super().__init__(lookup, asked, built)
        self._posts = {(post.person_id, post.unit_id, post.role): post for post in lookup.known.posts}
        self._answers = _open_assignments(lookup.known.assignments)
        self._giving_up: set[UUID] = set()

    def in_order(self, rows: Sequence[Row]) -> Sequence[Row]:
        """Who is known by the office's number and has another phone number now gives the one before up."""
        for row in rows:
            was = self.lookup.by_number.get(str(row.get("number")))
            if was and was.phone != phone_number(str(row.get("phone"))):
                self._giving_up.add(was.id)
        return rows

    def take(self, row: Row) -> None:
        was = self._known(row)
        village = self.village(row) if row.get("village") else None
        unit = self.of(row, "unit", self.lookup.unit).id if row.get("unit") else None
        department = self.of(row, "department", self.lookup.unit).id if row.get("department") else None
        person = Person(
            id=was.id if was else new_id(),
            name=str(row.get("name")),
            phone=phone_number(str(row.get("phone"))),
            category=str(row.get("category")),
            unit_id=unit or (was.unit_id if was else self.lookup.squad_of(village.id if village else None)),
            department_id=department or (was.department_id if was else None),
            number=str(row.get("number")) if row.get("number") else (was.number if was else None),
            **self.days(row, was),  # type: ignore[arg-type]
        )
        self.once(row, "phone", person.phone)
        self.built.add("people", person, row)
        self._post(row, person)
        if village:
            answered = _answer(person.id, village.id, None, self._answers, {"from_date": person.from_date})
            self.built.add("assignments", answered, row)

    def _known(self, row: Row) -> Person | None:
        by_phone = self._holder(row)
        by_number = self.lookup.by_number.get(str(row.get("number"))) if row.get("number") else None
        if by_phone and by_number and by_phone.id != by_number.id:
            raise _BadCell("number", Bad("two_people", _TWO_PEOPLE, phone=by_phone.name, number=by_number.name))
        if by_number is None and by_phone and by_phone.name != row.get("name"):
            raise _BadCell("phone", Bad("other_name", _WHOSE, name=by_phone.name, written=row.get("name")))
        return by_number or by_phone

    def _holder(self, row: Row) -> Person | None:
        """Whose number it is in the time that the row is about: who has left has passed it on."""
        begun, until = self.days(row).values()
        holders = [
            person
            for person in self.lookup.holders.get(phone_number(str(row.get("phone"))), ())
            if person.id not in self._giving_up
        ]
        there = [
            person
            for person in holders
            if begun < (person.until_date or date.max) and person.from_date < (until or date.max)  # type: ignore[operator]
        ]
        same = [person for person in there or holders if person.name == row.get("name")]
        if there:
            return (same or there)[-1]
        if same and not row.get("from_date"):
            if not until:
                about = {"name": same[-1].name, "until": same[-1].until_date}
                raise _BadCell("from_date", Bad("has_left", _HAS_LEFT, **about))
            return same[-1]
        return None

    def _post(self, row: Row, person: Person) -> None:
        role = str(row.get("role") or usual_role(row.get("category")))
        was = self._posts.get((person.id, person.unit_id, role))
        title = str(row.get("title") or (was.title if was else ""))
        begun = was.from_date if was else person.from_date
        post = Post(was.id if was else new_id(), person.id, person.unit_id, role, title, begun, person.until_date)
        self.built.add("posts", post, row)

    def compare(self) -> None:
        named, today = {person.id for person in self.built.rows["people"]}, self.asked.today
        serving = (p for p in self.lookup.known.people if p.until_date is None or p.until_date > today)
        self.gone([person.name for person in serving if person.id not in named])


class _Households(_Reader):
    def in_order(self, rows: Sequence[Row]) -> Sequence[Row]:
        """All points at once: one by one would take a minute for sixty thousand."""
        located = [row for row in rows if row.get("lon") is not None and row.get("lat") is not None]
        lon, lat = (np.array([row.get(axis) for row in located], np.float64) for axis in ("lon", "lat"))
        numbers = [(row.sheet, row.number) for row in located]
        points = shapely.points(*coordinates.to_wgs84(lon, lat, [self.asked.crs] * len(located)))
        self._points = dict(zip(numbers, points, strict=True))
        return rows

    def take(self, row: Row) -> None:
        number = str(row.get("number"))
        self.once(row, "number", number)
        was = self.lookup.homes.get(number)
        house = Household(
            id=was.id if was else new_id(),
            village_id=self.village(row).id,
            head_name=str(row.get("head_name")),
            hamlet=str(row.get("hamlet") or (was.hamlet if was else "")),
            position=self._position(row) or (was.position if was else None),
            radius_m=float(row.get("radius_m") or (was.radius_m if was else _USUAL_RADIUS)),  # type: ignore[arg-type]
            number=number,
            until_date=row.get("until_date") or (was.until_date if was else None),  # type: ignore[arg-type]
        )
        self.built.add("households", house, row)

    def _position(self, row: Row) -> Point | None:
        lon, lat = row.get("lon"), row.get("lat")
        if lon is None and lat is None:
            return None
        if lon is None or lat is None:
            raise _BadCell("lat" if lat is None else "lon", Bad("half", _HALF))
        return self._points[row.sheet, row.number]

    def compare(self) -> None:
        named = {house.id for house in self.built.rows["households"]}
        there = (house for house in self.lookup.known.households if house.until_date is None)
        self.gone([f"{house.number or ''} {house.head_name}" for house in there if house.id not in named])


class _Assignments(_Reader):
    def __init__(self, lookup: Lookup, asked: Asked, built: Built) -> None:
        super().__init__(lookup, asked, built)
        self._answers = _open_assignments(lookup.known.assignments)

    def take(self, row: Row) -> None:
        person = self.of(row, "person", self.lookup.person)
        written = row.get("name")
        if written and written != person.name:
            raise _BadCell("name", Bad("other_name", _OTHER_NAME, name=person.name, written=written))
        village = self.village(row)
        house = self.of(row, "household", self.lookup.household) if row.get("household") else None
        if house and house.village_id != village.id:
            there = self.lookup.villages[house.village_id].name
            raise _BadCell("household", Bad("elsewhere", _ELSEWHERE, village=there))
        house_id = house.id if house else None
        self.once(row, "person", (person.id, village.id, house_id, row.get("from_date")))
        self.built.add(
            "assignments",
            _answer(person.id, village.id, house_id, self._answers, self.days(row), row.get("until_date")),
            row,
        )

    def compare(self) -> None:
        named = {row.id for row in self.built.rows["assignments"]}
        people = {person.id: person.name for person in self.lookup.known.people}
        open_ones = (row for row in self._answers.values() if row.id not in named)
        self.gone([f"{people[row.person_id]} {self.lookup.villages[row.village_id].name}" for row in open_ones])


_Key = tuple[UUID, str, UUID | None]


def _open_assignments(rows: Sequence[Assignment]) -> dict[_Key, Assignment]:
    """Those that have not ended, by what they are about."""
    return {(row.person_id, row.village_id, row.household_id): row for row in rows if row.until_date is None}


def _answer(
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


_READERS: Mapping[ImportKind, type[_Reader]] = {
    ImportKind.UNITS: _Units,
    ImportKind.VILLAGES: _Villages,
    ImportKind.PEOPLE: _People,
    ImportKind.HOUSEHOLDS: _Households,
    ImportKind.ASSIGNMENTS: _Assignments,
}
