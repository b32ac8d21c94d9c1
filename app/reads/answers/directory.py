"""Units, villages and people on the wire."""

from datetime import date
from uuid import UUID

from pydantic import BaseModel, ConfigDict, Field

from app.directory.words import Category, HouseholdCategory, Role, StructureFinding, UnitLevel
from app.reads.answers.named import CodedPlace, LastContact, PersonRef, UnitRef, Waits


class Unit(BaseModel):
    """责任单位, within the caller's scope."""

    id: UUID
    parent_id: UUID | None = Field(description="null for the topmost units of the caller's scope")
    code: str
    name: str
    level: UnitLevel
    until_date: date | None = Field(description="closed from then on")
    path: str = Field(description="codes from the county down, joined by dots")
    people: int = Field(description="who serve today in its subtree, or were sent by a department in it")


class UnitList(BaseModel):
    items: list[Unit]
    next_cursor: None = None


class Township(CodedPlace):
    villages: int = Field(description="in sight, those that are no more included")


class TownshipList(BaseModel):
    items: list[Township]


class Village(CodedPlace):
    official_name: str
    township: CodedPlace
    unit_id: UUID = Field(description="the unit that answers for the village")
    code: str = Field(description="the bureau's code today; `id` is the one it was first known by, and stays")
    synthetic: bool = Field(description="the boundary is invented for a demonstration")
    geofence_version: int | None = Field(description="of the boundary that holds now; null when there is none")
    until_date: date | None = Field(description="no village from then on")


class VillageList(BaseModel):
    items: list[Village]
    next_cursor: None = None


class Contact(BaseModel):
    id: UUID
    name: str
    category: Category
    phone: str
    last_contact_at: LastContact
    waiting: Waits


class LaterCode(BaseModel):
    code: str
    official_name: str
    from_date: date
    source: str


class VillageDetail(Village):
    people: list[Contact] = Field(description="assigned to the village today")
    codes: list[LaterCode] = Field(description="after the one it was first known by, the newest first")


class HouseholdPoint(BaseModel):
    """WGS-84, degrees."""

    lon: float
    lat: float


class VillageHousehold(BaseModel):
    """农户."""

    id: UUID
    village: CodedPlace
    head_name: str
    hamlet: str
    number: str | None = Field(description="the county's own")
    category: HouseholdCategory | None
    position: HouseholdPoint | None
    radius_m: float = Field(description="how near counts as there")
    until_date: date | None = Field(description="visited no more from then on")
    people: list[PersonRef] = Field(description="who answer for it today")


class VillageHouseholdList(BaseModel):
    items: list[VillageHousehold] = Field(
        description="at most 2000: those without a point first, those that are no more last"
    )


class Person(Contact):
    """干部."""

    unit: UnitRef = Field(description="answers for the person on the ground")


class PersonPage(BaseModel):
    items: list[Person]
    next_cursor: str | None


class Post(BaseModel):
    """任职."""

    model_config = ConfigDict(validate_by_name=True, validate_by_alias=True)

    id: UUID
    role: Role
    title: str
    unit: UnitRef
    from_: date = Field(alias="from")
    until: date | None


class HouseholdRef(BaseModel):
    id: UUID
    head_name: str


class Assignment(BaseModel):
    """结对/联系, from a date until the first date on which it no longer holds."""

    model_config = ConfigDict(validate_by_name=True, validate_by_alias=True)

    id: UUID
    village: CodedPlace
    household: HouseholdRef | None
    from_: date = Field(alias="from")
    until: date | None


class VillageAssignment(BaseModel):
    """结对/联系 of a village: who, for all of it or one household."""

    model_config = ConfigDict(validate_by_name=True, validate_by_alias=True)

    id: UUID
    person: PersonRef
    household: HouseholdRef | None
    from_: date = Field(alias="from")
    until: date | None


class VillageAssignmentList(BaseModel):
    items: list[VillageAssignment] = Field(description="at most 2000, those that hold first")


class PersonDetail(Person):
    model_config = ConfigDict(validate_by_name=True, validate_by_alias=True)

    number: str | None = Field(description="the office's own")
    department_id: UUID | None = Field(description="sent the person")
    from_: date = Field(alias="from", description="serves from this day on")
    until: date | None = Field(description="the first day on which the person no longer serves")
    posts: list[Post] = Field(description="held today, or from a later day on")
    assignments: list[Assignment] = Field(description="all, those that hold first")


class StructureItem(BaseModel):
    """One thing that is not as the briefing has it."""

    finding: StructureFinding
    id: str = Field(description="of the unit, village, person or household")
    name: str
    unit: str = Field(description="the unit, or of a household the village, where it stands")
    number: int = Field(description="how many there are, where a number is wrong")


class Structure(BaseModel):
    items: list[StructureItem] = Field(description="at most 2000")
