"""Names that many answers of the console are made of."""

from datetime import date, datetime
from typing import Annotated
from uuid import UUID

from pydantic import BaseModel, Field

from app.directory.words import Category, UnitLevel
from app.duties.words import AppealStatus, Measure, PeriodKind

LastContact = Annotated[
    datetime | None,
    Field(description="when the person's phone was last heard from: silent is not the same as missed"),
]


class Waiting(BaseModel):
    """What the person's phone last said of the check-ins that it still held."""

    count: int
    oldest_at: datetime | None = Field(description="when the oldest of them was captured")
    said_at: datetime


Waits = Annotated[
    Waiting | None, Field(description="check-ins still on the phone, by its own word; null: it never said")
]


class UnitRef(BaseModel):
    """责任单位."""

    id: UUID
    name: str
    level: UnitLevel


class PersonRef(BaseModel):
    """干部."""

    id: UUID
    name: str
    category: Category


class Named(BaseModel):
    """A person or rule by its name."""

    id: UUID
    name: str


class AppealRef(BaseModel):
    """申诉: the latest one against a flag, a duty's flag, or a check-in."""

    id: UUID
    status: AppealStatus


class CodedPlace(BaseModel):
    """A village or township: its code of the statistics bureau, and its name."""

    id: str
    name: str


class Period(BaseModel):
    """周期."""

    id: str = Field(description="such as 2026-W47, 2026-11, 2026-Q4, 2026-H2 or 2026")
    kind: PeriodKind
    start: date
    end: date = Field(description="the last day")
    closes_at: datetime = Field(description="until then an offline phone may report, and it still counts as met")


class NightHours(BaseModel):
    start: str = Field(description="HH:MM, local")
    until: str = Field(description="HH:MM, local, exclusive; not after start: of the next morning")


class Rule(BaseModel):
    """任务规则: one version of who owes how much of what per period."""

    id: UUID
    version: int
    name: str
    measure: Measure
    period: PeriodKind
    required: int
    night_window: NightHours | None
    categories: list[Category] = Field(description="who owes")
