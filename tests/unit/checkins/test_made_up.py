"""Fixes and times that nobody measured, and the honest ones that are nearly like them."""

import random
from dataclasses import replace
from datetime import timedelta

import pytest

from app.checkins import made_up, signals
from app.checkins.history import Around, Contact, Trail, Twin
from app.checkins.standing import together
from tests.unit.checkins.known import AT, FIX, METRES_PER_DEGREE, known, step

DAY = timedelta(days=1)
HERE = step(name="here", before=timedelta(0))
LATE = AT + timedelta(days=9)


def on_trail(*others, here=HERE, found=None, coming=(), fix=None, **changes):
    trail = Trail(others, "Asia/Shanghai", coming)
    history = trail.around(here, devices_d=30, found=found or Around())
    fix = {"lon": here.raw_lon, "lat": here.raw_lat, "accuracy_m": here.accuracy_m} | (fix or {})
    judged = {"lon": here.lon, "lat": here.lat} | changes.pop("judged", {})
    return known(history=history, fix=fix, judged=judged, **changes)


def placed(east_m, north_m, **changes):
    lon = FIX.lon + east_m / METRES_PER_DEGREE / 0.9113
    return step(north_m, **changes)._replace(lon=lon, raw_lon=lon)


# Times typed in


def sitting(*befores, arrived=LATE):
    steps = [step(name=str(before), before=before, arrived_at=arrived.timestamp()) for before in befores]
    here = HERE._replace(arrived_at=arrived.timestamp())
    return on_trail(here=here, coming=(here, *steps), received_at=arrived)


def test_a_week_typed_in_at_one_minute_of_each_day():
    found = made_up.same_minute(sitting(*(n * DAY - timedelta(seconds=7 * n) for n in (1, 2, 3, 4))))
    assert found.values == {"days": 5, "at": "20:10"}
    assert len(found.others) == 5  # `on_trail` knows `here` by another id than the visit's
    assert made_up.same_minute(sitting(DAY, 2 * DAY, 3 * DAY)).values["days"] == 4


@pytest.mark.parametrize(
    "befores",
    [
        [n * DAY + timedelta(minutes=n % 3) for n in (1, 2, 3, 4)],  # reminded at eight
        [DAY, 2 * DAY, timedelta(hours=4), DAY + timedelta(hours=4)],  # a queue of several a day
        [DAY, 2 * DAY],
    ],
    ids=["reminded", "a busy week", "three days"],
)
def test_an_honest_week_without_coverage(befores):
    assert made_up.same_minute(sitting(*befores)) is None


def test_what_is_sent_at_once_needs_no_believing():
    assert made_up.same_minute(sitting(DAY, 2 * DAY, 3 * DAY, arrived=AT)) is None


# Places typed in


@pytest.mark.parametrize(
    ("metres", "lon", "lat", "fires"),
    [
        (0.3, 106.2248413, 24.3172219, True),
        (2.1, 106.2248413, 24.3172219, False),
        (6.0, 106.2248, 24.3172, True),  # rounded when it was typed
        (9.0, 106.2248, 24.3172, False),
        (0.0, 106.22, 24.32, False),  # a map of squares
    ],
)
def test_the_middle_of_the_fence(metres, lon, lat, fires):
    found = made_up.typed_centre(known(judged={"centre_m": metres}, fix={"lon": lon, "lat": lat}))
    assert bool(found) == fires


def test_the_very_point_of_the_household_is_told():
    at_point = {"household_distance_m": 0.1, "household_radius_m": 300.0}
    assert made_up.household_point(known(judged=at_point))
    assert made_up.household_point(known(judged=at_point | {"household_distance_m": 4.0})) is None
    assert made_up.household_point(known(judged=at_point, fix={"accuracy_m": 30.0})) is None


def test_fewer_decimals_than_the_phone_gives():
    before = [placed(20 * n, 9 * n, name=str(n), before=n * DAY) for n in range(1, 6)]
    before = [each._replace(raw_lon=round(each.raw_lon, 7), raw_lat=round(each.raw_lat, 7)) for each in before]
    typed = HERE._replace(raw_lon=106.2249, raw_lat=24.3171)
    assert made_up.fewer_decimals(on_trail(*before, here=typed)).values == {"decimals": 4, "usual": 7}
    assert made_up.fewer_decimals(on_trail(*before)) is None
    assert made_up.fewer_decimals(on_trail(*before[:4], here=typed)) is None
    new_phone = typed._replace(device_id="new")
    assert made_up.fewer_decimals(on_trail(*before, here=new_phone)) is None


# Copied


@pytest.mark.parametrize(
    ("lon", "lat", "fires"),
    [
        (106.224841, 24.317222, True),  # rounded to six
        (106.22484, 24.31722, True),  # to five
        (106.2248, 24.3172, False),  # coarse ones coincide
        (106.224842, 24.317222, False),  # a decimetre off: measured
        (106.22484131, 24.31722194, True),  # the earlier one was rounded
    ],
)
def test_a_fix_rounded_is_the_same_fix(lon, lat, fires):
    rounded = HERE._replace(raw_lon=lon, raw_lat=lat)
    assert bool(signals.repeated_fix(on_trail(step(before=DAY), here=rounded))) == fires


def twin(person=7, *, at=AT - DAY, device="other phone", **changes):
    made = Twin(step().check_in_id, person, at.timestamp(), at.timestamp(), FIX.lon, FIX.lat, device)
    return made._replace(**changes)


def test_an_own_fix_is_known_again_however_old():
    assert signals.repeated_fix(on_trail(found=Around(own_twins=(twin(),)))).values == {"days": 1}
    assert signals.repeated_fix(on_trail(found=Around(own_twins=(twin(at=AT - timedelta(minutes=9)),)))) is None


@pytest.mark.parametrize(
    ("other", "fires"),
    [
        (twin(), True),
        (twin(at=AT - timedelta(minutes=1)), True),  # side by side, but from two phones
        (twin(at=AT - timedelta(minutes=1), device="phone"), False),  # one phone, lying still
        (twin(device="phone"), True),
        (twin(raw_lon=FIX.lon + 1e-6), False),
        (twin(arrived_at=AT.timestamp() + 1), False),  # it came later
    ],
)
def test_a_fix_of_somebody_else(other, fires):
    assert bool(made_up.copied_fix(on_trail(found=Around(others_twins=(other,))))) == fires


def test_networks_places_are_nobodys():
    wifi = HERE._replace(accuracy_m=20.0)
    found = Around(own_twins=(twin(),), others_twins=(twin(),))
    assert made_up.copied_fix(on_trail(here=wifi, found=found)) is None
    assert signals.repeated_fix(on_trail(here=wifi, found=found)) is None


def scattered(rng, spread_m, days, claim=12.0):
    return [
        placed(rng.gauss(0, spread_m), rng.gauss(0, spread_m), name=str(n), before=n * DAY)._replace(
            accuracy_m=claim
        )
        for n in range(1, days + 1)
    ]


def test_a_little_jitter_is_seen_and_a_phones_own_is_not():
    rng = random.Random(5)
    jittered = [made_up.alike_fixes(on_trail(*scattered(rng, 0.8, 5))) for _ in range(200)]
    assert sum(map(bool, jittered)) > 180
    honest = [made_up.alike_fixes(on_trail(*scattered(rng, 12 / 1.515, 5))) for _ in range(500)]
    assert sum(map(bool, honest)) <= 2


def test_three_alike_must_be_closer_than_four():
    def alike(*norths):
        days = [placed(0, north, name=str(n), before=n * DAY) for n, north in enumerate(norths, 1)]
        return made_up.alike_fixes(on_trail(*days))

    assert alike(0.5, 1.0).values == {"fixes": 3, "spread_m": 0.4}
    assert alike(2.0, 4.0) is None
    assert alike(2.0, 4.0, 2.0).values["fixes"] == 4


def test_alike_fixes_doubt_all_but_the_oldest():
    days = [placed(0, 0.5 * n, name=str(n), before=n * DAY) for n in (1, 2)]
    assert made_up.alike_fixes(on_trail(*days)).others == (days[0].check_in_id,)


def test_lying_still_for_a_day_is_no_jitter():
    still = [placed(0.1 * n, 0, name=str(n), before=timedelta(minutes=20 * n)) for n in range(1, 9)]
    assert made_up.alike_fixes(on_trail(*still)) is None


# Replayed


def way(*offsets, shift=timedelta(0), noise=0.0):
    """Fixes at (minutes before, metres east, metres north), `shift` earlier."""
    rng = random.Random(3)
    return [
        placed(
            east + rng.gauss(0, noise),
            north + rng.gauss(0, noise),
            name=f"{shift} {minutes}",
            before=timedelta(minutes=minutes) + shift,
        )
        for minutes, east, north in offsets
    ]


ROUND = ((31.4, -400, 250), (74.9, -900, -120), (120.3, 300, 80))


def test_a_way_played_back_with_moved_times():
    old = way((0, 0, 0), *ROUND, shift=7 * DAY + timedelta(hours=3), noise=1.0)
    again = way(*ROUND)
    found = made_up.replayed_way(on_trail(*old, *again))
    assert found.others == (again[0].check_in_id, again[1].check_in_id)  # not those that were replayed


def test_the_same_round_at_another_pace():
    old = way((0, 0, 0), (36, -400, 250), (81, -900, -120), (120, 300, 80), shift=7 * DAY)
    assert made_up.replayed_way(on_trail(*old, *way(*ROUND))) is None


def test_a_way_at_constant_speed():
    steady = way(*((2 * n, 170 * n, 0) for n in range(1, 5)))
    found = made_up.constant_speed(on_trail(*steady))
    assert found.values["fixes"] == 4
    assert found.others == tuple(each.check_in_id for each in steady[:3])
    with_stops = way((2, 170, 0), (9, 340, 0), (11, 510, 0), (14, 680, 0))
    assert made_up.constant_speed(on_trail(*with_stops)) is None
    motorway = way(*((2 * n, 3900 * n, 0) for n in range(1, 5)))
    assert made_up.constant_speed(on_trail(*motorway)) is None


def test_always_the_same_speed_and_never_still():
    walked = [each._replace(speed_mps=1.4) for each in way((900, 9, 5), (2000, 80, 1), (3100, 5, 60))]
    here = HERE._replace(speed_mps=1.4)
    assert made_up.constant_speed(on_trail(*walked, here=here, fix={"speed_mps": 1.4}))
    stood = [each._replace(speed_mps=0.0) for each in walked]
    assert (
        made_up.constant_speed(on_trail(*stood, here=HERE._replace(speed_mps=0.0), fix={"speed_mps": 0.0})) is None
    )


def test_one_accuracy_and_one_altitude_everywhere():
    told = [
        placed(90 * n, 40 * n, name=str(n), before=n * DAY)._replace(accuracy_m=5.0, altitude_m=8.0)
        for n in range(1, 9)
    ]
    here = HERE._replace(accuracy_m=5.0, altitude_m=8.0)
    found = made_up.constant_sensors(on_trail(*told, here=here, fix={"altitude_m": 8.0}))
    assert found.others == tuple(each.check_in_id for each in told)
    network = [each._replace(altitude_m=0.0) for each in told]
    found = on_trail(*network, here=here._replace(altitude_m=0.0), fix={"altitude_m": 0.0})
    assert made_up.constant_sensors(found) is None


# Handed over too late


def late(said=None, *others, hours=12, **changes):
    arrived = AT + timedelta(hours=hours)
    here = HERE._replace(arrived_at=arrived.timestamp())
    seen = on_trail(*others, here=here, found=Around(contact=said), received_at=arrived, **changes)
    held, noted = signals.found(seen)
    return {reason.code for reason in (*held, *noted)}


def test_handed_over_after_the_phone_said_that_it_held_nothing():
    assert late(contact(empty_at=2)) == {"not_handed_over"}
    assert late(contact(empty_at=0.9)) == set()  # clocks are off by minutes


def test_in_touch_without_a_word_of_what_it_held():
    assert late(contact(first_at=2, last_at=2)) == {"in_touch_since"}
    assert late(contact(first_at=2, last_at=10)) == {"not_handed_over"}
    assert late(contact(first_at=2, last_at=10, still_held=True)) == set()


def contact(still_held=False, **hours):
    return Contact(
        still_held=still_held,
        **{name: (AT + timedelta(hours=each)).timestamp() for name, each in hours.items()},
    )


def test_handed_over_after_what_was_made_later():
    later = step(
        before=-timedelta(hours=3), name="later", arrived_at=(AT + timedelta(hours=3, minutes=1)).timestamp()
    )
    assert late(None, later) == {"not_handed_over"}
    assert late(contact(still_held=True), later) == set()
    at_once = later._replace(arrived_at=(AT + timedelta(hours=12)).timestamp())
    assert late(None, at_once) == set()
    assert late(None, later._replace(device_id="another phone")) == set()


def test_a_clock_that_is_two_hours_behind_is_seen_by_what_came_before():
    prompt = [
        step(30 * n, name=str(n), before=n * DAY, arrived_at=(AT - n * DAY + timedelta(hours=2)).timestamp())
        for n in (1, 2)
    ]
    assert late(contact(empty_at=1.9), *prompt, hours=2) == set()
    assert late(contact(empty_at=1.9), hours=2) == {"not_handed_over"}


def test_what_always_comes_in_the_morning_after_is_no_clock_that_is_behind():
    """A clock turned back to last evening, day after day: 12 hours are no error of a clock."""
    turned_back = [
        step(30 * n, name=str(n), before=n * DAY, arrived_at=(AT - n * DAY + timedelta(hours=12)).timestamp())
        for n in (1, 2)
    ]
    assert late(contact(empty_at=2), *turned_back) == {"not_handed_over"}


def test_weak_evidence_holds_only_where_two_things_are_odd():
    assert together(["in_touch_since", "household_point"]).code == "several_doubts"
    assert together(["in_touch_since"]) is None
    assert together(["photo_time", "photo_elsewhere"]) is None  # one photo
    assert together(["late_upload", "far_from_household"]) is None  # neither is evidence


def test_around_knows_nothing_of_a_visit_that_stands_alone():
    assert signals.found(replace(known(), history=on_trail().history)) == ([], [])
