"""Rows of a file become changes of the directory: what is known is changed, the rest is new.

Each row of the changes remembers the row of the file that it came from, so that whatever is wrong with it later is
said at its cell.
"""

from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import date
from uuid import UUID

import numpy as np
import shapely
from shapely import Point

from app.directory.changes import HOUSEHOLD_IN_USE, VILLAGE_IN_USE
from app.directory.rows import Assignment, Household, Township, Unit, Village
from app.directory.words import UnitLevel
from app.exchange.cells import Bad
from app.exchange.tables import Row
from app.flows.importing.columns import ImportKind
from app.flows.importing.lookup import Lookup
from app.flows.importing.missing import OWN, AboutVillages, Missing, some
from app.flows.importing.people import People
from app.flows.importing.reading import OTHER_NAME, Asked, BadCell, Built, Reader, answer, open_assignments
from app.geo import coordinates
from app.kernel.ids import new_id
from app.kernel.language import Text

_HALF = Text("经度和纬度要一起填", "Longitude and latitude go together")
_ELSEWHERE = Text("这一户在{village}，不在所填的村", "The household is in {village}")
_OTHER_CODE = Text(
    "{known}的代码是 {today}。如果是同一个村，请改填这个代码；换了新代码的，请先更改村的代码",
    "{known} has the code {today}. Give that if it is the same village; if it got another, change its code first",
)
_NO_TOWNSHIP = Text("还没有这个乡镇，请填乡镇名称", "The township is not known yet; give its name")
_TOWNSHIP_LENGTH = 9
_USUAL_RADIUS = 300.0


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
        except BadCell as bad:
            built.problems.append(row.finding(bad.key, bad.bad.code, bad.bad.text, **bad.bad.values))
    for row in broken:
        for key, find in reader.references.items():
            try:
                if row.get(key):
                    find(row)
            except BadCell as bad:
                built.problems.append(row.finding(key, bad.bad.code, bad.bad.text, **bad.bad.values))
    reader.compare()
    return built


class _Units(Reader):
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


class _Villages(Reader):
    def __init__(self, lookup: Lookup, asked: Asked, built: Built) -> None:
        super().__init__(lookup, asked, built)
        last = asked.ending.from_date if asked.ending else asked.today
        self._going_on: defaultdict[str, list[Assignment | Household]] = defaultdict(list)
        there: list[Assignment | Household] = [*lookup.known.assignments, *lookup.known.households]
        for row in there:
            if (row.until_date or date.max) > last:
                self._going_on[row.village_id].append(row)

    def take(self, row: Row) -> None:
        code, name = str(row.get("code")), str(row.get("name"))
        self.once(row, "code", code)
        village_id = code if code in self.lookup.villages else self.lookup.known.later_codes.get(code, code)
        was = self.lookup.villages.get(village_id)
        township_id = was.township_id if was else code[:_TOWNSHIP_LENGTH]
        if was is None:
            self._refuse_other_code(name, str(row.get("township") or self.lookup.townships.get(township_id)))
        self._township(row, township_id)
        unit_id = self.of(row, "unit", self.lookup.unit).id if row.get("unit") else None
        village = Village(
            village_id,
            name,
            str(row.get("official_name") or (was.official_name if was else name)),
            township_id,
            unit_id or (was.unit_id if was else self._squad(row, code, name, township_id)),
            was.until_date if was else None,
        )
        self.lookup.villages[village_id] = village
        self.built.add("villages", village, row)

    def _refuse_other_code(self, name: str, township: str) -> None:
        """浪平乡 is 浪平镇 by now, and its villages have other codes: they are no new villages."""
        same = self.lookup.village_in(name, township)
        if same:
            known = f"{self.lookup.townships[same.township_id]}{same.name}"
            raise BadCell("code", Bad("other_code", _OTHER_CODE, known=known, today=same.id))

    def _township(self, row: Row, township_id: str) -> None:
        named = row.get("township")
        known = self.lookup.townships.get(township_id)
        if known is None and not named:
            raise BadCell("township", Bad("missing", _NO_TOWNSHIP))
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

    def _in_use(self, village: Village) -> Bad | None:
        """As by hand: a village does not end while somebody answers for it, or a household is left in it."""
        if not self.asked.ending:
            return None
        left = self._going_on[village.id]
        people = {row.person_id for row in left if isinstance(row, Assignment)}
        homes = len(left) - sum(isinstance(row, Assignment) for row in left)
        return Bad("in_use", VILLAGE_IN_USE, people=len(people), homes=homes) if left else None

    def compare(self) -> None:
        """A file is about the townships in which its villages lie."""
        known, named = self.lookup.known, self.named("villages")
        townships = {village.township_id for village in self.built.rows["villages"]}
        left_out = (
            Missing("villages", village, village.name, self.lookup.townships[village.township_id], why)
            for village in known.villages
            if village.id not in named and village.township_id in townships and self.lasts(village)
            for why in (self._in_use(village),)
        )
        among = some(sorted(self.lookup.townships[each] for each in townships))
        self.built.compare(left_out, self.asked.ending, Text(among, among), None)


class _Households(Reader):
    def __init__(self, lookup: Lookup, asked: Asked, built: Built) -> None:
        super().__init__(lookup, asked, built)
        self.about = AboutVillages()
        last = asked.ending.from_date if asked.ending else asked.today
        self._answering = Counter(
            row.household_id for row in lookup.known.assignments if (row.until_date or date.max) > last
        )

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
        village = self.village(row)
        self.about.take(row, village)
        house = Household(
            id=was.id if was else new_id(),
            village_id=village.id,
            head_name=str(row.get("head_name")),
            hamlet=str(row.get("hamlet") or (was.hamlet if was else "")),
            position=self._position(row) or (was.position if was else None),
            radius_m=float(row.get("radius_m") or (was.radius_m if was else _USUAL_RADIUS)),  # type: ignore[arg-type]
            number=number,
            until_date=row.get("until_date") or (was.until_date if was else None),  # type: ignore[arg-type]
            category=row.get("category") or (was.category if was else None),  # type: ignore[arg-type]
        )
        self.built.add("households", house, row)

    def _position(self, row: Row) -> Point | None:
        lon, lat = row.get("lon"), row.get("lat")
        if lon is None and lat is None:
            return None
        if lon is None or lat is None:
            raise BadCell("lat" if lat is None else "lon", Bad("half", _HALF))
        return self._points[row.sheet, row.number]

    def compare(self) -> None:
        """A file is about the villages in which its households are, and all of the townships that it names."""
        named = self.named("households")
        left_out = (
            Missing("households", house, house.head_name, f"{village.name} {house.number or house.hamlet}", why)
            for house in self.lookup.known.households
            if house.id not in named and self.lasts(house)
            for village in (self.lookup.villages[house.village_id],)
            if self.about.has(village)
            for why in (self._in_use(house),)
        )
        self.built.compare(left_out, self.asked.ending, self.about.said(self.lookup), None)

    def _in_use(self, house: Household) -> Bad | None:
        """As by hand: a household does not end while somebody answers for it."""
        people = self._answering[house.id] if self.asked.ending else 0
        return Bad("in_use", HOUSEHOLD_IN_USE, people=people) if people else None


class _Assignments(Reader):
    def __init__(self, lookup: Lookup, asked: Asked, built: Built) -> None:
        super().__init__(lookup, asked, built)
        self._answers = open_assignments(lookup.known.assignments)
        self._open = dict(self._answers)  # that no row has named yet
        self.about = AboutVillages()
        self._of_households: set[bool] = set()  # whether rows are about households, or whole villages, or both
        self._begun = {
            (each.person_id, each.village_id, each.household_id, each.from_date): each
            for each in lookup.known.assignments
        }

    def take(self, row: Row) -> None:
        person = self.of(row, "person", self.lookup.person)
        written = row.get("name")
        if written and written != person.name:
            raise BadCell("name", Bad("other_name", OTHER_NAME, name=person.name, written=written))
        village = self.village(row)
        house = self.of(row, "household", self.lookup.household) if row.get("household") else None
        if house and house.village_id != village.id:
            there = self.lookup.villages[house.village_id].name
            raise BadCell("household", Bad("elsewhere", _ELSEWHERE, village=there))
        house_id = house.id if house else None
        self.about.take(row, village)
        self._of_households.add(house is not None)
        self.once(row, "person", (person.id, village.id, house_id, row.get("from_date")))
        about, until = (person.id, village.id, house_id), row.get("until_date")
        same = self._begun.get((*about, row.get("from_date")))  # type: ignore[arg-type]
        made = replace(same, until_date=until or same.until_date) if same else None  # type: ignore[arg-type]
        self.built.add("assignments", made or answer(*about, self._open, self.days(row), until), row)
        self._open.pop(about, None)

    def compare(self) -> None:
        """A file is about its villages and the townships that it names; of households only where it names some."""
        named = self.named("assignments")
        people = {person.id: person for person in self.lookup.known.people}
        homes = {house.id: house for house in self.lookup.known.households}
        left_out = (
            Missing("assignments", row, people[row.person_id].name, f"{village.name} {home}".strip(), why)
            for row in self.lookup.known.assignments
            if row.id not in named and self.lasts(row) and row.person_id in people
            if (row.household_id is not None) in self._of_households
            for village in (self.lookup.villages[row.village_id],)
            if self.about.has(village)
            for home in (f"{homes[row.household_id].head_name}户" if row.household_id else "",)
            for why in (OWN if row.person_id == self.asked.by else None,)
        )
        self.built.compare(left_out, self.asked.ending, self.about.said(self.lookup), None)


_READERS: Mapping[ImportKind, type[Reader]] = {
    ImportKind.UNITS: _Units,
    ImportKind.VILLAGES: _Villages,
    ImportKind.PEOPLE: People,
    ImportKind.HOUSEHOLDS: _Households,
    ImportKind.ASSIGNMENTS: _Assignments,
}

ENDING = (ImportKind.VILLAGES, ImportKind.PEOPLE, ImportKind.HOUSEHOLDS, ImportKind.ASSIGNMENTS)
"""Of which kinds what a file leaves out may end."""
