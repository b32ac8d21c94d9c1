"""What each app puts on the wire, generation by generation, with the fields and forms of its own source."""

import json
from typing import Any

KEY = "451029.abcdefghijklmnopqrstuvwxyz"

# OwnTracks, Android 2.6 (extended data on): a press of the publish button, queued while offline.
ANDROID_PRESS: dict[str, Any] = {
    "_type": "location",
    "_id": "7a9c2d41",
    "acc": 12,
    "alt": 612,
    "batt": 64,
    "bs": 1,
    "BSSID": "02:00:00:00:00:00",
    "cog": 181,
    "conn": "o",
    "created_at": 1795003805,
    "lat": 24.32,
    "lon": 106.22,
    "m": 1,
    "qos": 1,
    "retained": True,
    "source": "gps",
    "SSID": "<unknown ssid>",
    "t": "u",
    "tid": "ab",
    "topic": "owntracks/13900000003/phone-1",
    "tst": 1795003800,
    "vac": 8,
    "vel": 4,
}
# OwnTracks, iOS: no `_id`; sent again with another pressure and a `created_at`.
IOS_PRESS: dict[str, Any] = {
    "_type": "location",
    "acc": 8,
    "alt": 604,
    "batt": 81,
    "bs": 2,
    "conn": "m",
    "inregions": ["村委会"],
    "inrids": ["6da9cf"],
    "lat": 24.320001,
    "lon": 106.220001,
    "m": 1,
    "p": 94.301,
    "poi": "村委会值班",
    "t": "u",
    "tid": "甲",
    "topic": "owntracks/13900000003/iphone",
    "tst": 1795003800,
    "vac": 6,
    "vel": 0,
}
IOS_PRESS_AGAIN = IOS_PRESS | {"p": 94.297, "created_at": 1795004100}
ANDROID_STATUS: dict[str, Any] = {
    "_type": "status",
    "_id": "0c1d2e3f",
    "android": {"wifi": 1, "ps": -1, "bo": -1, "hib": 0, "loc": -2},
}
ENCRYPTED: dict[str, Any] = {"_type": "encrypted", "data": "Q2h1Y2sgTm9ycmlzIGNhbiBjb21waWxlIHN5bnRheCBlcnJvcnM="}
OTHER_TYPES: list[dict[str, Any]] = [
    {"_type": "transition", "acc": 20, "desc": "家", "event": "enter", "lat": 24.32, "lon": 106.22}
    | {"rid": "6da9cf", "t": "c", "tid": "ab", "tst": 1795003800, "wtst": 1795000000},
    {
        "_type": "waypoint",
        "desc": "家",
        "lat": 24.32,
        "lon": 106.22,
        "rad": 50,
        "rid": "6da9cf",
        "tst": 1795000000,
    },
    {"_type": "waypoints", "waypoints": []},
    {"_type": "lwt", "tst": 1795000000},
    {"_type": "card", "name": "甲", "tid": "ab"},
    {"_type": "cmd", "action": "reportLocation"},
    {"_type": "dump", "configuration": {"_type": "configuration", "mode": 3}},
    {"_type": "steps", "steps": 10, "tst": 1795003800},
    {"_type": "beacon", "uuid": "f7826da6", "tst": 1795003800},
    {"_type": "request", "request": "tour"},
]

# Traccar Client up to version 8, Android: everything in the address, an empty body; GPS accuracy is always 0.0.
TRACCAR_8 = (
    f"id={KEY}&timestamp=1795003800&lat=24.32&lon=106.22&speed=2.159827213822894&bearing=181.0"
    "&altitude=612.0&accuracy=0.0&batt=64.0"
)
# Traccar Client 9: one JSON location a request, as its template writes it.
TRACCAR_9: dict[str, Any] = {
    "location": {
        "timestamp": "2026-11-18T12:10:00.862Z",
        "coords": {
            "latitude": 24.32,
            "longitude": 106.22,
            "accuracy": 12.3,
            "speed": 1.11,
            "heading": 181.0,
            "altitude": 612.0,
        },
        "is_moving": True,
        "odometer": 1234,
        "event": "motionchange",
        "battery": {"level": 0.64, "is_charging": False},
        "activity": {"type": "walking"},
        "extras": {},
        "_": f"&id={KEY}&lat=24.32&lon=106.22&timestamp=2026-11-18T12:10:00.862Z&",
    },
    "device_id": KEY,
}
# Traccar Client 10: a form body; a heartbeat of a parked phone, and a fresh push token, name no place.
TRACCAR_10 = {
    "id": KEY,
    "lat": "24.32",
    "lon": "106.22",
    "timestamp": "1795003800",
    "accuracy": "12.3",
    "altitude": "612.0",
    "speed": "2.16",
    "bearing": "181.0",
    "batt": "64",
    "charge": "true",
}
TRACCAR_10_HEARTBEAT = {"id": KEY, "timestamp": "1795003800", "batt": "64", "charge": "true"}
TRACCAR_10_TOKEN = {"id": KEY, "notificationToken": "fcm:abc"}

OVERLAND: dict[str, Any] = {
    "locations": [
        {
            "type": "Feature",
            "geometry": {"type": "Point", "coordinates": [106.22, 24.32]},
            "properties": {
                "timestamp": "2026-11-18T12:10:00Z",
                "altitude": 612,
                "speed": 1,
                "course": -1,
                "horizontal_accuracy": 12,
                "vertical_accuracy": -1,
                "speed_accuracy": -1,
                "course_accuracy": -1,
                "motion": ["walking"],
                "battery_state": "unplugged",
                "battery_level": 0.64,
                "wifi": "",
                "device_id": "iphone",
                "unique_id": "0F1E2D3C",
            },
        }
    ],
    "current": {
        "type": "Feature",
        "geometry": {"type": "Point", "coordinates": [106.22, 24.32]},
        "properties": {},
    },
    "trip": {"mode": "walk", "distance": 12.5},
}


def body(message: Any) -> bytes:
    return json.dumps(message, ensure_ascii=False).encode()
