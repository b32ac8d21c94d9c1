"""Signing in, oneself, one's devices, villages and households on the wire."""

from datetime import datetime
from typing import Any, Literal
from uuid import UUID

from pydantic import BaseModel, ConfigDict, Field

from app.directory.words import Category, Role, UnitLevel
from app.phone.schemas.duties import DutyOut
from app.phone.schemas.wire import Plain, Time

MAX_WAITING = 1_000_000


class PersonOut(BaseModel):
    id: UUID
    name: str
    category: Category
    county_id: str = Field(description="GB/T 2260 code")


class TokenOut(BaseModel):
    access_token: str
    refresh_token: str = Field(description="good once; use of a spent one ends the device's session")
    token_type: Literal["bearer"] = "bearer"  # noqa: S105
    expires_in: int = Field(description="seconds")
    person: PersonOut


class UnitOut(BaseModel):
    id: UUID
    name: str
    level: UnitLevel


class PostOut(BaseModel):
    id: UUID
    role: Role
    title: str
    unit: UnitOut


class CountyOut(BaseModel):
    id: str
    name: str
    name_en: str
    timezone: str
    settings: dict[str, Any] = Field(
        description="what a phone acts by: night_start and night_until (minutes), tolerance_m, tracks, ..."
    )
    outline_bbox: tuple[float, float, float, float] | None = Field(description="west, south, east, north")


class MeOut(BaseModel):
    person: PersonOut
    posts: list[PostOut]
    county: CountyOut
    duties: list[DutyOut]


class PushIn(BaseModel):
    """How to reach the device; the members besides `channel` are the channel's own."""

    model_config = ConfigDict(extra="allow")

    channel: Literal["fcm", "webpush", "wecom", "dingtalk", "sms"]


class DeviceIn(BaseModel):
    model_config = ConfigDict(
        json_schema_extra={
            "examples": [
                {
                    "platform": "android",
                    "model": "Redmi 4A",
                    "app_version": "1.0.0",
                    "push": {"channel": "fcm", "token": "..."},
                    "waiting": 0,
                }
            ]
        }
    )

    platform: Plain | None = Field(None, max_length=50)
    model: Plain | None = Field(None, max_length=100)
    app_version: Plain | None = Field(None, max_length=50)
    push: PushIn | None = None
    waiting: int | None = Field(
        None, ge=0, le=MAX_WAITING, description="check-ins that the app holds and has not uploaded; null: unsaid"
    )
    oldest_waiting_at: Time | None = Field(None, description="when the oldest of them was captured")


class DeviceOut(DeviceIn):
    id: str
    last_seen_at: datetime


class VillageProperties(BaseModel):
    village_id: str
    name: str
    township: str
    assigned: bool
    geofence_version: int | None
    tolerance_m: float
    synthetic: bool = Field(description="the boundary is invented for a demonstration")


class VillageFeature(BaseModel):
    type: Literal["Feature"] = "Feature"
    id: str
    properties: VillageProperties
    geometry: dict[str, Any] | None = Field(description="GeoJSON Polygon or MultiPolygon, WGS-84")


class VillageCollection(BaseModel):
    type: Literal["FeatureCollection"] = "FeatureCollection"
    features: list[VillageFeature]


class PointOut(BaseModel):
    lon: float
    lat: float


class HouseholdOut(BaseModel):
    id: UUID
    village_id: str
    head_name: str
    position: PointOut | None
    radius_m: float
    assigned: bool


class HouseholdList(BaseModel):
    items: list[HouseholdOut]


class NoticeOut(BaseModel):
    id: UUID
    kind: str
    title: str
    body: str
    created_at: datetime
    read_at: datetime | None
    about: dict[str, Any]


class NoticeList(BaseModel):
    items: list[NoticeOut]
    next_cursor: str | None
