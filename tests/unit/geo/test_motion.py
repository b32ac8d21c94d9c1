"""Distances and speeds between two fixes."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.geo.fences import geodesic_m
from app.geo.motion import kmh, metres_between
from tests.unit.geo.shapes import arrays

lons, lats = st.floats(73, 135), st.floats(4, 54)


@given(lon=lons, lat=lats, to_lon=lons, to_lat=lats)
def test_the_sphere_is_near_enough_to_the_ellipsoid(lon, lat, to_lon, to_lat):
    exact = geodesic_m(*arrays(lon, lat, to_lon, to_lat)).item()
    assert metres_between(lon, lat, to_lon, to_lat) == pytest.approx(exact, rel=0.006, abs=0.01)


def test_half_around_the_world():
    assert metres_between(0, 0, 180, 0) == pytest.approx(20_015_000, rel=0.001)


@pytest.mark.parametrize(("metres", "seconds", "expected"), [(1000, 60, 60), (1000, -60, 60), (100, 0, 360)])
def test_kmh(metres, seconds, expected):
    assert kmh(metres, seconds) == pytest.approx(expected)
