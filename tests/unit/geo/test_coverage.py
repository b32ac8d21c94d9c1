"""Where villages that should meet do not."""

import shapely

from app.geo.coverage import gaps, overlaps

WEST = shapely.box(106, 24, 106.1, 24.1)


def test_two_that_meet_leave_nothing_even_where_their_corners_do_not():
    beside = [shapely.box(106.1, 24, 106.2, 24.05), shapely.box(106.1, 24.05, 106.2, 24.1)]
    assert overlaps([WEST, *beside]) == []
    assert gaps([WEST, *beside]) == []


def test_a_narrow_gap_is_told_with_its_width_and_length():
    (gap,) = gaps([WEST, shapely.box(106.1002, 24, 106.2, 24.1)])
    assert gap.beside == (0, 1)
    assert 20 < gap.width_m < 21
    assert 10_900 < gap.length_m < 11_400
    assert gap.place.distance(shapely.Point(106.1001, 24.05)) < 0.001


def test_what_is_wider_than_a_slip_of_the_pen_is_land():
    assert gaps([WEST, shapely.box(106.11, 24, 106.2, 24.1)]) == []


def test_ground_that_lies_enclosed_is_told_once():
    ring = [
        shapely.box(106, 24, 106.3, 24.1),
        shapely.box(106, 24.1, 106.1, 24.2),
        shapely.box(106.2, 24.1, 106.3, 24.2),
        shapely.box(106, 24.2, 106.3, 24.3),
    ]
    (hole,) = gaps(ring)
    assert hole.beside == (0, 1, 2, 3)
    assert 112 < hole.km2 < 114
    assert hole.place.equals_exact(shapely.box(106.1, 24.1, 106.2, 24.2), 1e-6, normalize=True)


def test_one_inside_another_overlaps_it_and_leaves_no_gap():
    inner = shapely.box(106.02, 24.02, 106.05, 24.05)
    (shared,) = overlaps([WEST, inner])
    assert 10 < shared.km2 < 11
    assert gaps([WEST, inner]) == []
