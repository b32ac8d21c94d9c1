"""One's own check-in in full: with what a person decided about it."""

from datetime import datetime
from uuid import UUID

from pydantic import BaseModel, Field

from app.checkins.words import ReviewDecision
from app.phone.schemas.checkins import ListedOut


class ReviewerOut(BaseModel):
    id: UUID
    name: str
    post: str = Field(description="at the time of the review")


class ReviewOut(BaseModel):
    """核实: a supervisor decided whether the check-in counts."""

    decision: ReviewDecision
    reason: str
    reviewer: ReviewerOut
    at: datetime
    visited_at: datetime | None = Field(description="when the visit took place, where the reviewer set the time")


class OwnCheckInOut(ListedOut):
    review: ReviewOut | None = Field(description="the one that stands; null when nobody decided")
