"""What people say of check-ins: whether they count, and what was found on site."""

from dataclasses import dataclass
from datetime import date, datetime
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from app.checkins.store import reviews as store
from app.checkins.words import ReviewDecision, VerificationFinding
from app.kernel.ids import new_id
from app.kernel.problems import NOT_FOUND, Problem


@dataclass(frozen=True, slots=True)
class State:
    """How a check-in stands now, and the review behind that if a person decided."""

    person_id: UUID
    captured_at: datetime
    visited_at: datetime
    received_at: datetime
    standing: str
    review_id: UUID | None
    withdrawn: bool


@dataclass(frozen=True, slots=True)
class Visited:
    """When a visit took place, as its reviewer says, and the evening that it then belongs to."""

    at: datetime
    night_of: date | None


@dataclass(frozen=True, slots=True)
class Speaker:
    """Who says it, and in words from which post."""

    person_id: UUID
    post: str


async def state(session: AsyncSession, *, county_id: str, check_in_id: UUID) -> State:
    """Raises `NOT_FOUND`."""
    found = await store.STATE.all(session, county_id=county_id, check_in_id=check_in_id)
    if not found:
        raise Problem(NOT_FOUND)
    return State(*found[0])


async def review(
    session: AsyncSession,
    *,
    county_id: str,
    check_in_id: UUID,
    before: State,
    decision: ReviewDecision,
    reason: str,
    by: Speaker,
    visited: Visited | None,
    now: datetime,
) -> UUID:
    """Write the review, the standing that it gives and the time that it sets; its id.

    The caller has locked the person's row.
    """
    review_id = new_id()
    await store.REVIEW.all(
        session,
        county_id=county_id,
        id=review_id,
        check_in_id=check_in_id,
        reviewer_id=by.person_id,
        post=by.post,
        decision=decision,
        reason=reason,
        before=before.standing,
        standing=decision.standing,
        visited_at=visited and visited.at,
        night_of=visited and visited.night_of,
        now=now,
    )
    return review_id


async def verify(
    session: AsyncSession,
    *,
    county_id: str,
    check_in_id: UUID,
    finding: VerificationFinding,
    note: str,
    verified_at: datetime,
    verifier_id: UUID,
    now: datetime,
) -> UUID:
    """Write what was found on site; its id."""
    verification_id = new_id()
    await store.VERIFY.all(
        session,
        county_id=county_id,
        id=verification_id,
        check_in_id=check_in_id,
        verifier_id=verifier_id,
        finding=finding,
        note=note,
        verified_at=verified_at,
        now=now,
    )
    return verification_id


async def shown(session: AsyncSession, *, county_id: str, check_in_id: UUID) -> dict[str, object] | None:
    """The review that stands, as the person it concerns is told of it."""
    found = await store.REVIEW_SHOWN.all(session, county_id=county_id, check_in_id=check_in_id)
    if not found:
        return None
    row = found[0]
    return {
        "decision": row.decision,
        "reason": row.reason,
        "reviewer": {"id": row.reviewer_id, "name": row.name, "post": row.post},
        "at": row.at,
        "visited_at": row.visited_at,
    }
