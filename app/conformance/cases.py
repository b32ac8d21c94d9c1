"""A case tries one clause, and says why when the clause is broken."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any


class Broken(Exception):  # noqa: N818 - what is found, not an error of the kit
    """The clause does not hold; the message says what was done, what should have come, and what came."""


class Skipped(Exception):  # noqa: N818
    """The clause cannot be tried here; the message says what is missing."""


@dataclass(frozen=True, slots=True)
class Case:
    """`play` gets a `Visitor` (a server is tried) or a `Bench` (a phone is), and raises `Broken` or `Skipped`."""

    clause: str
    name: str
    play: Callable[[Any], None]


class Cases(dict[str, Case]):
    """By the id of the clause, of which each has one case."""

    def __call__(self, clause: str) -> Callable[[Callable[[Any], None]], Callable[[Any], None]]:
        """Above a function: it tries this clause. The case is named for the function."""

        def add(play: Callable[[Any], None]) -> Callable[[Any], None]:
            if clause in self:
                raise ValueError(f"{clause} has a case already: {self[clause].name}")
            self[clause] = Case(clause, play.__name__.replace("_", " "), play)
            return play

        return add


def expect(holds: object, why: str) -> None:
    """Raises `Broken`."""
    if not holds:
        raise Broken(why)
