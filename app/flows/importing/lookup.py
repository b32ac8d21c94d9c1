"""Finds what a row of a file means in the directory. Names are no keys: where one fits several, it is asked."""

from collections import defaultdict
from collections.abc import Callable, Iterable, Sequence
from datetime import date
from difflib import get_close_matches
from typing import Generic, TypeVar
from uuid import UUID

from app.directory.phone_numbers import phone_number
from app.directory.rows import Household, Person, Unit, Village
from app.directory.snapshot import Snapshot
from app.exchange.cells import Bad
from app.kernel.language import Text

_CODE_LENGTH = 12
_OWN_DIGITS = 3  # of a village's code; the others are its township's
_MOST_NAMED = 5
_UNKNOWN = Text("没有找到“{name}”", "There is no {name}")
_OLD_CODE = Text(
    "没有代码是“{name}”的村。如果是旧代码，请改填今天的：{which}",
    "No village has the code {name}. If it is an old one, give that of today: {which}",
)
_CLOSE = Text("没有找到“{name}”；是不是：{close}", "There is no {name}; perhaps: {close}")
_WHICH = Text(
    "“{name}”有 {count} 个，请改填代码或编号：{which}",
    "There are {count} of {name}; give the code or number: {which}",
)
_NO_PERSON = Text("没有手机号或工号是“{name}”的人", "Nobody has the phone number or number {name}")
_BY_NAME = Text(
    "姓名不能用来认人，请填手机号或工号：{which}",
    "People are not known by name; give the phone number or number: {which}",
)

T = TypeVar("T")


class _Named(Generic[T]):
    """Rows by name, of which several may have the same."""

    def __init__(self, rows: Iterable[T], names: Callable[[T], Iterable[str]], told: Callable[[T], str]) -> None:
        self._rows: defaultdict[str, list[T]] = defaultdict(list)
        self._told = told
        for row in rows:
            for name in dict.fromkeys(names(row)):
                self._rows[name].append(row)

    def add(self, name: str, row: T) -> None:
        self._rows[name].append(row)

    def one(self, name: str, among: Callable[[T], bool] = lambda _: True) -> T:
        """The only one of this name. Raises `Bad`."""
        found = [row for row in self._rows.get(name, ()) if among(row)]
        if len(found) == 1:
            return found[0]
        if found:
            which = "、".join(self._told(row) for row in found[:_MOST_NAMED])
            raise Bad("which", _WHICH, name=name, count=len(found), which=which)
        if close := self._near(name):
            raise Bad("unknown", _CLOSE, name=name, close="、".join(close))
        raise Bad("unknown", _UNKNOWN, name=name)

    def all(self, name: str) -> Sequence[T]:
        return self._rows.get(name, ())

    def close(self, name: str) -> Sequence[T]:
        """All of the names that are most like it."""
        return [row for near in self._near(name) for row in self._rows[near]]

    def _near(self, name: str) -> list[str]:
        return get_close_matches(name, self._rows, _MOST_NAMED, 0.6)


class Lookup:
    """The directory, by what an office writes."""

    def __init__(self, known: Snapshot) -> None:
        self.known = known
        self.villages = {village.id: village for village in known.villages}
        self.townships = {township.id: township.name for township in known.townships}
        self.units = {unit.id: unit for unit in known.units}
        self.unit_codes = {unit.code: unit for unit in known.units}
        self.root = next(unit for unit in known.units if unit.parent_id is None)
        self._unit_names = _Named(
            known.units, lambda unit: [unit.name], lambda unit: f"{unit.code}（{unit.name}）"
        )
        self._village_names = _Named(
            known.villages,
            lambda village: [village.name, village.official_name],
            self._told,
        )
        self.people = {person.id: person for person in known.people}
        former = {written: self.people[person_id] for written, person_id in known.former_numbers.items()}
        self.holders: defaultdict[str, list[Person]] = defaultdict(list)
        for written, person in former.items():
            self.holders[written].append(person)
        for person in sorted(known.people, key=lambda person: person.from_date):
            self.holders[person.phone].append(person)
        self.by_number = former | {person.number: person for person in known.people if person.number}
        self._people_names = _Named(
            known.people, lambda person: [person.name], lambda person: f"{person.name} {person.phone}"
        )
        self.homes = {house.number: house for house in known.households if house.number}

    def village(self, written: str, township: str | None) -> Village:
        """By code, today's or an older one, or by its name in its township. Raises `Bad`."""
        code = written.replace(" ", "")
        if len(code) == _CODE_LENGTH and code.isascii() and code.isdecimal():
            found = self.villages.get(code) or self.villages.get(self.known.later_codes.get(code, ""))
            if found is None:
                raise self._no_such_code(code, township)
            return found
        return self._village_names.one(
            written,
            lambda village: not township or self._in_township(village, township),
        )

    def _no_such_code(self, code: str, township: str | None) -> Bad:
        """Where a township is another by now, its villages' codes changed but for the last digits: it is asked."""
        alike = [
            village
            for village in self.known.villages
            if village.id[-_OWN_DIGITS:] == code[-_OWN_DIGITS:]
            and (not township or self._in_township(village, township))
        ]
        if not alike:
            return Bad("unknown", _UNKNOWN, name=code)
        which = "、".join(self._told(village) for village in alike[:_MOST_NAMED])
        return Bad("unknown", _OLD_CODE, name=code, which=which + ("……" if len(alike) > _MOST_NAMED else ""))

    def village_in(self, name: str, township: str) -> Village | None:
        """One of this name that is in the township already."""
        found = (village for village in self._village_names.all(name) if self._in_township(village, township))
        return next(found, None)

    def _told(self, village: Village) -> str:
        return f"{village.id}（{self.townships.get(village.township_id, '')}{village.name}）"

    def _in_township(self, village: Village, named: str) -> bool:
        name = self.townships.get(village.township_id, "")
        return named in (name, village.township_id) or _short(named) == _short(name)

    def unit(self, written: str) -> Unit:
        """By code or full name. Raises `Bad`."""
        return self.unit_codes.get(written) or self._unit_names.one(written)

    def units_named(self, name: str) -> Sequence[Unit]:
        return self._unit_names.all(name)

    def add_unit(self, unit: Unit) -> None:
        """A unit that the same file brings."""
        self.units[unit.id] = unit
        self.unit_codes[unit.code] = unit
        self._unit_names.add(unit.name, unit)

    def person(self, written: str) -> Person:
        """By phone number, of several who had it one after another the last, or number; for a name it says whose.

        Raises `Bad`.
        """
        found = self.holder(written) or self.by_number.get(written)
        if found:
            return found
        named = self._people_names.all(written)
        if named:
            which = "、".join(f"{person.name} {person.phone}" for person in named[:_MOST_NAMED])
            raise Bad("by_name", _BY_NAME, which=which)
        raise Bad("unknown", _NO_PERSON, name=written)

    def holder(self, phone: str, day: date | None = None) -> Person | None:
        """Whose number it is, on a day: of several who had it one after another; otherwise the last."""
        held = self.holders.get(phone_number(phone), [])
        then = [
            person
            for person in held
            if day and person.from_date <= day and (person.until_date is None or day < person.until_date)
        ]
        return next(reversed(then or held), None)

    def people_like(self, name: str) -> Sequence[Person]:
        """Whom a name may mean: all who have it; where nobody does, those whose name is in it, or much like it."""
        return (
            self._people_names.all(name)
            or [person for person in self.known.people if len(person.name) > 1 and person.name in name]
            or self._people_names.close(name)
        )

    def household(self, number: str) -> Household:
        """By the county's own number. Raises `Bad`."""
        found = self.homes.get(number)
        if found is None:
            raise Bad("unknown", _UNKNOWN, name=number)
        return found

    def free_code(self) -> str:
        """A code for a unit that has none."""
        number = len(self.unit_codes)
        while f"u{number}" in self.unit_codes:
            number += 1
        return f"u{number}"

    def squad_of(self, village_id: str | None) -> UUID:
        """The unit that answers for a village; for none the county."""
        return self.villages[village_id].unit_id if village_id in self.villages else self.root.id


def _short(township: str) -> str:
    """乡 became 镇 in many places: 浪平乡 and 浪平镇 are one."""
    return township.rstrip("乡镇") or township
