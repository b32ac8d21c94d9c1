"""A duty on the wire."""

from datetime import date, datetime
from uuid import UUID

from pydantic import BaseModel, Field

from app.duties.appeals import DutyAppealRow
from app.duties.words import DutyStatus, Excuse, FlagStatus, Measure, PeriodKind
from app.phone.schemas.appeals import AppealRefOut


class NightWindow(BaseModel):
    start: str = Field(description="HH:MM, local")
    until: str = Field(description="HH:MM, local, exclusive; not after start: of the next morning")


class RuleOut(BaseModel):
    id: UUID
    name: str
    measure: Measure
    night_window: NightWindow | None


class PeriodOut(BaseModel):
    id: str = Field(description="such as 2026-W47")
    kind: PeriodKind
    start: date
    end: date = Field(description="the last day")
    closes_at: datetime = Field(description="until then an offline phone may report, and it still counts as met")


class LeaderOut(BaseModel):
    id: UUID
    name: str


class DutyOut(BaseModel):
    """What a person owes in one period, and how far they are."""

    id: UUID
    rule: RuleOut
    period: PeriodOut
    required: int = Field(description="0 where nothing is owed after all")
    days: int = Field(description="days of the period that the rule goes by: all of them, or the working days")
    days_there: float = Field(description="of these, those on which the person serves and is not on leave")
    excuse: Excuse | None = Field(description="why nothing is owed")
    done: int
    pending_review: int = Field(description="held visits that would count")
    review_due_at: datetime | None = Field(
        description="what awaits review could meet it and keeps it open until then; of a missed duty, it never was"
    )
    unreviewed_by: list[LeaderOut] = Field(description="who should have made the review that was never made")
    status: DutyStatus
    days_left: int
    explanation: str


class FlagRefOut(BaseModel):
    """预警 raised because the duty was missed; one may appeal against it."""

    id: UUID
    status: FlagStatus


class OwnDutyOut(DutyOut):
    flag: FlagRefOut | None
    appeal: AppealRefOut | None = Field(description="the latest against its flag")


def flag_of(row: DutyAppealRow | None) -> dict[str, object]:
    """What `OwnDutyOut` has beside a duty."""
    if row is None:
        return {"flag": None, "appeal": None}
    return {"flag": {"id": row.flag_id, "status": row.flag_status}, "appeal": row.appeal}


class DutyList(BaseModel):
    items: list[OwnDutyOut]
