"""What Overland says: batches of GeoJSON features.

Source: the app's README (aaronpk/Overland-iOS), "API".
"""

from app.access.client_records import ClientFix, ClientRecord, Refused
from app.clients.json_body import as_body, elements, parse_object
from app.clients.numbers import BadRecord, heading, moment, not_negative, number, place, positive

# An event (the app was started, a stay or a trip is over) comes with its own times, and the place that was known
# last at the time of the report: it is no fix.
_OF_EVENTS = ("action", "arrival_date", "departure_date", "type")


def read(body: bytes, timezone: str) -> list[ClientRecord | Refused]:
    """What can be taken and what cannot, in order."""
    try:
        return [_read_one(feature, timezone) for feature in _features(parse_object(body))]
    except BadRecord as bad:
        return [bad.refused(body)]


def _features(batch: dict[str, object]) -> list[object]:
    found = batch.get("locations")
    if not isinstance(found, list):
        raise BadRecord("unknown_shape")
    return elements(found)


def _read_one(feature: object, timezone: str) -> ClientRecord | Refused:
    try:
        return _said(feature, timezone)
    except BadRecord as bad:
        return bad.refused(as_body(feature))


def _said(feature: object, timezone: str) -> ClientRecord:
    if not isinstance(feature, dict):
        raise BadRecord("unknown_shape")
    geometry, properties = feature.get("geometry"), feature.get("properties")
    if isinstance(properties, dict) and any(properties.get(name) for name in _OF_EVENTS):
        return ClientRecord()
    if not isinstance(geometry, dict) or not isinstance(properties, dict) or geometry.get("type") != "Point":
        raise BadRecord("unknown_shape")
    coordinates = geometry.get("coordinates")
    if not isinstance(coordinates, list) or len(coordinates) not in (2, 3):
        raise BadRecord("bad_coordinates")
    lon, lat = place(*coordinates[:2])
    fix = ClientFix(
        at=moment(properties.get("timestamp"), timezone),
        lon=lon,
        lat=lat,
        accuracy_m=positive(properties.get("horizontal_accuracy")),
        altitude_m=number(properties.get("altitude")),
        speed_mps=not_negative(properties.get("speed")),
        heading_deg=heading(properties.get("course")),
        battery=not_negative(properties.get("battery_level")),
    )
    return ClientRecord(identity=f"fix {fix.identity}", fix=fix)
