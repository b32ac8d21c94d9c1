"""Overland: batches of GeoJSON features, each of which stands or falls alone."""

from datetime import UTC, datetime

import pytest

from app.access.client_records import ClientFix, ClientRecord, Refused
from app.clients import overland
from tests.unit.clients.wires import OVERLAND, body

AT = datetime(2026, 11, 18, 12, 10, tzinfo=UTC)
FEATURE = OVERLAND["locations"][0]


def read(*features) -> list[ClientRecord | Refused]:
    return overland.read(body({"locations": features}), "Asia/Shanghai")


def test_a_feature_is_a_fix_in_metres_per_second():
    assert overland.read(body(OVERLAND), "Asia/Shanghai") == [
        ClientRecord(
            f"fix {AT.timestamp():.3f} 106.22 24.32",
            ClientFix(AT, 106.22, 24.32, 12.0, 612.0, 1.0, None, 0.64),
        )
    ]


def test_an_offset_is_kept_to_and_an_altitude_may_stand_in_the_place():
    properties = FEATURE["properties"] | {"timestamp": "2026-11-18T20:10:00+08:00"}
    geometry = {"type": "Point", "coordinates": [106.22, 24.32, 612]}
    (said,) = read(FEATURE | {"properties": properties, "geometry": geometry})
    assert said == read(FEATURE)[0]


def test_an_empty_batch_is_nothing():
    assert read() == []


@pytest.mark.parametrize(
    ("change", "reason"),
    [
        ({"geometry": None}, "unknown_shape"),
        ({"geometry": {"type": "LineString", "coordinates": [[1, 2], [3, 4]]}}, "unknown_shape"),
        ({"properties": []}, "unknown_shape"),
        ({"geometry": {"type": "Point", "coordinates": [106.22]}}, "bad_coordinates"),
        ({"geometry": {"type": "Point", "coordinates": ["x", None]}}, "bad_coordinates"),
        ({"geometry": {"type": "Point", "coordinates": [0, 0]}}, "unset_coordinates"),
        ({"geometry": {"type": "Point", "coordinates": [-1, -1, 0]}}, "unset_coordinates"),
        ({"geometry": {"type": "Point", "coordinates": [24.32, 106.22]}}, "bad_coordinates"),
        ({"properties": {}}, "bad_time"),
        ({"properties": {"timestamp": "2026-13-01T00:00:00Z"}}, "bad_time"),
    ],
)
def test_poison_in_the_middle_of_a_batch_falls_alone(change, reason: str):
    poison = FEATURE | change
    before, refused, after = read(FEATURE, poison, FEATURE)
    assert refused == Refused(reason, body(poison))
    assert before == after == read(FEATURE)[0]


@pytest.mark.parametrize("raw", [b"", b"{", b"[]", b"{}", b"null", b'{"locations": {}}', b"\xff"])
def test_what_is_no_batch_is_refused_whole(raw: bytes):
    (refused,) = overland.read(raw, "Asia/Shanghai")
    assert refused.reason in ("not_json", "unknown_shape")
    assert refused.body == raw


@pytest.mark.parametrize(
    "event",
    [
        {"action": "visit", "arrival_date": "2026-11-18T10:00:00Z", "departure_date": "2026-11-18T11:02:00Z"},
        {"arrival_date": "0001-01-01T00:00:00Z"},
        {"action": "will_terminate"},
        {"type": "trip", "mode": "walking", "start": "2026-11-18T10:00:00Z", "end": "2026-11-18T11:02:00Z"},
    ],
)
def test_an_event_is_no_fix_at_the_time_of_its_report(event: dict):
    feature = FEATURE | {"properties": FEATURE["properties"] | event}
    without_place = {name: value for name, value in feature.items() if name != "geometry"}
    assert overland.read(body({"locations": [feature, without_place]}), "Asia/Shanghai") == [
        ClientRecord(),
        ClientRecord(),
    ]


def test_what_is_odd_in_one_feature_costs_no_other():
    odd = body({"locations": [FEATURE | {"wifi": "XX"}, FEATURE]}).replace(b'"XX"', b'"caf\xe9\\ud83d\x00"')
    assert len([said for said in overland.read(odd, "Asia/Shanghai") if said.fix]) == 2
