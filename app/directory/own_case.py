"""本人的事: what of a set of changes would be the writer's own case, which somebody else has to decide.

It is so by hand and from a file, done and taken back: of oneself what is registered, one's posts and assignments;
where a unit stands that answers for oneself; of what one answers for where it lies, whose it is and how long.
"""

from collections.abc import Collection, Iterator
from dataclasses import dataclass
from datetime import date, datetime
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from app.directory import leaders
from app.directory.change_rules import Changes
from app.directory.changes import Applied
from app.directory.store.bulk import ANSWERED_FOR
from app.kernel.language import Text
from app.kernel.problems import FORBIDDEN, FieldError, Problem

OWN = Text(
    "涉及本人的登记、任职、结对、责任单元或所联系的村（户），须由他人办理",
    "Nobody changes what is registered of themselves, nor the units, villages and households by which they are"
    " counted: somebody else does it",
)


@dataclass(frozen=True, slots=True)
class Own:
    """By whom and by what it would be one's own case."""

    person_ids: frozenset[UUID]
    lines: tuple[str, ...]  # paths of the units that answer for them
    villages: frozenset[str]  # in which they answer for anything, today or later
    whole: frozenset[str]  # of these, those that they answer for as a whole
    households: frozenset[UUID]


async def own_of(
    session: AsyncSession, county_id: str, person_ids: Collection[UUID], *, today: date, now: datetime
) -> Own:
    """Of somebody and of those whom they might be standing in for (`Scope.opened_by`)."""
    standings = await leaders.standings(session, county_id=county_id, person_ids=person_ids, now=now)
    answered = await ANSWERED_FOR.all(session, county_id=county_id, person_ids=list(person_ids), today=today)
    return Own(
        frozenset(person_ids),
        tuple(line for standing in standings for line in standing.lines),
        frozenset(row.village_id for row in answered),
        frozenset(row.village_id for row in answered if row.household_id is None),
        frozenset(row.household_id for row in answered if row.household_id),
    )


def refuse(changes: Changes, applied: Applied, own: Own) -> None:
    """Raises `FORBIDDEN`, at every row of `changes` that is the writer's own case."""
    at = {(table, row.id): place for table in _TABLES for place, row in enumerate(getattr(changes, table))}
    found = tuple(
        FieldError(f"/{table}/{at[table, row_id]}/{field}", "own", OWN)
        for table, row_id, field in _concerned(applied, own)
        if (table, row_id) in at
    )
    if found:
        raise Problem(FORBIDDEN, OWN, errors=found)


def refuse_taking_back(applied: Applied, own: Own) -> None:
    """The same of a set that was applied before."""
    if next(_concerned(applied, own), None):
        raise Problem(FORBIDDEN, OWN)


_TABLES = ("people", "posts", "assignments", "units", "villages", "households")


def _concerned(applied: Applied, own: Own) -> Iterator[tuple[str, UUID | str, str]]:
    """Table, id and field of every row that is theirs, or that they are counted by."""
    for part in (applied.new, applied.before, applied.after):
        yield from (("people", row.id, "phone") for row in part.people if row.id in own.person_ids)
        for table in ("posts", "assignments"):
            rows = getattr(part, table)
            yield from ((table, row.id, "person_id") for row in rows if row.person_id in own.person_ids)
    for was, unit in zip(applied.before.units, applied.after.units, strict=True):
        if was.path != unit.path and any(f"{line}.".startswith(f"{was.path}.") for line in own.lines):
            yield "units", unit.id, "parent_id"
    for before, village in zip(applied.before.villages, applied.after.villages, strict=True):
        if village.id in own.villages and (before.unit_id, before.until_date) != (
            village.unit_id,
            village.until_date,
        ):
            yield "villages", village.id, "unit_id"
    for home, house in zip(applied.before.households, applied.after.households, strict=True):
        if (house.id in own.households or house.village_id in own.whole) and (
            home.position,
            home.radius_m,
            home.until_date,
        ) != (house.position, house.radius_m, house.until_date):
            yield "households", house.id, "position"
