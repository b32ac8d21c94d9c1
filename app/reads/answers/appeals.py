"""Appeals on the wire, and the flags that they may be against with all that was done about them."""

from datetime import date, datetime
from typing import Literal
from uuid import UUID

from pydantic import BaseModel, Field

from app.checkins.words import Standing
from app.duties.words import AppealStatus
from app.reads.answers.board import DutyDetail, Flag
from app.reads.answers.check_ins import CheckInDetail, Photo
from app.reads.answers.named import Named, PersonRef, UnitRef


class Decider(Named):
    post: str = Field(description="at that time")


class AppealDecided(BaseModel):
    reason: str
    by: Decider
    at: datetime


class AppealPeriod(BaseModel):
    id: str = Field(description="such as 2026-W47")
    start: date
    end: date = Field(description="the last day")


class AppealDuty(BaseModel):
    """The duty whose flag is appealed against."""

    id: UUID
    rule: Named
    period: AppealPeriod


class AppealCheckIn(BaseModel):
    """The check-in whose standing is appealed against, as it stands now."""

    id: UUID
    captured_at: datetime
    standing: Standing


class Appeal(BaseModel):
    """申诉: against a flag, or against the standing of a check-in; one of them is there."""

    id: UUID
    flag_id: UUID | None
    check_in_id: UUID | None
    person: PersonRef
    unit: UnitRef
    duty: AppealDuty | None
    check_in: AppealCheckIn | None
    instance: Literal[1, 2] = Field(description="1: by those who answer for the person; 2: by the county office")
    text: str
    filed_at: datetime
    until: datetime = Field(description="it could be filed before")
    due_at: datetime = Field(description="it is to be decided before")
    overdue: bool = Field(description="open, and past that")
    status: AppealStatus = Field(description="upheld: it stays as it was; late: filed too late, on record only")
    decision: AppealDecided | None


class AppealPage(BaseModel):
    items: list[Appeal]
    next_cursor: str | None


class Act(BaseModel):
    """One thing that was done; nobody did it where the clock or a recount did."""

    at: datetime
    action: str = Field(description="flag.raised, flag.escalated, flag.acknowledged, appeal.filed, ...")
    said: str = Field(description="in the caller's language")
    by: Named | None
    reason: str | None


class AppealEvidence(BaseModel):
    """What the decision is about."""

    duty: DutyDetail | None
    check_in: CheckInDetail | None


class AppealDetail(Appeal):
    photo_ids: list[UUID]
    photos: list[Photo] = Field(description="those of them that the person has uploaded")
    may_decide: bool = Field(description="whether the caller may decide it")
    evidence: AppealEvidence
    others: list[Appeal] = Field(description="about the same, the first one first")
    history: list[Act] = Field(description="the first one first")


class FlagDetail(Flag):
    appeals: list[Appeal] = Field(description="the first one first")
    history: list[Act] = Field(description="the first one first")
