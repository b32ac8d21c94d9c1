"""The directory changes by a set, by hand or from a file: what people owe follows, and is said beforehand."""

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from datetime import date, datetime
from typing import TypeVar
from uuid import UUID
from zoneinfo import ZoneInfo

from sqlalchemy.ext.asyncio import AsyncSession

from app.access import accounts
from app.access import service as access
from app.directory import changes as directory_changes
from app.directory import geofences, own_case
from app.directory import service as directory
from app.directory.changes import TABLES, Applied, Changes
from app.directory.own_case import OWN as OWN
from app.directory.own_case import Own
from app.directory.rows import Assignment, Person, Post
from app.duties import people as duty_people
from app.duties import service as duties
from app.duties.service import DutyCounty, Recounted
from app.kernel import audit
from app.kernel.database import rehearsed
from app.kernel.problems import Problem

_MOST_IN_AUDIT = 100  # rows named one by one; of more it says how many


@dataclass(frozen=True, slots=True)
class Effect:
    """What a set of changes does: rows by table, and what people owe.

    A duty is changed when what it requires or where it stands is not what it was; one that was not owed is new.
    """

    new: Mapping[str, int]
    changed: Mapping[str, int]
    duties_counted: int = 0
    duties_new: int = 0
    duties_changed: int = 0
    flags_raised: int = 0
    flags_withdrawn: int = 0


@dataclass(frozen=True, slots=True)
class _Days:
    """Whose duties are to be counted anew, in which periods."""

    person_ids: list[UUID]
    first: date
    until: date | None


async def apply(
    session: AsyncSession, county: DutyCounty, changes: Changes, *, actor_id: UUID, now: datetime, source: str
) -> tuple[Applied, Effect]:
    """All of it in the caller's transaction, or a `Problem` that names every row that does not fit.

    `source` is for the audit log: `by_hand`, or the import that it came with.
    """
    await alone(session, county.id)
    await directory.lock_people(session, county_id=county.id, person_ids=_named(changes))
    own = await own_of(session, county, actor_id, now=now)  # as it is before
    applied = await directory_changes.apply(session, county.id, changes)
    own_case.refuse(changes, applied, own)
    return applied, await _follow(session, county, applied, actor_id=actor_id, now=now, source=source)


async def own_of(session: AsyncSession, county: DutyCounty, actor_id: UUID, *, now: datetime) -> Own:
    """What would be the writer's own case, or of those who may be writing by the writer's account."""
    writers = {actor_id} | await access.opened_by(session, county.id, actor_id)
    today = now.astimezone(ZoneInfo(county.timezone)).date()
    return await own_case.own_of(session, county.id, writers, today=today, now=now)


async def alone(session: AsyncSession, county_id: str) -> None:
    """Nobody else changes the county's directory until this transaction ends; visits go on."""
    await directory_changes.lock(session, county_id)


async def preview(
    session: AsyncSession, county: DutyCounty, changes: Changes, *, actor_id: UUID, now: datetime
) -> Effect:
    """What `apply` would do: it is done, and taken back."""
    async with rehearsed(session):
        _, effect = await apply(session, county, changes, actor_id=actor_id, now=now, source="preview")
    return effect


async def by_hand(
    session: AsyncSession,
    county: DutyCounty,
    changes: Changes,
    *,
    actor_id: UUID,
    now: datetime,
    only_look: bool = False,
) -> Effect:
    """One row that somebody writes, whose faults are said at its own fields, without its place in the set."""
    try:
        if only_look:
            return await preview(session, county, changes, actor_id=actor_id, now=now)
        return (await apply(session, county, changes, actor_id=actor_id, now=now, source="by_hand"))[1]
    except Problem as problem:
        errors = [replace(each, pointer=f"/{each.pointer.split('/', 3)[-1]}") for each in problem.errors]
        raise Problem(problem.kind, problem.detail, errors=tuple(errors)) from None


async def take_back(
    session: AsyncSession, county: DutyCounty, applied: Applied, *, actor_id: UUID, now: datetime, source: str
) -> Effect:
    """As it was before `apply`. Raises `FORBIDDEN` as that does, and `CONFLICT` where something was built on it.

    What newcomers owed goes with them; where a flag was raised or a visit made, they stay.
    """
    own_case.refuse_taking_back(applied, await own_of(session, county, actor_id, now=now))
    await directory.lock_people(
        session, county_id=county.id, person_ids=_named(applied.new) + _named(applied.before)
    )
    await duty_people.forget(session, county.id, [person.id for person in applied.new.people])
    await directory_changes.take_back(session, county.id, applied)
    there = {person.id for person in applied.new.people}
    ended = Changes(
        posts=[row for row in applied.new.posts if row.person_id not in there],
        assignments=[row for row in applied.new.assignments if row.person_id not in there],
    )
    undone = Applied(ended, applied.after, applied.before)
    return await _follow(session, county, undone, actor_id=actor_id, now=now, source=source)


async def _follow(
    session: AsyncSession, county: DutyCounty, applied: Applied, *, actor_id: UUID, now: datetime, source: str
) -> Effect:
    """Fences, sign-in numbers, duties and the audit log, after the rows have been written."""
    changed = list(zip(applied.before.villages, applied.after.villages, strict=True))
    await geofences.follow(session, county.id, changed, now=now)
    await accounts.renumber(
        session,
        county.id,
        {
            after.id: after.phone
            for before, after in zip(applied.before.people, applied.after.people, strict=True)
            if before.phone != after.phone
        },
    )
    days = await _days(session, county, applied)
    before = await duty_people.flags_of(session, county.id, days.person_ids)
    counted = Recounted(0, [])
    if days.person_ids:
        counted = await duties.recount_days(
            session, county, person_ids=days.person_ids, from_day=days.first, until_day=days.until, now=now
        )
    after = await duty_people.flags_of(session, county.id, days.person_ids)
    effect = effect_of((_sizes(applied.new), _sizes(applied.after)), counted, before, after)
    await _record(session, county, applied, effect, actor_id=actor_id, now=now, source=source)
    return effect


def effect_of(
    sizes: tuple[Mapping[str, int], Mapping[str, int]],
    counted: Recounted,
    before: Mapping[UUID, str],
    after: Mapping[UUID, str],
) -> Effect:
    """`sizes`: new and changed rows by table; `before` and `after`: where the flags of whom it concerns stand."""
    raised, withdrawn = turned_flags(before, after)
    return Effect(
        *sizes,
        duties_counted=counted.counted,
        duties_new=sum(change.required_before is None for change in counted.changed),
        duties_changed=sum(change.required_before is not None for change in counted.changed),
        flags_raised=raised,
        flags_withdrawn=withdrawn,
    )


def turned_flags(before: Mapping[UUID, str], after: Mapping[UUID, str]) -> tuple[int, int]:
    """How many flags were raised and how many withdrawn."""
    turned = Counter(status for flag_id, status in after.items() if before.get(flag_id) != status)
    return turned["open"], turned["withdrawn"]


def _sizes(rows: Changes) -> dict[str, int]:
    return {table: size for table in TABLES if (size := len(getattr(rows, table)))}


def _named(changes: Changes) -> list[UUID]:
    """Whose rows are held, in one order for all, so that no two wait for each other."""
    held: Sequence[Post | Assignment] = [*changes.posts, *changes.assignments]
    return sorted({row.id for row in changes.people} | {row.person_id for row in held})


async def _days(session: AsyncSession, county: DutyCounty, applied: Applied) -> _Days:
    """Everyone, always, where the tree changes by which a rule counts; else who is concerned, when they are."""
    if _tree_changed(applied) and await duty_people.counts_by_units(session, county.id):
        everyone = await directory_changes.everyone(session, county.id)
        await directory.lock_people(session, county_id=county.id, person_ids=everyone)
        return _Days(everyone, date.min, None)
    concerned = list(_concerned(applied))
    if not concerned:
        return _Days([], date.min, None)
    untils = [until for _, _, until in concerned]
    return _Days(
        sorted({person_id for person_id, _, _ in concerned}),
        min(first for _, first, _ in concerned),
        None if None in untils else max(until for until in untils if until),
    )


def _tree_changed(applied: Applied) -> bool:
    paths = {row.id: row.path for row in applied.before.units}
    units = {row.id: row.unit_id for row in applied.before.villages}
    return any(paths[row.id] != row.path for row in applied.after.units) or any(
        units[row.id] != row.unit_id for row in applied.after.villages
    )


def _concerned(applied: Applied) -> Iterator[tuple[UUID, date, date | None]]:
    """(person, first day, day after the last) of all that bears on what somebody owes."""
    for person in applied.new.people:
        yield person.id, person.from_date, person.until_date
    for before, after in zip(applied.before.people, applied.after.people, strict=True):
        if _owing(before) != _owing(after):
            yield before.id, *_differ(before, after)
    for part in (applied.new.posts, applied.new.assignments):
        for row in part:
            yield row.person_id, row.from_date, row.until_date
    was: Sequence[Post | Assignment] = [*applied.before.posts, *applied.before.assignments]
    now: Sequence[Post | Assignment] = [*applied.after.posts, *applied.after.assignments]
    for old, new in zip(was, now, strict=True):
        yield old.person_id, *_differ(old, new)
        if new.person_id != old.person_id:
            yield new.person_id, new.from_date, new.until_date


T = TypeVar("T", bound=Person | Post | Assignment)


def _differ(before: T, after: T) -> tuple[date, date | None]:
    """The days on which it is another, the one after the last: only at its end, where only that was moved."""
    if replace(before, until_date=after.until_date) == after:
        return between(before.until_date, after.until_date)
    untils = (before.until_date, after.until_date)
    return min(before.from_date, after.from_date), None if None in untils else max(filter(None, untils))


def between(before: date | None, after: date | None) -> tuple[date, date | None]:
    """The days that change when something that lasted until `before` lasts until `after`."""
    first, last = sorted((before or date.max, after or date.max))
    return first, None if last == date.max else last


def _owing(person: Person) -> tuple[object, ...]:
    """What of a person decides what they owe."""
    return person.category, person.unit_id, person.department_id, person.from_date, person.until_date


async def _record(
    session: AsyncSession,
    county: DutyCounty,
    applied: Applied,
    effect: Effect,
    *,
    actor_id: UUID,
    now: datetime,
    source: str,
) -> None:
    """Rows of a small set with what they were and are; of a large one how many. The import keeps the rest."""
    if not effect.new and not effect.changed:
        return
    detail: dict[str, object] = {"source": source, "new": effect.new, "changed": effect.changed}
    if sum((*effect.new.values(), *effect.changed.values())) <= _MOST_IN_AUDIT:
        detail["rows"] = {
            "new": _rows(applied.new),
            "before": _rows(applied.before),
            "after": _rows(applied.after),
        }
    await audit.record(
        session,
        county_id=county.id,
        at=now,
        actor_id=actor_id,
        action="directory.changed",
        subject=f"county:{county.id}",
        detail=detail,
    )


def _rows(changes: Changes) -> dict[str, list[dict[str, object]]]:
    return {table: [asdict(row) for row in rows] for table in TABLES if (rows := getattr(changes, table))}
