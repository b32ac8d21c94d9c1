"""Judging by other fences or photos: what they say anew joins what was said before, and weighs as on arrival."""

from dataclasses import replace
from itertools import product
from uuid import UUID

import pytest

from app.checkins.history import History
from app.checkins.judging_again import Stored, differs, photos_judged_again, place_judged_again
from app.checkins.standing import standing_of
from tests.unit.checkins.known import known

PLACES = [
    {},
    {"place": "near", "distance_m": 90.0},
    {"place": "outside", "distance_m": 900.0},
    {"place": "unsure"},
    {"place": "outside", "village_id": None, "assigned": False},
    {"place": "outside", "village_id": None},
    {"place": "outside", "distance_m": 900.0, "fits_crs": "gcj02"},
    {"fits_crs": "gcj02"},
]
COUNTIES = [
    {},
    {"signals": {"mock_location": "note", "crs_mismatch": "hold"}},
    {"signals": {"several_devices": "hold"}},
]
ARRIVALS = [{}, {"fix": {"mock": True}}, {"history": History(devices=3)}]


@pytest.mark.parametrize("county", COUNTIES)
@pytest.mark.parametrize("arrival", ARRIVALS)
def test_another_place_gives_what_it_would_have_given_on_arrival(arrival, county):
    for before, after in product(PLACES, PLACES):
        stored = [reason.as_dict() for reason in standing_of(known(judged=before, county=county, **arrival))[1]]
        then = known(judged=after, county=county, **arrival)
        standing, reasons = standing_of(then)
        judged = place_judged_again(replace(then, history=History()), stored)  # history is not looked up again
        assert judged[0] == standing, (before, after)
        assert sorted(judged[1], key=str) == sorted((reason.as_dict() for reason in reasons), key=str)


def stored(**judged):
    made = known(judged=judged)
    return Stored(UUID(int=1), made.visit.captured_at, made.judged, "counted", [], reviewed=False)


def test_a_hair_is_no_difference_and_another_version_is():
    before = stored(distance_m=90.0, geofence_version=1)
    assert not differs(before, replace(before.judged, distance_m=90.004), [{"code": "mock_location"}])
    assert differs(before, replace(before.judged, distance_m=90.1), [])
    assert differs(before, replace(before.judged, distance_m=None), [])
    assert differs(before, replace(before.judged, geofence_version=2), [])
    assert differs(before, before.judged, [{"code": "crs_mismatch"}])


def test_photos_leave_the_place_alone():
    before = replace(stored(place="outside"), reasons=[{"code": "outside_fence", "distance_m": 900}])
    reused = standing_of(known(judged={"place": "near", "distance_m": 90.0}))[1]
    assert photos_judged_again(before, reused, known().county) == ("outside", before.reasons)
