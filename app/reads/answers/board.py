"""Compliance, duties and flags on the wire."""

from datetime import date, datetime
from uuid import UUID

from pydantic import BaseModel, ConfigDict, Field

from app.directory.words import Category
from app.duties.words import DayHalf, DutyStatus, Excuse, FlagStatus, LeaveKind, Measure
from app.reads.answers.check_ins import CheckIn
from app.reads.answers.named import (
    AppealRef,
    CodedPlace,
    LastContact,
    Named,
    NightHours,
    Period,
    PersonRef,
    Rule,
    UnitRef,
    Waits,
)


class RuleList(BaseModel):
    items: list[Rule]
    next_cursor: None = None


class Tally(BaseModel):
    """How many people stand where."""

    people: int = Field(description="who have a duty by this rule in this period")
    met: int
    met_late: int
    open: int
    missed: int
    excused: int
    awaiting_review: int = Field(
        description="of `open`, those that held check-ins could meet: nobody is behind there"
    )
    at_risk: int = Field(
        description="of `open`, not awaiting review: who needs one a day from today; past the period, all of them"
    )
    pending_review: int = Field(description="people with a check-in that awaits review; of any status")
    rate: float | None = Field(description="(met + met_late) / (people - excused); null where nobody owes")


class ComplianceItem(Tally):
    """One of unit, village or category is there, as asked for."""

    unit: UnitRef | None = None
    village: CodedPlace | None = None
    category: Category | None = None
    own: bool = Field(False, description="the people directly in this unit, not those of its subtree")


class ComplianceTreeItem(Tally):
    """A unit with everyone of its subtree, each once."""

    unit: UnitRef
    code: str = Field(description="the unit's own code, unique in the county")
    depth: int = Field(description="how far below the topmost unit in sight, which has 0")


class ComplianceTree(BaseModel):
    period: Period
    rule: Rule
    items: list[ComplianceTreeItem] = Field(description="parents before their children")


class Compliance(BaseModel):
    period: Period
    rule: Rule
    items: list[ComplianceItem]
    total: Tally = Field(description="everyone once; by unit and by category it is the sum of the items")


class DutyRule(Named):
    measure: Measure
    night_window: NightHours | None


class Progress(BaseModel):
    """任务: what a person owes by one rule in one period, and how far they are."""

    id: UUID
    rule: DutyRule
    period: Period
    required: int
    done: int
    pending_review: int = Field(description="held visits that would count")
    review_due_at: datetime | None = Field(
        description="what awaits review could meet it and keeps it open until then; of a missed duty, it never was"
    )
    unreviewed_by: list[Named] = Field(description="who should have made the review that was never made")
    status: DutyStatus
    days_left: int
    explanation: str = Field(description="in the caller's language")


class Duty(Progress):
    """With whose it is, and when they were last heard from."""

    person: PersonRef
    unit: UnitRef
    appeal: AppealRef | None = Field(description="the latest against its flag")
    last_visit_at: datetime | None = Field(description="the latest visit that counts here")
    last_contact_at: LastContact
    waiting: Waits


class DutyPage(BaseModel):
    items: list[Duty]
    next_cursor: str | None


class EvidenceRule(Rule):
    text: str = Field(description="the rule in words, and where it is written down")


class Outcome(BaseModel):
    code: str = Field(description="counted, or why not: held, refused, outside, not_at_night, same_night, ...")
    detail: str = Field(description="in the caller's language")


class Considered(BaseModel):
    """A check-in inside the duty's period, and what became of it."""

    check_in: CheckIn
    counted: bool
    in_time: bool = Field(description="all that makes it count was received before the period closed")
    reason: Outcome


class ConsideredStay(BaseModel):
    """A stay in a village, within one day of the duty's period, and what became of it."""

    model_config = ConfigDict(validate_by_name=True, validate_by_alias=True)

    village: CodedPlace
    from_: datetime = Field(alias="from")
    until: datetime
    hours: float = Field(description="of this stay; where stays overlap, what they have in common counts once")
    received_at: datetime = Field(description="when the first of its fixes came")
    counted: bool
    reason: Outcome


class Day(BaseModel):
    date: date
    working: bool = Field(description="by the calendar of the county")
    name: str | None = Field(description="of a day that is not what its weekday says")
    known: bool = Field(description="false: nobody has said what is off in that year, Monday to Friday assumed")


class Span(BaseModel):
    """From a date, until the first date on which it no longer holds."""

    model_config = ConfigDict(validate_by_name=True, validate_by_alias=True)

    village: CodedPlace
    from_: date = Field(alias="from")
    until: date | None


class LeaveDecided(BaseModel):
    reason: str
    by: Named
    at: datetime


class LeaveTaken(BaseModel):
    """Approved leave, in half-days."""

    id: UUID
    kind: LeaveKind
    from_date: date
    from_half: DayHalf
    until_date: date = Field(description="with `until_half` the last half-day, or that before the person was back")
    until_half: DayHalf
    retroactive: bool = Field(description="filed after it began")
    decision: LeaveDecided


class DutyEvidence(BaseModel):
    deleted: str | None = Field(
        description="where it is deleted for its age: says so in the caller's language; the duty stays as it was"
    )
    rule: EvidenceRule
    check_ins: list[Considered] = Field(description="by time; none where hours are what counts")
    stays: list[ConsideredStay] = Field(description="by time, where hours are what counts; else none")
    days: list[Day]
    calendar_assumed: bool = Field(
        description="some days off are not known yet: Monday to Friday assumed, where the rule asks"
    )
    leave: list[LeaveTaken] = Field(description="approved, in the period, the first one first")
    assignments: list[Span] = Field(description="villages that the person answered for in the period")


class DutyDetail(Duty):
    days: int = Field(description="of the period, by the days that the rule goes by")
    days_there: float = Field(description="of them, those that the person was there; leave is deducted")
    excuse: Excuse | None = Field(description="why nothing is owed")
    evidence: DutyEvidence


class Flag(BaseModel):
    """预警: a missed duty put before the leaders who answer for it."""

    id: UUID
    status: FlagStatus
    may_settle: bool = Field(False, description="the caller may clear it, or say first that it was seen")
    raised_at: datetime
    person: PersonRef
    unit: UnitRef
    duty: Progress
    misses: int = Field(description="periods missed in a row, this one included, when it was raised")
    level: int = Field(description="the step of the county's ladder that it stands on, from 1")
    level_name: str = Field(description="whom that step put it before, in the caller's language")
    escalated_at: datetime | None = Field(description="when it went up a step because nobody acknowledged it")
    appeal: AppealRef | None = Field(description="the latest against it")
    answerable: list[Named] = Field(description="those whom it was put before")
    last_contact_at: LastContact
    waiting: Waits
    acknowledged_at: datetime | None = Field(description="since when its status is acknowledged")
    cleared_at: datetime | None = Field(description="since when its status is cleared")
    reason: str | None = Field(description="why it was acknowledged, cleared or withdrawn")


class FlagPage(BaseModel):
    items: list[Flag]
    next_cursor: str | None
