"""Decisions on leave, and the calendar, on the wire of the console."""

from datetime import date, datetime, time
from typing import Annotated

from pydantic import BaseModel, Field, StringConstraints

from app.console.schemas.directory_changes import OwedChange
from app.duties.words import DayHalf
from app.http.wire import Day

Reason = Annotated[
    str, StringConstraints(strip_whitespace=True, min_length=1, max_length=500, pattern=r"^[^\x00]+$")
]


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


class CalendarDayChanged(CalendarDayOut, OwedChange):
    """The day as it is now, or with `preview` would be."""


class CalendarChanged(CalendarOut, OwedChange):
    """The year as it is now, or with `preview` would be."""


class CalendarDayIn(BaseModel):
    working: bool
    name: Reason = Field(description="such as 壮族三月三")
    source: Reason = Field(description="the notice that says so")


class CalendarYearIn(BaseModel):
    source: Reason = Field(description="the notice that settles the year's days off")
