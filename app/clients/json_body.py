"""JSON bodies of tracking apps, taken apart so that each record stands or falls alone."""

import json

from app.clients.numbers import BadRecord
from app.kernel import patient_json

MOST_RECORDS = 2000  # in one request; apps send at most a few hundred


def parse_json(body: bytes) -> object:
    """What is odd in one member is refused or passed over where it stands. Raises `BadRecord`."""
    try:
        return patient_json.parse(body)
    except ValueError:
        raise BadRecord("not_json") from None


def parse_object(body: bytes) -> dict[str, object]:
    """Raises `BadRecord`."""
    value = parse_json(body)
    if not isinstance(value, dict):
        raise BadRecord("unknown_shape")
    return value


def elements(value: object) -> list[object]:
    """Those of an array, else the value alone. Raises `BadRecord` when they are too many."""
    records = value if isinstance(value, list) else [value]
    if len(records) > MOST_RECORDS:
        raise BadRecord("too_large")
    return records


def as_body(record: object) -> bytes:
    """A record of a larger body, to be kept by itself."""
    return json.dumps(record, ensure_ascii=False).encode(errors="backslashreplace")


def sound(written: str) -> str:
    """Text without what no database holds: NUL, and halves of a surrogate pair."""
    return written.replace("\x00", "").encode(errors="replace").decode()
