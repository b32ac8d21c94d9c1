"""Evidence of who is made anonymous stays, without what says whose it was."""

from typing import NamedTuple

from app.kernel.statements import Statement


class EmptiedRow(NamedTuple):
    """How many visits, and how many entries of the audit log that named them."""

    visits: int
    entries: int


# The schema owner's (migration 0044): nothing else changes evidence, and this that of anonymous people only.
EMPTY = Statement(
    EmptiedRow,
    "SELECT visits, entries FROM anonymise_evidence(:county_id, CAST(:ids AS uuid[]), :pattern)",
)
