"""Changes of the roster on the wire."""

from typing import Annotated

from pydantic import BaseModel, Field, StringConstraints

from app.http.wire import Day
from app.reads.answers.directory import LaterCode

VillageCode = Annotated[str, StringConstraints(pattern=r"^[0-9]{12}$")]
Words = Annotated[
    str, StringConstraints(strip_whitespace=True, min_length=1, max_length=200, pattern=r"^[^\x00]+$")
]


class Service(BaseModel):
    until_date: Day | None = Field(description="the first day on which the person no longer serves; null: serves")


class VillageRecoded(BaseModel):
    code: VillageCode = Field(description="what the statistics bureau calls the village from now on")
    name: Words
    official_name: Words
    from_date: Day
    source: Words = Field(description="the notice that says so")


class LaterCodes(BaseModel):
    items: list[LaterCode] = Field(description="the newest first")
