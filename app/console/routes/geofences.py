"""Village boundaries: their versions, and a new one from a moment on. Only the office changes them."""

import asyncio
from functools import partial

from fastapi import APIRouter

from app.console.routes.context import ContextDep, RequestContext
from app.console.routes.parameters import VillageQuery
from app.console.schemas.geofences import FenceIn, FenceList
from app.directory import geofences
from app.directory import service as directory
from app.directory.geofences import NewFence
from app.directory.own_case import own_of
from app.directory.rights import Ability
from app.exchange.guards import MOST_SENT
from app.http.abilities import needs
from app.kernel.language import Text
from app.kernel.problems import FORBIDDEN, Problem, invalid

router = APIRouter(prefix="/geofences", tags=["directory"])

_WHICH = Text("请指明村", "Say which village")
_OWN = Text(
    "您联系这个村，村界须由他人变更", "You answer for this village: somebody else has to change its boundary"
)


@router.get("", summary="Every version of a village's boundary")
@needs(Ability.READ)
async def list_geofences(context: ContextDep, village: VillageQuery = None) -> FenceList:
    if village is None:
        raise invalid("/village", "missing", _WHICH)
    visible = await context.visible(village=village)
    return FenceList(items=await geofences.versions(context.session, visible.county_id, village))


@router.post("", status_code=201, max_body_size=MOST_SENT, summary="Change a village's boundary")
@needs(Ability.CHANGE_GEOFENCES)
async def post_geofence(body: FenceIn, context: ContextDep) -> FenceList:
    """Check-ins already judged stay as they are; `yefang rejudge` shows what the change would mean for them."""
    visible = await context.where(village=body.village_id)
    await _not_own(context, body.village_id)
    known = await geofences.ground(context.session, visible.county_id, body.village_id)
    read = partial(geofences.read_area, body.geometry, crs=body.crs, known=known)
    fence = NewFence(
        village_id=body.village_id,
        area=await asyncio.to_thread(read),  # a large boundary takes a while
        valid_from=body.valid_from,
        source=body.source,
        synthetic=body.synthetic,
    )
    versions = await geofences.change(
        context.session, visible.county_id, fence, actor_id=context.scope.person_id, now=context.now
    )
    return FenceList(items=versions)


async def _not_own(context: RequestContext, village_id: str) -> None:
    """Whose visits are judged by a boundary does not draw it. Raises `FORBIDDEN`."""
    county = await directory.county(context.session, context.scope.county_id)
    writer = (context.scope.person_id, *context.scope.opened_by)
    own = await own_of(context.session, county.id, writer, today=county.day(context.now), now=context.now)
    if village_id in own.villages:
        raise Problem(FORBIDDEN, _OWN)
