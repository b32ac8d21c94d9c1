"""Fences for tests: random villages for Hypothesis, and borders put down in metres."""

from datetime import UTC, datetime

import numpy as np
import shapely
from hypothesis import strategies as st

from app.geo.fences import Fence, FenceIndex, geodesic_m

FOUNDED = datetime(2026, 1, 1, tzinfo=UTC)
CAPTURED = datetime(2026, 11, 22, 12, 10, tzinfo=UTC).timestamp()
LON, LAT = 106.2, 24.3  # Tianlin

METRES_PER_DEGREE = (
    geodesic_m(LON - 0.005, LAT, LON + 0.005, LAT).item() * 100,
    geodesic_m(LON, LAT - 0.005, LON, LAT + 0.005).item() * 100,
)


def at(east_m, north_m):
    """Longitude and latitude of a place so many metres from (LON, LAT); true to 0.1 % within a few kilometres."""
    return LON + np.asarray(east_m) / METRES_PER_DEGREE[0], LAT + np.asarray(north_m) / METRES_PER_DEGREE[1]


def area(metres):
    """A polygon whose corners are given in metres from (LON, LAT)."""
    return shapely.transform(shapely.Polygon(metres), lambda corners: np.column_stack(at(*corners.T)))


def box(west_m, south_m, east_m, north_m):
    return area([(west_m, south_m), (east_m, south_m), (east_m, north_m), (west_m, north_m)])


def index(**areas):
    """An index of villages, each valid for good: a polygon by village id."""
    return FenceIndex.build([Fence(village, 1, FOUNDED, None, area) for village, area in areas.items()], version=1)


def arrays(*numbers):
    return tuple(np.atleast_1d(np.asarray(each, np.float64)) for each in numbers)


@st.composite
def villages(draw):
    """Star-shaped, 100 m to 15 km across, perhaps with a hole and an exclave."""
    size = draw(st.floats(100, 15_000))
    reaches = draw(st.lists(st.floats(0.3, 1.0), min_size=3, max_size=40))
    angles = np.linspace(0, 2 * np.pi, len(reaches), endpoint=False)
    rim = size * np.array(reaches)[:, None] * np.column_stack([np.cos(angles), np.sin(angles)])
    outline = area(rim)
    if draw(st.booleans()):
        outline = shapely.Polygon(outline.exterior, [area(rim * draw(st.floats(0.1, 0.7))).exterior])
    if draw(st.booleans()):
        outline = shapely.MultiPolygon([outline, area(rim * 0.2 + [size * 3, size])])
    return outline
