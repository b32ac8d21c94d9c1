"""Leave on the wire of the console."""

from datetime import date, datetime
from uuid import UUID

from pydantic import BaseModel, Field

from app.duties.words import DayHalf, DutyStatus, LeaveKind, LeaveLevel, LeaveStatus
from app.reads.answers.board import LeaveDecided, Progress
from app.reads.answers.named import PersonRef, UnitRef


class LeaveRevoked(BaseModel):
    from_date: date
    from_half: DayHalf


class LeaveItem(BaseModel):
    """请假/报备, from one half-day to another, the last one included."""

    id: UUID
    person: PersonRef
    unit: UnitRef
    kind: LeaveKind
    from_date: date
    from_half: DayHalf
    until_date: date
    until_half: DayHalf
    days: float
    reason: str
    filed_at: datetime
    level: LeaveLevel = Field(description="whose decision it is, by its length")
    status: LeaveStatus
    retroactive: bool = Field(description="filed after it had begun")
    returned_at: datetime | None
    overrun: bool = Field(description="it is over, and the person has not said to be back in time")
    revoked: LeaveRevoked | None = Field(description="from when on it is leave no longer; the decision says why")
    decision: LeaveDecided | None
    may_decide: bool = Field(description="the caller may approve or refuse it now")
    may_revoke: bool = Field(description="the caller may take back that it was approved")


class LeavePage(BaseModel):
    items: list[LeaveItem] = Field(description="what waits for a decision first")
    next_cursor: str | None


class ChangedDuty(BaseModel):
    duty: Progress = Field(description="as it stands now, explained")
    required_before: int | None
    status_before: DutyStatus | None


class LeaveSettled(LeaveItem):
    changed: list[ChangedDuty] = Field(description="what the person owes otherwise by this decision")
