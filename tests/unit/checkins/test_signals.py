"""Each signal: when it fires, when it does not, and the border between."""

from datetime import timedelta
from uuid import UUID

import pytest

from app.checkins import signals
from app.checkins.history import History, Trail
from app.checkins.rules import PhotoFact
from tests.unit.checkins.known import AT, FIX, METRES_PER_DEGREE, known, step

OTHER = UUID(int=9)


def test_about_an_ordinary_visit_nothing_is_said():
    assert signals.found(known(history=History(previous=step(), following=step(before=-timedelta(hours=1))))) == (
        [],
        [],
    )


# About the fix itself


def test_no_fix():
    without = known(visit={"fix": None, "position_problem": "timeout"}, judged={"lon": None, "lat": None})
    assert signals.no_fix(without).values == {"problem": "timeout"}
    assert signals.no_fix(known()) is None


@pytest.mark.parametrize(("mock", "fires"), [(True, True), (False, False), (None, False)])
def test_mock_location(mock, fires):
    assert bool(signals.mock_location(known(fix={"mock": mock}))) == fires


@pytest.mark.parametrize(("after_h", "fires"), [(None, False), (0, False), (1.0, False), (1.1, True)])
def test_fix_came_late(after_h, fires):
    added_at = None if after_h is None else AT + timedelta(hours=after_h)
    assert bool(signals.fix_came_late(known(position_added_at=added_at))) == fires


def test_unknown_phone():
    assert [reason.code for reason in signals.found(known(device_id=None))[0]] == ["unknown_phone"]


def test_key_of_office():
    (noted,) = signals.found(known(history=History(issuer_id=OTHER)))[1]
    assert (noted.code, noted.values) == ("key_of_office", {"person_id": str(OTHER)})


@pytest.mark.parametrize("sign", [1, -1])
@pytest.mark.parametrize(("age_s", "fires"), [(0, False), (300, False), (301, True)])
def test_stale_fix(age_s, sign, fires):
    found = signals.stale_fix(known(fix={"fixed_at": AT - timedelta(seconds=sign * age_s)}))
    assert (found and found.values) == ({"age_s": age_s} if fires else None)


def test_poor_accuracy_is_an_unsure_place():
    assert signals.poor_accuracy(known(judged={"place": "unsure"}))
    assert signals.poor_accuracy(known(judged={"place": "unsure", "lon": None})) is None  # that is no_fix
    assert signals.poor_accuracy(known()) is None


@pytest.mark.parametrize(("claim", "fires"), [(1.9, True), (2.0, False), (12.0, False), (None, False)])
def test_perfect_accuracy(claim, fires):
    assert bool(signals.perfect_accuracy(known(fix={"accuracy_m": claim}))) == fires


# About where it was


def test_no_fence_is_not_no_assigned_village():
    unfenced = {"village_id": None, "geofence_version": None, "place": "outside"}
    assert signals.no_fence(known(judged=unfenced))
    assert signals.no_fence(known(judged=unfenced | {"assigned": False})) is None
    assert signals.no_fence(known(judged=unfenced | {"lon": None})) is None
    assert signals.no_fence(known()) is None


def test_crs_mismatch_says_which_system_fits():
    found = signals.crs_mismatch(known(judged={"place": "outside", "fits_crs": "gcj02"}))
    assert found.values == {"crs": "wgs84", "fits": "gcj02"}
    assert signals.crs_mismatch(known()) is None


@pytest.mark.parametrize(
    ("distance", "accuracy", "fires"),
    [(312, 12.0, False), (313, 12.0, True), (313, 20.0, False), (301, None, True)],
)
def test_far_from_household(distance, accuracy, fires):
    judged = {"household_distance_m": float(distance), "household_radius_m": 300.0}
    found = signals.far_from_household(known(judged=judged, fix={"accuracy_m": accuracy}))
    assert (found and found.values) == ({"distance_m": distance} if fires else None)


def test_far_from_no_household():
    assert signals.far_from_household(known()) is None


# About when


@pytest.mark.parametrize(
    ("ahead", "fires"),
    [
        (timedelta(seconds=300), False),
        (timedelta(seconds=301), True),
        (timedelta(days=-366), False),
        (timedelta(days=-366, seconds=-1), True),
    ],
)
def test_clock_skew(ahead, fires):
    assert bool(signals.clock_skew(known(received_at=AT - ahead))) == fires


@pytest.mark.parametrize(
    ("late", "fires"),
    [
        (timedelta(hours=168), False),
        (timedelta(hours=168, seconds=1), True),
        (timedelta(days=366), True),
        (timedelta(days=367), False),  # that is clock_skew
    ],
)
def test_late_upload(late, fires):
    assert bool(signals.late_upload(known(received_at=AT + late))) == fires


# Speed


def speed(metres, minutes, *, accuracy=12.0, their_accuracy=12.0, way="previous", **county):
    before = timedelta(minutes=minutes if way == "previous" else -minutes)
    other = step(metres, before=before, accuracy_m=their_accuracy)
    return signals.impossible_speed(
        known(fix={"accuracy_m": accuracy}, county=county, history=History(**{way: other}))
    )


@pytest.mark.parametrize("way", ["previous", "following"])
def test_impossible_speed_names_the_other_check_in(way):
    found = speed(30_000, 10, way=way)
    assert found.values == {
        "check_in_id": str(step().check_in_id),
        "distance_m": 30_000,
        "seconds": 600,
        "kmh": 180,
    }


@pytest.mark.parametrize(
    ("metres", "minutes", "fires"),
    [
        (40_047, 20, False),  # 120 km/h when 2 x (12 + 12) m are taken off
        (40_100, 20, True),
        (17_540, 15, False),  # 70 km/h within a quarter of an hour
        (17_560, 15, True),
        (1_040, 0, False),  # fixes jump: a short way is never impossible
        (1_060, 0, True),
        (500_000, 600, False),
    ],
)
def test_impossible_speed_at_its_border(metres, minutes, fires):
    assert bool(speed(metres, minutes)) == fires


def test_two_poor_fixes_convict_nobody():
    assert speed(3_000, 1)
    assert speed(3_000, 1, accuracy=500.0, their_accuracy=600.0) is None
    assert speed(1_300, 1, accuracy=None, their_accuracy=None) is None  # unknown counts as 100 m


def test_what_lies_a_journey_away_and_outside_convicts_nobody():
    for metres, standing, fires in (
        (290_000, "outside", True),
        (310_000, "outside", False),
        (310_000, "counted", True),
    ):
        found = signals.impossible_speed(known(history=History(previous=step(metres, standing=standing))))
        assert bool(found) == fires


def test_the_county_sets_the_speed():
    assert speed(60_000, 20, max_speed_kmh=200) is None
    assert speed(3_000, 10, max_speed_kmh=15)
    assert speed(15_000, 10, short_way_kmh=100) is None


def test_the_time_is_that_of_the_fix():
    """An old fix that is sent with a later visit was measured when the person was there."""
    earlier = known(
        fix={"fixed_at": AT - timedelta(minutes=50)},
        history=History(previous=step(30_000, before=timedelta(hours=1))),
    )
    assert signals.impossible_speed(earlier).values["seconds"] == 600


def test_without_a_fix_there_is_no_speed():
    without = known(visit={"fix": None}, judged={"lon": None, "lat": None}, history=History(previous=step(90_000)))
    assert signals.impossible_speed(without) is None


# Against earlier fixes


@pytest.mark.parametrize(
    ("fix", "days", "fires"),
    [
        ({}, 1, True),
        ({}, 0, False),
        ({"lon": 106.22484, "lat": 24.31722}, 5, False),  # coarse coordinates repeat by chance
        ({"lon": 106.224841, "lat": 24.317221}, 1, True),
        ({"accuracy_m": 19.9}, 1, True),
        ({"accuracy_m": 20.0}, 4, False),  # a network's place
        ({"accuracy_m": None}, 1, True),
        ({"lon": 106.22484, "lat": 24.3172219}, 1, True),  # one coordinate happens to end round
        ({"lon": 106.224841, "lat": 24.31722}, 1, True),
    ],
)
def test_repeated_fix(fix, days, fires):
    found = signals.repeated_fix(known(fix=fix, history=History(same_place_days=days)))
    assert (found and found.values) == ({"days": days} if fires else None)


@pytest.mark.parametrize(
    ("claim", "fixes", "days", "fires"),
    [(12.0, 10, 3, True), (12.0, 9, 3, False), (12.0, 10, 2, False), (None, 12, 12, False)],
)
def test_constant_accuracy(claim, fixes, days, fires):
    history = History(same_accuracy=fixes, same_accuracy_days=days)
    assert bool(signals.constant_accuracy(known(fix={"accuracy_m": claim}, history=history))) == fires


def test_shared_device_names_whose_it_is():
    assert signals.shared_device(known(history=History(lender_id=OTHER))).values == {"person_id": str(OTHER)}
    assert signals.shared_device(known()) is None


@pytest.mark.parametrize(("devices", "fires"), [(1, False), (2, False), (3, True)])
def test_several_devices(devices, fires):
    assert bool(signals.several_devices(known(history=History(devices=devices)))) == fires


@pytest.mark.parametrize(
    ("phones", "fires"),
    [
        ("abcab", True),
        ("abca", True),
        ("aabbcc", False),  # changed twice, and never back
        ("abababab", False),  # a phone for work and a private one
        ("abc", False),
    ],
)
def test_phones_that_take_turns(phones, fires):
    """The last is the visit's own."""
    days = len(phones)
    steps = [
        step(50 * n, name=str(n), before=timedelta(days=days - n), device_id=phone)
        for n, phone in enumerate(phones, 1)
    ]
    history = Trail(steps[:-1], "Asia/Shanghai").around(steps[-1], devices_d=30)
    assert bool(signals.devices_in_turn(known(history=history))) == fires


def test_phones_that_took_turns_long_ago():
    steps = [step(50 * n, name=str(n), before=timedelta(days=31 + n), device_id="abc"[n % 3]) for n in range(5)]
    here = step(name="here", before=timedelta(0), device_id="a")
    history = Trail(steps, "Asia/Shanghai").around(here, devices_d=30)
    assert signals.devices_in_turn(known(history=history)) is None


def test_a_repeated_fix_doubts_all_but_the_oldest():
    same = [step(name=str(n), before=timedelta(days=n)) for n in (1, 2, 3)]
    other = step(80, name="elsewhere", before=timedelta(days=2, hours=4))
    here = step(name="here", before=timedelta(0))
    history = Trail([*same, other], "Asia/Shanghai").around(here, devices_d=30)
    found = signals.repeated_fix(known(history=history))
    assert found.others == (same[0].check_in_id, same[1].check_in_id)


# Photos


def photo(**said):
    return PhotoFact(id=UUID(int=5), uploaded=True, **said)


def test_photo_reused():
    fresh, reused = photo(), photo(reused_in=OTHER)
    assert signals.photo_reused(known(photos=(fresh, reused))).values["check_in_id"] == str(OTHER)
    assert signals.photo_reused(known(photos=(fresh,))) is None
    assert signals.photo_reused(known()) is None


@pytest.mark.parametrize(
    ("metres", "accuracy", "fires"), [(1_020, 12.0, False), (1_030, 12.0, True), (1_030, 30.0, False)]
)
def test_photo_elsewhere(metres, accuracy, fires):
    there = photo(lon=FIX.lon, lat=FIX.lat + metres / METRES_PER_DEGREE)
    assert bool(signals.photo_elsewhere(known(fix={"accuracy_m": accuracy}, photos=(photo(), there)))) == fires
    nowhere = known(judged={"lon": None, "lat": None}, photos=(there,))
    assert signals.photo_elsewhere(nowhere) is None


@pytest.mark.parametrize("sign", [1, -1])
@pytest.mark.parametrize(("apart", "hours"), [(timedelta(hours=12), None), (timedelta(hours=12, seconds=1), 12)])
def test_photo_time(apart, hours, sign):
    found = signals.photo_time(known(photos=(photo(), photo(taken_at=AT + sign * apart))))
    assert (found and found.values["hours"]) == hours
