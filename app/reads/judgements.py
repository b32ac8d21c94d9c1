"""What was decided, verified and judged anew about a check-in, and how many check-ins await a decision."""

from datetime import datetime
from typing import NamedTuple
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from app.checkins.store.reviews import LATEST_REVIEW
from app.directory.words import Category
from app.kernel.problems import NOT_FOUND, Problem
from app.kernel.statements import Json, Statement
from app.reads.answers.check_ins import Rejudgement, Review, ReviewSummary, Verification
from app.reads.answers.named import PersonRef
from app.reads.visibility import VISIBLE, VisibleScope


class ReviewRow(NamedTuple):
    """A review, and who made it."""

    county_id: str
    id: UUID
    check_in_id: UUID
    reviewer_id: UUID
    post: str
    decision: str
    reason: str
    before: str
    at: datetime
    visited_at: datetime | None
    name: str
    category: Category


class VerificationRow(NamedTuple):
    """What was found on site, and by whom."""

    county_id: str
    id: UUID
    check_in_id: UUID
    verifier_id: UUID
    finding: str
    note: str
    verified_at: datetime
    at: datetime
    name: str
    category: Category


class RejudgementRow(NamedTuple):
    """A check-in was judged again."""

    at: datetime
    cause: str
    before: Json
    after: Json


class WaitingRow(NamedTuple):
    """How many check-ins wait for a review, and since when."""

    held: int
    oldest_captured_at: datetime | None


_SEEN = Statement(
    UUID,
    f"""
WITH {VISIBLE}
SELECT c.person_id FROM check_in AS c JOIN visible_person AS person ON person.id = c.person_id
WHERE c.county_id = :county_id AND c.id = :check_in_id
""",
)
STANDING_REVIEW = f"""
SELECT json_build_object('decision', latest.decision, 'reason', latest.reason, 'at', latest.at,
  'post', latest.post, 'visited_at', latest.visited_at, 'reviewer', json_build_object(
    'id', reviewer.id, 'name', reviewer.name, 'category', reviewer.category))
FROM ({LATEST_REVIEW.format(check_in_id="c.id")}) AS latest
JOIN person AS reviewer ON reviewer.county_id = :county_id AND reviewer.id = latest.reviewer_id
"""
"""A column for lists; `c` is the row's check-in."""
_REVIEWS = Statement(
    ReviewRow,
    """
SELECT review.*, person.name, person.category FROM review
JOIN person ON person.county_id = :county_id AND person.id = review.reviewer_id
WHERE review.county_id = :county_id AND review.check_in_id = :check_in_id ORDER BY review.at, review.id
""",
)
_VERIFICATIONS = Statement(
    VerificationRow,
    """
SELECT verification.*, person.name, person.category FROM verification
JOIN person ON person.county_id = :county_id AND person.id = verification.verifier_id
WHERE verification.county_id = :county_id AND verification.check_in_id = :check_in_id
ORDER BY verification.at, verification.id
""",
)
_REJUDGEMENTS = Statement(
    RejudgementRow,
    """
SELECT at, cause, before, after FROM rejudgement
WHERE county_id = :county_id AND check_in_id = :check_in_id ORDER BY at, id
""",
)
_WAITING = Statement(
    WaitingRow,
    f"""
WITH {VISIBLE}
SELECT count(*) AS held, min(c.visited_at) AS oldest_captured_at
FROM check_in AS c JOIN visible_person AS person ON person.id = c.person_id
WHERE c.county_id = :county_id AND c.standing = 'held' AND c.person_id <> :caller_id
""",
)


async def must_see(session: AsyncSession, visible: VisibleScope, check_in_id: UUID) -> None:
    """Raises `NOT_FOUND` for a check-in of somebody out of sight."""
    if not await _SEEN.all(session, **visible.parameters(), check_in_id=check_in_id):
        raise Problem(NOT_FOUND)


class History(NamedTuple):
    """What was decided, verified and judged anew, the first one first; the last review stands."""

    reviews: list[Review]
    verifications: list[Verification]
    rejudgements: list[Rejudgement]


async def history(session: AsyncSession, *, county_id: str, check_in_id: UUID) -> History:
    """Reviews, verifications and rejudgements of a check-in."""
    of = {"county_id": county_id, "check_in_id": check_in_id}
    return History(
        reviews=[
            Review(
                id=row.id,
                decision=row.decision,
                reason=row.reason,
                reviewer=PersonRef(id=row.reviewer_id, name=row.name, category=row.category),
                post=row.post,
                at=row.at,
                before=row.before,
                visited_at=row.visited_at,
            )
            for row in await _REVIEWS.all(session, **of)
        ],
        verifications=[
            Verification(
                id=row.id,
                finding=row.finding,
                note=row.note,
                verifier=PersonRef(id=row.verifier_id, name=row.name, category=row.category),
                verified_at=row.verified_at,
                at=row.at,
            )
            for row in await _VERIFICATIONS.all(session, **of)
        ],
        rejudgements=[Rejudgement(**row._asdict()) for row in await _REJUDGEMENTS.all(session, **of)],
    )


async def waiting(session: AsyncSession, visible: VisibleScope, caller_id: UUID) -> ReviewSummary:
    """How many held check-ins the caller may decide on, and since when the oldest waits."""
    row = await _WAITING.one(session, **visible.parameters(), caller_id=caller_id)
    return ReviewSummary(held=row.held, oldest_captured_at=row.oldest_captured_at)
