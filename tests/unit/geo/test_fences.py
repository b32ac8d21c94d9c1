"""Which fences contain a fix, at which time, and how far it is from a border."""

from datetime import UTC, datetime

import numpy as np
import pytest
import shapely
from hypothesis import given, settings
from hypothesis import strategies as st

from app.geo.fences import Fence, FenceIndex, geodesic_m
from tests.unit.geo.shapes import CAPTURED, FOUNDED, LAT, LON, area, arrays, at, box, index, villages


def containing(fences, lon, lat, when=CAPTURED):
    _, found = fences.containing(*arrays(lon, lat, when))
    return [fences.fences[each].village_id for each in found]


def distance(fences, lon, lat, village=0):
    return fences.signed_distance(*arrays(lon, lat), np.array([village])).item()


def sampled_distance(polygon, lon, lat):
    """Metres to the border by walking along it: every edge in steps, then the nearest two steps in finer ones."""
    best = np.inf
    for ring in shapely.get_rings(shapely.get_parts(polygon)):
        corners = shapely.get_coordinates(ring)
        steps = np.linspace(0, 1, 41)[:, None, None]
        walked = (corners[:-1] * (1 - steps) + corners[1:] * steps).swapaxes(0, 1).reshape(-1, 2)
        for _ in range(2):
            away = geodesic_m(np.full(len(walked), lon), np.full(len(walked), lat), *walked.T)
            nearest = int(away.argmin())
            ends = walked[[max(nearest - 1, 0), nearest, min(nearest + 1, len(walked) - 1)]]
            fine = np.linspace(0, 1, 201)[:, None]
            walked = np.concatenate([ends[0] * (1 - fine) + ends[1] * fine, ends[1] * (1 - fine) + ends[2] * fine])
        best = min(best, away.min())
    return best


@settings(max_examples=150, deadline=None)
@given(
    polygon=villages(),
    bearing=st.floats(0, 2 * np.pi),
    reach=st.one_of(st.floats(0, 20_000), st.floats(20_000, 200_000)),
)
def test_distance_is_geodesic_to_half_a_percent_and_negative_inside(polygon, bearing, reach):
    lon, lat = at(reach * np.cos(bearing), reach * np.sin(bearing))
    metres = distance(index(a=polygon), lon, lat)
    assert abs(metres) == pytest.approx(sampled_distance(polygon, lon, lat), rel=0.005, abs=0.05)
    assert (metres <= 0) == shapely.intersects_xy(polygon, lon, lat)


def test_distance_is_true_200_km_away_in_every_direction():
    polygon = box(-5000, -8000, 5000, 8000)
    for bearing in np.radians(range(0, 360, 15)):
        lon, lat = at(200_000 * np.cos(bearing), 200_000 * np.sin(bearing))
        assert distance(index(a=polygon), lon, lat) == pytest.approx(sampled_distance(polygon, lon, lat), rel=1e-4)


def test_a_hole_is_outside_and_its_border_is_a_border():
    ring = shapely.Polygon(box(-1000, -1000, 1000, 1000).exterior, [box(-300, -300, 300, 300).exterior])
    fences = index(a=ring)
    assert containing(fences, LON, LAT) == []
    assert distance(fences, LON, LAT) == pytest.approx(300, rel=0.005)
    assert distance(fences, *at(400, 0)) == pytest.approx(-100, rel=0.005)
    assert distance(fences, *at(900, 0)) == pytest.approx(-100, rel=0.005)


def test_every_part_of_a_village_is_the_village():
    fences = index(a=shapely.MultiPolygon([box(0, 0, 100, 100), box(5000, 0, 5100, 100)]))
    assert containing(fences, *at(50, 50)) == ["a"]
    assert containing(fences, *at(5050, 50)) == ["a"]
    assert containing(fences, *at(2500, 50)) == []
    assert distance(fences, *at(4900, 50)) == pytest.approx(100, rel=0.005)


def test_a_sliver_is_as_thin_as_it_is():
    fences = index(a=area([(0, 0), (3000, 1), (0, 2)]))
    assert containing(fences, *at(10, 1)) == ["a"]
    assert distance(fences, *at(10, 1)) == pytest.approx(-1, abs=0.01)
    assert distance(fences, *at(1500, 5)) == pytest.approx(3.5, rel=0.005)


def test_a_shared_border_belongs_to_both_and_a_corner_to_all():
    grid = {
        f"v{x}{y}": shapely.box(106 + x / 8, 24 + y / 8, 106 + (x + 1) / 8, 24 + (y + 1) / 8)
        for x in range(3)
        for y in range(3)
    }
    fences = index(**grid)
    assert containing(fences, 106.125, 24.0625) == ["v00", "v10"]
    assert containing(fences, 106.125, 24.125) == ["v00", "v01", "v10", "v11"]
    assert containing(fences, 106.1, 24.1) == ["v00"]


@given(share=st.floats(1e-9, 1 - 1e-9))  # at the ends of the line others than these two would be neighbours
def test_no_fix_falls_between_two_neighbours(share):
    north, south = (106.123456, 24.654321), (106.234567, 24.111111)
    fences = index(
        west=shapely.Polygon([north, south, (106, 24)]), east=shapely.Polygon([north, (107, 24.4), south])
    )
    on_the_line = np.array(north) * (1 - share) + np.array(south) * share
    assert containing(fences, *on_the_line)


def test_the_version_valid_at_the_time_is_asked_from_its_first_moment_to_before_its_last():
    moved = datetime(2026, 6, 1, tzinfo=UTC)
    old, new = box(0, 0, 100, 100), box(1000, 0, 1100, 100)
    fences = FenceIndex.build(
        [Fence("a", 2, moved, None, new), Fence("b", 1, moved, None, old), Fence("a", 1, FOUNDED, moved, old)],
        version=7,
    )
    assert fences.version == 7
    lon, lat = at(50, 50)
    assert containing(fences, lon, lat, FOUNDED.timestamp() - 1) == []
    assert containing(fences, lon, lat, FOUNDED.timestamp()) == ["a"]
    assert containing(fences, lon, lat, moved.timestamp() - 1e-3) == ["a"]
    assert containing(fences, lon, lat, moved.timestamp()) == ["b"]

    times = np.array([FOUNDED.timestamp() - 1, FOUNDED.timestamp(), moved.timestamp()])
    fix, fence = fences.valid([("a", "b"), ("b", "a"), ("a", "unknown", "b")], times)
    named = [
        (row, fences.fences[each].village_id, fences.fences[each].version)
        for row, each in zip(fix, fence, strict=True)
    ]
    assert named == [(1, "a", 1), (2, "a", 2), (2, "b", 1)]


@settings(max_examples=50, deadline=None)
@given(polygons=st.lists(villages(), min_size=1, max_size=6), seed=st.integers(0, 2**32 - 1))
def test_many_fixes_at_once_are_answered_as_each_alone(polygons, seed):
    fences = index(**{f"v{number}": polygon for number, polygon in enumerate(polygons)})
    random = np.random.default_rng(seed)
    lon, lat = at(*random.normal(0, 5000, (2, 20)))
    fix, fence = fences.containing(lon, lat, np.full(20, CAPTURED))
    assert list(zip(fix, fence, strict=True)) == sorted(zip(fix, fence, strict=True))
    for row in range(20):
        alone = [
            f"v{number}"
            for number, polygon in enumerate(polygons)
            if polygon.intersects(shapely.Point(lon[row], lat[row]))
        ]
        assert [fences.fences[each].village_id for each in fence[fix == row]] == alone
    chosen = random.integers(0, len(polygons), 20)
    together = fences.signed_distance(lon, lat, chosen)
    assert together.tolist() == [distance(fences, lon[row], lat[row], chosen[row]) for row in range(20)]


def test_a_county_without_fences_contains_nothing():
    fences = FenceIndex.build([], version=0)
    assert containing(fences, LON, LAT) == []
    assert [each.size for each in fences.valid([("a",)], np.array([CAPTURED]))] == [0, 0]


@pytest.mark.parametrize(
    "shape", [shapely.Polygon(), shapely.Polygon([(0, 0), (1, 1), (2, 2)]), shapely.Point(0, 0)]
)
def test_a_fence_needs_an_area(shape):
    with pytest.raises(ValueError, match="village a has no area"):
        index(b=box(0, 0, 1, 1), a=shape)


def test_a_fence_across_all_others_and_one_across_none():
    """A county drawn as a village, and a village on an island far away: neither disturbs the rest."""
    fences = index(
        all=box(-90_000, -90_000, 90_000, 90_000),
        here=box(-1000, -1000, 0, 1000),
        none=box(500_000, 0, 500_100, 100),
        there=box(0, -1000, 1000, 1000),
    )
    lon, lat = at([-500.0, 0.0, 500.0, 50_000.0, 300_000.0], [0.0] * 5)
    fix, fence = fences.containing(lon, lat, np.full(5, CAPTURED))
    found = [[fences.fences[number].village_id for number in fence[fix == row]] for row in range(5)]
    assert found == [["all", "here"], ["all", "here", "there"], ["all", "there"], ["all"], []]
