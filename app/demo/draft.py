"""A roster under construction. Ids follow from what a row is, so that the same demo always has the same ids."""

import random
from collections.abc import Iterator, Sequence
from datetime import date
from itertools import count, pairwise
from typing import TypeVar
from uuid import UUID, uuid5

from shapely import Point

from app.demo import names
from app.demo.homes import Place
from app.directory.rows import Assignment, Household, Person, Post, Unit

Item = TypeVar("Item")
_SPACE = UUID("6f4a1a3e-9d0c-5b57-8c63-5d0a8b1f2c77")


def stable_id(*name: object) -> UUID:
    return uuid5(_SPACE, " ".join(map(str, name)))


def shares(items: Sequence[Item], parts: int) -> list[Sequence[Item]]:
    """`items` cut into consecutive parts whose sizes differ by one at most."""
    cuts = [len(items) * number // parts for number in range(parts + 1)]
    return [items[start:end] for start, end in pairwise(cuts)]


class Draft:
    """Collects the rows of one county. Everything is in force from `since`."""

    def __init__(self, county_id: str, since: date, phones: Iterator[str], rng: random.Random) -> None:
        self.county_id = county_id
        self.since = since
        self.rng = rng
        self.units: list[Unit] = []
        self.people: list[Person] = []
        self.posts: list[Post] = []
        self.assignments: list[Assignment] = []
        self.households: list[Household] = []
        self._phones = phones
        self._number = count()

    def unit(self, code: str, name: str, level: str, parent: Unit | None) -> Unit:
        path = f"{parent.path}.{code}" if parent else code
        made = Unit(
            stable_id(self.county_id, "unit", code), parent.id if parent else None, code, name, level, path
        )
        self.units.append(made)
        return made

    def person(
        self, category: str, unit: Unit, *, department: Unit | None = None, phone: str | None = None
    ) -> Person:
        made = Person(
            id=stable_id(self.county_id, "person", next(self._number)),
            name=names.person(self.rng),
            phone=phone or next(self._phones),
            category=category,
            unit_id=unit.id,
            department_id=department.id if department else None,
            from_date=self.since,
        )
        self.people.append(made)
        return made

    def post(self, person: Person, unit: Unit, role: str, title: str) -> None:
        post_id = stable_id(self.county_id, "post", person.id, unit.code, role)
        self.posts.append(Post(post_id, person.id, unit.id, role, title, self.since))

    def assign(self, person: Person, village_id: str, household: Household | None = None) -> None:
        household_id = household.id if household else None
        assignment_id = stable_id(self.county_id, "assignment", person.id, household_id or village_id)
        self.assignments.append(Assignment(assignment_id, person.id, village_id, household_id, self.since))

    def household(self, village_id: str, hamlet: str, position: Place) -> Household:
        made = Household(
            id=stable_id(self.county_id, "household", len(self.households)),
            village_id=village_id,
            head_name=names.person(self.rng),
            hamlet=hamlet,
            position=Point(position),
        )
        self.households.append(made)
        return made
