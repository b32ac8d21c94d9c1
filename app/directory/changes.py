"""A set of changes is looked at as a whole and written as a whole: one statement a table, or nothing at all."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, fields, replace
from typing import Any
from uuid import UUID

import shapely
from sqlalchemy.exc import DBAPIError
from sqlalchemy.ext.asyncio import AsyncSession

from app.directory.change_rules import Changes as Changes
from app.directory.change_rules import Known, faults, with_paths
from app.directory.ground import Ground
from app.directory.leaving import with_leaving
from app.directory.phone_numbers import phone_number
from app.directory.rows import Assignment, Household, Person, Post, Unit, Village
from app.directory.store import bulk, fences
from app.directory.store.bulk import InUseRow, VillageInUseRow
from app.kernel.failures import STILL_REFERRED_TO, TAKEN, constraint_name, sqlstate
from app.kernel.language import Text
from app.kernel.problems import CONFLICT, INVALID, FieldError, Problem

_MOST_TOLD = 500  # faults in one answer
_UNIT_IN_USE = Text(
    "还有 {people} 人、{units} 个下级单位、{villages} 个村在此单位；请先调整",
    "{people} people, {units} units and {villages} villages are still in it; move them first",
)
VILLAGE_IN_USE = Text(
    "还有 {people} 人联系此村、{homes} 户在此村；请先结束",
    "{people} people still answer for it, and {homes} households are in it; end those first",
)
HOUSEHOLD_IN_USE = Text(
    "还有 {people} 人联系此户；请先结束结对", "{people} people still answer for it; end that first"
)
_BUILT_ON = Text(
    "不能撤销：已有{what}建立在其上。请改为逐项更正",
    "It cannot be revoked: {what} rest on it. Correct it instead",
)
_CHANGED_SINCE = Text(
    "不能撤销：其中有的内容此后又改动过，撤销会丢失这些改动。请改为逐项更正",
    "It cannot be revoked: some of it has been changed since, which would be lost. Correct it instead",
)
_PASSED_ON = Text(
    "不能撤销：其中的手机号或编号现在是别人的。请改为逐项更正",
    "It cannot be revoked: a phone number or code of it is somebody else's by now. Correct it instead",
)
_BUILT = {
    "_check_in_": Text("签到", "check-ins"),
    "_flag_": Text("预警", "flags"),
    "_leave_": Text("请假", "leave"),
    "_activation_": Text("激活码", "activation codes"),
    "_sign_in_": Text("账号", "accounts"),
    "_device": Text("登录", "sessions"),
    "_notice_": Text("通知", "notices"),
    "_assignment_": Text("结对", "assignments"),
    "_post_": Text("任职", "posts"),
    "_household_": Text("农户", "households"),
    "_geofence_": Text("村界", "boundaries"),
    "_village_": Text("村", "villages"),
    "_person_": Text("人员", "people"),
    "_unit_": Text("责任单位", "units"),
}
_OTHER = Text("其他数据", "other things")
TABLES = tuple(field.name for field in fields(Changes))
"""In the order in which rows refer to each other."""
_HOLDING = TABLES[3:]  # households and people, who have numbers, and what is theirs


@dataclass(frozen=True, slots=True)
class Applied:
    """What was written: rows that were not there, and of those that were, how they were and how they are now."""

    new: Changes
    before: Changes
    after: Changes


async def apply(session: AsyncSession, county_id: str, changes: Changes) -> Applied:
    """Raises `INVALID` with a fault for each row that does not fit; then the caller's transaction is to end.

    Rows that are as they shall be already are left alone. Units are moved with all that stands below them; posts
    and assignments end with whoever leaves.
    """
    changes = _tidied(changes)
    known = await _known(session, county_id, changes)
    _refuse(faults(changes, known, await _ground(session, county_id)))
    changes = with_leaving(changes, known)
    applied = _compared(_with_whole_tree(changes, known), known)
    for table in TABLES:
        await bulk.put(session, county_id, [*getattr(applied.new, table), *getattr(applied.after, table)])
    _refuse(await _still_in_use(session, county_id, changes))
    return applied


async def lock(session: AsyncSession, county_id: str) -> None:
    """Whoever changes the directory waits for whoever does it already."""
    await bulk.LOCK_COUNTY.one(session, county_id=county_id)


async def person(session: AsyncSession, county_id: str, person_id: UUID) -> Person | None:
    """A person as they are."""
    return await bulk.PEOPLE.first(session, county_id=county_id, ids=[person_id])


async def post(session: AsyncSession, county_id: str, post_id: UUID) -> Post | None:
    """A post as it is."""
    return await bulk.POSTS.first(session, county_id=county_id, ids=[post_id], person_ids=[])


async def unit(session: AsyncSession, county_id: str, unit_id: UUID) -> Unit | None:
    """A unit as it is."""
    return next((row for row in await bulk.UNITS.all(session, county_id=county_id) if row.id == unit_id), None)


async def village(session: AsyncSession, county_id: str, village_id: str) -> Village | None:
    """A village as it is."""
    return next(
        (row for row in await bulk.VILLAGES.all(session, county_id=county_id) if row.id == village_id), None
    )


async def household(session: AsyncSession, county_id: str, household_id: UUID) -> Household | None:
    """A household as it is."""
    found = await bulk.HOUSEHOLDS.first(session, county_id=county_id, ids=[household_id])
    return found and found.household()


async def assignment(session: AsyncSession, county_id: str, assignment_id: UUID) -> Assignment | None:
    """An assignment as it is."""
    return await bulk.ASSIGNMENTS.first(session, county_id=county_id, ids=[assignment_id], person_ids=[])


async def ending(session: AsyncSession, county_id: str, village: Village) -> Changes:
    """A village as it shall be; with its end ends all that goes on in it: households, and who answers for it."""
    if village.until_date is None:
        return Changes(villages=[village])
    of = {"county_id": county_id, "village_id": village.id, "day": village.until_date}
    homes = [row.household() for row in await bulk.HOUSEHOLDS_GOING_ON.all(session, **of)]
    answered = await bulk.ASSIGNMENTS_GOING_ON.all(session, **of)
    return Changes(
        villages=[village],
        households=[replace(row, until_date=village.until_date) for row in homes],
        assignments=[replace(row, until_date=village.until_date) for row in answered],
    )


async def known_codes(session: AsyncSession, county_id: str) -> set[str]:
    """Every code that some village has or had."""
    of = {"county_id": county_id}
    later = await bulk.VILLAGE_CODES.all(session, **of)
    return {row.id for row in await bulk.VILLAGES.all(session, **of)} | {row.code for row in later}


async def everyone(session: AsyncSession, county_id: str) -> list[UUID]:
    """All people of the county, those who have left included, in the order in which they are held."""
    return await bulk.EVERYONE.all(session, county_id=county_id)


async def take_back(session: AsyncSession, county_id: str, applied: Applied) -> None:
    """As it was before. Raises `CONFLICT` where something has been built on a new row since.

    Whoever is new goes first, for they may hold a number that another had before.
    """
    await _refuse_changed(session, county_id, applied)
    try:
        for table in reversed(_HOLDING):
            await bulk.delete(session, county_id, getattr(applied.new, table))
        for table in TABLES:
            await bulk.put(session, county_id, getattr(applied.before, table))
        for table in reversed(TABLES[: -len(_HOLDING)]):
            await bulk.delete(session, county_id, getattr(applied.new, table))
    except DBAPIError as error:
        if sqlstate(error) in TAKEN:
            raise Problem(CONFLICT, _PASSED_ON) from None
        if sqlstate(error) != STILL_REFERRED_TO:
            raise
        built = next((text for table, text in _BUILT.items() if table in constraint_name(error)), _OTHER)
        said = Text(_BUILT_ON.zh.format(what=built.zh), _BUILT_ON.en.format(what=built.en))
        raise Problem(CONFLICT, said) from None


async def _refuse_changed(session: AsyncSession, county_id: str, applied: Applied) -> None:
    """What somebody has changed since is not to be lost with it. Raises `CONFLICT`."""
    left = {table: [*getattr(applied.new, table), *getattr(applied.after, table)] for table in TABLES}
    known = await _known(session, county_id, Changes(**left))
    if any(getattr(known, table).get(row.id) != row for table, rows in left.items() for row in rows):
        raise Problem(CONFLICT, _CHANGED_SINCE)


def _refuse(found: Sequence[FieldError]) -> None:
    if found:
        raise Problem(INVALID, errors=tuple(found[:_MOST_TOLD]))


def _tidied(changes: Changes) -> Changes:
    """Phone numbers as they are kept; a number that is blank is none."""
    people = [
        Person(**{**_members(row), "phone": phone_number(row.phone), "number": row.number or None})
        for row in changes.people
    ]
    homes = [Household(**{**_members(row), "number": row.number or None}) for row in changes.households]
    return Changes(**{**_members(changes), "people": people, "households": homes})


def _members(row: Any) -> dict[str, Any]:
    return {field.name: getattr(row, field.name) for field in fields(row)}


async def _ground(session: AsyncSession, county_id: str) -> Ground:
    found = await fences.GROUND.one(session, county_id=county_id, village_id="")
    return Ground(shapely.from_wkb(found.outline), shapely.from_wkb(found.fenced), found.villages)


async def _known(session: AsyncSession, county_id: str, changes: Changes) -> Known:
    """Read once a table, whatever the size of the set."""
    of = {"county_id": county_id}
    held: list[Post | Assignment] = [*changes.posts, *changes.assignments]
    person_ids = _ids([row.id for row in changes.people], [row.person_id for row in held])
    household_ids = _ids(
        [row.id for row in changes.households],
        [row.household_id for row in changes.assignments if row.household_id],
    )
    people_with = await bulk.PEOPLE_WITH.all(
        session,
        **of,
        phones=[row.phone for row in changes.people],
        numbers=[row.number for row in changes.people if row.number],
    )
    homes_with = await bulk.HOUSEHOLDS_WITH.all(
        session, **of, numbers=[row.number for row in changes.households if row.number]
    )
    # Who is of the set themselves gives their number up, or keeps it.
    changing = {row.id for row in changes.people} | {row.id for row in changes.households}
    about = {"person_ids": person_ids}
    return Known(
        townships=_by_id(await bulk.TOWNSHIPS.all(session, **of)),
        units=_by_id(await bulk.UNITS.all(session, **of)),
        villages=_by_id(await bulk.VILLAGES.all(session, **of)),
        households=_by_id(row.household() for row in await bulk.HOUSEHOLDS.all(session, **of, ids=household_ids)),
        people=_by_id(await bulk.PEOPLE.all(session, **of, ids=person_ids)),
        posts=_by_id(await bulk.POSTS.all(session, **of, **about, ids=[row.id for row in changes.posts])),
        assignments=_by_id(
            await bulk.ASSIGNMENTS.all(session, **of, **about, ids=[row.id for row in changes.assignments])
        ),
        holders=[row for row in people_with if row.id not in changing],
        homes=[row.household() for row in homes_with if row.id not in changing],
    )


def _ids(*parts: Iterable[UUID]) -> list[UUID]:
    return sorted({each for part in parts for each in part})


def _by_id(rows: Iterable[Any]) -> dict[Any, Any]:
    return {row.id: row for row in rows}


def _with_whole_tree(changes: Changes, known: Known) -> Changes:
    """Together with the units whose paths change because one above them does."""
    if not changes.units:
        return changes
    tree = with_paths({**known.units, **_by_id(changes.units)})
    asked = {unit.id for unit in changes.units}
    moved = [unit for unit in tree.values() if unit.id in asked or unit != known.units.get(unit.id)]
    return Changes(**{**_members(changes), "units": moved})


def _compared(changes: Changes, known: Known) -> Applied:
    new: dict[str, list[Any]] = {}
    before: dict[str, list[Any]] = {}
    after: dict[str, list[Any]] = {}
    for table in TABLES:
        there: Mapping[object, object] = getattr(known, table)
        for row in getattr(changes, table):
            was = there.get(row.id)
            if was is None:
                new.setdefault(table, []).append(row)
            elif was != row:
                before.setdefault(table, []).append(was)
                after.setdefault(table, []).append(row)
    return Applied(Changes(**new), Changes(**before), Changes(**after))


async def _still_in_use(session: AsyncSession, county_id: str, changes: Changes) -> list[FieldError]:
    """Units, villages and households that end while something goes on in them, as the set leaves it."""
    units = [unit.id for unit in changes.units if unit.until_date]
    homes = [home.id for home in changes.households if home.until_date]
    found = []
    villages = [village.id for village in changes.villages if village.until_date]
    if villages:
        going_on = await bulk.VILLAGES_IN_USE.all(session, county_id=county_id, ids=villages)
        going_on = [row for row in going_on if row.people or row.homes]
        found += _ended("villages", changes.villages, going_on, VILLAGE_IN_USE)
    if units:
        in_use = await bulk.UNITS_IN_USE.all(session, county_id=county_id, ids=units)
        found += _ended("units", changes.units, [row for row in in_use if any(row[1:])], _UNIT_IN_USE)
    if homes:
        in_use = await bulk.HOUSEHOLDS_IN_USE.all(session, county_id=county_id, ids=homes)
        found += _ended("households", changes.households, in_use, HOUSEHOLD_IN_USE)
    return found


def _ended(
    table: str,
    rows: Sequence[Unit | Village | Household],
    in_use: Sequence[InUseRow] | Sequence[VillageInUseRow],
    text: Text,
) -> list[FieldError]:
    at: dict[object, int] = {row.id: number for number, row in enumerate(rows)}
    return [FieldError(f"/{table}/{at[row.id]}/until_date", "in_use", text, dict(row._asdict())) for row in in_use]
