"""The trail of a person: what was known around a visit, whatever order things came in."""

from datetime import timedelta

from hypothesis import given
from hypothesis import strategies as st

from app.checkins.history import LAST, NEXT, Trail
from tests.unit.checkins.known import AT, step

HERE = step(before=timedelta(0), name="here")
DAY = timedelta(days=1)


def around(*others, visit=HERE, devices_d=30):
    return Trail(others, "Asia/Shanghai").around(visit, devices_d=devices_d)


def test_the_nearest_believed_fixes_on_both_sides():
    arrived = HERE.arrived_at
    others = [
        step(name="far", before=timedelta(hours=3)),
        step(name="counted", before=timedelta(hours=2)),
        step(name="held", before=timedelta(hours=1), standing="held"),
        step(name="refused", before=-timedelta(minutes=1), standing="refused", arrived_at=arrived - 1),
        step(name="outside", before=-timedelta(minutes=2), standing="outside", arrived_at=arrived - 1),
    ]
    found = around(*others)
    assert (found.previous, found.following) == (others[1], others[4])


def test_a_fix_outside_the_country_is_no_witness():
    abroad = step(name="abroad", standing="outside", lon=10.6, lat=51.2)
    afar = step(name="afar", before=timedelta(hours=2), standing="outside", lon=116.4, lat=39.9)
    assert around(abroad, afar).previous == afar


def test_alone():
    found = around()
    assert (found.previous, found.following, found.same_place_days, found.devices) == (None, None, 0, 1)


def test_what_came_later_is_not_known():
    later = step(before=timedelta(hours=1), arrived_at=HERE.arrived_at + 1)
    assert around(later).previous is None
    assert around(later, visit=HERE._replace(arrived_at=HERE.arrived_at + 2)).previous == later


def test_of_one_set_the_earlier_visit_is_known_to_the_later_alone():
    together = step(before=timedelta(hours=1), arrived_at=HERE.arrived_at)
    assert around(together).previous == together
    assert around(HERE, visit=together).following is None


def test_other_days_with_the_same_coordinates():
    others = [
        step(before=timedelta(hours=3)),  # the same day: the phone lay still
        step(before=DAY),
        step(before=DAY + timedelta(hours=1)),  # the same other day
        step(before=3 * DAY, standing="held"),  # nobody believed it, but it is the same all the same
        step(0.1, before=4 * DAY),  # a decimetre off
    ]
    assert around(*others).same_place_days == 2


def test_days_are_the_countys():
    """16:00 UTC is midnight in Shanghai."""
    late, past_midnight = (AT.replace(hour=hour, minute=minute) for hour, minute in ((15, 59), (16, 1)))
    visit = step(before=AT - past_midnight, name="visit")
    assert around(step(before=AT - late), visit=visit).same_place_days == 1
    assert (
        around(
            step(before=AT - late + timedelta(hours=3)),
            visit=visit._replace(captured_at=late.timestamp(), fixed_at=late.timestamp()),
        ).same_place_days
        == 0
    )


def test_only_the_last_fixes_are_compared():
    moved = [step(number, before=timedelta(hours=number)) for number in range(1, LAST + 1)]
    assert around(step(before=DAY), *moved[:-1]).same_place_days == 1
    assert around(step(before=DAY), *moved).same_place_days == 0


def test_the_same_claim_in_a_row():
    others = [step(before=number * DAY) for number in range(1, 6)]
    found = around(*others)
    assert (found.same_accuracy, found.same_accuracy_days) == (6, 6)
    others[2] = others[2]._replace(accuracy_m=12.1)
    found = around(*others)
    assert (found.same_accuracy, found.same_accuracy_days) == (3, 3)


def test_devices_lately():
    others = [
        step(before=1 * DAY, device_id="second"),
        step(before=2 * DAY, device_id="second"),
        step(before=29 * DAY, device_id="third"),
        step(before=31 * DAY, device_id="long ago"),
    ]
    assert around(*others).devices == 3
    assert around(*others, devices_d=7).devices == 2


@given(hours=st.lists(st.integers(-20, 20), max_size=30, unique=True), data=st.data())
def test_the_order_of_adding_does_not_matter(hours, data):
    others = [step(number, before=timedelta(hours=hour), arrived_at=0.0) for number, hour in enumerate(hours)]
    trail = Trail([], "Asia/Shanghai")
    for other in data.draw(st.permutations(others)):
        trail.add(other)
    assert trail.around(HERE, devices_d=30) == around(*others)


@given(standings=st.lists(st.sampled_from(["counted", "held", "refused", "outside"]), max_size=LAST + NEXT))
def test_a_neighbour_is_the_first_that_is_believed(standings):
    others = [step(before=timedelta(hours=n + 1), standing=standing) for n, standing in enumerate(standings)]
    expected = next((other for other in others[:LAST] if other.standing in ("counted", "outside")), None)
    assert around(*others).previous == expected
