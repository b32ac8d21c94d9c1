"""JSON of every sort, and check-ins that are odd in one field."""

import json
from typing import Any

from hypothesis import strategies as st

from tests.support.county import known_id
from tests.support.server import check_in

Field = tuple[str, ...]

_TEXT = [
    "",
    "\x00",
    "a\x00b",
    "\ud800",
    "\udfff!",
    "\u202e",
    "١٢",
    "null",
    "' OR 1=1 --",
    "%",
    "a" * 2001,
    "😀" * 999,
]
_TIMES = [
    "0000-01-01T00:00:00Z",
    "0001-01-01T00:00:00+14:00",
    "1900-01-01T00:00:00Z",
    "2199-12-31T23:59:59Z",
    "9999-12-31T23:59:59-14:00",
    "99999-01-01T00:00:00Z",
    "2026-02-29T10:00:00Z",
    "2026-06-30T23:59:60Z",
    "2026-11-18T24:00:00Z",
    "2026-11-18T20:10:00",
    "2026-11-18T20:10:00+99:99",
    "2026-11-18T20:10:00+23:59",
    "2026-11-18T20:10:00+05:45:30",
    "2026-11-18T20:10:00.1234567890123+08:00",
    "２０２６-11-18T20:10:00+08:00",
    "2026-W47-3T20:10:00Z",
    "2026-11-18",
]
_NUMBERS = [
    *(True, 0, -0.0, -1, 91, 181, 1e-320, 1e38, 1e39, 1e308),
    *(2**63, -(2**63), 10**400, 10**4000, float("nan"), float("inf"), float("-inf")),
]
_IDS = [
    str(known_id("odd")).upper(),
    known_id("odd 2").hex,
    f"{{{known_id('odd 3')}}}",
    known_id("odd 4").urn,
    "0" * 32,
]


def nested(depth: int) -> Any:
    value: Any = 1
    for _ in range(depth):
        value = {"a": [value]}
    return value


ODD = [
    *(None, [], {}, [None], [[]], {"": ""}, {"\x00": 1}, {"\ud800": 1}, {"a/b~c": "\ud800"}, nested(150)),
    *(_TEXT + _TIMES + _NUMBERS + _IDS),
    _IDS,
]
"""Members that Python's JSON writes and a careful library does not (NaN, lone surrogates) are among them."""

_DATES = [
    "0001-01-01",
    "9999-12-31",
    "10000-01-01",
    "2026-02-30",
    "2026-11-18T00:00:00Z",
    "2026-W47-3",
    "1",
    "NaN",
]


def odd_for(schema: dict[str, Any], *, text: bool = False) -> list[Any]:
    """Odd values for a field with this JSON schema; `text` where it can be nothing else, as in an address."""
    known = [schema, *schema.get("anyOf", [])]
    forms = {one.get("format") for one in known} | {one.get("type") for one in known}
    by_form = {"date-time": _TIMES, "date": _DATES, "uuid": _IDS, "string": _TEXT, "array": [_TEXT]}
    by_form |= {"number": _NUMBERS, "integer": _NUMBERS}
    odd = [value for form, values in by_form.items() if form in forms for value in values]
    if not text:
        return [*odd, None, {"\ud800": "\ud800"}, nested(150), 10**400]
    return [str(value).encode(errors="replace").decode() for value in [*odd, *_DATES, 10**400]]


scalars = st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=20) | st.sampled_from(ODD)
values = st.recursive(
    scalars,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3),
    max_leaves=6,
)

FIELDS: list[Field] = [
    *(
        (name,)
        for name in ("id", "captured_at", "position", "position_problem", "purpose", "household_id", "note")
    ),
    *((name,) for name in ("photo_ids", "form", "app_version", "no_such_field")),
    *(
        ("position", name)
        for name in ("lon", "lat", "crs", "accuracy_m", "altitude_m", "speed_mps", "mock", "fixed_at")
    ),
    ("form", "any"),
]


def changed(field: Field, value: Any) -> dict[str, Any]:
    """A valid check-in with another `value` in one field."""
    item = check_in(form={}) if field[0] == "form" else check_in()
    inner = item
    for name in field[:-1]:
        inner = inner[name]
    inner[field[-1]] = value
    return item


def pointers(field: Field) -> set[str]:
    """What may be said to be wrong when this field is odd."""
    if field[0] == "form":
        return {"/form"}  # what is inside is nobody's business but the county's
    if field == ("position",):
        return {"/position", "/position_problem"}  # null without a reason: the reason is missing
    return {"".join(f"/{name}" for name in field)}


def raw(message: Any) -> bytes:
    return json.dumps(message).encode()
