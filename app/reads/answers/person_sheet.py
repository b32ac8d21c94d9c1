"""The sheet of one person on the wire: what was owed, what was done, and why the rest did not count."""

from datetime import date, datetime
from uuid import UUID

from pydantic import BaseModel, ConfigDict, Field

from app.directory.words import Category, Role
from app.duties.words import Excuse
from app.reads.answers.appeals import Appeal
from app.reads.answers.board import ConsideredStay, Duty, EvidenceRule, Flag, Outcome
from app.reads.answers.check_ins import CheckIn
from app.reads.answers.directory import Assignment
from app.reads.answers.leave import LeaveItem
from app.reads.answers.named import LastContact, Named, Period, UnitRef, Waits


class Serving(BaseModel):
    """From a date, until the first date on which it no longer holds."""

    model_config = ConfigDict(validate_by_name=True, validate_by_alias=True)

    from_: date = Field(alias="from")
    until: date | None


class SheetPerson(Serving):
    """Whose sheet it is; unit and department are today's."""

    id: UUID
    name: str
    category: Category
    number: str | None = Field(description="the office's own")
    unit: UnitRef = Field(description="answers for the person on the ground")
    department: UnitRef | None = Field(description="sent the person")
    last_contact_at: LastContact
    waiting: Waits


class HeldPost(Serving):
    """任职, held on some of the days."""

    role: Role
    title: str
    unit: UnitRef


class NotCounted(Outcome):
    """Why check-ins did not count for a duty."""

    check_ins: int = Field(description="of those listed, how many did not for this reason")


class SheetDuty(Duty):
    """A duty whose period touches the days."""

    days: int = Field(description="of the period, by the days that the rule goes by")
    days_there: float = Field(description="of them, those that the person was there; leave is deducted")
    excuse: Excuse | None = Field(description="why nothing is owed")
    whole: bool = Field(
        description="its period lies within the days; else it counts check-ins beyond those listed"
    )
    not_counted: list[NotCounted] = Field(description="the most frequent reason first")
    stays: list[ConsideredStay] = Field(description="by time, where hours are what counts; else none")


class DutyTotals(BaseModel):
    """Duties by how they stand, and what they come to; each figure is the sum over the duties listed."""

    duties: int
    met: int
    met_late: int
    open: int
    missed: int
    excused: int
    awaiting_review: int = Field(description="of `open`, those that held check-ins could meet")
    required: int
    done: int
    rate: float | None = Field(description="(met + met_late) / (duties - excused); null where nothing is owed")


class RuleTotals(DutyTotals):
    rule: Named


class CheckInCount(BaseModel):
    """What a check-in is to one duty that it touches."""

    rule: Named
    period: Period
    counted: bool
    in_time: bool = Field(description="all that makes it count was received before the period closed")
    reason: Outcome | None = Field(description="why it did not count")


class SheetCheckIn(CheckIn):
    counts: list[CheckInCount] = Field(description="none where nothing was owed that it could count for")


class PersonSheet(BaseModel):
    """个人履职情况表: one person, some days, at one moment."""

    model_config = ConfigDict(validate_by_name=True, validate_by_alias=True)

    as_of: datetime
    from_: date = Field(alias="from")
    to: date = Field(description="the last day")
    person: SheetPerson
    posts: list[HeldPost] = Field(description="the first one first")
    assignments: list[Assignment] = Field(description="that held on some of the days")
    total: DutyTotals
    by_rule: list[RuleTotals]
    rules: list[EvidenceRule] = Field(description="each version by which something was owed, in words")
    duties: list[SheetDuty] = Field(description="by rule, then by period")
    check_ins: list[SheetCheckIn] = Field(description="of the days, by time")
    leave: list[LeaveItem] = Field(description="that touches the days, whatever was decided")
    flags: list[Flag] = Field(description="about these duties, by period")
    appeals: list[Appeal] = Field(description="about these flags and check-ins, the first one first")
