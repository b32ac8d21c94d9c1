"""OwnTracks: what is a check-in, what a fix, what says why a phone is silent, and what nobody can take."""

from datetime import UTC, datetime, timedelta

import pytest

from app.access.client_records import ClientFix, ClientRecord, Refused
from app.clients import owntracks
from tests.unit.clients.wires import (
    ANDROID_PRESS,
    ANDROID_STATUS,
    ENCRYPTED,
    IOS_PRESS,
    IOS_PRESS_AGAIN,
    OTHER_TYPES,
    body,
)

AT = datetime(2026, 11, 18, 12, 10, tzinfo=UTC)


def one(message) -> ClientRecord | Refused:
    (record,) = owntracks.read(body(message))
    return record


def test_a_press_of_the_button_is_a_check_in_with_all_that_the_phone_measured():
    assert one(ANDROID_PRESS) == ClientRecord(
        identity="id 7a9c2d41",
        fix=ClientFix(AT, 106.22, 24.32, 12.0, 612.0, pytest.approx(4 / 3.6), 181.0, pytest.approx(0.64)),
        check_in=True,
        pressed_at=AT + timedelta(seconds=5),
    )


def test_what_is_told_of_a_place_is_the_note():
    assert one(IOS_PRESS).note == "村委会值班"
    assert one(ANDROID_PRESS | {"desc": "夜访\x00" + "长" * 3000}).note == ("夜访" + "长" * 3000)[:2000]


@pytest.mark.parametrize("trigger", ["p", "c", "C", "b", "r", "t", "v", "m", "a", None, "U", 1])
def test_no_other_trigger_is_a_check_in(trigger):
    said = one(ANDROID_PRESS | {"t": trigger})
    assert said.fix == one(ANDROID_PRESS).fix
    assert not said.check_in
    assert not one({key: value for key, value in ANDROID_PRESS.items() if key != "t"}).check_in


def test_a_press_where_the_app_knows_no_position_is_a_check_in_all_the_same():
    nowhere = one(ANDROID_PRESS | {"lat": 0, "lon": 0})
    assert nowhere == ClientRecord(identity="id 7a9c2d41", check_in=True, pressed_at=AT + timedelta(seconds=5))


def test_the_same_fix_in_other_json_is_the_same_fix():
    """owntracks/ios#785: sent again with another pressure and a created_at."""
    assert one(IOS_PRESS).identity == one(IOS_PRESS_AGAIN).identity
    assert one(IOS_PRESS).fix == one(IOS_PRESS_AGAIN).fix
    spelled = body(IOS_PRESS).replace(b"24.320001", b"24.3200010").replace(b"1795003800", b"1795003800.0")
    assert owntracks.read(spelled) == [one(IOS_PRESS)]
    for key, value in {"tst": 1795003801, "lat": 24.320002, "lon": 106.220002, "t": "r"}.items():
        assert one(IOS_PRESS | {key: value}).identity != one(IOS_PRESS).identity


def test_an_id_of_the_app_alone_decides():
    moved = ANDROID_PRESS | {"lat": 24.33, "acc": 99}
    assert one(moved).identity == one(ANDROID_PRESS).identity
    assert one(ANDROID_PRESS | {"_id": "8b"}).identity != one(ANDROID_PRESS).identity
    assert one(ANDROID_PRESS | {"_id": ""}).identity == one(ANDROID_PRESS | {"_id": 7}).identity


@pytest.mark.parametrize("acc", [0, -1, None, "", "far", True])
def test_an_accuracy_of_nothing_is_unknown(acc):
    assert one(ANDROID_PRESS | {"acc": acc}).fix.accuracy_m is None


def test_an_accuracy_may_be_a_float():
    assert one(ANDROID_PRESS | {"acc": 4.5}).fix.accuracy_m == 4.5


@pytest.mark.parametrize("message", OTHER_TYPES)
def test_other_types_are_accepted_and_are_no_fix(message):
    assert one(message) == ClientRecord()


def test_a_status_says_what_may_silence_the_app():
    assert one(ANDROID_STATUS).problems == ("power_saving", "battery_optimised", "location_in_use_only")
    well = {"wifi": 1, "ps": 0, "bo": 0, "hib": 0, "loc": 0}
    assert one(ANDROID_STATUS | {"android": well}).problems == ()
    assert one(ANDROID_STATUS | {"android": well | {"loc": -3}}).problems == (
        "location_in_use_only",
        "location_coarse",
    )
    assert one(ANDROID_STATUS | {"android": well | {"loc": -4, "hib": 1}}).problems == (
        "may_hibernate",
        "location_denied",
    )
    iphone = {"authorizationStatus": "kCLAuthorizationStatusAuthorizedWhenInUse"} | {
        "backgroundRefreshStatus": "UIBackgroundRefreshStatusDenied"
    }
    assert one({"_type": "status", "iOS": iphone}).problems == ("location_in_use_only", "no_background_refresh")
    assert one({"_type": "status"}).problems == ()


def test_empty_bodies_occur():
    assert owntracks.read(b"") == owntracks.read(b" \n") == owntracks.read(b"[]") == []


@pytest.mark.parametrize(
    ("raw", "reason"),
    [
        (b"{", "not_json"),
        (b"\xff\xfe", "not_json"),
        (b'{"_type":"location"}' * 2, "not_json"),
        (b"[" * 500, "not_json"),
        (b"null", "unknown_shape"),
        (b'"location"', "unknown_shape"),
        (b"{}", "unknown_shape"),
        (b'{"_type": 1}', "unknown_shape"),
        (body(ENCRYPTED), "encrypted"),
        (b"[" + b"{}," * 2000 + b"{}]", "too_large"),
        (body(ANDROID_PRESS | {"lat": 90.001}), "bad_coordinates"),
        (body(ANDROID_PRESS | {"lat": 0.0001, "lon": -0.0002, "t": "p"}), "unset_coordinates"),
        (body(ANDROID_PRESS | {"lat": 0, "lon": 0, "tst": 0}), "bad_time"),
        (body(ANDROID_PRESS | {"lat": None}), "bad_coordinates"),
        (body(ANDROID_PRESS | {"lon": float("nan")}), "bad_coordinates"),
        (body(ANDROID_PRESS | {"lon": 10**400}), "bad_coordinates"),
        (body(ANDROID_PRESS | {"lon": [106]}), "bad_coordinates"),
        (body(ANDROID_PRESS | {"tst": 0}), "bad_time"),
        (body(ANDROID_PRESS | {"tst": -1795003800}), "bad_time"),
        (body(ANDROID_PRESS | {"tst": 10**30}), "bad_time"),
        (body(ANDROID_PRESS | {"tst": "soon"}), "bad_time"),
        (body(ANDROID_PRESS | {"tst": 1e300}), "bad_time"),
    ],
)
def test_what_nobody_can_take_has_its_reason_and_its_body(raw: bytes, reason: str):
    (refused,) = owntracks.read(raw)
    assert isinstance(refused, Refused)
    assert refused.reason == reason
    assert refused.body


def test_of_an_array_each_stands_or_falls_alone():
    poison = ANDROID_PRESS | {"tst": 0}
    first, second, third = owntracks.read(body([poison, IOS_PRESS, ANDROID_PRESS]))
    assert first == Refused("bad_time", body(poison))
    assert [second, third] == [one(IOS_PRESS), one(ANDROID_PRESS)]


def test_the_act_and_the_fix_are_two_times():
    old = one(ANDROID_PRESS | {"tst": 1795003800 - 26 * 3600})
    assert (old.pressed_at, old.fix.at) == (AT + timedelta(seconds=5), AT - timedelta(hours=26))
    assert one(ANDROID_PRESS | {"created_at": 1795003800 - 900}).pressed_at == AT  # nobody reports what is to come
    for nothing in (None, 0, -1, "soon", float("nan"), 1e300, [1]):
        assert one(ANDROID_PRESS | {"created_at": nothing}).pressed_at is None
    assert one(ANDROID_PRESS | {"t": "t"}).pressed_at is None


@pytest.mark.parametrize("times", [1, 2])
def test_a_receiver_that_lost_count_of_the_weeks_is_put_right_by_the_phones_clock(times: int):
    rolled = ANDROID_PRESS | {"tst": 1795003800 - times * 1024 * 604800}
    assert one(rolled).fix.at == AT
    assert one({name: value for name, value in rolled.items() if name != "created_at"}) != one(ANDROID_PRESS)


@pytest.mark.parametrize("trigger", ["p", "v"])
def test_where_the_phone_was_is_no_fix_at_the_time_of_the_report(trigger: str):
    """iOS stamps a ping with the time of sending; what it says apart from that time is a fix."""
    assert one(IOS_PRESS | {"t": trigger}) == ClientRecord()
    assert one(IOS_PRESS_AGAIN | {"t": trigger}).fix.at == AT


@pytest.mark.parametrize(
    "odd",
    [b'"caf\xe9"', b'"\\ud83d"', b'"a\x00b"', b'"a\nb"', b"1e999", b"NaN", b"9" * 5000, b"[]", b'{"a": "\xff"}'],
)
@pytest.mark.parametrize("name", ["SSID", "BSSID", "created_at", "poi", "batt", "inregions", "_id", "tid"])
def test_what_is_odd_in_a_side_field_costs_nothing(name: str, odd: bytes):
    said = body(ANDROID_PRESS | {name: "XX"}).replace(b'"XX"', odd)
    (read,) = owntracks.read(b"\xef\xbb\xbf" + said)
    assert (read.fix.at, read.check_in) == (AT, True)
    assert read.note.encode() is not None
    assert read.identity.encode()
