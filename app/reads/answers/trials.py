"""What rules would have meant, on the wire."""

from pydantic import BaseModel, Field

from app.duties.words import DutyStatus
from app.reads.answers.named import Period, PersonRef


class TriedPerson(BaseModel):
    person: PersonRef
    before: DutyStatus | None = Field(description="under the rule as it is; null where nothing was owed")
    after: DutyStatus | None = Field(description="under these terms; null where nothing would be owed")
    required: int
    done: int


class TrialTotals(BaseModel):
    people: int
    met: int
    met_late: int
    open: int
    missed: int
    excused: int


class Trial(BaseModel):
    """What a rule would have meant, had it governed that period."""

    period: Period
    before: TrialTotals | None = Field(description="under the rule as it is; null for a new rule")
    after: TrialTotals
    missed: int = Field(description="people who would have been flagged")
    items: list[TriedPerson] = Field(description="who would have been flagged, or stands otherwise; at most 500")
    more: int = Field(description="how many such people there are beside the items")
