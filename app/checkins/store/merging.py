"""Visits, and what was said of others' visits, go over with a record that goes into another of the same person."""

from uuid import UUID

from app.kernel.statements import Statement

# The trigger `keep_person` lets a visit go over only to the record into which its own went.
TAKE_OVER = Statement(
    UUID,
    """
WITH reviews AS (
  UPDATE review SET reviewer_id = :into_id WHERE county_id = :county_id AND reviewer_id = :from_id
), verifications AS (
  UPDATE verification SET verifier_id = :into_id WHERE county_id = :county_id AND verifier_id = :from_id
)
UPDATE check_in SET person_id = :into_id WHERE county_id = :county_id AND person_id = :from_id
RETURNING id
""",
)
