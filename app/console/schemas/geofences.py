"""Village boundaries on the wire."""

from datetime import datetime
from typing import Annotated, Any, Literal

from pydantic import BaseModel, Field, StringConstraints

from app.asgi.wire import Moment

Source = Annotated[
    str, StringConstraints(strip_whitespace=True, min_length=1, max_length=200, pattern=r"^[^\x00]+$")
]


class FenceIn(BaseModel):
    """A boundary from a moment on; versions from then or later give way to it."""

    village_id: str = Field(pattern=r"^[0-9]{12}$", description="12-digit code")
    geometry: dict[str, Any] = Field(
        description="GeoJSON Polygon or MultiPolygon, also as a Feature or the only one of a FeatureCollection"
    )
    crs: Literal["wgs84", "gcj02", "bd09"] = Field("wgs84", description="coordinate system of the geometry")
    valid_from: Moment = Field(description="judges check-ins captured from then on")
    source: Source = Field(description="where the boundary comes from")
    synthetic: bool = Field(default=False, description="invented for a demonstration")


class Fence(BaseModel):
    village_id: str
    version: int
    valid_from: datetime
    valid_until: datetime | None = Field(description="equal to valid_from where a correction has replaced it")
    synthetic: bool
    source: str
    geometry: dict[str, Any] = Field(description="GeoJSON MultiPolygon in WGS-84")


class FenceList(BaseModel):
    items: list[Fence] = Field(description="the newest version first")
