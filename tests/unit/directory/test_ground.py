"""Where fences and houses of a county can lie: corner by corner, and as a whole."""

from typing import Any

import numpy as np
import pytest
import shapely
from shapely import MultiPolygon, Point, Polygon, box

from app.demo.places import counties
from app.directory.ground import Ground, refuse_radius, township_fences
from app.geo.polygons import Drawn, Unfit

TIANLIN = Ground(counties()["451029"].outline, villages=165)
NEW = Ground()  # neither outline nor fences
FENCED = Ground(fenced=box(105.9, 24.3, 106.1, 24.5), villages=4)
X, Y = 106.0, 24.4
VILLAGE = box(X, Y, X + 0.02, Y + 0.02)
NEXT = box(X + 0.02, Y, X + 0.04, Y + 0.02)


def with_corner(lon: float, lat: float) -> Polygon:
    (first, *rest) = VILLAGE.exterior.coords
    return Polygon([first, (lon, lat), *rest])


def moved(by: float, area: Any = VILLAGE) -> Any:
    return shapely.transform(area, lambda at: at + np.array([by, 0]))


def code(ground: Ground, area: Any, neighbours: Any = None) -> str | None:
    try:
        ground.refuse_unfit(Drawn.of(area), neighbours)
    except Unfit as unfit:
        return unfit.code
    return None


@pytest.mark.parametrize("ground", [TIANLIN, NEW, FENCED])
@pytest.mark.parametrize("area", [VILLAGE, VILLAGE.reverse(), VILLAGE.difference(VILLAGE.buffer(-0.004))])
def test_a_village_of_the_county_is_taken_also_as_its_first(ground: Ground, area: Any):
    assert code(ground, area) is None


@pytest.mark.parametrize("ground", [TIANLIN, NEW, FENCED])
@pytest.mark.parametrize(
    "corner", [(0, 0), (0, 24.4), (106, 0), (10.6, 24.4), (-106, 24.4), (24.4, 60), (106, -24.4)]
)
def test_a_corner_that_went_astray_is_named_also_where_the_boundary_crosses_itself(
    ground: Ground, corner: tuple[float, float]
):
    with pytest.raises(Unfit) as raised:
        ground.refuse_unfit(Drawn.of(with_corner(*corner)))
    assert raised.value.code == "elsewhere"
    assert f"第 2 个顶点({corner[0]:g}, {corner[1]:g})" in raised.value.text.zh


@pytest.mark.parametrize(
    ("ground", "area", "expected"),
    [
        (TIANLIN, moved(1.5), "elsewhere"),  # three counties on
        (
            TIANLIN,
            box(105.515, 24.4, 105.535, 24.42),
            "elsewhere",
        ),  # within reach of a corner, and most of it outside
        (FENCED, moved(1.5), "elsewhere"),
        (NEW, moved(-60), "elsewhere"),  # not in China
        (NEW, moved(1.5), None),  # nobody knows better yet
        (TIANLIN, box(105.8, 24.25, 106.2, 24.65), "too_large"),
        (NEW, box(105.5, 24.0, 106.5, 25.0), "too_large"),
        (TIANLIN, box(X, Y, X + 1e-4, Y + 1e-4), "too_small"),
        (TIANLIN, MultiPolygon([VILLAGE, moved(0.4)]), "apart"),
        (TIANLIN, MultiPolygon([VILLAGE, moved(0.05)]), None),  # an exclave
        (TIANLIN, with_corner(X + 0.12, Y + 0.005), "spike"),
        (NEW, with_corner(X + 0.5, Y + 0.005), "spike"),
        (
            TIANLIN,
            Polygon([(X, Y), (X + 0.01, Y), (X + 0.02, Y + 0.04), (X + 0.01, Y + 0.01)]),
            None,
        ),  # a narrow valley
    ],
)
def test_the_whole_is_of_a_place_and_size_that_a_village_can_have(ground: Ground, area: Any, expected: str | None):
    assert code(ground, area) == expected


def test_it_is_near_its_township():
    assert code(TIANLIN, VILLAGE, NEXT) is None
    assert code(TIANLIN, moved(0.1), VILLAGE) is None
    assert code(TIANLIN, moved(0.3), VILLAGE) == "apart"
    assert code(TIANLIN, moved(0.3), shapely.GeometryCollection()) is None, "the township's first"
    assert code(TIANLIN, moved(0.3), MultiPolygon([VILLAGE, moved(-0.3)])) is None, (
        "a township that is wide itself"
    )


def test_each_village_is_held_against_the_others_of_its_township():
    neighbours = township_fences([("1", "A", VILLAGE), ("2", "A", NEXT), ("3", "B", moved(0.3))])
    assert neighbours["1"].equals(NEXT)
    assert neighbours["3"].is_empty


@pytest.mark.parametrize(
    ("position", "there"),
    [
        (Point(X, Y), True),
        (Point(0, 0), False),
        (Point(Y, X), False),
        (Point(107.5, 24.4), False),
        (Point(float("nan"), Y), False),
        (Point(), False),
    ],
)
def test_houses_stand_in_the_county(position: Point, there: bool):
    if there:
        TIANLIN.refuse_house(position)
    else:
        with pytest.raises(Unfit):
            TIANLIN.refuse_house(position)


@pytest.mark.parametrize("radius", [0, -1, 5000.5, float("nan"), float("inf")])
def test_a_radius_is_that_of_a_hamlet_at_most(radius: float):
    refuse_radius(300)
    refuse_radius(5000)
    with pytest.raises(Unfit):
        refuse_radius(radius)


def test_an_outline_that_crosses_itself_still_says_where_the_county_is():
    ground = Ground(Polygon([(105, 24), (107, 25), (107, 24), (105, 25)]), villages=4)
    assert code(ground, box(106.5, 24.4, 106.52, 24.42)) is None
