"""What shall be different in a county's directory, as one set: by hand it holds one row, from a file thousands.

A row is whole, as it shall be: one with an id that is there already changes it, any other is new. Nothing that has
a history is taken away: it ends, on its `until_date`.
"""

from collections.abc import Sequence
from dataclasses import dataclass

from app.directory.roster import Assignment, Household, Person, Post, Township, Unit, Village


@dataclass(frozen=True, slots=True, kw_only=True)
class Changes:
    """Rows that are new or shall be as they stand here."""

    townships: Sequence[Township] = ()
    units: Sequence[Unit] = ()
    villages: Sequence[Village] = ()
    households: Sequence[Household] = ()
    people: Sequence[Person] = ()
    posts: Sequence[Post] = ()
    assignments: Sequence[Assignment] = ()
