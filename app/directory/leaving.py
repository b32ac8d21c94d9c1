"""Leaving service (离任) has one meaning, by hand and from a file.

Whoever leaves on a day holds no post and answers for nothing from that day on: what would have lasted longer ends
with them. Where the day is moved or taken back, what had ended with them goes on with them. What begins on that
day or later is left as it is: they do not serve by then, so it never comes to be in force.
"""

from collections import defaultdict
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from datetime import date
from typing import TypeVar
from uuid import UUID

from app.directory.change_rules import ASSIGNMENT_KEY, POST_KEY, Changes, Known
from app.directory.rows import Assignment, Person, Post

Held = TypeVar("Held", bound=Post | Assignment)


def with_leaving(changes: Changes, known: Known) -> Changes:
    """Together with the posts and assignments that end, or go on, because their person does.

    What is added fits by construction: nobody asked for it, so there is nowhere to say a fault of it.
    """
    people = {**known.people, **{person.id: person for person in changes.people}}
    return replace(
        changes,
        posts=_following(changes.posts, known.posts, people, known.people, POST_KEY),
        assignments=_following(changes.assignments, known.assignments, people, known.people, ASSIGNMENT_KEY),
    )


def _following(
    rows: Sequence[Held],
    there: Mapping[UUID, Held],
    people: Mapping[UUID, Person],
    before: Mapping[UUID, Person],
    key: Callable[[Held], object],
) -> list[Held]:
    """The rows of the set, and after them those that were not in it."""
    asked = {row.id for row in rows}
    others = [row for row in there.values() if row.id not in asked]
    begins: defaultdict[object, list[date]] = defaultdict(list)
    for row in (*rows, *others):
        begins[key(row)].append(row.from_date)
    followed = [
        _within(_going_on(row, people, before, begins[key(row)]), people.get(row.person_id)) for row in others
    ]
    return [
        *(_within(row, people.get(row.person_id)) for row in rows),
        *(row for row in followed if row != there[row.id]),
    ]


def _going_on(
    row: Held, people: Mapping[UUID, Person], before: Mapping[UUID, Person], begins: Sequence[date]
) -> Held:
    """What had ended with its person lasts on where their day is another, until the next of the same begins."""
    was, now = before.get(row.person_id), people.get(row.person_id)
    ended = row.until_date
    if ended is None or was is None or now is None or was.until_date != ended or now.until_date == ended:
        return row
    return replace(row, until_date=min((day for day in begins if day >= ended), default=None))


def _within(row: Held, person: Person | None) -> Held:
    """It lasts no longer than its person serves."""
    until = person.until_date if person else None
    if until is None or row.from_date >= until or (row.until_date or date.max) <= until:
        return row
    return replace(row, until_date=until)
