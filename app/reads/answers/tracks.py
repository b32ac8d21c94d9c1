"""A day's track, for its person and for supervisors."""

from datetime import date, datetime
from typing import Literal

from pydantic import BaseModel, ConfigDict, Field

MOST_SHOWN = 2000
"""Of more fixes than this, only every second, third ... is shown."""


class StayVillage(BaseModel):
    """村."""

    id: str
    name: str


class StayOut(BaseModel):
    """在村停留: from the first to the last fix inside the village. One that goes on past midnight is cut there."""

    model_config = ConfigDict(validate_by_name=True, validate_by_alias=True)

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
