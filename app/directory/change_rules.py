"""Whether a set of changes fits what is there: every row that does not, at its field."""

from collections import defaultdict
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from itertools import pairwise
from operator import attrgetter
from uuid import UUID

from app.directory.ground import Ground, refuse_radius
from app.directory.rows import Assignment, Household, Person, Post, Township, Unit, Village
from app.directory.words import UnitLevel
from app.geo.polygons import Unfit
from app.kernel.language import Text
from app.kernel.problems import FieldError

_UNKNOWN = {
    "parent_id": Text("没有这个上级单位", "There is no such unit above"),
    "unit_id": Text("没有这个责任单位", "There is no such unit"),
    "department_id": Text("没有这个单位", "There is no such department"),
    "township_id": Text("没有这个乡镇", "There is no such township"),
    "village_id": Text("没有这个村", "There is no such village"),
    "household_id": Text("该村没有这一户", "The village has no such household"),
    "person_id": Text("没有这个人", "There is no such person"),
}
_MOVED = Text(
    "农户不能改到别的村，过去的走访是在原来的村：请让这一户结束，在新村另建一户",
    "A household stays in its village, where it was visited: end this one, and enter it anew in the other",
)
_NO_NAME = Text("缺少名称", "A name is wanting")
_TOO_EARLY = Text("必须晚于开始日期 {begun}", "Must be after it begins, on {begun}")
_PLACE_ENDED = Text(
    "自 {day} 起不再有这个村（户），须在此之前结束", "The place is no more from {day} on: end by then"
)
_TAKEN = Text("已被 {whose} 使用", "{whose} has it already")
_TWICE = Text("与本次第 {row} 条重复", "The same as row {row} of these")
_NO_PHONE = Text("不是手机号", "This is no phone number")
_BAD_CODE = Text("编码只能用字母、数字和下划线", "A code is made of letters, digits and _")
_BAD_VILLAGE = Text("村代码是 12 位数字", "A village's code has 12 digits")
_NOT_BELOW = Text("{level}不能设在{above}之下", "A {level} cannot stand below a {above}")
_ROOT = Text("县是最上一级，只有一个", "The county stands at the top, and there is one")
_CYCLE = Text("单位不能归到自己之下", "A unit cannot stand below itself")
_OVERLAP_POST = Text("此人在这段时间已有同样的任职", "The person holds the same post in that time already")
_OVERLAP = Text("此人在这段时间已联系同一村（户）", "The person answers for it already in that time")

POST_KEY = attrgetter("person_id", "unit_id", "role")
"""Posts of which this is the same follow each other and never last at the same time; so do assignments."""
ASSIGNMENT_KEY = attrgetter("person_id", "village_id", "household_id")

_SHORTEST, _LONGEST = 5, 20  # of phone numbers
_CODE_LENGTH = 12
_LEVELS = {str(level): level for level in UnitLevel}
_RANK = {level: rank for rank, level in enumerate(UnitLevel) if level != UnitLevel.DEPARTMENT}


@dataclass(frozen=True, slots=True)
class Changes:
    """What shall be different in a county's directory, as one set: by hand one row, from a file thousands.

    A row is whole, as it shall be: one whose id is there already changes it, any other is new. Nothing that has a
    history is taken away: it ends, on its `until_date`. The `path` of a unit is made here, whatever it says.
    """

    townships: Sequence[Township] = ()
    units: Sequence[Unit] = ()
    villages: Sequence[Village] = ()
    households: Sequence[Household] = ()
    people: Sequence[Person] = ()
    posts: Sequence[Post] = ()
    assignments: Sequence[Assignment] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Known:
    """What is there of what a set concerns, by id; of all people it names their posts and assignments."""

    townships: Mapping[str, Township]
    units: Mapping[UUID, Unit]
    villages: Mapping[str, Village]
    households: Mapping[UUID, Household]
    people: Mapping[UUID, Person]
    posts: Mapping[UUID, Post]
    assignments: Mapping[UUID, Assignment]
    holders: Sequence[Person]  # others who have a phone number, or the office's, that a row of the set asks for
    homes: Sequence[Household]  # the same of households


def faults(changes: Changes, known: Known, ground: Ground) -> list[FieldError]:
    """What is wrong with which row: `pointer` is `/people/3/phone`. Empty where all of it fits."""
    return [
        *_townships(changes),
        *_tree(changes, known),
        *_villages(changes, known),
        *_households(changes, known, ground),
        *_people(changes, known),
        *_posts(changes, known),
        *_assignments(changes, known),
    ]


def with_paths(units: Mapping[UUID, Unit]) -> dict[UUID, Unit]:
    """The whole tree, each unit's path made of the codes above it. Raises `ValueError` for a circle."""
    made: dict[UUID, Unit] = {}

    def of(unit: Unit, below: frozenset[UUID] = frozenset()) -> str:
        if unit.id in made:
            return made[unit.id].path
        if unit.id in below:
            raise ValueError(unit.id)
        above = units.get(unit.parent_id) if unit.parent_id else None
        path = f"{of(above, below | {unit.id})}.{unit.code}" if above else unit.code
        made[unit.id] = unit if unit.path == path else replace(unit, path=path)
        return path

    for unit in units.values():
        of(unit)
    return made


def _townships(changes: Changes) -> Iterator[FieldError]:
    for at, row in enumerate(changes.townships):
        yield from _named(f"/townships/{at}", row.name)


def _tree(changes: Changes, known: Known) -> Iterator[FieldError]:
    tree = {**known.units, **{unit.id: unit for unit in changes.units}}
    changing = {unit.id for unit in changes.units}  # who is of the set gives their code up, or keeps it
    codes: dict[str, UUID] = {unit.code: unit.id for unit in known.units.values() if unit.id not in changing}
    for at, unit in enumerate(changes.units):
        here = f"/units/{at}"
        yield from _named(here, unit.name)
        if not (unit.code.isascii() and unit.code.replace("_", "").isalnum()):
            yield FieldError(f"{here}/code", "bad_format", _BAD_CODE)
        if codes.setdefault(unit.code, unit.id) != unit.id:
            yield FieldError(f"{here}/code", "taken", _TAKEN, {"whose": tree[codes[unit.code]].name})
        yield from _placed(here, unit, tree)


def _placed(here: str, unit: Unit, tree: Mapping[UUID, Unit]) -> Iterator[FieldError]:
    if unit.parent_id is None or unit.level == UnitLevel.COUNTY:
        others = any(each.parent_id is None for each in tree.values() if each.id != unit.id)
        if others or unit.parent_id is not None or unit.level != UnitLevel.COUNTY:
            yield FieldError(f"{here}/parent_id", "root", _ROOT)
        return
    above = tree.get(unit.parent_id)
    if above is None:
        yield FieldError(f"{here}/parent_id", "unknown", _UNKNOWN["parent_id"])
        return
    seen, up = {unit.id}, above
    while up and up.id not in seen:
        seen.add(up.id)
        up = tree.get(up.parent_id) if up.parent_id else None  # type: ignore[assignment]
    if up:
        yield FieldError(f"{here}/parent_id", "cycle", _CYCLE)
    elif not _may_stand_below(_LEVELS[unit.level], _LEVELS[above.level]):
        (zh, en), (above_zh, above_en) = _LEVELS[unit.level].text, _LEVELS[above.level].text
        said = Text(_NOT_BELOW.zh.format(level=zh, above=above_zh), _NOT_BELOW.en.format(level=en, above=above_en))
        yield FieldError(f"{here}/parent_id", "bad_level", said)


def _may_stand_below(level: UnitLevel, above: UnitLevel) -> bool:
    if level == UnitLevel.DEPARTMENT:
        return above in (UnitLevel.COUNTY, UnitLevel.DEPARTMENT)
    return above == UnitLevel.DEPARTMENT or _RANK[above] < _RANK[level]


def _villages(changes: Changes, known: Known) -> Iterator[FieldError]:
    townships = {*known.townships, *(township.id for township in changes.townships)}
    units = {*known.units, *(unit.id for unit in changes.units)}
    for at, row in enumerate(changes.villages):
        here = f"/villages/{at}"
        yield from _named(here, row.name)
        if len(row.id) != _CODE_LENGTH or not (row.id.isascii() and row.id.isdecimal()):
            yield FieldError(f"{here}/id", "bad_format", _BAD_VILLAGE)
        yield from _there(here, "township_id", row.township_id, townships)
        yield from _there(here, "unit_id", row.unit_id, units)


def _households(changes: Changes, known: Known, ground: Ground) -> Iterator[FieldError]:
    villages = {**known.villages, **{village.id: village for village in changes.villages}}
    others = {home.number: home.head_name for home in known.homes}
    yield from _unique("households", changes.households, others)
    for at, row in enumerate(changes.households):
        here = f"/households/{at}"
        was = known.households.get(row.id)
        if was and was.village_id != row.village_id:
            yield FieldError(f"{here}/village_id", "moved", _MOVED)
        yield from _named(here, row.head_name, "head_name")
        yield from _there(here, "village_id", row.village_id, villages)
        yield from _not_after(here, row, villages.get(row.village_id))
        try:
            refuse_radius(row.radius_m)
        except Unfit as unfit:
            yield FieldError(f"{here}/radius_m", unfit.code, unfit.text)
        if row.position is not None:
            try:
                ground.refuse_house(row.position)
            except Unfit as unfit:
                yield FieldError(f"{here}/position", unfit.code, unfit.text)


def _people(changes: Changes, known: Known) -> Iterator[FieldError]:
    units = {*known.units, *(unit.id for unit in changes.units)}
    yield from _phones(changes.people, known.holders)
    yield from _unique("people", changes.people, {holder.number: holder.name for holder in known.holders})
    for at, row in enumerate(changes.people):
        here = f"/people/{at}"
        yield from _named(here, row.name)
        digits = row.phone.removeprefix("+")
        if not (digits.isascii() and digits.isdecimal() and _SHORTEST <= len(digits) <= _LONGEST):
            yield FieldError(f"{here}/phone", "no_phone", _NO_PHONE)
        yield from _there(here, "unit_id", row.unit_id, units)
        if row.department_id is not None:
            yield from _there(here, "department_id", row.department_id, units)
        yield from _lasting(here, row.from_date, row.until_date)


def _posts(changes: Changes, known: Known) -> Iterator[FieldError]:
    people = {*known.people, *(person.id for person in changes.people)}
    units = {*known.units, *(unit.id for unit in changes.units)}
    for at, row in enumerate(changes.posts):
        here = f"/posts/{at}"
        yield from _there(here, "person_id", row.person_id, people)
        yield from _there(here, "unit_id", row.unit_id, units)
        yield from _lasting(here, row.from_date, row.until_date)
    held = {**known.posts, **{row.id: row for row in changes.posts}}
    yield from _overlaps("posts", changes.posts, held, POST_KEY, _OVERLAP_POST)


def _assignments(changes: Changes, known: Known) -> Iterator[FieldError]:
    people = {*known.people, *(person.id for person in changes.people)}
    villages = {**known.villages, **{village.id: village for village in changes.villages}}
    homes = {**known.households, **{house.id: house for house in changes.households}}
    for at, row in enumerate(changes.assignments):
        here = f"/assignments/{at}"
        yield from _there(here, "person_id", row.person_id, people)
        yield from _there(here, "village_id", row.village_id, villages)
        home = homes.get(row.household_id) if row.household_id else None
        if row.household_id and (home is None or home.village_id != row.village_id):
            yield FieldError(f"{here}/household_id", "unknown", _UNKNOWN["household_id"])
        yield from _not_after(here, row, home or villages.get(row.village_id))
        yield from _lasting(here, row.from_date, row.until_date)
    held = {**known.assignments, **{row.id: row for row in changes.assignments}}
    yield from _overlaps("assignments", changes.assignments, held, ASSIGNMENT_KEY, _OVERLAP)


def _named(here: str, name: str, field: str = "name") -> Iterator[FieldError]:
    if not name.strip():
        yield FieldError(f"{here}/{field}", "missing", _NO_NAME)


def _there(here: str, field: str, wanted: object, there: Collection[object]) -> Iterator[FieldError]:
    if wanted not in there:
        yield FieldError(f"{here}/{field}", "unknown", _UNKNOWN[field])


def _lasting(here: str, begun: date, until: date | None) -> Iterator[FieldError]:
    if until is not None and until <= begun:
        yield FieldError(f"{here}/until_date", "too_early", _TOO_EARLY, {"begun": begun})


def _not_after(here: str, row: Household | Assignment, place: Village | Household | None) -> Iterator[FieldError]:
    """Nothing goes on where there is no village or household any more."""
    if place and place.until_date and (row.until_date is None or row.until_date > place.until_date):
        yield FieldError(f"{here}/until_date", "place_ended", _PLACE_ENDED, {"day": place.until_date})


def _phones(people: Sequence[Person], holders: Sequence[Person]) -> Iterator[FieldError]:
    """One person's at a time: whoever has left has it no longer, and their successor may."""
    had: defaultdict[str, list[Person]] = defaultdict(list)
    for holder in holders:
        had[holder.phone].append(holder)
    first: defaultdict[str, list[tuple[int, Person]]] = defaultdict(list)
    for at, row in enumerate(people):
        pointer = f"/people/{at}/phone"
        if twice := next((other + 1 for other, before in first[row.phone] if _meet(before, row)), None):
            yield FieldError(pointer, "twice", _TWICE, {"row": twice})
        elif whose := next((holder.name for holder in had[row.phone] if _meet(holder, row)), None):
            yield FieldError(pointer, "taken", _TAKEN, {"whose": whose})
        first[row.phone].append((at, row))


def _meet(one: Person, other: Person) -> bool:
    """Whether both serve on some day."""
    return one.from_date < (other.until_date or date.max) and other.from_date < (one.until_date or date.max)


def _unique(
    table: str, rows: Sequence[Person | Household], others: Mapping[str | None, str]
) -> Iterator[FieldError]:
    """The office's own number is one row's for ever; `others` names whose it is."""
    first: dict[str, int] = {}
    for at, row in enumerate(rows):
        if not row.number:
            continue
        pointer = f"/{table}/{at}/number"
        if first.setdefault(row.number, at) != at:
            yield FieldError(pointer, "twice", _TWICE, {"row": first[row.number] + 1})
        elif row.number in others:
            yield FieldError(pointer, "taken", _TAKEN, {"whose": others[row.number]})


def _overlaps(
    table: str,
    rows: Sequence[Post | Assignment],
    held: Mapping[UUID, Post | Assignment],
    key: Callable[[object], object],
    text: Text,
) -> Iterator[FieldError]:
    """Rows of the set that last at the same time as another of the same key, there before or in the set."""
    same: defaultdict[object, list[Post | Assignment]] = defaultdict(list)
    for row in held.values():
        same[key(row)].append(row)
    at = {row.id: number for number, row in enumerate(rows)}
    for group in same.values():
        group.sort(key=lambda row: (row.from_date, row.until_date or date.max))
        for before, after in pairwise(group):
            if before.until_date is None or after.from_date < before.until_date:
                for number in sorted(at[row.id] for row in (before, after) if row.id in at)[-1:]:
                    yield FieldError(f"/{table}/{number}/from_date", "overlap", text)
