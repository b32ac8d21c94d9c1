"""Scope: whose data a person may see. It follows posts, and nobody reads outside their subtrees."""

from dataclasses import dataclass
from typing import Any
from uuid import UUID

from app.directory.rules import SUPERVISING_ROLES


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
    held = sorted({(post.path, post.unit_id) for post in posts if post.role in SUPERVISING_ROLES})
    top: list[tuple[str, UUID]] = []
    for path, unit_id in held:  # sorted, so an ancestor comes before its descendants
        if not any(path == above or path.startswith(f"{above}.") for above, _ in top):
            top.append((path, unit_id))
    return Scope(
        county_id=county_id,
        person_id=person_id,
        paths=tuple(path for path, _ in top),
        unit_ids=tuple(unit_id for _, unit_id in top),
        roles=frozenset(post.role for post in posts),
        posts=tuple(posts),
    )
