"""Changing a village's boundary: reading the polygon, and a new version of the fence from a moment on."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

import shapely
from shapely import MultiPolygon, Polygon
from shapely.geometry.base import BaseGeometry
from sqlalchemy.exc import DBAPIError
from sqlalchemy.ext.asyncio import AsyncSession

from app.directory.ground import Ground
from app.directory.rows import Village
from app.directory.store import fences as store
from app.directory.store.fences import AddedRow as AddedRow
from app.directory.store.fences import EndedRow as EndedRow
from app.geo import polygons
from app.geo.polygons import Unfit
from app.kernel import audit, listening
from app.kernel.failures import STILL_REFERRED_TO, sqlstate
from app.kernel.language import Text
from app.kernel.problems import CONFLICT, Problem, invalid

_VISITED = Text(
    "不能撤销：已有签到按这些村界认定。请导入更正后的村界",
    "It cannot be revoked: visits have been judged by these boundaries. Import corrected ones instead",
)


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


@dataclass(frozen=True, slots=True)
class ManyChanged:
    """Versions that are new, and those that gave way to them with the time until which they had been valid."""

    added: list[AddedRow]
    ended: list[EndedRow]


async def current(session: AsyncSession, county_id: str) -> dict[str, BaseGeometry]:
    """The fence that each village has now."""
    found = await store.CURRENT.all(session, county_id=county_id)
    return {row.village_id: shapely.from_wkb(row.area) for row in found}


async def place(session: AsyncSession, county_id: str) -> BaseGeometry | None:
    """The county's outline, where it is known."""
    found = await store.GROUND.one(session, county_id=county_id, village_id="")
    outline: BaseGeometry | None = shapely.from_wkb(found.outline)
    return outline


def pack(changed: ManyChanged) -> bytes:
    """To be kept, for whoever takes it back."""
    return json.dumps(
        [[list(row) for row in changed.added], [list(row) for row in changed.ended]], default=str
    ).encode()


def unpack(packed: bytes) -> ManyChanged:
    """As it was packed."""
    added, ended = json.loads(packed)
    return ManyChanged(
        [AddedRow(*row) for row in added],
        [EndedRow(row[0], row[1], row[2] and datetime.fromisoformat(row[2])) for row in ended],
    )


async def change_many(
    session: AsyncSession,
    county_id: str,
    areas: Mapping[str, Polygon | MultiPolygon],
    *,
    valid_from: datetime,
    source: str,
    now: datetime,
) -> ManyChanged:
    """New versions for many villages from one moment on, in a few statements. Nothing is judged anew."""
    about = {"county_id": county_id, "village_ids": list(areas)}
    await store.TAKE.run(session, county_id=county_id)
    ended = await store.END_MANY.all(session, **about, valid_from=valid_from)
    added = await store.ADD_MANY.all(
        session, **about, areas=list(shapely.to_wkb(list(areas.values()))), source=source, valid_from=valid_from
    )
    await store.OUTLINES.run(session, **about, now=now)
    await listening.say(session, store.CHANGED, county_id)
    return ManyChanged(added, ended)


async def take_back_many(session: AsyncSession, county_id: str, changed: ManyChanged, *, now: datetime) -> None:
    """As it was. Raises `CONFLICT` where a visit has been judged by one of the new versions."""
    await store.TAKE.run(session, county_id=county_id)
    try:
        await store.DELETE_MANY.run(
            session,
            county_id=county_id,
            village_ids=[row.village_id for row in changed.added],
            versions=[row.version for row in changed.added],
        )
    except DBAPIError as error:
        if sqlstate(error) != STILL_REFERRED_TO:
            raise
        raise Problem(CONFLICT, _VISITED) from None
    await store.REOPEN_MANY.run(
        session,
        county_id=county_id,
        village_ids=[row.village_id for row in changed.ended],
        versions=[row.version for row in changed.ended],
        untils=[row.valid_until for row in changed.ended],
    )
    await store.OUTLINES.run(
        session, county_id=county_id, village_ids=[row.village_id for row in changed.added], now=now
    )
    await listening.say(session, store.CHANGED, county_id)


async def follow(
    session: AsyncSession, county_id: str, changed: Sequence[tuple[Village, Village]], *, now: datetime
) -> None:
    """Villages were so, and are so now: one that ends takes its fence with it, one that moves its area.

    What was judged by the fence stays; on its day the fence is judged by no more.
    """
    ended = [(was, village) for was, village in changed if was.until_date != village.until_date]
    moved = [both for both in changed if both[0].township_id != both[1].township_id]
    if ended:
        about = {"county_id": county_id, "village_ids": [village.id for _, village in ended]}
        await store.TAKE.run(session, county_id=county_id)
        await store.REOPEN_FENCES.run(session, **about, untils=[was.until_date for was, _ in ended])
        await store.END_FENCES.run(session, **about)
        await listening.say(session, store.CHANGED, county_id)
    townships = {village.township_id for both in (*ended, *moved) for village in both}
    if townships:
        await store.OUTLINES_OF.run(session, county_id=county_id, township_ids=sorted(townships), now=now)


async def versions(session: AsyncSession, county_id: str, village_id: str) -> list[dict[str, object]]:
    """Every version of a village's fence, the newest first."""
    found = await store.VERSIONS.all(session, county_id=county_id, village_id=village_id)
    return [row._asdict() | {"geometry": json.loads(row.geometry)} for row in found]
