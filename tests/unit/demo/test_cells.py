"""Invented village boundaries tile the real outline."""

import math
from itertools import chain

import pytest
import shapely
from shapely import Point, Polygon

from app.demo.cells import tile
from app.demo.places import counties as real_counties

pytestmark = pytest.mark.xdist_group("demo")  # the counties are built once

SQUARE = Polygon([(106.0, 24.0), (106.3, 24.0), (106.3, 24.3), (106.0, 24.3)])
SEAT = Point(106.05, 24.05)
KM2_PER_DEGREE2 = 111.2**2


def cells_of(county):
    return [fence.area for fence in county.roster.geofences]


def km2(area, like):
    return area * KM2_PER_DEGREE2 * math.cos(math.radians(like.centroid.y))


def test_the_cells_fill_the_outline_and_nothing_more(county):
    outline = real_counties()[county.id].outline
    cells = cells_of(county)
    assert sum(cell.area for cell in cells) == pytest.approx(outline.area, rel=1e-9)
    assert shapely.union_all(cells).symmetric_difference(outline).area < 1e-9 * outline.area


def test_the_cells_share_their_edges_without_gap_or_overlap(county):
    cells = cells_of(county)
    assert all(cell.geom_type == "Polygon" and cell.is_valid for cell in cells)
    assert shapely.coverage_is_valid(cells)


def test_every_township_is_in_one_piece(county):
    fences = {fence.village_id: fence.area for fence in county.roster.geofences}
    for township in county.roster.townships:
        own = [fences[village.id] for village in county.roster.villages if village.township_id == township.id]
        assert shapely.union_all(own).geom_type == "Polygon", township.name


def test_villages_are_about_as_large_as_real_ones(county):
    sizes = [km2(cell.area, cell) for cell in cells_of(county)]
    mean = {"451029": 33, "450224": 21, "450326": 30}[county.id]
    assert sum(sizes) / len(sizes) == pytest.approx(mean, abs=1)
    assert min(sizes) > 0.4 * mean
    assert max(sizes) < 2 * mean


def test_boundaries_look_like_boundaries(county):
    corners = [len(cell.exterior.coords) for cell in cells_of(county)]
    assert 100 < sum(corners) / len(corners) < 300


def test_the_county_seat_lies_in_its_township(county):
    plan_seat = {"451029": (106.22484, 24.2973), "450224": (109.40274, 25.22052), "450326": (109.99167, 24.99204)}
    inside = [f.village_id for f in county.roster.geofences if f.area.contains(Point(plan_seat[county.id]))]
    assert [village[:9] for village in inside] == [f"{county.id}100"]


def test_the_same_seed_gives_the_same_cells_and_another_gives_others():
    first, again, other = (tile(SQUARE, [3, 5], SEAT, seed) for seed in (1, 1, 2))
    assert first == again
    assert first != other


def test_parts_have_the_numbers_asked_for_and_the_first_holds_the_seat():
    townships = tile(SQUARE, [4, 1, 7], SEAT, 3)
    assert [len(cells) for cells in townships] == [4, 1, 7]
    assert any(cell.contains(SEAT) for cell in townships[0])
    assert sum(cell.area for cell in chain(*townships)) == pytest.approx(SQUARE.area, rel=1e-9)
