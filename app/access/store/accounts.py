"""Statements of accounts: which phone number signs in to whom."""

from typing import NamedTuple
from uuid import UUID

from app.kernel.statements import Command, Statement


class SignInRow(NamedTuple):
    """An account."""

    phone: str
    county_id: str
    person_id: UUID
    password_hash: str


OF_NUMBER = Statement(
    SignInRow, "SELECT phone, county_id, person_id, password_hash FROM sign_in WHERE phone = :phone"
)
# A lost phone, and one whose tokens were in two hands, is its owner's no more.
OWN_DEVICE = Statement(
    str,
    """
SELECT coalesce(device_id, CAST(id AS text)) AS own_device FROM device_session
WHERE county_id = :county_id AND person_id = :person_id AND client IS NULL
  AND (device_id = :device_id OR id = CAST(:session_id AS uuid))
  AND (end_reason IS NULL OR end_reason NOT IN ('ended_by_office', 'ended_by_owner', 'reuse'))
ORDER BY id DESC LIMIT 1
""",
)
LOCK = Statement(
    SignInRow,
    """
SELECT phone, county_id, person_id, password_hash FROM sign_in WHERE phone = :phone FOR UPDATE
""",
)
OF_PERSON = Statement(
    SignInRow,
    """
SELECT phone, county_id, person_id, password_hash
FROM sign_in WHERE county_id = :county_id AND person_id = :person_id FOR UPDATE
""",
)
TAKE = Statement(
    SignInRow,
    """
DELETE FROM sign_in WHERE county_id = :county_id AND person_id = ANY(CAST(:person_ids AS uuid[]))
RETURNING phone, county_id, person_id, password_hash
""",
)
TAKE_NUMBERS = Statement(
    SignInRow,
    """
DELETE FROM sign_in WHERE county_id = :county_id AND phone = ANY(CAST(:phones AS text[]))
RETURNING phone, county_id, person_id, password_hash
""",
)
PUT = Command("""
INSERT INTO sign_in (county_id, phone, person_id, password_hash)
SELECT :county_id, new.* FROM unnest(
  CAST(:phones AS text[]), CAST(:person_ids AS uuid[]), CAST(:password_hashes AS text[])) AS new
""")
