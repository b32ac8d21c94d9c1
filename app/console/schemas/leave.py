"""Leave and the calendar on the wire of the console."""

from datetime import date, datetime, time
from typing import Annotated
from uuid import UUID

from pydantic import BaseModel, Field, StringConstraints

from app.console.schemas.board import LeaveDecided, Progress
from app.console.schemas.named import PersonRef, UnitRef
from app.duties.words import DayHalf, DutyStatus, LeaveKind, LeaveLevel, LeaveStatus
from app.http.wire import Day

Reason = Annotated[
    str, StringConstraints(strip_whitespace=True, min_length=1, max_length=500, pattern=r"^[^\x00]+$")
]


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


class LeaveReason(BaseModel):
    reason: Reason


class LeaveRevocation(LeaveReason):
    from_date: Day | None = Field(None, description="from then on; null takes back all of it")
    from_half: DayHalf = DayHalf.AM

    @property
    def half(self) -> datetime | None:
        """When the first half-day begins, on the county's own clock."""
        noon = time(12) if self.from_half == "pm" else time.min
        return datetime.combine(self.from_date, noon) if self.from_date else None


class CalendarDayOut(BaseModel):
    date: date
    working: bool
    name: str | None = Field(description="in the caller's language; null where the day is what its weekday says")
    source: str | None
    own: bool = Field(description="said by the county or its region, over the national calendar")
    by_office: bool = Field(description="said by the county's office, which may take it back")
    known: bool = Field(description="false: nobody has said what is off in that year, Monday to Friday assumed")


class CalendarOut(BaseModel):
    items: list[CalendarDayOut]


class CalendarDayIn(BaseModel):
    working: bool
    name: Reason = Field(description="such as 壮族三月三")
    source: Reason = Field(description="the notice that says so")


class CalendarYearIn(BaseModel):
    source: Reason = Field(description="the notice that settles the year's days off")
