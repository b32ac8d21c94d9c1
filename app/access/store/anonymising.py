"""Of who is made anonymous, nothing of signing in and of phones is left."""

from typing import NamedTuple

from app.kernel.statements import Command, Statement


class GoneRow(NamedTuple):
    """How much went."""

    sessions: int
    devices: int
    sign_ins: int


_OF = "county_id = :county_id AND person_id = ANY(CAST(:ids AS uuid[]))"
DELETE_QUARANTINE = Command(f"DELETE FROM quarantine WHERE {_OF}")
DELETE = Statement(
    GoneRow,
    f"""
WITH password AS (DELETE FROM sign_in WHERE {_OF}),
  factor AS (DELETE FROM second_factor WHERE {_OF}),
  code AS (DELETE FROM activation WHERE {_OF}),
  push AS (DELETE FROM push_owner WHERE {_OF}),
  contact AS (DELETE FROM contact WHERE {_OF}),
  signed AS (DELETE FROM device_session WHERE {_OF} RETURNING id),
  phone AS (DELETE FROM device WHERE {_OF} RETURNING id),
  event AS (DELETE FROM sign_in_event WHERE {_OF} RETURNING id)
SELECT (SELECT count(*) FROM signed) AS sessions, (SELECT count(*) FROM phone) AS devices,
  (SELECT count(*) FROM event) AS sign_ins
""",
)
