"""Stays in villages: what one false fix, a silence, a border or the order of uploads must not do to them."""

import math
import re
from datetime import UTC, datetime, timedelta
from itertools import pairwise
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.geo.fences import Fence, FenceIndex, geodesic_m
from app.geo.stays import Stay, StayRule, stays
from app.geo.verdict import Fixes, Limits
from tests.unit.geo.shapes import CAPTURED, FOUNDED, at, box, index

COUNTY, RULE = Limits(), StayRule()
# The border between the two runs through (LON, LAT) from south to north.
VILLAGES = index(a=box(-5000, -5000, 0, 5000), b=box(0, -5000, 5000, 5000))
HOME, NEXT_DOOR, FAR = -2000, 2000, 9000  # metres east of the border: inside a, inside b, in neither


def fixes_of(track):
    """From (minutes, metres east of the border[, accuracy])."""
    full = [(*fix, 12.0)[:3] for fix in track]
    minutes, east, accuracy = np.array(full, np.float64).reshape(-1, 3).T
    return Fixes(*at(east, 0 * east), accuracy, CAPTURED + minutes * 60)


def stays_of(track, villages=VILLAGES, limits=COUNTY, **span):
    """As (village, from, until) in minutes."""
    found = stays(villages, fixes_of(track), limits, RULE, **span)
    return [(s.village_id, minutes(s.from_at), minutes(s.until_at)) for s in found]


def minutes(moment):
    return round((moment - CAPTURED) / 60, 6)


def every(step, start, end, east, *accuracy):
    return [(minute, east, *accuracy) for minute in np.arange(start, end + step / 2, step).tolist()]


def test_a_stay_is_from_the_first_to_the_last_fix_inside():
    assert stays_of([(-5, FAR), *every(10, 0, 50, HOME), (58, FAR)]) == [("a", 0, 50)]
    found = stays(VILLAGES, fixes_of(every(10, 0, 50, HOME)), COUNTY, RULE)
    assert found == [Stay("a", 1, CAPTURED, CAPTURED + 3000, 6)]


def test_without_two_fixes_inside_there_is_no_stay():
    assert stays_of([]) == stays_of([(0, HOME)]) == stays_of([(0, FAR), (10, HOME), (20, FAR)]) == []


@pytest.mark.parametrize("accuracy", [1.9, 12, 100, 500, 0, math.nan])
def test_one_false_fix_is_no_exit(accuracy):
    assert stays_of([*every(10, 0, 30, HOME), (35, FAR, accuracy), *every(10, 40, 60, HOME)]) == [("a", 0, 60)]


@pytest.mark.parametrize("fence_m", [0, 100])
@pytest.mark.parametrize("limits", [COUNTY, Limits(tolerance_m=0)])
def test_a_jump_of_the_field(fence_m, limits):
    """Ikolvi/Tracelet#295: from 8.2 to 200.2 m away at accuracies of 1.9 to 9.6 m, within 24 s; nobody left."""
    small = index(a=box(-500, -500, fence_m, 500))
    jump = [
        (20 + s / 60, east, acc) for s, east, acc in [(0, 8.2, 1.9), (8, 74, 3.1), (16, 141, 6), (24, 200.2, 9.6)]
    ]
    track = [*every(5, 0, 15, -150), *jump, *every(5, 25, 40, -150)]
    assert stays_of(track, small, limits) == [("a", 0, 40)]


def test_many_false_fixes_within_seconds_are_no_exit():
    burst = [(30 + second / 60, FAR, 3) for second in range(0, 175, 5)]
    assert stays_of([*every(10, 0, 30, HOME), *burst, *every(10, 40, 60, HOME)]) == [("a", 0, 60)]


@pytest.mark.parametrize(("away_s", "left"), [(179.5, False), (180, True), (900, True)])
def test_two_fixes_away_three_minutes_apart_are_an_exit(away_s, left):
    track = [*every(5, 0, 10, HOME), (12, FAR), (12 + away_s / 60, FAR), *every(5, 30, 40, HOME)]
    assert stays_of(track) == ([("a", 0, 10), ("a", 30, 40)] if left else [("a", 0, 40)])


def test_fixes_that_do_not_tell_neither_keep_a_stay_nor_end_it():
    """Near the border, or poor: a person at the edge of the village has not left it."""
    near, poor = every(5, 10, 50, 150, 20), every(5, 10, 50, 600, 900)
    alone = index(a=box(-5000, -5000, 0, 5000))
    for unclear in (near, poor):
        assert stays_of([(0, HOME), *unclear, (55, HOME)], alone) == [("a", 0, 55)]
        assert stays_of([(0, HOME), (5, HOME), *unclear], alone) == [("a", 0, 5)]
        assert stays_of(unclear, alone) == []


def test_who_is_surely_in_the_next_village_has_left_however_near():
    track = [*every(5, 0, 20, HOME), *every(5, 25, 60, 100, 5), *every(5, 65, 80, HOME)]
    assert stays_of(track) == [("a", 0, 20), ("a", 65, 80), ("b", 25, 60)]


def test_a_walk_along_the_border_is_in_one_of_the_villages():
    """Within its accuracy of the border a fix counts for the village that its point is in, and leaves neither."""
    track = [(minute, 8 if minute % 4 else -8) for minute in range(60)]
    assert stays_of(track) == [("a", 0, 56), ("b", 1, 59)]


def test_a_silence_of_more_than_an_hour_ends_a_stay():
    assert stays_of([(0, HOME), (60, HOME), (120, HOME)]) == [("a", 0, 120)]
    assert stays_of([(0, HOME), (10, HOME), (70.01, HOME), (80, HOME)]) == [("a", 0, 10), ("a", 70.01, 80)]


def test_an_unknown_accuracy_counts_as_a_hundred_metres():
    for unknown in (0, -1, math.nan):
        assert stays_of(every(10, 0, 30, -300, unknown)) == [("a", 0, 30)]


def test_where_fences_overlap_so_do_stays():
    both = index(a=box(-5000, -5000, 0, 5000), c=box(-3000, -3000, -1000, 3000))
    assert stays_of(every(10, 0, 30, HOME), both) == [("a", 0, 30), ("c", 0, 30)]


def test_the_fence_of_the_moment_judges():
    moved = datetime.fromtimestamp(CAPTURED, UTC) + timedelta(minutes=25)
    villages = FenceIndex.build(
        [
            Fence("a", 1, FOUNDED, moved, box(-5000, -5000, 0, 5000)),
            Fence("a", 2, moved, None, box(-5000, -5000, -4000, 5000)),
        ],
        version=2,
    )
    assert stays_of(every(10, 0, 50, HOME), villages) == [("a", 0, 20)]
    both = [*every(10, 0, 20, HOME), *every(10, 30, 50, -4500)]
    (only,) = stays(villages, fixes_of(both), COUNTY, RULE)
    assert (only.geofence_version, minutes(only.until_at)) == (1, 50)
    (later,) = stays(villages, fixes_of(both), COUNTY, RULE, span=(CAPTURED + 25 * 60, math.inf))
    assert (later.geofence_version, minutes(later.from_at), later.fixes) == (2, 25, 3)


def test_a_stay_is_cut_at_midnight_and_its_fixes_are_counted_on_their_day():
    track, midnight = every(10, -35, 25, HOME), CAPTURED
    before, after = ((midnight - 86400, midnight), (midnight, midnight + 86400))
    assert stays_of(track, span=before) == [("a", -35, 0)]
    assert stays_of(track, span=after) == [("a", 0, 25)]
    counts = [stays(VILLAGES, fixes_of(track), COUNTY, RULE, span=span)[0].fixes for span in (before, after)]
    assert counts == [4, 3]
    at_midnight = every(10, -20, 0, HOME)
    assert stays_of(at_midnight, span=before) == [("a", -20, 0)]
    assert stays_of(at_midnight, span=after) == []


# A second implementation, plain and slow: villages are strips between two longitudes.

STRIPS = {"a": (-1005, 5), "b": (5, 805), "c": (-305, -105)}  # a and b share a border, c lies within a
STRIP_INDEX = index(**{name: box(west, -20_000, east, 20_000) for name, (west, east) in STRIPS.items()})
histories = st.lists(
    st.tuples(
        st.sampled_from([0.5, 1, 2, 5, 20, 61]),
        st.integers(-200, 200).map(lambda tens: tens * 10),
        st.sampled_from([0, 1.9, 50, 150, 1000]),
    ),
    max_size=40,
).map(lambda steps: [(sum(s[0] for s in steps[: n + 1]), *step[1:]) for n, step in enumerate(steps)])


def chance_inside(east, accuracy, strip):
    west_border, east_border = STRIPS[strip]
    outside_by = max(west_border - east, east - east_border)
    radius = max(accuracy, 5) if accuracy > 0 else 100
    return 0.5 * math.erfc(outside_by / radius * 1.515 / math.sqrt(2)), outside_by, radius


def seen(east, accuracy, strip):
    """inside, away or None."""
    chance, outside_by, radius = chance_inside(east, accuracy, strip)
    if chance >= 0.9 or (outside_by <= 0 and radius <= 100):
        return "inside"
    elsewhere = any(chance_inside(east, accuracy, other)[0] >= 0.9 for other in STRIPS)
    return "away" if chance <= 0.1 and (outside_by > 200 or elsewhere) else None


def plainly(track):
    found = []
    for strip in sorted(STRIPS):
        open_from = last_inside = None
        away = []
        for minute, east, accuracy in track:
            now = seen(east, accuracy, strip)
            if now == "away":
                away.append(minute)
            if now != "inside":
                continue
            left = len(away) >= 2 and away[-1] - away[0] >= 3
            if last_inside is not None and not left and minute - last_inside <= 60:
                last_inside = minute
            else:
                found.append((strip, open_from, last_inside))
                open_from = last_inside = minute
            away = []
        found.append((strip, open_from, last_inside))
    return [stay for stay in found if stay[1] is not None and stay[2] > stay[1]]


@given(histories)
def test_a_second_implementation_agrees(track):
    assert stays_of(track, STRIP_INDEX) == plainly(track)


@given(histories, st.randoms(use_true_random=False))
def test_order_and_repetition_do_not_matter(track, random):
    again = track + random.choices(track, k=len(track) // 2) if track else []
    random.shuffle(again)
    assert [s[:3] for s in stays_of(again, STRIP_INDEX)] == stays_of(track, STRIP_INDEX)


@given(histories, st.integers(0, 300), st.integers(1, 300))
def test_what_lies_further_from_the_span_than_an_hour_does_not_matter(track, start, length):
    span = (CAPTURED + start * 60, CAPTURED + (start + length) * 60)
    within = [fix for fix in track if start - 60 <= fix[0] < start + length + 60]
    every_fix, near = (
        stays(STRIP_INDEX, fixes_of(some), COUNTY, RULE, span=span) if some else [] for some in (track, within)
    )
    assert near == every_fix


def test_a_span_between_two_fixes_is_in_the_village_of_both():
    """Found by the test above: it was given to whichever village came first."""
    track = [(0, NEXT_DOOR), (10, HOME), (20, HOME), (40, NEXT_DOOR), (70, NEXT_DOOR)]
    found = stays(VILLAGES, fixes_of(track), COUNTY, RULE, span=(CAPTURED + 50 * 60, CAPTURED + 60 * 60))
    assert found == [Stay("b", 1, CAPTURED + 3000, CAPTURED + 3600, 0)]


# A receiver's own noise


def walk():
    """Minutes, and metres east and north of where it began, of a real walk."""
    text = (Path(__file__).parent / "traces/cerknicko-jezero.gpx").read_text()
    points = re.findall(r'<trkpt lat="([\d.]+)" lon="([\d.]+)">.*?<time>(\S+)</time>', text, re.DOTALL)
    lat, lon = (np.array([float(point[n]) for point in points]) for n in (0, 1))
    when = [datetime.fromisoformat(point[2]) for point in points]
    east = geodesic_m(np.full_like(lon, lon[0]), lat, lon, lat) * np.sign(lon - lon[0])
    north = geodesic_m(lon, np.full_like(lat, lat[0]), lon, lat) * np.sign(lat - lat[0])
    return np.array([(moment - when[0]).total_seconds() / 60 for moment in when]), east, north


def stays_of_walk(minute, east, north, accuracy):
    strips = zip("abc", pairwise([-9000, -50, 157, 9000]), strict=True)
    villages = index(**{name: box(west, -9000, end, 9000) for name, (west, end) in strips})
    fixes = Fixes(*at(east, north), np.full(len(minute), accuracy), CAPTURED + minute * 60)
    found = sorted(stays(villages, fixes, COUNTY, RULE), key=lambda stay: stay.from_at)
    return [(stay.village_id, minutes(stay.from_at), minutes(stay.until_at)) for stay in found]


def test_a_real_walk_goes_from_stay_to_stay_whatever_the_noise():
    minute, east, north = walk()
    clean = stays_of_walk(minute, east, north, 8.0)
    assert "".join(village for village, *_ in clean) == "babcbca"
    assert sum(until - start for _, start, until in clean) > 100
    noise = np.random.default_rng(295)
    false = noise.random(len(minute)) < 0.03  # far off, and sure of it
    assert false.sum() > 5
    east = east + np.where(false, noise.choice([-4000, 4000], len(minute)), noise.normal(0, 4, len(minute)))
    noisy = stays_of_walk(minute, east, north, 1.9)
    long = [stay for stay in noisy if stay[2] - stay[1] > RULE.away_s / 60 + 1]
    assert [village for village, *_ in long] == [village for village, *_ in clean]
    for now, before in zip(long, clean, strict=True):
        assert now[1:] == pytest.approx(before[1:], abs=RULE.away_s / 60)
