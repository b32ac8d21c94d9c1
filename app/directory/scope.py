"""Scope: whose data a person may see. It follows posts, and nobody reads outside their subtrees."""

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass, replace
from uuid import UUID

from app.directory.rights import Ability, giving, of_roles, roles

_SUPERVISING = roles(Ability.READ)  # who look at more than themselves


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

    def as_dict(self) -> dict[str, object]:
        return {
            "id": self.id,
            "role": self.role,
            "title": self.title,
            "unit": {"id": self.unit_id, "name": self.unit_name, "level": self.unit_level},
        }


@dataclass(frozen=True, slots=True)
class Scope:
    """`paths`: the subtrees that the person supervises, none inside another. Everyone sees themselves.

    `opened_by`: who may know the way into the account, since they issued the code that it was last opened with, or
    merged another record into the person's.
    """

    county_id: str
    person_id: UUID
    paths: tuple[str, ...]
    posts: tuple[Held, ...] = ()
    home: tuple[str, ...] = ()  # the units that answer for the person themselves, on both lines
    opened_by: frozenset[UUID] = frozenset()

    @property
    def supervises(self) -> bool:
        return bool(self.paths)

    @property
    def abilities(self) -> list[Ability]:
        """All that a post lets the person do somewhere: what a page offers."""
        return [ability for ability in Ability if self.may(ability)]

    def is_own(self, person_id: UUID) -> bool:
        """Whether this is oneself, or somebody who could be acting here by an account that they opened."""
        return person_id == self.person_id or person_id in self.opened_by

    def may(self, ability: Ability, of: "Standing | None" = None) -> bool:
        """Whether a post lets its holder do this at all; or about this person, whom it must stand above."""
        return stands_above(self, of, roles(ability)) if of else bool(giving(ability, self.posts))

    def within(self, ability: Ability) -> "Scope":
        """The part of it in which the caller's posts let them do this."""
        return replace(self, paths=_paths(ability, self.posts))


@dataclass(frozen=True, slots=True)
class Standing:
    """Where a person stands in the tree: `lines` are the units that answer for them, `leads` those they lead."""

    person_id: UUID
    lines: Sequence[str]
    leads: Sequence[str]


def stands_above(decider: Scope, of: Standing, roles: Collection[str] = _SUPERVISING) -> bool:
    """Whether the decider holds such a post above the person, on either line: who decides about them.

    Nobody is above themselves, nor above who opened their account (`Scope.is_own`). Who leads a unit has no one
    above them in it but those who come from further up, such as a leader of the county in command of a township;
    in the topmost unit there is nobody else.
    """
    return not decider.is_own(of.person_id) and any(
        any(_within(line, post.path) for line in of.lines)
        and (
            post.path not in of.leads
            or "." not in post.path
            or any(_within(post.path, home) and home != post.path for home in decider.home)
        )
        for post in of_roles(roles, decider.posts)
    )


def _within(path: str, above: str) -> bool:
    return path == above or path.startswith(f"{above}.")


def scope_of(
    county_id: str,
    person_id: UUID,
    posts: Sequence[Held],
    home: Sequence[str] = (),
    opened_by: Iterable[UUID] = (),
) -> Scope:
    """The scope that `posts` give: the topmost units of every post that lets its holder look at others."""
    paths = _paths(Ability.READ, posts)
    return Scope(county_id, person_id, paths, tuple(posts), tuple(home), frozenset(opened_by))


def _paths(ability: Ability, posts: Sequence[Held]) -> tuple[str, ...]:
    return topmost(post.path for post in giving(ability, posts))


def topmost(paths: Iterable[str]) -> tuple[str, ...]:
    """Those that lie under none of the others, in order."""
    top: list[str] = []
    for path in sorted(set(paths)):  # an ancestor comes before its descendants
        if not any(_within(path, above) for above in top):
            top.append(path)
    return tuple(top)
