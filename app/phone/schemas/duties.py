"""A duty on the wire."""

from datetime import date, datetime
from typing import Literal
from uuid import UUID

from pydantic import BaseModel, Field


class NightWindow(BaseModel):
    start: str = Field(description="HH:MM, local")
    until: str = Field(description="HH:MM, local, exclusive; not after start: of the next morning")


class RuleOut(BaseModel):
    id: UUID
    name: str
    measure: str = Field(description="nights, visits, distinct_households or village_days")
    night_window: NightWindow | None


class PeriodOut(BaseModel):
    id: str = Field(description="such as 2026-W47")
    kind: Literal["week", "month", "quarter", "half_year", "year"]
    start: date
    end: date = Field(description="the last day")
    closes_at: datetime = Field(description="until then an offline phone may report, and it still counts as met")


class DutyOut(BaseModel):
    """What a person owes in one period, and how far they are."""

    id: UUID
    rule: RuleOut
    period: PeriodOut
    required: int
    done: int
    pending_review: int = Field(description="held visits that would count")
    status: Literal["open", "met", "met_late", "missed", "excused"]
    days_left: int
    explanation: str


class DutyList(BaseModel):
    items: list[DutyOut]
