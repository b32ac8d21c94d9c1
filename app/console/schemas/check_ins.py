"""What is said about check-ins, on the wire."""

from typing import Annotated

from pydantic import BaseModel, Field, StringConstraints

from app.checkins.words import ReviewDecision, Standing, VerificationFinding
from app.http.wire import Moment

_LINE = StringConstraints(strip_whitespace=True, pattern=r"^[^\x00]*$")


class ReviewIn(BaseModel):
    """Whether the check-in counts, and why."""

    decision: ReviewDecision
    reason: Annotated[str, _LINE, StringConstraints(min_length=1, max_length=500)]
    visited_at: Moment | None = Field(
        None, description="when the visit took place, where the phone's time is wrong; with `count` only"
    )
    seen: Standing | None = Field(
        None, description="the standing that the reviewer looked at; 409 when it is another by now"
    )


class VerificationIn(BaseModel):
    """What was found on site. `confirmed`: what looked wrong about the check-in is wrong."""

    finding: VerificationFinding
    note: Annotated[str, _LINE, StringConstraints(max_length=2000)] = ""
    verified_at: Moment = Field(description="when somebody stood there: after the check-in, not later than now")
