"""Coordinate systems against published vectors, and their inverses against themselves."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.geo import coordinates
from app.geo.coordinates import CHINA_GATE, from_wgs84, is_unset, to_wgs84
from app.geo.fences import geodesic_m
from app.geo.words import Crs

WEST, SOUTH, EAST, NORTH = CHINA_GATE
SHIFTED = [Crs.GCJ02, Crs.BD09]
inside_gate = st.tuples(st.floats(WEST, EAST), st.floats(SOUTH, NORTH))


@pytest.mark.parametrize(
    ("wgs84", "gcj02"),
    [  # eviltransform (Shanghai, Shenzhen, Beijing) and coordtransform
        ((121.5272106, 31.1774276), (121.531541859215, 31.17530398364597)),
        ((113.912316, 22.543847), (113.9171764808363, 22.540796131694766)),
        ((116.377817, 39.911954), (116.38404722455657, 39.91334545536069)),
        ((116.404, 39.915), (116.41024449916938, 39.91640428150164)),
    ],
)
def test_gcj02_as_published(wgs84, gcj02):
    assert from_wgs84(*wgs84, Crs.GCJ02) == pytest.approx(gcj02, abs=1e-10)
    assert to_wgs84(*gcj02, Crs.GCJ02) == pytest.approx(wgs84, abs=1e-10)


def test_bd09_as_published():
    # coordtransform, and PRCoords for Lucheng in Tianlin
    assert coordinates.gcj02_to_bd09(116.404, 39.915) == pytest.approx(
        (116.41036949371029, 39.92133699351021), abs=1e-12
    )
    assert from_wgs84(106.22484, 24.2973, Crs.BD09) == pytest.approx((106.23482718, 24.30045084), abs=1e-8)
    assert to_wgs84(106.23482718, 24.30045084, Crs.BD09) == pytest.approx((106.22484, 24.2973), abs=1e-8)


@pytest.mark.parametrize(
    ("wgs84", "gcj02", "bd09"),
    [  # gcoord: answers of a map service, rounded and up to 0.73 m from the formula
        ((106.6147958, 23.9052397), (106.6182067, 23.9023364), (106.624796, 23.908022)),  # Baise
        ((109.4238094, 24.3287347), (109.4284177, 24.3260422), (109.4348386, 24.3323077)),  # Liuzhou
        ((110.1753219, 25.2372568), (110.1799599, 25.2344843), (110.1864408, 25.2406545)),  # Guilin
    ],
)
def test_cities_of_guangxi_within_a_metre(wgs84, gcj02, bd09):
    for crs, position in ((Crs.GCJ02, gcj02), (Crs.BD09, bd09)):
        for ours, theirs in ((to_wgs84(*position, crs), wgs84), (from_wgs84(*wgs84, crs), position)):
            assert geodesic_m(*ours, *theirs) < 1.0


@given(position=inside_gate, crs=st.sampled_from(SHIFTED))
def test_inside_the_gate_a_position_comes_back(position, crs):
    assert to_wgs84(*from_wgs84(*position, crs), crs) == pytest.approx(position, abs=1e-8)


@given(
    offset=st.floats(-1e-3, 1e-3), power=st.integers(0, 12), lat=st.floats(20, 45), crs=st.sampled_from(SHIFTED)
)
def test_it_comes_back_beside_the_kink_at_105_east(offset, power, lat, crs):
    position = (105 + offset / 10**power, lat)
    assert to_wgs84(*from_wgs84(*position, crs), crs) == pytest.approx(position, abs=1e-8)


@given(
    lon=st.floats(-180, 180).filter(lambda lon: not WEST - 0.05 <= lon <= EAST + 0.05),
    lat=st.floats(-90, 90),
    crs=st.sampled_from(Crs),
)
def test_outside_the_gate_nothing_moves(lon, lat, crs):
    assert from_wgs84(lon, lat, crs) == (lon, lat)
    assert to_wgs84(lon, lat, crs) == (lon, lat)


@given(
    west=st.booleans(),
    beyond=st.floats(-0.04, 0.04),
    lat=st.floats(SOUTH + 1, NORTH - 1),
    crs=st.sampled_from(SHIFTED),
)
def test_around_the_gate_an_answer_is_a_position_that_gives_what_was_reported(west, beyond, lat, crs):
    reported = ((WEST if west else EAST) + beyond, lat)
    answer = to_wgs84(*reported, crs)
    again = np.array(from_wgs84(*answer, crs))
    # In the gap that the shift tears along the gate nothing gives what was reported, and it is left alone.
    assert again == pytest.approx(reported, abs=1e-8) or answer == reported


def test_each_position_has_its_own_system():
    tianlin = np.array([106.22484, 24.2973])
    lon, lat = np.repeat(tianlin, 3).reshape(2, 3)
    names = np.array(["gcj02", "wgs84", "bd09"])
    reported = from_wgs84(lon, lat, names)
    assert len(set(reported[0])) == 3
    back = to_wgs84(*reported, names)
    assert np.abs(np.array(back) - tianlin[:, None]).max() < 1e-8


def test_what_it_is_given_is_left_alone():
    lon, lat = np.array([106.0]), np.array([24.0])
    to_wgs84(lon, lat, "gcj02")
    assert (lon[0], lat[0]) == (106.0, 24.0)


def test_a_name_that_is_no_system_is_an_error():
    with pytest.raises(ValueError, match="wgs84, gcj02, bd09"):
        to_wgs84(np.array([106.0, 106.0]), np.array([24.0, 24.0]), np.array(["wgs84", "cgcs2000"]))


def test_no_positions_and_no_numbers_pass():
    assert [axis.shape for axis in to_wgs84(np.array([]), np.array([]), np.array([], str))] == [(0,), (0,)]
    assert np.isnan(to_wgs84(np.nan, 24.0, "bd09")[0])


@pytest.mark.parametrize(
    ("lon", "lat", "unset"),
    [
        (0, 0, True),
        (0.0, 24.32, True),
        (106.22, 0.0, True),
        (-1, -1, True),
        (180, 90, True),
        (-180, 24.32, True),
        (106.22, 90, True),
        (0.0003, -0.0002, True),
        (4.9e-324, 4.9e-324, True),
        (106.22, 24.32, False),
        (73.6, 39.5, False),
        (109.5, 18.2, False),
        (-77.03, 38.9, False),  # wrong, but a place
    ],
)
def test_what_programs_write_for_no_position_is_none(lon, lat, unset):
    assert is_unset(lon, lat) == unset
