"""Check-ins on the wire: the contract's, with whose they are."""

from datetime import date, datetime
from typing import Literal
from uuid import UUID

from pydantic import BaseModel, Field

from app.console.schemas.named import CodedPlace, PersonRef, Place, Purpose, Standing


class Position(BaseModel):
    """WGS-84, degrees."""

    lon: float
    lat: float
    accuracy_m: float | None = Field(description="68 % radius in metres, as claimed; null is unknown")


class JudgedAgainst(CodedPlace):
    geofence_version: int


class Reason(BaseModel):
    code: str
    detail: str = Field(description="in the caller's language")


class CheckIn(BaseModel):
    """签到: one geotagged visit record, as it was judged."""

    id: UUID
    person: PersonRef
    captured_at: datetime
    received_at: datetime
    late_s: int = Field(description="seconds from the visit to its upload")
    position: Position | None
    village: JudgedAgainst | None = Field(description="judged against; null when none was assigned")
    found_in_village: CodedPlace | None = Field(description="contains the fix, whoever's it is")
    place: Place
    distance_m: float | None = Field(description="metres to the judged village's fence; 0 inside")
    confidence: float | None = Field(description="probability that the fix is inside the judged village")
    household_distance_m: float | None
    standing: Standing
    reasons: list[Reason]
    night_of: date | None = Field(description="the date whose evening this belongs to; null by day")
    purpose: Purpose
    household_id: UUID | None
    note: str


class CheckInPage(BaseModel):
    items: list[CheckIn]
    next_cursor: str | None


class Raw(BaseModel):
    """What the phone said, as it said it."""

    lon: float | None
    lat: float | None
    crs: Literal["wgs84", "gcj02", "bd09"]
    altitude_m: float | None
    speed_mps: float | None
    mock: bool | None
    fixed_at: datetime | None
    position_problem: str | None
    app_version: str | None


class Device(BaseModel):
    id: str
    platform: str | None
    model: str | None


class CheckInDetail(CheckIn):
    raw: Raw
    device: Device | None
