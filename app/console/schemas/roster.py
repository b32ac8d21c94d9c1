"""Changes of the roster on the wire."""

from datetime import date
from typing import Annotated
from uuid import UUID

from pydantic import BaseModel, Field, StringConstraints

from app.http.wire import Day

VillageCode = Annotated[str, StringConstraints(pattern=r"^[0-9]{12}$")]
Words = Annotated[
    str, StringConstraints(strip_whitespace=True, min_length=1, max_length=200, pattern=r"^[^\x00]+$")
]


class AssignmentIn(BaseModel):
    """结对/联系: a person answers for a village, or for one household in it, from a day on."""

    person_id: UUID
    village_id: VillageCode
    household_id: UUID | None = None
    from_date: Day
    until_date: Day | None = Field(None, description="the first day on which it no longer holds")


class AssignmentEnd(BaseModel):
    until_date: Day = Field(description="the first day on which it no longer holds")


class HandOver(BaseModel):
    """Another person answers from a day on; visits stay with who made them."""

    person_id: UUID
    from_date: Day


class AssignmentMade(BaseModel):
    id: UUID


class Service(BaseModel):
    until_date: Day | None = Field(description="the first day on which the person no longer serves; null: serves")


class VillageRecoded(BaseModel):
    code: VillageCode = Field(description="what the statistics bureau calls the village from now on")
    name: Words
    official_name: Words
    from_date: Day
    source: Words = Field(description="the notice that says so")


class LaterCode(BaseModel):
    code: str
    official_name: str
    from_date: date
    source: str


class LaterCodes(BaseModel):
    items: list[LaterCode] = Field(description="the newest first")
