"""What a fix means: place, distance and confidence, and what may never make them worse."""

import math
import re
from dataclasses import astuple, replace
from datetime import UTC, datetime
from pathlib import Path
from statistics import NormalDist

import numpy as np
import pytest
import shapely
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from app.geo.fences import Fence, FenceIndex
from app.geo.verdict import Fixes, Limits, Verdict, distance_to_points, judge
from tests.unit.geo.shapes import CAPTURED, FOUNDED, LAT, LON, METRES_PER_DEGREE, arrays, at, box, index, villages

COUNTY = Limits()
WEST_OF_HERE = index(
    a=box(-50_000, -50_000, 0, 50_000)
)  # its eastern border is straight and runs through (LON, LAT)
FROM_BEST = ["inside", "near", "unsure", "outside"]
metres = st.floats(-5000, 5000)
radii = st.floats(0.1, 5000)


def verdict(fences, east_m, north_m=0.0, accuracy_m=12.0, assigned=("a",), limits=COUNTY, when=CAPTURED):
    fixes = Fixes(*arrays(*at(east_m, north_m), accuracy_m, when))
    (only,) = judge(fences, fixes, [assigned], limits)
    return only


def badness(judged):
    return FROM_BEST.index(judged.place)


def chance(share, trials):
    """What a share found by so many trials may be off by: five standard deviations."""
    return 5 * math.sqrt(share * (1 - share) / trials) + 0.003


def sampled_share(polygon, east_m, north_m, accuracy_m, seed):
    """How much of the distribution whose 68 % radius is `accuracy_m` lies in the polygon."""
    spread = accuracy_m / math.sqrt(-2 * math.log(1 - 0.683))
    east, north = np.random.default_rng(seed).normal(0, spread, (2, 20_000))
    return shapely.contains_xy(polygon, *at(east_m + east, north_m + north)).mean()


# The table of the page


def rows_of_the_page():
    text = (Path(__file__).parents[3] / "docs/verdict.md").read_text(encoding="utf-8")
    table = re.findall(r"^\| (.+) \| (.+) \| (.+) \| `(\w+)` \| (.+) \|$", text, re.MULTILINE)
    return [row for row in table if row[3] != "place"]


def test_the_page_shows_every_place():
    assert {row[3] for row in rows_of_the_page()} == set(FROM_BEST)


@pytest.mark.parametrize("row", rows_of_the_page())
def test_the_page_tells_the_truth(row):
    distance, accuracy, confidence, place, _ = row
    judged = verdict(
        WEST_OF_HERE, float(distance), accuracy_m=math.nan if accuracy == "unknown" else float(accuracy)
    )
    assert (judged.place, f"{judged.confidence:.2f}") == (place, confidence)


# Confidence


@settings(max_examples=60, deadline=None)
@given(
    distance=st.floats(-600, 600),
    accuracy=st.floats(5, 500),
    turn=st.floats(0, 2 * np.pi),
    seed=st.integers(0, 99),
)
def test_confidence_is_the_share_of_the_distribution_behind_a_straight_border(distance, accuracy, turn, seed):
    east, north = np.array([np.cos(turn), np.sin(turn)]), np.array([-np.sin(turn), np.cos(turn)])
    corners = [-50_000 * east - 50_000 * north, -50_000 * north, 50_000 * north, 50_000 * north - 50_000 * east]
    polygon = shapely.transform(shapely.Polygon(corners), lambda xy: np.column_stack(at(*xy.T)))
    place = distance * east
    confidence = verdict(index(a=polygon), *place, accuracy_m=accuracy).confidence
    assert sampled_share(polygon, *place, accuracy, seed) == pytest.approx(
        confidence, abs=chance(confidence, 20_000)
    )


@settings(max_examples=60, deadline=None)
@given(
    polygon=villages().map(shapely.convex_hull),
    east=metres,
    north=metres,
    accuracy=st.floats(5, 5000),
    seed=st.integers(0, 99),
)
def test_confidence_in_a_convex_village_is_an_upper_bound(polygon, east, north, accuracy, seed):
    judged = verdict(index(a=polygon), east, north, accuracy)
    share = sampled_share(polygon, east, north, accuracy, seed)
    assert share <= judged.confidence + chance(judged.confidence, 20_000)


def test_confidence_overstates_a_sliver():
    """Known and said on the page: the middle of a strip 20 m wide, read with 100 m."""
    polygon = box(-10, -50_000, 10, 50_000)
    judged = verdict(index(a=polygon), 0, accuracy_m=100)
    assert judged.confidence == pytest.approx(0.56, abs=0.005)
    assert sampled_share(polygon, 0, 0, 100, 1) == pytest.approx(0.12, abs=0.02)


@pytest.mark.parametrize("claim", [math.nan, 0.0, -1.0])
def test_an_accuracy_that_is_missing_zero_or_negative_is_unknown(claim):
    assert verdict(WEST_OF_HERE, -80, accuracy_m=claim) == verdict(WEST_OF_HERE, -80, accuracy_m=100.0)
    strict = replace(COUNTY, unknown_accuracy_m=300.0)
    assert verdict(WEST_OF_HERE, -80, accuracy_m=claim, limits=strict).place == "unsure"


def test_no_claim_is_believed_below_the_floor():
    assert verdict(WEST_OF_HERE, -2, accuracy_m=0.1) == verdict(WEST_OF_HERE, -2, accuracy_m=5.0)
    assert (
        verdict(WEST_OF_HERE, -2, accuracy_m=6.0).confidence < verdict(WEST_OF_HERE, -2, accuracy_m=5.0).confidence
    )


# Place


@given(first=metres, second=metres, accuracy=radii)
def test_deeper_is_never_worse(first, second, accuracy):
    deeper, further = sorted([first, second])
    inner, outer = (verdict(WEST_OF_HERE, east, accuracy_m=accuracy) for east in (deeper, further))
    assert badness(inner) <= badness(outer)
    assert inner.confidence >= outer.confidence
    assert inner.distance_m <= outer.distance_m


@given(distance=st.floats(-5000, 0), first=radii, second=radii)
def test_within_the_fence_a_better_fix_is_never_worse(distance, first, second):
    better, poorer = (verdict(WEST_OF_HERE, distance, accuracy_m=each) for each in sorted([first, second]))
    assert badness(better) <= badness(poorer)


@given(distance=metres, accuracy=radii)
def test_what_a_place_promises(distance, accuracy):
    judged = verdict(WEST_OF_HERE, distance, accuracy_m=accuracy)
    away = 0.0 if distance <= 0 else distance
    assert judged.distance_m == pytest.approx(away, rel=0.005, abs=0.02)
    if judged.place == "inside":
        assert judged.distance_m == 0
        assert judged.confidence >= 0.9 or accuracy <= 100
    elif judged.place == "near":
        assert judged.distance_m <= 200
        assert accuracy <= 200
    elif judged.place == "unsure":
        assert accuracy > 200
        assert judged.confidence < 0.9
    else:
        assert judged.distance_m > 200
        assert judged.confidence <= 0.1


@given(tolerance=st.floats(0, 1000), distance=metres)
def test_the_county_sets_the_tolerance(tolerance, distance):
    assume(abs(distance - tolerance) > 0.01 * abs(distance) + 0.1)
    judged = verdict(WEST_OF_HERE, distance, limits=replace(COUNTY, tolerance_m=tolerance))
    assert (judged.place == "outside") == (distance > tolerance)


# Which village


TWINS = {"a": box(-1000, -500, 0, 500), "b": box(0, -500, 1000, 500)}


@pytest.mark.parametrize("assigned", [("a",), ("b",), ("b", "a")])
@given(north=st.floats(-499, 499))
def test_on_a_shared_border_each_village_is_inside(assigned, north):
    judged = verdict(index(**TWINS), 0, north, assigned=assigned)
    assert judged.place == "inside"
    assert judged.village_id == judged.found_in_village_id == min(assigned)


def test_on_an_oblique_border_too_though_coordinates_round():
    corner, other = (106.123456, 24.654321), (106.234567, 24.111111)
    fences = index(a=shapely.Polygon([corner, other, (106, 24)]), b=shapely.Polygon([corner, (107, 24.4), other]))
    share = np.linspace(0.01, 0.99, 200)[:, None]
    lon, lat = (np.array(corner) * (1 - share) + np.array(other) * share).T
    fixes = Fixes(lon, lat, np.full(200, 12.0), np.full(200, CAPTURED))
    for village in ("a", "b"):
        judged = judge(fences, fixes, [(village,)] * 200, COUNTY)
        assert {(each.place, each.found_in_village_id, each.distance_m) for each in judged} == {
            ("inside", village, 0.0)
        }


def test_the_assigned_village_nearest_to_the_fix_is_judged():
    fences = index(**TWINS, c=box(5000, 0, 6000, 100))
    between = verdict(fences, 4000, 50, assigned=("a", "c", "b"))
    assert (between.village_id, between.found_in_village_id, between.place) == ("c", None, "outside")
    assert between.distance_m == pytest.approx(1000, rel=0.005)
    elsewhere = verdict(fences, -300, assigned=("c", "b"))
    assert (elsewhere.village_id, elsewhere.found_in_village_id) == ("b", "a")


def test_of_villages_that_overlap_the_one_it_is_deepest_in_is_judged():
    fences = index(a=box(-1000, -1000, 0, 1000), b=box(-1000, -1000, 900, 1000))
    assert verdict(fences, -50, assigned=("a", "b")).village_id == "b"


@pytest.mark.parametrize("assigned", [(), ("unknown",)])
def test_without_an_assigned_village_only_what_contains_it_is_said(assigned):
    assert verdict(index(**TWINS), -100, assigned=assigned) == Verdict(None, None, "a", "outside", None, None)


def test_the_version_valid_when_it_was_captured_judges():
    moved = datetime(2026, 6, 1, tzinfo=UTC)
    fences = FenceIndex.build(
        [Fence("a", 1, FOUNDED, moved, box(0, 0, 100, 100)), Fence("a", 2, moved, None, box(1000, 0, 1100, 100))],
        version=3,
    )
    before, after, never = (
        verdict(fences, 50, 50, when=moment.timestamp())
        for moment in (datetime(2026, 5, 31, tzinfo=UTC), moved, datetime(2025, 12, 31, tzinfo=UTC))
    )
    assert (before.geofence_version, before.place) == (1, "inside")
    assert (after.geofence_version, after.place) == (2, "outside")
    assert after.distance_m == pytest.approx(950, rel=0.005)
    assert astuple(never) == (None, None, None, "outside", None, None)


@settings(max_examples=40, deadline=None)
@given(polygons=st.lists(villages(), min_size=1, max_size=5), seed=st.integers(0, 2**32 - 1))
def test_a_set_is_judged_as_each_alone(polygons, seed):
    fences = index(**{f"v{number}": polygon for number, polygon in enumerate(polygons)})
    random = np.random.default_rng(seed)
    lon, lat = at(*random.normal(0, 5000, (2, 15)))
    accuracy = random.choice([np.nan, 0.0, 3.0, 50.0, 400.0], 15)
    assigned = [tuple(random.choice(["v0", "v1", "v2", "unknown"], random.integers(0, 4))) for _ in range(15)]
    fixes = Fixes(lon, lat, accuracy, np.full(15, CAPTURED))
    alone = [
        judge(fences, Fixes(*arrays(lon[row], lat[row], accuracy[row], CAPTURED)), [assigned[row]], COUNTY)[0]
        for row in range(15)
    ]
    assert judge(fences, fixes, assigned, COUNTY) == alone


def test_no_fixes_no_verdicts():
    assert judge(WEST_OF_HERE, Fixes(*[np.array([])] * 4), [], COUNTY) == []


# Limits, households


def test_limits_come_from_the_settings_of_the_county():
    assert Limits.of({"tolerance_m": 500, "night_start": 1110}) == Limits(tolerance_m=500.0)
    assert Limits.of({}) == COUNTY


@pytest.mark.parametrize(
    "settings",
    [{"inside_probability": 0.5}, {"inside_probability": 1}, {"accuracy_floor_m": 0}, {"unknown_accuracy_m": -1}],
)
def test_limits_that_contradict_themselves_are_an_error(settings):
    with pytest.raises(ValueError, match=next(iter(settings))):
        Limits.of(settings)


def test_distance_to_a_household():
    nowhere = np.nan
    lon, lat = at([0.0, 0.0], [0.0, 0.0])
    point_lon, point_lat = arrays([LON + 300 / METRES_PER_DEGREE[0], nowhere], [LAT, nowhere])
    to_point = distance_to_points(lon, lat, point_lon, point_lat)
    assert to_point[0] == pytest.approx(300, rel=1e-4)
    assert np.isnan(to_point[1])


def test_a_village_across_all_others_is_judged_only_where_it_is_assigned():
    fences = index(county=box(-90_000, -90_000, 90_000, 90_000), **TWINS)
    assert verdict(fences, -50, assigned=("a",)).village_id == "a"
    assert verdict(fences, -50, assigned=("a", "county")).village_id == "county"  # deeper in it
    assert verdict(fences, 20_000, assigned=("a",)).found_in_village_id == "county"


@settings(max_examples=40, deadline=None)
@given(
    polygon=villages(),
    east=st.floats(-3000, 3000),
    north=st.floats(-3000, 3000),
    accuracy=st.floats(5, 2000),
    seed=st.integers(0, 99),
)
def test_confidence_keeps_its_bound_in_any_village(polygon, east, north, accuracy, seed):
    """Holes, parts, slivers: a circle as wide as the way to the border lies wholly inside, or wholly outside."""
    judged = verdict(index(a=polygon), east, north, accuracy)
    share = sampled_share(polygon, east, north, accuracy, seed)
    sigmas = NormalDist().inv_cdf(min(max(judged.confidence, 1e-12), 1 - 1e-12))
    beyond_the_circle = math.exp(-(sigmas**2) / 2)
    if sigmas > 0:
        assert share >= 1 - beyond_the_circle - chance(beyond_the_circle, 20_000)
    else:
        assert share <= beyond_the_circle + chance(beyond_the_circle, 20_000)
