"""Changing a village's boundary: reading the polygon, and a new version of the fence from a moment on."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

import shapely
from shapely import MultiPolygon, Polygon
from sqlalchemy.ext.asyncio import AsyncSession

from app.directory.ground import Ground
from app.directory.store import fences as store
from app.geo import polygons
from app.geo.polygons import Unfit
from app.kernel import audit, listening
from app.kernel.problems import invalid


@dataclass(frozen=True, slots=True)
class NewFence:
    """A boundary in WGS-84, for check-ins captured from `valid_from` on."""

    village_id: str
    area: Polygon | MultiPolygon
    valid_from: datetime
    source: str
    synthetic: bool


async def ground(session: AsyncSession, county_id: str, village_id: str) -> tuple[Ground, object]:
    """Where the county lies, and the fences of the village's township as they are now, all but its own."""
    found = await store.GROUND.one(session, county_id=county_id, village_id=village_id)
    outline, fenced, neighbours = (
        shapely.from_wkb(wkb) for wkb in (found.outline, found.fenced, found.neighbours)
    )
    return Ground(outline, fenced, found.villages), neighbours


def read_area(geometry: Mapping[str, object], *, crs: str, known: tuple[Ground, object]) -> Polygon | MultiPolygon:
    """A GeoJSON geometry (RFC 7946) as a polygon in WGS-84. Raises `INVALID` at `/geometry`."""
    county, neighbours = known
    try:
        drawn = polygons.read(geometry, crs)
        county.refuse_unfit(drawn, neighbours)
    except Unfit as unfit:
        raise invalid("/geometry", unfit.code, unfit.text) from None
    return drawn.area


async def change(
    session: AsyncSession, county_id: str, fence: NewFence, *, actor_id: UUID, now: datetime
) -> list[dict[str, object]]:
    """Give a village that exists a new version of its fence; returns all versions, the newest first.

    Later versions give way to it. Nothing is judged anew: `yefang rejudge` shows what the change would mean.
    """
    version = await store.change(
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
    await listening.say(session, store.CHANGED, county_id)
    return await versions(session, county_id, fence.village_id)


async def versions(session: AsyncSession, county_id: str, village_id: str) -> list[dict[str, object]]:
    """Every version of a village's fence, the newest first."""
    found = await store.VERSIONS.all(session, county_id=county_id, village_id=village_id)
    return [row._asdict() | {"geometry": json.loads(row.geometry)} for row in found]
