"""Traccar Client in all its generations: one fix, said in three ways, with every form of time."""

from datetime import UTC, datetime, timedelta
from urllib.parse import urlencode

import pytest

from app.access.client_records import ClientFix, ClientRecord, Refused
from app.clients import osmand
from tests.unit.clients.wires import (
    KEY,
    TRACCAR_8,
    TRACCAR_9,
    TRACCAR_10,
    TRACCAR_10_HEARTBEAT,
    TRACCAR_10_TOKEN,
    body,
)

ZONE = "Asia/Shanghai"
NOW = datetime(2026, 11, 18, 12, 10, 5, tzinfo=UTC)
AT = datetime(2026, 11, 18, 12, 10, tzinfo=UTC)
FORM = "application/x-www-form-urlencoded"


def opened(query: str = "", content_type: str = "", raw: bytes = b"") -> list[ClientRecord | Refused]:
    envelope = osmand.open_envelope(query, content_type, raw)
    assert envelope.key == KEY
    return osmand.read(envelope, ZONE, NOW)


def asked(query: str) -> ClientRecord | Refused:
    (record,) = opened(f"id={KEY}&{query}")
    return record


def test_version_8_says_it_in_the_address_and_its_gps_claims_no_accuracy():
    knots = 2.159827213822894
    assert opened(TRACCAR_8) == [
        ClientRecord(
            f"fix {AT.timestamp():.3f} 106.22 24.32",
            ClientFix(AT, 106.22, 24.32, None, 612.0, pytest.approx(knots * 0.514444, rel=1e-5), 181.0, 0.64),
        )
    ]
    assert opened(TRACCAR_8 + "&charge=true&mock=true")[0].fix.accuracy_m is None


def test_version_9_says_it_in_json_in_metres_per_second():
    at = datetime(2026, 11, 18, 12, 10, 0, 862000, tzinfo=UTC)
    for content_type in ("application/json", "application/json; charset=utf-8", ""):
        (said,) = opened("", content_type, body(TRACCAR_9))
        assert said == ClientRecord(
            f"fix {at.timestamp():.3f} 106.22 24.32",
            ClientFix(at, 106.22, 24.32, 12.3, 612.0, 1.11, 181.0, 0.64),
        )


def test_version_10_says_it_in_a_form():
    assert opened("", FORM, urlencode(TRACCAR_10).encode()) == [
        ClientRecord(
            f"fix {AT.timestamp():.3f} 106.22 24.32",
            ClientFix(AT, 106.22, 24.32, 12.3, 612.0, pytest.approx(2.16 * 1852 / 3600), 181.0, 0.64),
        )
    ]


def test_the_same_fix_of_two_generations_is_the_same_fix():
    spelled = TRACCAR_9["location"] | {"timestamp": "2026-11-18T20:10:00+08:00"}
    nine = TRACCAR_9 | {"location": spelled}
    (first,), (second,), (third,) = (
        opened(TRACCAR_8),
        opened("", "application/json", body(nine)),
        opened("", FORM, urlencode(TRACCAR_10).encode()),
    )
    assert first.identity == second.identity == third.identity


@pytest.mark.parametrize("form", [TRACCAR_10_HEARTBEAT, TRACCAR_10_TOKEN])
def test_heartbeats_and_tokens_are_no_fix(form):
    assert opened("", FORM, urlencode(form).encode()) == [ClientRecord()]
    assert opened(urlencode(form)) == [ClientRecord()]


def test_json_without_a_place_is_no_fix():
    location = {key: value for key, value in TRACCAR_9["location"].items() if key != "coords"}
    parked = TRACCAR_9 | {"location": location | {"extras": {"heartbeat": True}}}
    assert opened("", "application/json", body(parked)) == [ClientRecord()]
    assert opened("", "application/json", body({"device_id": KEY})) == []


def test_unknown_is_minus_one_in_json():
    coords = TRACCAR_9["location"]["coords"] | {"speed": -1, "heading": -1, "accuracy": -1}
    location = TRACCAR_9["location"] | {"coords": coords, "battery": {"level": -1, "is_charging": False}}
    (said,) = opened("", "application/json", body(TRACCAR_9 | {"location": location}))
    assert (said.fix.speed_mps, said.fix.heading_deg, said.fix.accuracy_m, said.fix.battery) == (None,) * 4


def test_coords_need_no_more_than_a_place():
    location = {"timestamp": "2026-11-18T12:10:00Z", "coords": {"latitude": 24.32, "longitude": 106.22}}
    (said,) = opened("", "application/json", body(TRACCAR_9 | {"location": location}))
    assert said.fix == ClientFix(AT, 106.22, 24.32, None, None, None, None, None)


def test_an_array_of_locations_is_taken_apart():
    locations = [TRACCAR_9["location"], {"coords": 1}, TRACCAR_9["location"] | {"timestamp": 1795003800}]
    first, second, third = opened("", "application/json", body(TRACCAR_9 | {"location": locations}))
    assert (first.fix.lon, third.fix.at) == (106.22, AT)
    assert second == Refused("unknown_shape", b'{"coords": 1}')


@pytest.mark.parametrize(
    ("timestamp", "at"),
    [
        ("1377177267", datetime(2013, 8, 22, 13, 14, 27, tzinfo=UTC)),
        ("1442068686579", datetime(2015, 9, 12, 14, 38, 6, 579000, tzinfo=UTC)),
        ("2016-01-27T18%3A55%3A47Z", datetime(2016, 1, 27, 18, 55, 47, tzinfo=UTC)),
        ("2016-01-27T18:55:47%2B08:00", datetime(2016, 1, 27, 10, 55, 47, tzinfo=UTC)),
        ("2016-01-27T18:55:47+08:00", datetime(2016, 1, 27, 10, 55, 47, tzinfo=UTC)),  # + decoded as a blank
        ("2014-06-04+09%3A10%3A11", datetime(2014, 6, 4, 1, 10, 11, tzinfo=UTC)),  # the county's time
        ("2014-06-04%2009%3A10%3A11", datetime(2014, 6, 4, 1, 10, 11, tzinfo=UTC)),
        ("", NOW),
    ],
)
def test_every_form_of_time(timestamp: str, at: datetime):
    """The vectors of OsmAndProtocolDecoderTest, with the zone that is the county's."""
    assert asked(f"lat=24.32&lon=106.22&timestamp={timestamp}").fix.at == at


def test_no_time_is_now():
    assert asked("lat=24.32&lon=106.22").fix.at == NOW


@pytest.mark.parametrize("name", ["id", "deviceid", "device_id"])
def test_names_of_the_key(name: str):
    assert osmand.open_envelope(f"{name}={KEY}&lat=1&lon=1", "", b"").key == KEY


def test_no_key_is_an_empty_key():
    assert osmand.open_envelope("lat=1&lon=1&timestamp=1377177267", "", b"").key == ""
    for raw in (b"", b"{", b"[]", b"{}", b'{"device_id": 7}', b"\xff"):
        assert osmand.open_envelope("", "application/json", raw).key == ""


def test_other_names_of_the_place_and_heading():
    said = asked("location=60.0,30.0&timestamp=1377177267&heading=90")
    assert (said.fix.lat, said.fix.lon, said.fix.heading_deg) == (60.0, 30.0, 90.0)


def test_what_osmand_adds_does_not_matter():
    query = (
        "lat=24.32&lon=106.22&timestamp=1377177267&vacc=1&hacc=2&hdop=0.9&driverUniqueId=7&valid=true"
        "&cell=460,0,1,2,-70&cell=460,0,1,3&wifi=00-11-22-33-44-55,-60"
    )
    assert asked(query).fix == asked("lat=24.32&lon=106.22&timestamp=1377177267").fix


def test_cells_without_a_place_and_fixes_called_invalid_are_no_fix():
    assert asked("cell=460,0,1,2,-70&wifi=00-11-22-33-44-55,-60&timestamp=1377177267") == ClientRecord()
    assert asked("lat=24.32&lon=106.22&timestamp=1377177267&valid=false") == ClientRecord()


def test_no_event_is_a_check_in():
    for event in ("motionchange", "", "manual", "button"):
        location = TRACCAR_9["location"] | {"event": event}
        (said,) = opened("", "application/json", body(TRACCAR_9 | {"location": location}))
        assert not said.check_in
        assert not asked(f"lat=24.32&lon=106.22&event={event}").check_in


def test_an_sos_is_heard_in_every_generation_even_where_the_place_cannot_be_read():
    assert asked("lat=24.32&lon=106.22&timestamp=1795003800&alarm=sos").sos_at == AT
    assert asked("timestamp=1795003800&alarm=SOS") == ClientRecord(sos_at=AT)
    location = TRACCAR_9["location"] | {"timestamp": "2026-11-18T12:10:00Z", "alarm": "sos"}
    (said,) = opened("", "application/json", body(TRACCAR_9 | {"location": location}))
    assert said.sos_at == AT
    refused, call = opened(f"id={KEY}&lat=x&lon=y&alarm=sos")
    assert (refused.reason, call) == ("bad_coordinates", ClientRecord(sos_at=NOW))
    refused, call = opened("", "application/json", body(TRACCAR_9 | {"location": {"coords": 1, "alarm": "sos"}}))
    assert (refused.reason, call) == ("unknown_shape", ClientRecord(sos_at=NOW))
    assert asked("lat=24.32&lon=106.22&alarm=lowBattery").sos_at is None


@pytest.mark.parametrize(
    ("query", "reason"),
    [
        ("lat=91&lon=106", "bad_coordinates"),
        ("lat=106.22&lon=24.32", "bad_coordinates"),  # swapped
        ("lat=0&lon=0", "unset_coordinates"),
        ("lat=0.0&lon=106.22", "unset_coordinates"),
        ("location=24.32,0", "unset_coordinates"),
        ("lat=4.9E-324&lon=4.9E-324", "unset_coordinates"),
        ("lat=24.32", "bad_coordinates"),
        ("lat=nan&lon=106", "bad_coordinates"),
        ("lat=&lon=", "bad_coordinates"),
        ("location=here", "bad_coordinates"),
        ("lat=24.32&lon=106.22&timestamp=yesterday", "bad_time"),
        ("lat=24.32&lon=106.22&timestamp=0", "bad_time"),
        ("lat=24.32&lon=106.22&timestamp=-1795003800", "bad_time"),
        ("lat=24.32&lon=106.22&timestamp=9e99", "bad_time"),
        ("lat=24.32&lon=106.22&timestamp=1999-12-31T00:00:00Z", "bad_time"),
    ],
)
def test_what_nobody_can_take_is_kept_without_the_key(query: str, reason: str):
    refused = asked(query)
    assert refused.reason == reason
    assert refused.body
    assert KEY.encode() not in refused.body


def test_too_many_parameters_are_refused():
    envelope = osmand.open_envelope(f"id={KEY}", FORM, b"a=1&" * 2000)
    assert envelope.key == KEY
    assert [refused.reason for refused in osmand.read(envelope, ZONE, NOW)] == ["too_large"]


@pytest.mark.parametrize(
    ("lat", "value"),
    [
        ("24.32", 24.32),
        ("٢٤.٣٢", 24.32),
        ("２４.３２", 24.32),
        ("2.432e1", 24.32),
        ("+24.32", 24.32),
    ],
)
def test_a_number_in_other_clothes_is_right(lat: str, value: float):
    assert asked(urlencode({"lat": lat, "lon": "106.22", "timestamp": "1795003800"})).fix.lat == value


@pytest.mark.parametrize(
    "lat", ["24,32", "2_4.32", "{24.32}", "NaN", "inf", "0x18", "106.22", "1e999", "24.32N", "²"]
)
def test_or_in_quarantine_and_never_wrong(lat: str):
    refused = asked(urlencode({"lat": lat, "lon": "106.22", "timestamp": "1795003800"}))
    assert refused.reason == "bad_coordinates"


@pytest.mark.parametrize(
    "raw", [b'{"device_id": "KEY", "location": {', b'{"location": "\xff', b"x=1&" * 1001 + b"&id=KEY", b"[KEY"]
)
def test_the_key_of_what_cannot_be_read_is_still_the_key(raw: bytes):
    """Turned away for a bad key, it would come again for ever."""
    kind = "application/json" if raw[:1] in b"{[" else FORM
    wanted = KEY if b"KEY" in raw else ""
    envelope = osmand.open_envelope("", kind, raw.replace(b"KEY", KEY.encode()))
    assert envelope.key == wanted
    assert envelope.refused or envelope.parameters is not None


def test_a_call_for_help_is_of_now_where_its_fix_is_an_old_one():
    for seconds, at in ((0, AT), (-300, AT - timedelta(minutes=5)), (-26 * 3600, NOW)):
        said = osmand.read(
            osmand.open_envelope(f"id={KEY}&lat=24&lon=106&timestamp={1795003800 + seconds}&alarm=sos", "", b""),
            "Asia/Shanghai",
            NOW,
        )[0]
        assert said.sos_at == at
        assert said.fix.at == AT + timedelta(seconds=seconds)
