"""Leave on the wire."""

from datetime import date, datetime, time, timedelta
from typing import Self
from uuid import UUID

from pydantic import BaseModel, ConfigDict, Field, model_validator
from pydantic_core import PydanticCustomError

from app.duties.leave import NewLeave
from app.duties.rules import HALF, Span
from app.duties.words import DayHalf, LeaveKind, LeaveLevel, LeaveStatus
from app.http.wire import Day, MadeId, Plain
from app.kernel.language import Text

MOST_DAYS = 366

_BACKWARDS = Text("结束不能早于开始", "Must not end before it begins")
_TOO_LONG = Text("一次最多 {most} 天", "At most {most} days at a time")


class LeaveIn(BaseModel):
    """请假/报备, from one half-day to another, the last one included."""

    model_config = ConfigDict(
        str_strip_whitespace=True,
        json_schema_extra={
            "examples": [
                {
                    "id": "0b0e8f6e-26f6-4a5c-9a3e-3f0c8c1f7b22",
                    "kind": "filed_duty",
                    "from_date": "2026-11-19",
                    "from_half": "am",
                    "until_date": "2026-11-20",
                    "until_half": "am",
                    "reason": "县里培训",
                }
            ]
        },
    )

    id: MadeId = Field(description="made by the phone; the same again is answered with 200")
    kind: LeaveKind = Field(description="filed_duty: official duty elsewhere, which counts as on duty once filed")
    from_date: Day
    from_half: DayHalf = DayHalf.AM
    until_date: Day
    until_half: DayHalf = DayHalf.PM
    reason: Plain = Field(min_length=1, max_length=500)

    @model_validator(mode="after")
    def _lasts(self) -> Self:
        if self.span.until_half <= self.span.from_half:
            raise PydanticCustomError("backwards", "{text}", {"text": _BACKWARDS, "at": "until_date"})
        if self.span.days > MOST_DAYS:
            raise PydanticCustomError(
                "too_long", "{text}", {"text": _TOO_LONG, "at": "until_date", "most": MOST_DAYS}
            )
        return self

    @property
    def span(self) -> Span:
        noon = timedelta(hours=12)
        start = datetime.combine(self.from_date, time.min) + (noon if self.from_half == "pm" else timedelta())
        last = datetime.combine(self.until_date, time.min) + (noon if self.until_half == "pm" else timedelta())
        return Span(start, last + HALF)

    def of(self, person_id: UUID) -> NewLeave:
        return NewLeave(self.id, person_id, self.kind, self.span, self.reason)


class DeciderRef(BaseModel):
    id: UUID
    name: str


class LeaveDecision(BaseModel):
    reason: str
    by: DeciderRef
    at: datetime


class LeaveRevoked(BaseModel):
    from_date: date
    from_half: DayHalf


class LeaveOut(BaseModel):
    """请假/报备 and what became of it."""

    id: UUID
    kind: LeaveKind
    from_date: date
    from_half: DayHalf
    until_date: date
    until_half: DayHalf
    days: float = Field(description="a half-day is 0.5")
    reason: str
    filed_at: datetime
    level: LeaveLevel = Field(description="whose decision it is, by its length")
    status: LeaveStatus
    retroactive: bool = Field(description="filed after it had begun")
    returned_at: datetime | None = Field(description="when the person said to be back (销假)")
    overrun: bool = Field(description="it is over, and the person has not said to be back in time")
    revoked: LeaveRevoked | None = Field(description="from when on it is leave no longer; the decision says why")
    decision: LeaveDecision | None


class LeaveList(BaseModel):
    items: list[LeaveOut] = Field(description="the latest first")
    next_cursor: None = None
