"""Evidence of who is made anonymous stays, without what says whose it was."""

from typing import NamedTuple

from app.kernel.statements import Statement


class EmptiedRow(NamedTuple):
    """How many visits, and how many entries of the audit log that named them."""

    visits: int
    entries: int


# Of the schema's owner (migration 0044): evidence is changed by nothing else, and by this of anonymous people only.
EMPTY = Statement(
    EmptiedRow,
    "SELECT visits, entries FROM anonymise_evidence(:county_id, CAST(:ids AS uuid[]), :pattern)",
)
