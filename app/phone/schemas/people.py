"""Oneself, one's devices, villages and households on the wire."""

import json
from datetime import datetime
from typing import Literal, Self
from uuid import UUID

from pydantic import BaseModel, ConfigDict, Field, model_validator
from pydantic_core import PydanticCustomError

from app.directory.rights import Ability
from app.directory.service import MyHouseholdRow, MyVillage
from app.directory.words import Role, UnitLevel
from app.http.wire import Moment, Plain, Whole
from app.kernel.language import Text
from app.phone.schemas.accounts import PersonOut
from app.phone.schemas.duties import DutyOut
from app.reads.own_households import LastVisitRow

MAX_WAITING = 1_000_000


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
    settings: dict[str, object] = Field(
        description="what a phone acts by: night_start and night_until (minutes), tolerance_m, tracks, ..."
    )
    outline_bbox: tuple[float, float, float, float] | None = Field(description="west, south, east, north")


class MeOut(BaseModel):
    person: PersonOut
    posts: list[PostOut]
    may: list[Ability] = Field(description="what these posts let the person do somewhere; a page offers no more")
    county: CountyOut
    duties: list[DutyOut]


class PushIn(BaseModel):
    """How to reach the device; the members besides `channel` are the channel's own. The last to say it owns it."""

    model_config = ConfigDict(extra="allow")

    channel: Literal["fcm", "webpush"] = Field(description="by which a device can be reached; others go to people")

    @model_validator(mode="after")
    def _reaches_something(self) -> Self:
        said = self.model_extra or {}
        if self.channel == "fcm" and not any(_words(said.get(name)) for name in ("token", "fid")):
            raise _no_registration("token")
        subscription = said.get("subscription")
        if self.channel == "webpush" and not (
            isinstance(subscription, dict) and _words(subscription.get("endpoint"))
        ):
            raise _no_registration("subscription")
        return self


def _words(value: object) -> bool:
    return isinstance(value, str) and bool(value.strip())


def _no_registration(at: str) -> PydanticCustomError:
    text = Text("缺少推送登记，手机无法收到推送", "There is nothing here to reach the device by")
    return PydanticCustomError("no_registration", "{text}", {"text": text, "at": at})


class DeviceIn(BaseModel):
    """What is not said stays as it was; what is null is taken away."""

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
    push: PushIn | None = Field(None, description="null: nothing is sent to it any more")
    waiting: Whole | None = Field(
        None, ge=0, le=MAX_WAITING, description="check-ins that the app holds and has not uploaded; null: unsaid"
    )
    oldest_waiting_at: Moment | None = Field(None, description="when the oldest of them was captured")


class PushProblem(BaseModel):
    """Why a registration that is kept reaches nobody yet."""

    code: Literal["not_set_up", "switched_off"]
    detail: str


class DeviceOut(DeviceIn):
    model_config = ConfigDict(
        json_schema_extra={
            "examples": [
                {
                    "id": "phone-1",
                    "platform": "android",
                    "model": "Redmi 4A",
                    "app_version": "1.0.0",
                    "push": {"channel": "fcm", "token": "..."},
                    "waiting": 0,
                    "oldest_waiting_at": None,
                    "last_seen_at": "2026-11-18T20:10:00+08:00",
                    "push_problem": None,
                }
            ]
        }
    )

    id: str
    last_seen_at: datetime
    push_problem: PushProblem | None = Field(None, description="null where pushes go out, or none are asked for")


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
    geometry: dict[str, object] | None = Field(description="GeoJSON Polygon or MultiPolygon, WGS-84")

    @classmethod
    def of(cls, village: MyVillage) -> "VillageFeature":
        row = village.row
        properties = VillageProperties(
            village_id=row.id,
            name=row.name,
            township=row.township,
            assigned=row.assigned,
            geofence_version=row.version,
            tolerance_m=village.tolerance_m,
            synthetic=row.synthetic,
        )
        return cls(id=row.id, properties=properties, geometry=json.loads(row.geometry) if row.geometry else None)


class VillageCollection(BaseModel):
    type: Literal["FeatureCollection"] = "FeatureCollection"
    features: list[VillageFeature]


class PointOut(BaseModel):
    lon: float
    lat: float


class LastVisitOut(BaseModel):
    """The last visit to a household that counted, whoever made it."""

    at: datetime
    own: bool = Field(description="one's own")
    by: str | None = Field(description="who came, of a household assigned to oneself")


class HouseholdOut(BaseModel):
    id: UUID
    village_id: str
    head_name: str
    position: PointOut | None
    radius_m: float
    assigned: bool
    last_visit: LastVisitOut | None = Field(None, description="null: never visited")

    @classmethod
    def of(cls, row: MyHouseholdRow, last: LastVisitRow | None) -> "HouseholdOut":
        position = None if row.lon is None else {"lon": row.lon, "lat": row.lat}
        visit = last and {"at": last.at, "own": last.own, "by": last.name if row.assigned else None}
        return cls.model_validate(row._asdict() | {"position": position, "last_visit": visit})


class HouseholdList(BaseModel):
    items: list[HouseholdOut]


class UnitOfSummary(BaseModel):
    id: UUID
    name: str
    raised: int
    climbed: int
    waiting: int


class RuleOfSummary(BaseModel):
    id: UUID
    name: str
    name_en: str


class FlagsOfSummary(BaseModel):
    """The reader's flags by one rule: how many are new, went up a step, and wait for an answer."""

    rule: RuleOfSummary
    raised: int
    climbed: int
    waiting: int
    units: list[UnitOfSummary]


class WaitingOfSummary(BaseModel):
    """How much waits for the reader's decision."""

    flags: int
    check_ins: int
    leave: int
    appeals: int


class DailySummary(BaseModel):
    """每日汇总: `about` of a notice of kind daily_summary, which leads to the lists that it counts."""

    flags: list[FlagsOfSummary]
    waiting: WaitingOfSummary


class NoticeOut(BaseModel):
    id: UUID
    kind: str
    title: str
    body: str
    created_at: datetime
    read_at: datetime | None
    about: dict[str, object] = Field(description="by kind; of daily_summary see DailySummary")


class NoticeList(BaseModel):
    items: list[NoticeOut]
    next_cursor: str | None
