"""A day's track on the wire, for its person and for supervisors."""

from datetime import date, datetime
from typing import Annotated, Literal

from fastapi import Query
from pydantic import BaseModel, Field

from app.http.wire import Day
from app.reads.track import MOST_SHOWN

DayQuery = Annotated[Day, Query(description="in the county's time zone, such as 2026-11-18")]


class StayVillage(BaseModel):
    """村."""

    id: str
    name: str


class StayOut(BaseModel):
    """在村停留: from the first to the last fix inside the village. One that goes on past midnight is cut there."""

    village: StayVillage
    from_: datetime = Field(alias="from")
    until: datetime
    minutes: float
    fixes: int = Field(description="inside the village")
    geofence_version: int


class TrackOut(BaseModel):
    """轨迹: a GeoJSON FeatureCollection with members of our own."""

    type: Literal["FeatureCollection"]
    day: date
    fixes: int = Field(description=f"how many there are; of more than {MOST_SHOWN} only some are shown")
    features: list[dict[str, object]] = Field(
        description="a LineString {from, until} for each stretch without a silence of an hour, then a Point "
        "{at, accuracy_m, speed_mps} for each fix; WGS-84"
    )
    stays: list[StayOut]
    stays_pending: bool = Field(description="fixes have come that the stays do not know yet")
