"""What was decided, verified and judged anew about a check-in, and how many check-ins await a decision."""

from typing import Any
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from app.checkins.store.reviews import LATEST_REVIEW
from app.kernel.database import rows
from app.kernel.problems import NOT_FOUND, Problem
from app.reads.sight import IN_SIGHT, Sight

_SEEN = f"""
WITH {IN_SIGHT}
SELECT c.person_id FROM check_in AS c JOIN person_in_sight AS person ON person.id = c.person_id
WHERE c.county_id = :county_id AND c.id = :check_in_id
"""
STANDING_REVIEW = f"""
SELECT json_build_object('decision', latest.decision, 'reason', latest.reason, 'at', latest.at,
  'post', latest.post, 'visited_at', latest.visited_at, 'reviewer', json_build_object(
    'id', reviewer.id, 'name', reviewer.name, 'category', reviewer.category))
FROM ({LATEST_REVIEW.format(check_in_id="c.id")}) AS latest
JOIN person AS reviewer ON reviewer.county_id = :county_id AND reviewer.id = latest.reviewer_id
"""
"""A column for lists; `c` is the row's check-in."""
_REVIEWS = """
SELECT review.*, person.name, person.category FROM review
JOIN person ON person.county_id = :county_id AND person.id = review.reviewer_id
WHERE review.county_id = :county_id AND review.check_in_id = :check_in_id ORDER BY review.at, review.id
"""
_VERIFICATIONS = """
SELECT verification.*, person.name, person.category FROM verification
JOIN person ON person.county_id = :county_id AND person.id = verification.verifier_id
WHERE verification.county_id = :county_id AND verification.check_in_id = :check_in_id
ORDER BY verification.at, verification.id
"""
_REJUDGEMENTS = """
SELECT at, cause, before, after FROM rejudgement
WHERE county_id = :county_id AND check_in_id = :check_in_id ORDER BY at, id
"""
_WAITING = f"""
WITH {IN_SIGHT}
SELECT count(*) AS held, min(c.visited_at) AS oldest_captured_at
FROM check_in AS c JOIN person_in_sight AS person ON person.id = c.person_id
WHERE c.county_id = :county_id AND c.standing = 'held' AND c.person_id <> :caller_id
"""


async def must_see(session: AsyncSession, sight: Sight, check_in_id: UUID) -> None:
    """Raises `NOT_FOUND` for a check-in of somebody out of sight."""
    if not await rows(session, _SEEN, **sight.parameters(), check_in_id=check_in_id):
        raise Problem(NOT_FOUND)


async def history(session: AsyncSession, *, county_id: str, check_in_id: UUID) -> dict[str, Any]:
    """Reviews, verifications and rejudgements of a check-in, the first one first; the last review stands."""
    of = {"county_id": county_id, "check_in_id": check_in_id}
    return {
        "reviews": [
            {
                "id": row.id,
                "decision": row.decision,
                "reason": row.reason,
                "reviewer": {"id": row.reviewer_id, "name": row.name, "category": row.category},
                "post": row.post,
                "at": row.at,
                "before": row.before,
                "visited_at": row.visited_at,
            }
            for row in await rows(session, _REVIEWS, **of)
        ],
        "verifications": [
            {
                "id": row.id,
                "finding": row.finding,
                "note": row.note,
                "verifier": {"id": row.verifier_id, "name": row.name, "category": row.category},
                "verified_at": row.verified_at,
                "at": row.at,
            }
            for row in await rows(session, _VERIFICATIONS, **of)
        ],
        "rejudgements": [
            {"at": row.at, "cause": row.cause, "before": row.before, "after": row.after}
            for row in await rows(session, _REJUDGEMENTS, **of)
        ],
    }


async def waiting(session: AsyncSession, sight: Sight, caller_id: UUID) -> dict[str, Any]:
    """How many held check-ins the caller may decide on, and since when the oldest waits."""
    (row,) = await rows(session, _WAITING, **sight.parameters(), caller_id=caller_id)
    return {"held": row.held, "oldest_captured_at": row.oldest_captured_at}
