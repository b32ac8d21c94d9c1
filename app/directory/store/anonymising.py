"""A person who has left is made anonymous: the record stays, and says of nobody whose it was."""

from datetime import date, datetime
from typing import NamedTuple
from uuid import UUID

from app.kernel.statements import Command, Statement


class RecordRow(NamedTuple):
    """A record of the person: their own, or one that went into it."""

    id: UUID
    name: str
    phone: str
    number: str | None
    until_date: date | None
    merged_into: UUID | None
    anonymised_at: datetime | None


RECORDS = Statement(
    RecordRow,
    """
SELECT id, name, phone, number, until_date, merged_into, anonymised_at FROM person
WHERE county_id = :county_id AND (id = :person_id OR merged_into = :person_id)
ORDER BY id FOR UPDATE
""",
)
# A number of their own in place of the phone's: one is nobody else's at the same time.
FORGET = Command("""
WITH posts AS (
  UPDATE post SET title = '' WHERE county_id = :county_id AND person_id = ANY(CAST(:ids AS uuid[]))
)
UPDATE person SET name = :name, phone = CAST(id AS text), number = NULL
WHERE county_id = :county_id AND id = ANY(CAST(:ids AS uuid[]))
""")
