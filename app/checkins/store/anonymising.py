"""Evidence of who is made anonymous stays, without what says whose it was."""

from typing import NamedTuple

from app.kernel.statements import Statement


class EmptiedRow(NamedTuple):
    """How many visits and absences, and how many entries of the audit log that named them."""

    visits: int
    absences: int
    entries: int


# The schema owner's (migration 0044): nothing else changes evidence.
EMPTY = Statement(
    EmptiedRow,
    "SELECT visits, absences, entries FROM anonymise_evidence(:county_id, :person_id, :now)",
)
