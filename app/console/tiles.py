"""Vector tiles: the map of the county, cut to the caller's scope."""

import hashlib
from typing import Annotated

from fastapi import APIRouter, Path, Request
from fastapi.responses import Response

from app.console.routes.context import ContextDep
from app.console.routes.parameters import PeriodQuery, RuleQuery
from app.directory.rights import Ability
from app.http.abilities import needs
from app.http.wire import Whole
from app.kernel.audit import Looked
from app.kernel.language import Text
from app.kernel.problems import INVALID, FieldError, Problem
from app.reads import map as map_reads
from app.reads.map import MAX_ZOOM, Layer

router = APIRouter(prefix="/tiles", tags=["tiles"])

_OUT_OF_RANGE = Text("在该级别下应小于 {size}", "Must be less than {size} at this zoom")
# Checked again each time: what a tile shows changes with every check-in, and with who asks.
_CACHE = {"Cache-Control": "private, no-cache", "Vary": "Authorization"}


@router.get(
    "/{layer}/{z}/{x}/{y}.mvt",
    response_class=Response,
    responses={
        200: {
            "content": {"application/vnd.mapbox-vector-tile": {}},
            "description": "One layer",
        },
        204: {"description": "Nothing lies in this tile"},
        304: {"description": "Unchanged since the ETag offered"},
    },
    summary="A tile of the map (EPSG:3857, Mapbox Vector Tile 2.1)",
)
@needs(Ability.READ)
async def read_tile(
    request: Request,
    context: ContextDep,
    layer: Layer,
    z: Annotated[Whole, Path(ge=0, le=MAX_ZOOM)],
    x: Annotated[Whole, Path(ge=0)],
    y: Annotated[Whole, Path(ge=0)],
    period: PeriodQuery = None,
    rule: RuleQuery = None,
) -> Response:
    _check(z, x=x, y=y)
    asked = None if layer == "townships" else await context.question(period, rule)
    body = await map_reads.tile(context.session, await context.visible(), layer, (z, x, y), asked, context.now)
    if layer == "check_ins" and asked and body:
        await context.shown(
            Looked.MAP, await map_reads.people(context.session, await context.visible(), (z, x, y), asked)
        )
        await context.seen(None, {"tile": f"{z}/{x}/{y}", "from": asked.from_at, "until": asked.until_at})
    tag = f'"{hashlib.sha256(body).hexdigest()[:32]}"'
    if not body:
        return Response(status_code=204, headers=_CACHE)
    if tag in request.headers.get("if-none-match", ""):
        return Response(status_code=304, headers=_CACHE | {"ETag": tag})
    return Response(body, media_type="application/vnd.mapbox-vector-tile", headers=_CACHE | {"ETag": tag})


def _check(z: int, **numbers: int) -> None:
    size = 2**z
    errors = tuple(
        FieldError(f"/{name}", "too_large", _OUT_OF_RANGE, {"size": size})
        for name, number in numbers.items()
        if number >= size
    )
    if errors:
        raise Problem(INVALID, errors=errors)
