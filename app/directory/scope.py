"""Scope: whose data a person may see. It follows posts, and nobody reads outside their subtrees."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from app.directory.words import OFFICE_ROLES, SUPERVISING_ROLES


@dataclass(frozen=True, slots=True)
class Held:
    """A post held today."""

    id: UUID
    role: str
    title: str
    unit_id: UUID
    unit_name: str
    unit_level: str
    path: str  # of the unit in the tree

    def as_dict(self) -> dict[str, Any]:
        return {
            "id": self.id,
            "role": self.role,
            "title": self.title,
            "unit": {"id": self.unit_id, "name": self.unit_name, "level": self.unit_level},
        }


@dataclass(frozen=True, slots=True)
class Scope:
    """`paths`: the subtrees that the person supervises, none inside another. Everyone sees themselves."""

    county_id: str
    person_id: UUID
    paths: tuple[str, ...]
    unit_ids: tuple[UUID, ...]
    roles: frozenset[str]
    posts: tuple[Held, ...] = ()
    home: tuple[str, ...] = ()  # the units that answer for the person themselves, on both lines

    @property
    def supervises(self) -> bool:
        return bool(self.paths)

    def as_office(self) -> "Scope":
        """The part of it that the caller's posts in an office give: where one may do what is the office's."""
        posts = [post for post in self.posts if post.role in OFFICE_ROLES]
        return scope_of(self.county_id, self.person_id, posts, self.home)

    @property
    def of_county_office(self) -> bool:
        """Whether one of the posts is in the county's own office, which answers for all of it."""
        return any(post.role in OFFICE_ROLES and post.unit_level == "county" for post in self.posts)


@dataclass(frozen=True, slots=True)
class Standing:
    """Where a person stands in the tree: `lines` are the units that answer for them, `leads` those they lead."""

    person_id: UUID
    lines: Sequence[str]
    leads: Sequence[str]


def stands_above(decider: Scope, of: Standing, roles: Sequence[str] = SUPERVISING_ROLES) -> bool:
    """Whether the decider holds such a post above the person, on either line: who decides about them.

    Nobody is above themselves. Who leads a unit has no one above them in it but those who come from further up,
    such as a leader of the county in command of a township; in the topmost unit there is nobody else.
    """
    return of.person_id != decider.person_id and any(
        any(_within(line, post.path) for line in of.lines)
        and (
            post.path not in of.leads
            or "." not in post.path
            or any(_within(post.path, home) and home != post.path for home in decider.home)
        )
        for post in decider.posts
        if post.role in roles
    )


def _within(path: str, above: str) -> bool:
    return path == above or path.startswith(f"{above}.")


def scope_of(county_id: str, person_id: UUID, posts: Sequence[Held], home: Sequence[str] = ()) -> Scope:
    """The scope that `posts` give: the topmost units of every supervising role."""
    held = {post.path: post.unit_id for post in posts if post.role in SUPERVISING_ROLES}
    top = topmost(held)
    return Scope(
        county_id=county_id,
        person_id=person_id,
        paths=top,
        unit_ids=tuple(held[path] for path in top),
        roles=frozenset(post.role for post in posts),
        posts=tuple(posts),
        home=tuple(home),
    )


def topmost(paths: Iterable[str]) -> tuple[str, ...]:
    """Those that lie under none of the others, in order."""
    top: list[str] = []
    for path in sorted(set(paths)):  # an ancestor comes before its descendants
        if not any(_within(path, above) for above in top):
            top.append(path)
    return tuple(top)
