"""Statements of accounts: which phone number signs in to whom, and wrong passwords in a row."""

from datetime import datetime
from typing import NamedTuple
from uuid import UUID

from app.kernel.statements import Command, Statement


class SignInRow(NamedTuple):
    """An account, and the wrong passwords in a row."""

    phone: str
    county_id: str
    person_id: UUID
    password_hash: str
    failures: int
    last_failure_at: datetime | None


LOCK = Statement(
    SignInRow,
    """
SELECT phone, county_id, person_id, password_hash, failures, last_failure_at
FROM sign_in WHERE phone = :phone FOR UPDATE
""",
)
OF_PERSON = Statement(
    SignInRow,
    """
SELECT phone, county_id, person_id, password_hash, failures, last_failure_at
FROM sign_in WHERE county_id = :county_id AND person_id = :person_id FOR UPDATE
""",
)
TAKE = Statement(
    SignInRow,
    """
DELETE FROM sign_in WHERE county_id = :county_id AND person_id = ANY(CAST(:person_ids AS uuid[]))
RETURNING phone, county_id, person_id, password_hash, failures, last_failure_at
""",
)
TAKE_NUMBERS = Statement(
    SignInRow,
    """
DELETE FROM sign_in WHERE county_id = :county_id AND phone = ANY(CAST(:phones AS text[]))
RETURNING phone, county_id, person_id, password_hash, failures, last_failure_at
""",
)
SET_FAILURES = Command("UPDATE sign_in SET failures = :failures, last_failure_at = :at WHERE phone = :phone")
PUT = Command("""
INSERT INTO sign_in (county_id, phone, person_id, password_hash)
SELECT :county_id, new.* FROM unnest(
  CAST(:phones AS text[]), CAST(:person_ids AS uuid[]), CAST(:password_hashes AS text[])) AS new
""")
