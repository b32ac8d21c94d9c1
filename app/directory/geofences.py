"""Changing a village's boundary: reading the polygon, and a new version of the fence from a moment on."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

import numpy as np
import shapely
from shapely import MultiPolygon, Polygon, box
from sqlalchemy.ext.asyncio import AsyncSession

from app.directory import store_fences
from app.directory.service import County
from app.geo.coordinates import to_wgs84
from app.kernel import audit, listening
from app.kernel.language import Text
from app.kernel.problems import invalid

MOST_VERTICES = 200_000

_WORLD = box(-180, -90, 180, 90)
_NOT_A_POLYGON = Text("应为 GeoJSON 的 Polygon 或 MultiPolygon", "Must be a GeoJSON Polygon or MultiPolygon")
_NOT_VALID = Text("图形自相交或不闭合：{why}", "The polygon is not valid: {why}")
_TOO_MANY = Text("顶点最多 {most} 个", "At most {most} vertices")
_ELSEWHERE = Text(
    "不在本县范围内；请检查经纬度次序和坐标系",
    "Not in this county; check the order of coordinates and their system",
)


@dataclass(frozen=True, slots=True)
class NewFence:
    """A boundary in WGS-84, for check-ins captured from `valid_from` on."""

    village_id: str
    area: Polygon | MultiPolygon
    valid_from: datetime
    source: str
    synthetic: bool


def read_area(geometry: Mapping[str, Any], *, crs: str, county: County) -> Polygon | MultiPolygon:
    """A GeoJSON geometry (RFC 7946) as a polygon in WGS-84. Raises `INVALID` at `/geometry`."""
    try:
        area = shapely.force_2d(shapely.from_geojson(json.dumps(geometry, allow_nan=False)))
    except (shapely.GEOSException, ValueError, RecursionError):
        area = None
    if not isinstance(area, Polygon | MultiPolygon) or area.is_empty:
        raise invalid("/geometry", "not_a_polygon", _NOT_A_POLYGON)
    if shapely.get_num_coordinates(area) > MOST_VERTICES:
        raise invalid("/geometry", "too_many", _TOO_MANY, most=MOST_VERTICES)
    area = shapely.transform(area, lambda at: np.column_stack(to_wgs84(at[:, 0], at[:, 1], np.full(len(at), crs))))
    if not area.is_valid:
        raise invalid("/geometry", "not_valid", _NOT_VALID, why=shapely.is_valid_reason(area))
    if not (_WORLD.covers(area) and (county.bounds is None or area.intersects(box(*county.bounds)))):
        raise invalid("/geometry", "elsewhere", _ELSEWHERE)
    return area


async def change(
    session: AsyncSession, county_id: str, fence: NewFence, *, actor_id: UUID, now: datetime
) -> list[dict[str, Any]]:
    """Give a village that exists a new version of its fence; returns all versions, the newest first.

    Later versions give way to it. Nothing is judged anew: `yefang rejudge` shows what the change would mean.
    """
    version = await store_fences.change(
        session,
        county_id=county_id,
        village_id=fence.village_id,
        valid_from=fence.valid_from,
        now=now,
        area=shapely.to_wkb(fence.area),
        synthetic=fence.synthetic,
        source=fence.source,
    )
    await audit.record(
        session,
        county_id=county_id,
        at=now,
        actor_id=actor_id,
        action="geofence.changed",
        subject=f"village:{fence.village_id}",
        detail={"version": version, "valid_from": fence.valid_from, "source": fence.source},
    )
    await listening.say(session, store_fences.CHANGED, county_id)
    return await versions(session, county_id, fence.village_id)


async def versions(session: AsyncSession, county_id: str, village_id: str) -> list[dict[str, Any]]:
    """Every version of a village's fence, the newest first."""
    found = await store_fences.versions(session, county_id=county_id, village_id=village_id)
    return [{**row._mapping, "geometry": json.loads(row.geometry)} for row in found]  # noqa: SLF001 - its public name
