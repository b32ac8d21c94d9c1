"""Every statement on what people and rules said later of a check-in: reviews, verifications, rejudgements."""

from datetime import datetime
from typing import NamedTuple
from uuid import UUID

from app.checkins.words import Standing
from app.kernel.statements import Id, Statement


class StateRow(NamedTuple):
    """How a check-in stands, and the review behind that."""

    person_id: UUID
    captured_at: datetime
    visited_at: datetime
    received_at: datetime
    standing: Standing
    review_id: UUID | None
    withdrawn: bool


class ReviewShownRow(NamedTuple):
    """The review that stands, as its person is shown it."""

    decision: str
    reason: str
    at: datetime
    post: str
    visited_at: datetime | None
    reviewer_id: UUID
    name: str


# Of several reviews the latest stands.
LATEST_REVIEW = """
SELECT review.* FROM review WHERE review.county_id = :county_id AND review.check_in_id = {check_in_id}
ORDER BY review.at DESC, review.id DESC LIMIT 1
"""

STATE = Statement(
    StateRow,
    f"""
SELECT c.person_id, c.captured_at, c.visited_at, c.received_at, c.standing, latest.id AS review_id,
  c.withdrawn_at IS NOT NULL AS withdrawn
FROM check_in AS c LEFT JOIN LATERAL ({LATEST_REVIEW.format(check_in_id="c.id")}) AS latest ON true
WHERE c.county_id = :county_id AND c.id = :check_in_id
""",
)

REVIEW_SHOWN = Statement(
    ReviewShownRow,
    f"""
SELECT latest.decision, latest.reason, latest.at, latest.post, latest.visited_at,
  person.id AS reviewer_id, person.name
FROM ({LATEST_REVIEW.format(check_in_id=":check_in_id")}) AS latest
JOIN person ON person.county_id = :county_id AND person.id = latest.reviewer_id
""",
)

REVIEW = Statement(
    Id,
    """
WITH written AS (
  INSERT INTO review (county_id, id, check_in_id, reviewer_id, post, decision, reason, before, visited_at, at)
  VALUES (:county_id, :id, :check_in_id, :reviewer_id, :post, :decision, :reason, :before, :visited_at, :now)
)
UPDATE check_in SET standing = :standing,
  review_time = coalesce(CAST(:visited_at AS timestamptz), review_time),
  night_of = CASE WHEN CAST(:visited_at AS timestamptz) IS NULL THEN night_of ELSE CAST(:night_of AS date) END
WHERE county_id = :county_id AND id = :check_in_id RETURNING id
""",
)

VERIFY = Statement(
    Id,
    """
INSERT INTO verification (county_id, id, check_in_id, verifier_id, finding, note, verified_at, at)
VALUES (:county_id, :id, :check_in_id, :verifier_id, :finding, :note, :verified_at, :now) RETURNING id
""",
)
