"""Village boundaries on the wire."""

from datetime import datetime
from typing import Annotated, Literal

from pydantic import BaseModel, Field, StringConstraints

from app.geo.words import Crs
from app.http.wire import Moment

Source = Annotated[
    str, StringConstraints(strip_whitespace=True, min_length=1, max_length=200, pattern=r"^[^\x00]+$")
]


class FenceIn(BaseModel):
    """A boundary from a moment on; versions from then or later give way to it."""

    village_id: str = Field(pattern=r"^[0-9]{12}$", description="12-digit code")
    geometry: dict[str, object] = Field(
        description="GeoJSON Polygon or MultiPolygon, also as a Feature or the only one of a FeatureCollection"
    )
    crs: Crs = Field(Crs.WGS84, description="coordinate system of the geometry")
    valid_from: Moment = Field(description="judges check-ins captured from then on")
    source: Source = Field(description="where the boundary comes from")
    synthetic: bool = Field(default=False, description="invented for a demonstration")


class MultiPolygon(BaseModel):
    """GeoJSON, WGS-84: polygons of rings of longitude and latitude."""

    type: Literal["MultiPolygon"]
    coordinates: list[list[list[tuple[float, float]]]]


class Fence(BaseModel):
    village_id: str
    version: int
    valid_from: datetime
    valid_until: datetime | None = Field(description="equal to valid_from where a correction has replaced it")
    synthetic: bool
    source: str
    geometry: MultiPolygon


class FenceList(BaseModel):
    items: list[Fence] = Field(description="the newest version first")
