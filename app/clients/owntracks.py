"""What OwnTracks says (HTTP mode): one JSON message a request, or an array of them.

Source: the OwnTracks booklet, "JSON" and "HTTP"; `MessageLocation.kt` and `MessageStatus.kt` of the Android app.
"""

from dataclasses import replace
from datetime import datetime
from typing import Any

from app.access.client_records import ClientFix, ClientRecord, Refused
from app.checkins.rules import unrolled
from app.clients.json_body import as_body, elements, parse_json, sound
from app.clients.numbers import (
    BadRecord,
    any_moment,
    believable,
    heading,
    moment,
    not_negative,
    number,
    place,
    positive,
)

_KMH_MPS = 1 / 3.6
_PERCENT = 1 / 100
_NOTE_LENGTH = 2000
# A ping, a frequent place: iOS stamps where the phone was with the time of the report.
_TOLD_AGAIN = ("p", "v")
_FINE_IN_USE, _COARSE_IN_USE, _COARSE_ALWAYS, _NEVER = -2, -3, -1, -4  # location permission, Android


def read(body: bytes) -> list[ClientRecord | Refused]:
    """What can be taken and what cannot, in order. Empty bodies occur, and say nothing."""
    if not body.strip():
        return []
    try:
        return [_read_one(message) for message in elements(parse_json(body))]
    except BadRecord as bad:
        return [bad.refused(body)]


def _read_one(message: object) -> ClientRecord | Refused:
    try:
        return _said(message)
    except BadRecord as bad:
        return bad.refused(as_body(message))


def _said(message: Any) -> ClientRecord:
    kind = message.get("_type") if isinstance(message, dict) else None
    if not isinstance(kind, str):
        raise BadRecord("unknown_shape")
    if kind == "encrypted":
        raise BadRecord("encrypted")
    if kind == "location":
        return _location(message)
    if kind == "status":
        return ClientRecord(problems=_problems(message))
    return ClientRecord()  # transitions, waypoints, cards and the like


def _location(message: dict[str, object]) -> ClientRecord:
    """The fix is of `tst`, the act of `created_at`, when the app made the message: no earlier than its fix."""
    if not positive(message.get("tst")):
        raise BadRecord("bad_time")
    measured_at, made_at = any_moment(message["tst"], "UTC"), _made_at(message)
    at, trigger = believable(unrolled(measured_at, made_at) if made_at else measured_at), message.get("t")
    pressed_at = max(made_at, at) if made_at and trigger == "u" else None
    try:
        lon, lat = place(message.get("lon"), message.get("lat"))
    except BadRecord as bad:
        if bad.reason != "unset_coordinates" or trigger != "u":
            raise
        # The press of the button is a visit all the same.
        identity = _identity(message, f"{measured_at.timestamp():.3f}", trigger)
        return ClientRecord(identity=identity, check_in=True, pressed_at=pressed_at or at, note=_note(message))
    fix = ClientFix(
        at=at,
        lon=lon,
        lat=lat,
        accuracy_m=positive(message.get("acc")),
        altitude_m=number(message.get("alt")),
        speed_mps=not_negative(message.get("vel"), times=_KMH_MPS),
        heading_deg=heading(message.get("cog")),
        battery=not_negative(message.get("batt"), times=_PERCENT),
    )
    if trigger in _TOLD_AGAIN and made_at is None:
        return ClientRecord()
    return ClientRecord(
        identity=_identity(message, replace(fix, at=measured_at).identity, trigger),
        fix=fix,
        check_in=trigger == "u",
        pressed_at=pressed_at,
        note=_note(message),
    )


def _made_at(message: dict[str, object]) -> datetime | None:
    """None where the app does not say, or not so that it can be believed."""
    try:
        return moment(message.get("created_at"), "UTC") if positive(message.get("created_at")) else None
    except BadRecord:
        return None


def _identity(message: dict[str, object], fix: str, trigger: object) -> str:
    """The same for the same fix in other JSON: iOS sends one again with another pressure and a `created_at`."""
    own = message.get("_id")
    said = f"id {own}" if isinstance(own, str) and own else f"fix {fix} {trigger}"
    return said.encode(errors="backslashreplace").decode()


def _note(message: dict[str, object]) -> str:
    written = next((text for key in ("poi", "desc") if isinstance(text := message.get(key), str)), "")
    return sound(written)[:_NOTE_LENGTH]


def _problems(message: dict[str, object]) -> tuple[str, ...]:
    """Why the app may fall silent, as codes of `client_keys.STATUS_TEXTS`."""
    android, ios = message.get("android"), message.get("iOS")
    if isinstance(android, dict):
        return _android_problems(android)
    return _ios_problems(ios) if isinstance(ios, dict) else ()


def _android_problems(said: dict[str, object]) -> tuple[str, ...]:
    """Of each, 0 is well; location: -1 coarse, -2 in use only, -3 both, -4 none."""
    found = [
        code
        for key, code in (("ps", "power_saving"), ("bo", "battery_optimised"), ("hib", "may_hibernate"))
        if number(said.get(key))
    ]
    permission = number(said.get("loc")) or 0
    if permission <= _NEVER:
        found.append("location_denied")
    if permission in (_FINE_IN_USE, _COARSE_IN_USE):
        found.append("location_in_use_only")
    if permission in (_COARSE_ALWAYS, _COARSE_IN_USE):
        found.append("location_coarse")
    return tuple(found)


def _ios_problems(said: dict[str, object]) -> tuple[str, ...]:
    found = []
    permission = str(said.get("authorizationStatus"))
    if "Denied" in permission or "Restricted" in permission:
        found.append("location_denied")
    if "WhenInUse" in permission:
        found.append("location_in_use_only")
    refresh = str(said.get("backgroundRefreshStatus"))
    if "Denied" in refresh or "Restricted" in refresh:
        found.append("no_background_refresh")
    return tuple(found)
