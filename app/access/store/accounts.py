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


class OwnDeviceRow(NamedTuple):
    """An account, and the device or browser that asks, where its owner has been signed in on it."""

    phone: str
    county_id: str
    person_id: UUID
    password_hash: str
    own_device: str | None


# A lost phone, and one whose tokens were in two hands, is its owner's no more.
OF_NUMBER = Statement(
    OwnDeviceRow,
    """
SELECT phone, county_id, person_id, password_hash, (
  SELECT coalesce(own.device_id, CAST(own.id AS text)) FROM device_session AS own
  WHERE own.county_id = sign_in.county_id AND own.person_id = sign_in.person_id AND own.client IS NULL
    AND (own.device_id = :device_id OR own.id = CAST(:session_id AS uuid))
    AND (own.end_reason IS NULL OR own.end_reason NOT IN ('ended_by_office', 'ended_by_owner', 'reuse'))
  ORDER BY own.id DESC LIMIT 1
) AS own_device
FROM sign_in WHERE phone = :phone
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
