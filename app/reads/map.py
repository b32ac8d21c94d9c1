"""The map, as vector tiles (Mapbox Vector Tile 2.1): townships, villages coloured by compliance, check-ins."""

from datetime import datetime
from typing import Literal
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from app.kernel.database import rows
from app.reads import board
from app.reads.rule_period import RuleInPeriod
from app.reads.visibility import VISIBLE, VisibleScope

Layer = Literal["townships", "villages", "check_ins"]
MAX_ZOOM = 22
MOST_POINTS = 20_000  # in one tile; the newest

# `box` is the tile on the map (EPSG:3857), cut into 4096 steps each way; `reach` is the same with a margin of 64
# steps, in degrees; `fine` is how far a line may be moved to simplify it, in degrees: three steps (a third of a
# pixel) on a map of the county, nothing from zoom 11 on, whose tiles browsers enlarge.
_TILE = """
tile AS (
  SELECT ST_TileEnvelope(:z, :x, :y) AS box,
    ST_Transform(ST_TileEnvelope(:z, :x, :y, margin => 64.0 / 4096), 4326) AS reach,
    least(greatest(11 - :z, 0), 4) * 360.0 / 4096 / power(2, :z) AS fine
)"""


def _area(column: str) -> str:
    """A polygon in the tile's own grid."""
    return _shape(f"ST_Simplify({column}, tile.fine, true)")


def _shape(geometry: str) -> str:
    return f"ST_AsMVTGeom(ST_Transform({geometry}, 3857), tile.box, 4096, 64, true) AS shape"


def _tile(layer: Layer) -> str:
    return f"SELECT ST_AsMVT(feature, '{layer}', 4096, 'shape') AS mvt FROM feature WHERE shape IS NOT NULL"


_TOWNSHIPS = f"""
WITH {VISIBLE}, {_TILE}, feature AS MATERIALIZED (
  SELECT township.id AS township_id, township.name, {_area("township.outline")}
  FROM tile JOIN township ON township.county_id = :county_id AND township.outline && tile.reach
  WHERE township.id IN (SELECT township_id FROM visible_village)
)
{_tile("townships")}
"""
# The fence that held just before `at`: the end of the period, or now.
_VILLAGES = f"""
WITH {board.OF_PERIOD}, {board.IN_VILLAGES}, {_TILE}, feature AS MATERIALIZED (
  SELECT village.id AS village_id, village.name, township.name AS township, geofence.synthetic,
    {", ".join(f"coalesce({name}, 0) AS {name}" for name in board.FIGURES if name != "rate")}, rate,
    {_area("geofence.area")}
  FROM tile
  JOIN geofence ON geofence.county_id = :county_id AND geofence.area && tile.reach
    AND geofence.valid_from < :at AND (geofence.valid_until IS NULL OR geofence.valid_until >= :at)
  JOIN visible_village AS village ON village.id = geofence.village_id
  JOIN township ON township.county_id = :county_id AND township.id = village.township_id
  LEFT JOIN in_village ON in_village.village_id = village.id
)
{_tile("villages")}
"""
_IN_TILE = """FROM tile JOIN check_in ON check_in.county_id = :county_id AND check_in.position && tile.reach
  WHERE check_in.visited_at >= :from_at AND check_in.visited_at < :until_at
    AND check_in.person_id IN (SELECT id FROM visible_person)"""
_CHECK_INS = f"""
WITH {VISIBLE}, {_TILE}, feature AS MATERIALIZED (
  SELECT check_in.id::text AS id, check_in.person_id::text AS person_id, check_in.standing, check_in.place,
    to_char(check_in.visited_at AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24\\:MI\\:SS"Z"') AS captured_at,
    check_in.purpose, {_shape("check_in.position")}
  {_IN_TILE}
  ORDER BY check_in.visited_at DESC, check_in.id DESC LIMIT {MOST_POINTS}
)
{_tile("check_ins")}
"""


_PEOPLE = f"WITH {VISIBLE}, {_TILE} SELECT DISTINCT check_in.person_id {_IN_TILE}"


async def people(
    session: AsyncSession, visible: VisibleScope, at: tuple[int, int, int], asked: RuleInPeriod
) -> list[UUID]:
    """Whose check-ins a tile shows."""
    z, x, y = at
    given = {"z": z, "x": x, "y": y, **visible.parameters(), "from_at": asked.from_at, "until_at": asked.until_at}
    return [row.person_id for row in await rows(session, _PEOPLE, **given)]


async def tile(
    session: AsyncSession,
    visible: VisibleScope,
    layer: Layer,
    at: tuple[int, int, int],
    asked: RuleInPeriod | None,
    now: datetime,
) -> bytes:
    """One tile, `at` zoom, column and row; empty bytes when nothing lies in it. Townships ask no question."""
    z, x, y = at
    of_tile = {"z": z, "x": x, "y": y, **visible.parameters()}
    if layer == "townships" or asked is None:
        return await _drawn(session, _TOWNSHIPS, of_tile)
    if layer == "villages":
        return await _drawn(session, _VILLAGES, of_tile | asked.parameters() | {"at": min(now, asked.until_at)})
    return await _drawn(session, _CHECK_INS, of_tile | {"from_at": asked.from_at, "until_at": asked.until_at})


async def _drawn(session: AsyncSession, statement: str, parameters: dict[str, object]) -> bytes:
    (row,) = await rows(session, statement, **parameters)
    return bytes(row.mvt or b"")
