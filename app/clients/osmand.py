"""What Traccar Client says, in all its generations: the OsmAnd protocol as query, form or JSON.

The app to version 8, and OsmAnd, send query parameters; version 9 sends JSON; version 10 a form body. In none of
them is `event` a user's act. Source: `ProtocolFormatter.kt` of the old app, `preferences.dart` of version 9,
`HttpUploader.kt` of the SDK of version 10, and what Traccar's own server accepts (`OsmAndProtocolDecoder`).
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from urllib.parse import parse_qsl, urlencode

from app.access.client_records import ClientFix, ClientRecord, Refused
from app.clients.json_body import as_body, elements, parse_object
from app.clients.numbers import KNOT_MPS, BadRecord, heading, moment, not_negative, number, place, positive

_KEYS = ("id", "deviceid", "device_id")
_PERCENT = 1 / 100
_MOST_PARAMETERS = 1000
_ANY_KEY = re.compile(rb"[0-9]{6}\.[A-Za-z2-7]{26}")
_FRESH = timedelta(minutes=10)


@dataclass(frozen=True, slots=True)
class Envelope:
    """One request: the client key in it, and its records, either as parameters or as JSON locations."""

    key: str
    parameters: Mapping[str, str] | None = None
    locations: tuple[object, ...] = ()
    refused: tuple[Refused, ...] = ()


def open_envelope(query: str, content_type: str, body: bytes) -> Envelope:
    """Find the key and the records; the key is empty where there is none."""
    key = ""
    try:
        parameters = _parameters(query)
        key = _key(parameters)
        if not content_type.lower().startswith("application/json") and not body.lstrip().startswith(b"{"):
            parameters |= _parameters(body.decode(errors="replace"))
            return Envelope(_key(parameters), parameters)
        said = parse_object(body)
        key = _key(said) or key
        location = said.get("location")
        return Envelope(key, locations=() if location is None else tuple(elements(location)))
    except BadRecord as bad:
        return Envelope(key or _key_in(body), refused=(bad.refused(body),))


def read(envelope: Envelope, timezone: str, now: datetime) -> list[ClientRecord | Refused]:
    """What can be taken and what cannot, in order. A call for help is heard even where the rest cannot be read."""
    said: list[ClientRecord | Refused] = list(envelope.refused)
    if envelope.parameters is not None:
        kept = {name: value for name, value in envelope.parameters.items() if name not in _KEYS}
        try:
            said.append(_of_parameters(kept, timezone, now))
        except BadRecord as bad:
            said += [bad.refused(urlencode(kept).encode()), *_sos(kept, now)]
    for location in envelope.locations:
        try:
            said.append(_of_location(location, timezone, now))
        except BadRecord as bad:
            said += [bad.refused(as_body(location)), *_sos(location, now)]
    return said


def _sos(record: object, at: datetime) -> list[ClientRecord]:
    return [ClientRecord(sos_at=at)] if _is_sos(record) else []


def _is_sos(record: object) -> bool:
    return isinstance(record, Mapping) and str(record.get("alarm")).lower() == "sos"


def _parameters(encoded: str) -> dict[str, str]:
    try:
        return dict(parse_qsl(encoded, keep_blank_values=True, max_num_fields=_MOST_PARAMETERS))
    except ValueError:
        raise BadRecord("too_large") from None


def _key(said: Mapping[str, object]) -> str:
    return next((key for name in _KEYS if isinstance(key := said.get(name), str) and key), "")


def _key_in(body: bytes) -> str:
    """Of a body that cannot be read: without its key it would be turned away, and come again for ever."""
    found = _ANY_KEY.search(body)
    return found[0].decode() if found else ""


def _called_at(record: object, at: datetime, now: datetime) -> datetime | None:
    """When help was called for. The call is not kept by the app: where its fix is an old one, it is of now."""
    if not _is_sos(record):
        return None
    return at if now - at <= _FRESH else now


def _of_parameters(said: Mapping[str, str], timezone: str, now: datetime) -> ClientRecord:
    at = moment(said["timestamp"], timezone) if said.get("timestamp") else now
    sos_at = _called_at(said, at, now)
    lat, lon = said.get("lat"), said.get("lon")
    if lat is None and lon is None and said.get("location"):
        lat, _, lon = said["location"].partition(",")
    if (lat is None and lon is None) or said.get("valid", "true").lower() not in ("true", "1"):
        return ClientRecord(sos_at=sos_at)
    x, y = place(lon, lat)
    fix = ClientFix(
        at=at,
        lon=x,
        lat=y,
        accuracy_m=positive(said.get("accuracy")),
        altitude_m=number(said.get("altitude")),
        speed_mps=not_negative(said.get("speed"), times=KNOT_MPS),
        heading_deg=heading(said.get("bearing", said.get("heading"))),
        battery=not_negative(said.get("batt"), times=_PERCENT),
    )
    return ClientRecord(identity=f"fix {fix.identity}", fix=fix, sos_at=sos_at)


def _of_location(said: object, timezone: str, now: datetime) -> ClientRecord:
    if not isinstance(said, dict):
        raise BadRecord("unknown_shape")
    at = moment(said["timestamp"], timezone) if said.get("timestamp") is not None else now
    sos_at = _called_at(said, at, now)
    coords, battery = said.get("coords"), said.get("battery")
    if coords is None:
        return ClientRecord(sos_at=sos_at)
    if not isinstance(coords, dict):
        raise BadRecord("unknown_shape")
    lon, lat = place(coords.get("longitude"), coords.get("latitude"))
    fix = ClientFix(
        at=at,
        lon=lon,
        lat=lat,
        accuracy_m=positive(coords.get("accuracy")),
        altitude_m=number(coords.get("altitude")),
        speed_mps=not_negative(coords.get("speed")),
        heading_deg=heading(coords.get("heading")),
        battery=not_negative(battery.get("level")) if isinstance(battery, dict) else None,
    )
    return ClientRecord(identity=f"fix {fix.identity}", fix=fix, sos_at=sos_at)
