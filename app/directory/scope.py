"""Scope: whose data a person may see. It follows posts, and nobody reads outside their subtrees."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from app.directory.words import SUPERVISING_ROLES


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

    @property
    def supervises(self) -> bool:
        return bool(self.paths)

    def may(self, *roles: str) -> bool:
        return bool(self.roles.intersection(roles))


def scope_of(county_id: str, person_id: UUID, posts: list[Held]) -> Scope:
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
    )


def topmost(paths: Iterable[str]) -> tuple[str, ...]:
    """Those that lie under none of the others, in order."""
    top: list[str] = []
    for path in sorted(set(paths)):  # an ancestor comes before its descendants
        if not any(path.startswith(f"{above}.") for above in top):
            top.append(path)
    return tuple(top)
