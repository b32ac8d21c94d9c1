"""Rows of the directory as the office writes them, and what writing them does."""

from typing import Annotated
from uuid import UUID

from pydantic import BaseModel, Field, StringConstraints

from app.console.schemas.roster import VillageCode, Words
from app.directory.words import Category, HouseholdCategory, Role, UnitLevel
from app.http.wire import Day, Number, Plain

_Code = Annotated[str, StringConstraints(pattern=r"^[A-Za-z0-9_]{1,60}$")]
_Short = Annotated[Plain, StringConstraints(strip_whitespace=True, max_length=60)]
_Township = Annotated[str, StringConstraints(pattern=r"^[0-9]{9}$")]
_UNTIL = "the first day on which it holds no longer; null: for good"


class PersonIn(BaseModel):
    """干部: the whole of what is known, as it shall be."""

    name: Words
    phone: _Short
    category: Category
    unit_id: UUID = Field(description="answers for the person on the ground")
    department_id: UUID | None = Field(None, description="sent the person")
    number: _Short | None = Field(None, description="the office's own")
    from_date: Day
    until_date: Day | None = Field(None, description=_UNTIL)


class NewPersonIn(PersonIn):
    """With the post in that unit; blank: what is usual for the category."""

    role: Role | None = None
    title: _Short = ""


class PostIn(BaseModel):
    """任职."""

    person_id: UUID
    unit_id: UUID
    role: Role
    title: _Short = ""
    from_date: Day
    until_date: Day | None = Field(None, description=_UNTIL)


class UnitIn(BaseModel):
    """责任单位. Whatever stands below it moves with it."""

    name: Words
    level: UnitLevel
    parent_id: UUID
    code: _Code | None = Field(None, description="null: as it is, or made here")
    until_date: Day | None = Field(None, description="closed from then on; nobody may be left in it")


class _Village(BaseModel):
    name: Words
    official_name: Words
    unit_id: UUID = Field(description="answers for the village")
    until_date: Day | None = Field(
        None,
        description="merged or dissolved from then on; nobody may answer for it, nor a household be left in it",
    )


class VillageIn(_Village):
    """村: its boundary and later codes have routes of their own."""

    township_id: _Township | None = Field(None, description="null: as it is")
    until_date: Day | None = Field(
        None, description="no village from then on: its households, assignments and boundary end with it"
    )


class NewVillageIn(_Village):
    id: VillageCode
    township_id: _Township


class TownshipIn(BaseModel):
    name: Words


class PointIn(BaseModel):
    """WGS-84, degrees."""

    lon: Number = Field(ge=-180, le=180)
    lat: Number = Field(ge=-90, le=90)


class HouseholdIn(BaseModel):
    """农户. It stays in its village: where it was visited."""

    village_id: VillageCode
    head_name: Words
    hamlet: _Short = ""
    position: PointIn | None = None
    radius_m: Number = Field(300, gt=0, description="how near counts as there")
    number: _Short | None = Field(None, description="the county's own")
    category: HouseholdCategory | None = None
    until_date: Day | None = Field(None, description="visited no more from then on; nobody may answer for it")


class AssignmentIn(BaseModel):
    """结对/联系: a person answers for a village, or for one household in it, from a day on."""

    person_id: UUID
    village_id: VillageCode
    household_id: UUID | None = None
    from_date: Day
    until_date: Day | None = Field(None, description="the first day on which it no longer holds")


class AssignmentDays(BaseModel):
    """Whom and what it is about stays: another person's is another assignment."""

    from_date: Day | None = Field(None, description="null: as it is")
    until_date: Day | None = Field(description="the first day on which it no longer holds; null: it holds")


class HandOver(BaseModel):
    """Another person answers from a day on; visits stay with who made them."""

    person_id: UUID
    from_date: Day


class OwedChange(BaseModel):
    """What a change does to what people owe, or with `preview` would do."""

    duties_counted: int
    duties_new: int
    duties_changed: int
    flags_raised: int
    flags_withdrawn: int


class DirectoryChanged(OwedChange):
    id: str
    new: dict[str, int] = Field(description="rows by table")
    changed: dict[str, int]
