"""Who has left, on the wire."""

from datetime import date
from uuid import UUID

from pydantic import BaseModel, Field


class FormerPerson(BaseModel):
    id: UUID
    name: str
    unit: str
    until_date: date = Field(description="the first day on which they no longer served")


class FormerPeople(BaseModel):
    items: list[FormerPerson] = Field(description="the last to leave first, 50 at most")
