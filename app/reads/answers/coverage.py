"""Coverage and silence on the wire."""

from datetime import date, datetime
from uuid import UUID

from pydantic import BaseModel, Field

from app.duties.words import DutyStatus, PeriodKind
from app.reads.answers.directory import HouseholdRef
from app.reads.answers.named import CodedPlace, LastContact, PersonRef, UnitRef, Waits


class House(HouseholdRef):
    hamlet: str


class Unvisited(BaseModel):
    """A household that nobody has visited for so long."""

    household: House
    village: CodedPlace
    last_visited_at: datetime | None = Field(description="of a visit that counts; null: never")
    last_visited_by: PersonRef | None = Field(description="null also where the caller may not see them")
    assigned: list[PersonRef] = Field(description="who answers for the household today")


class CoverageTally(BaseModel):
    households: int
    visited: int
    not_visited: int
    never: int = Field(description="of those not visited")


class CoverageOfUnit(CoverageTally):
    unit: UnitRef


class CoverageOfVillage(CoverageTally):
    village: CodedPlace


class Coverage(BaseModel):
    """走访覆盖: the same visits seen from the household's side, whoever made them and whoever owed them."""

    since: datetime = Field(description="visits from this moment on are looked for")
    items: list[Unvisited]
    next_cursor: str | None
    total: CoverageTally
    by_unit: list[CoverageOfUnit]
    by_village: list[CoverageOfVillage]


class AtStake(BaseModel):
    """A duty that is open, or was missed while nothing was heard."""

    id: UUID
    rule: str
    period: str
    status: DutyStatus
    required: int
    done: int
    closes_at: datetime


class AppProblem(BaseModel):
    code: str
    detail: str = Field(description="in the caller's language")


class AppStatus(BaseModel):
    """What a tracking app last said that may silence it."""

    at: datetime
    problems: list[AppProblem]


class Silent(BaseModel):
    """Someone who has not been heard from: that is not the same as having missed anything."""

    person: PersonRef
    phone: str
    unit: UnitRef
    last_contact_at: LastContact
    waiting: Waits
    app_status: AppStatus | None
    duties: list[AtStake] = Field(description="open, or missed in the last 31 days since the last contact")


class Silence(BaseModel):
    heard_since: datetime = Field(description="nothing was heard from this moment on")
    people: int = Field(description="how many there are in all; 0 on a page past the end")
    items: list[Silent]
    next_cursor: str | None


class ItemTally(BaseModel):
    name: str = Field(description="in the caller's language")
    checked: int
    gaps: int


class PaperTally(BaseModel):
    ok: int
    problems: int
    absent: int


class ConsistencyTally(BaseModel):
    checked: int
    consistent: int
    rate: float | None = Field(description="consistent / checked; null where nothing was checked")


class RecognitionTally(BaseModel):
    asked: int
    recognised: int
    rate: float | None = Field(description="recognised / asked; null where nobody was asked")


class SatisfactionTally(BaseModel):
    asked: int
    satisfied: int
    rate: float | None = Field(description="satisfied / asked; null where nobody was asked")


class FormFigures(BaseModel):
    """Sums over the forms of counted night visits."""

    forms: int
    items: dict[str, ItemTally] = Field(description="八有一超, in the order of the form")
    card: PaperTally
    booklet: PaperTally
    consistency: ConsistencyTally
    recognition: RecognitionTally
    satisfaction: SatisfactionTally


class FormItemFigures(FormFigures):
    """One of village, person or unit is there, as asked for."""

    village: CodedPlace | None = None
    person: PersonRef | None = None
    unit: UnitRef | None = None


class FormPeriod(BaseModel):
    id: str
    kind: PeriodKind
    start: date
    end: date


class NightVisits(BaseModel):
    period: FormPeriod
    items: list[FormItemFigures]
    total: FormFigures
