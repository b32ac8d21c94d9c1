"""Distance and containment against PostGIS, which reckons edges as geodesics."""

import asyncpg
import numpy as np
import pytest
import shapely

from app.geo.fences import Fence, FenceIndex
from tests.unit.geo.shapes import CAPTURED, FOUNDED, LAT, LON

PAIRS = 400

MEASURE = """
SELECT ST_Distance(ST_Boundary(area)::geography, fix::geography) AS to_border,
  ST_Distance(area::geography, fix::geography) AS to_area, ST_Covers(area, fix) AS covered
FROM (
  SELECT ST_GeomFromWKB(wkb, 4326) AS area, ST_SetSRID(ST_MakePoint(lon, lat), 4326) AS fix, pair
  FROM unnest($1::bytea[], $2::float8[], $3::float8[]) WITH ORDINALITY AS given (wkb, lon, lat, pair)
) AS pairs ORDER BY pair
"""


def village(random):
    """Star-shaped, 2 to 10 km across, with edges of some 100 m, a hole and an exclave."""
    angles = np.linspace(0, 2 * np.pi, 200, endpoint=False)
    reach = random.uniform(0.01, 0.05) * (1 + 0.3 * np.sin(3 * angles + random.uniform(0, 6)))
    rim = (reach + random.normal(0, 0.0003, 200))[:, None] * np.column_stack([np.cos(angles), np.sin(angles)])
    middle = np.array([LON, LAT]) + random.uniform(-0.5, 0.5, 2)
    main = shapely.Polygon(middle + rim, [middle + rim * 0.2])
    return shapely.MultiPolygon([main, shapely.Polygon(middle + rim * 0.1 + [0.15, 0.1])])


@pytest.fixture
def pairs():
    """Villages, and fixes in, around and up to some 200 km from them."""
    random = np.random.default_rng(20180927)
    areas = [village(random) for _ in range(PAIRS)]
    spread = np.repeat([0.01, 0.03, 0.1, 1.0], PAIRS // 4)
    lon, lat = shapely.get_coordinates([area.geoms[0].centroid for area in areas]).T + random.normal(
        0, spread, (2, PAIRS)
    )
    return areas, lon, lat


async def test_distance_and_containment_agree_with_postgis(database_url, pairs):
    areas, lon, lat = pairs
    connection = await asyncpg.connect(database_url.replace("postgresql+asyncpg", "postgresql"))
    try:
        rows = await connection.fetch(MEASURE, list(shapely.to_wkb(areas)), lon.tolist(), lat.tolist())
    finally:
        await connection.close()

    fences = FenceIndex.build(
        [Fence(f"{number:03}", 1, FOUNDED, None, area) for number, area in enumerate(areas)], version=1
    )
    ours = fences.signed_distance(lon, lat, np.arange(PAIRS))
    covered = np.array([row["covered"] for row in rows])
    assert 0.2 < covered.mean() < 0.8
    assert (ours <= 0).tolist() == covered.tolist()
    assert np.abs(ours) == pytest.approx(np.array([row["to_border"] for row in rows]), rel=0.005, abs=0.05)
    assert np.maximum(ours, 0) == pytest.approx(np.array([row["to_area"] for row in rows]), rel=0.005, abs=0.05)

    fix, fence = fences.containing(lon, lat, np.full(PAIRS, CAPTURED))
    assert np.isin(np.arange(PAIRS), fence[fix == fence]).tolist() == covered.tolist()
