"""The verdict on a fix: inside its village, near it, outside it, or too poor to say (docs/verdict.md).

A fix is a probability, not a point: the phone's `accuracy_m` is the radius of 68 % confidence of a round normal
distribution. Against a border that is straight at that scale, P(inside) = Phi(-d / sigma).
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from app.geo.fences import FenceIndex, Floats, Pairs, geodesic_m
from app.geo.words import Place
from app.kernel.county_settings import RoomSettings, setting
from app.kernel.language import Text

SIGMAS_IN_RADIUS = 1.515
"""A round normal distribution has 68.3 % of its mass within this many sigmas."""

BORDER_M = 0.01
"""A fix this near a border is on it, hence inside: coordinates on an oblique line round to one of its sides."""


def _above_zero(value: float) -> bool:
    return value > 0


@dataclass(frozen=True, slots=True)
class Limits(RoomSettings):
    """What a county says about fixes. Distances and radii are metres."""

    tolerance_m: float = setting(
        200.0, "m", Text("村界外多少米以内算邻近", "a fix no further from the fence is near"), phones=True
    )
    max_accuracy_m: float = setting(
        200.0,
        "m",
        Text(
            "精度差于多少米的定位，只在明显时判定村内外",
            "a fix with a larger radius is inside or outside where that is clear, else unsure",
        ),
        phones=True,
    )
    good_accuracy_m: float = setting(
        100.0,
        "m",
        Text(
            "精度在多少米以内的，点在村内即为村内",
            "a fix with no larger radius is inside wherever its point is, whatever the probability",
        ),
    )
    accuracy_floor_m: float = setting(
        5.0,
        "m",
        Text("精度最好按多少米计", "no radius is believed to be smaller: phones claim 1.9 m and are 200 m off"),
        fits=_above_zero,
    )
    unknown_accuracy_m: float = setting(
        100.0,
        "m",
        Text("没有精度的定位按多少米计", "the radius of a fix that comes with none, with 0 or with less"),
        fits=_above_zero,
    )
    inside_probability: float = setting(
        0.9,
        "share",
        Text(
            "在村内的概率达到多少算村内",
            "from this probability on a fix is inside, down to its complement a poor one is not clearly outside",
        ),
        least=math.nextafter(0.5, 1),
        most=math.nextafter(1.0, 0),
    )


@dataclass(frozen=True, slots=True)
class Fixes:
    """Arrays of equal length. `accuracy_m` is NaN where unknown; `captured_at` is in seconds since 1970."""

    lon: Floats
    lat: Floats
    accuracy_m: Floats
    captured_at: Floats


@dataclass(frozen=True, slots=True)
class Verdict:
    """位置判定 of one fix.

    `village_id` is the assigned village that it was judged against, None where none had a fence at that time;
    then `distance_m` and `confidence` are None and `place` is outside. `found_in_village_id` is the village that
    contains the fix, whoever's it is. `distance_m` is 0 inside. `confidence` is P(inside `village_id`), 0 to 1,
    whatever the place: 0.02 beside `outside` says that outside is 98 % sure.
    """

    village_id: str | None
    geofence_version: int | None
    found_in_village_id: str | None
    place: Place
    distance_m: float | None
    confidence: float | None


def judge(index: FenceIndex, fixes: Fixes, assigned: Sequence[Sequence[str]], limits: Limits) -> list[Verdict]:
    """One verdict for each fix, in order. `assigned` names for each fix the villages that its person may visit.

    Judged against the assigned village that the fix is deepest in, or else nearest to; of equals, the lowest id.
    """
    fix, fence = index.valid(assigned, fixes.captured_at)
    distance = index.signed_distance(fixes.lon[fix], fixes.lat[fix], fence)
    distance[np.abs(distance) <= BORDER_M] = 0.0
    order = np.lexsort((fence, distance, fix))
    judged, best = np.unique(fix[order], return_index=True)
    fence, distance = fence[order][best], distance[order][best]
    radius = believed_radius(fixes.accuracy_m[judged], limits)
    probability = probability_inside(distance, radius)
    places = place_of(distance, radius, probability, limits)

    found = _found_in(index, index.containing(fixes.lon, fixes.lat, fixes.captured_at), len(assigned))
    verdicts = {}
    for row, number, metres, confidence, place in zip(
        judged.tolist(), fence.tolist(), distance.tolist(), probability.tolist(), places.tolist(), strict=True
    ):
        village = index.fences[number]
        found_in = village.village_id if metres <= 0 else found[row]
        verdicts[row] = Verdict(
            village.village_id, village.version, found_in, Place.of(place), max(metres, 0.0), confidence
        )
    return [
        verdicts.get(row) or Verdict(None, None, elsewhere, Place.OUTSIDE, None, None)
        for row, elsewhere in enumerate(found)
    ]


def believed_radius(accuracy_m: Floats, limits: Limits) -> Floats:
    """The 68 % radius in metres that is counted with: the claim, never below the floor."""
    known = accuracy_m > 0  # false for NaN too
    return np.where(known, np.maximum(accuracy_m, limits.accuracy_floor_m), limits.unknown_accuracy_m)


def probability_inside(distance_m: Floats, radius_m: Floats) -> Floats:
    """Phi(-d / sigma): exact for a straight border, and for a convex village never too small."""
    z = distance_m / radius_m * (SIGMAS_IN_RADIUS / math.sqrt(2))
    return np.array([math.erfc(each) / 2 for each in z.tolist()])  # NumPy has no erfc


def place_of(distance_m: Floats, radius_m: Floats, probability: Floats, limits: Limits) -> NDArray[np.str_]:
    """The place of each fix: the first that applies, from the best for the person to the worst."""
    inside = (probability >= limits.inside_probability) | (
        (distance_m <= 0) & (radius_m <= limits.good_accuracy_m)
    )
    within_tolerance = distance_m <= limits.tolerance_m
    poor = radius_m > limits.max_accuracy_m
    clearly_outside = ~within_tolerance & (probability <= 1 - limits.inside_probability)
    return np.select(
        [inside, ~poor & within_tolerance, poor & ~clearly_outside],
        [Place.INSIDE, Place.NEAR, Place.UNSURE],
        Place.OUTSIDE,
    )


def distance_to_points(lon: Floats, lat: Floats, point_lon: Floats, point_lat: Floats) -> Floats:
    """Metres from each fix to the point beside it, such as a household; NaN where there is none."""
    metres = np.full(len(lon), np.nan)
    there = ~(np.isnan(point_lon) | np.isnan(point_lat))
    metres[there] = geodesic_m(lon[there], lat[there], point_lon[there], point_lat[there])
    return metres


def _found_in(index: FenceIndex, containing: Pairs, fixes: int) -> list[str | None]:
    found: list[str | None] = [None] * fixes
    rows, first = np.unique(containing[0], return_index=True)
    for row, fence in zip(rows.tolist(), containing[1][first].tolist(), strict=True):
        found[row] = index.fences[fence].village_id
    return found
