"""Statements of the record of who signed in, or tried to, from where."""

from datetime import datetime
from typing import NamedTuple
from uuid import UUID

from app.access.words import SignInResult
from app.kernel.statements import Command, Statement


class SignInEventRow(NamedTuple):
    """One try, as its owner and the office see it."""

    id: UUID
    at: datetime
    result: SignInResult
    address: str
    device_id: str | None
    agent: str | None


# The same work whether anybody has the number or not: time tells no stranger who has an account.
TRIED = Command("""
INSERT INTO sign_in_event (county_id, id, person_id, at, result, address, device_id, agent)
SELECT county_id, :id, person_id, :at, :result, :address, CAST(:device_id AS text), CAST(:agent AS text)
FROM sign_in WHERE phone = :phone
""")
BECAME = Command("UPDATE sign_in_event SET result = :result WHERE county_id = :county_id AND id = :id")
# Ids follow time.
OF_PERSON = Statement(
    SignInEventRow,
    """
SELECT id, at, result, address, device_id, agent FROM sign_in_event
WHERE county_id = :county_id AND person_id = :person_id
  AND (CAST(:before AS uuid) IS NULL OR id < CAST(:before AS uuid))
ORDER BY id DESC LIMIT :limit
""",
)
