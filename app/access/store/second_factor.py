"""Statements of second factors."""

from datetime import datetime
from typing import NamedTuple

from app.kernel.statements import Command, Statement


class SecondFactorRow(NamedTuple):
    """A person's, whose row is held."""

    secret: str
    confirmed_at: datetime | None
    last_step: int


# One that was never confirmed is replaced.
PUT = Command("""
INSERT INTO second_factor AS own (county_id, person_id, secret, made_at, last_step)
VALUES (:county_id, :person_id, :secret, :now, 0)
ON CONFLICT (county_id, person_id) DO UPDATE
SET secret = excluded.secret, made_at = excluded.made_at, last_step = 0 WHERE own.confirmed_at IS NULL
""")
HOLD = Statement(
    SecondFactorRow,
    """
SELECT secret, confirmed_at, last_step FROM second_factor
WHERE county_id = :county_id AND person_id = :person_id FOR UPDATE
""",
)
PASS = Command("""
UPDATE second_factor SET last_step = :step, confirmed_at = coalesce(confirmed_at, :now)
WHERE county_id = :county_id AND person_id = :person_id
""")
REMOVE = Command("DELETE FROM second_factor WHERE county_id = :county_id AND person_id = :person_id")
