"""Who answers for a person: the leaders to turn to, found by both lines of the responsibility tree."""

from collections import defaultdict
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from app.directory.rights import Ability, roles
from app.directory.scope import Standing
from app.directory.store import leaders as store

EVERY_LEVEL = 100
"""More than any responsibility tree has."""


@dataclass(frozen=True, slots=True)
class LeaderQuery:
    """How far up to ask for one person: so many levels that have leaders, and the offices above at any rate."""

    person_id: UUID
    levels: int = 1
    offices: bool = False


@dataclass(frozen=True, slots=True)
class Answering:
    """Who answers for a person: a leader, or else an office."""

    person_id: UUID
    leads: bool


async def answering(
    session: AsyncSession, *, county_id: str, asked: Sequence[LeaderQuery], today: date
) -> list[list[Answering]]:
    """Who answers for each of these people, in the order asked; never the person.

    A level is the nearest unit, from the own one upwards, that has a leader above the person (`stands_above`): on
    both lines, of the unit that answers for them on the ground, and of the department that sent them. Where
    neither line has as many levels as are asked for, the nearest office above stands in. Empty when nobody holds
    such a post.
    """
    found = await store.ANSWERING.all(
        session,
        county_id=county_id,
        today=today,
        person_ids=[reach.person_id for reach in asked],
        levels=[reach.levels for reach in asked],
        offices=[reach.offices for reach in asked],
    )
    by_place: dict[int, list[Answering]] = defaultdict(list)
    for row in found:
        by_place[row.place].append(Answering(row.holder_id, row.leads))
    return [by_place[place] for place in range(1, len(asked) + 1)]


async def standing(session: AsyncSession, *, county_id: str, person_id: UUID, now: datetime) -> Standing:
    """Where the person stands in the tree today; see `scope.stands_above`."""
    (found,) = await standings(session, county_id=county_id, person_ids=[person_id], now=now)
    return found


async def standings(
    session: AsyncSession, *, county_id: str, person_ids: Collection[UUID], now: datetime
) -> list[Standing]:
    """The same of many people, in no order."""
    found = await store.STANDINGS.all(session, county_id=county_id, person_ids=list(person_ids), now=now)
    return [Standing(row.person_id, row.lines, row.leads) for row in found]


async def reaching_beyond(
    session: AsyncSession, *, county_id: str, person_ids: Collection[UUID], paths: Sequence[str], today: date
) -> set[UUID]:
    """Of these people those who hold, now or later, a post over others outside of these units."""
    found = await store.REACHING_BEYOND.all(
        session,
        county_id=county_id,
        person_ids=list(person_ids),
        supervising=list(roles(Ability.READ)),
        paths=list(paths),
        today=today,
    )
    return set(found)


async def leaders_of(session: AsyncSession, *, county_id: str, person_id: UUID, today: date) -> tuple[UUID, ...]:
    """The nearest leaders of the person, or the office where there is none."""
    (found,) = await answering(session, county_id=county_id, asked=[LeaderQuery(person_id)], today=today)
    return tuple(dict.fromkeys(each.person_id for each in found))
