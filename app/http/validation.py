"""What Pydantic finds wrong with a request, as field errors in the caller's language; never echoes input."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any

from app.http.wire import BAD_TEXT
from app.kernel.language import Text
from app.kernel.problems import FieldError

_TEXTS: dict[str, tuple[str, Text]] = {
    "missing": ("missing", Text("缺少此项", "This field is required")),
    "extra_forbidden": ("unknown_field", Text("没有此项", "There is no such field")),
    "json_invalid": ("bad_json", Text("不是合法的 JSON", "This is not valid JSON")),
    "finite_number": ("not_finite", Text("必须是有限的数", "Must be a finite number")),
    "greater_than": ("too_small", Text("必须大于 {gt}", "Must be greater than {gt}")),
    "greater_than_equal": ("too_small", Text("不能小于 {ge}", "Must not be less than {ge}")),
    "less_than": ("too_large", Text("必须小于 {lt}", "Must be less than {lt}")),
    "less_than_equal": ("too_large", Text("不能大于 {le}", "Must not be more than {le}")),
    "string_too_long": ("too_long", Text("最多 {max_length} 个字", "At most {max_length} characters")),
    "string_too_short": ("too_short", Text("至少 {min_length} 个字", "At least {min_length} characters")),
    "too_long": ("too_many", Text("最多 {max_length} 项", "At most {max_length} items")),
    "too_short": ("too_few", Text("至少 {min_length} 项", "At least {min_length} items")),
    "string_pattern_mismatch": ("bad_format", Text("格式不对", "Not in the expected format")),
    "literal_error": ("unknown_value", Text("只能是 {expected}", "Must be {expected}")),
    "enum": ("unknown_value", Text("只能是 {expected}", "Must be {expected}")),
    "timezone_aware": (
        "no_offset",
        Text("时间须带时区，例如 +08:00", "A time needs an offset, such as +08:00"),
    ),
    "uuid_parsing": ("bad_uuid", Text("不是合法的 UUID", "This is not a UUID")),
    "string_unicode": ("bad_text", BAD_TEXT),
    "uuid_type": ("bad_uuid", Text("不是合法的 UUID", "This is not a UUID")),
}
_BY_SUFFIX: Sequence[tuple[str, str, Text]] = (
    ("datetime", "bad_time", Text("不是 RFC 3339 时间", "This is not an RFC 3339 time")),
    ("date", "bad_date", Text("不是日期", "This is not a date")),
    ("float", "not_a_number", Text("必须是数", "Must be a number")),
    ("int", "not_a_number", Text("必须是整数", "Must be a whole number")),
    ("bool", "not_a_boolean", Text("必须是 true 或 false", "Must be true or false")),
    ("string", "not_a_string", Text("必须是文字", "Must be text")),
    ("list", "not_a_list", Text("必须是列表", "Must be a list")),
    ("model", "not_an_object", Text("必须是对象", "Must be an object")),
    ("dict", "not_an_object", Text("必须是对象", "Must be an object")),
)
_OTHER = ("invalid", Text("内容有误", "Not valid"))


def field_errors(errors: Iterable[Mapping[str, Any]], said: object) -> tuple[FieldError, ...]:
    """Pydantic's error list about the JSON `said`: each at its field."""
    return _once(_field_error(error, tuple(_within(said, error, error["loc"]))) for error in errors)


def request_errors(errors: Iterable[Mapping[str, Any]], body: object) -> tuple[FieldError, ...]:
    """FastAPI's, whose locations begin with where the field was looked for: "body", "query", "path"."""
    found = []
    for error in errors:
        place, *loc = error["loc"]
        at = _within(body, error, loc) if place == "body" else loc
        found.append(_field_error(error, tuple(at)))
    return _once(found)


def pointer(parts: Iterable[object]) -> str:
    """A JSON pointer (RFC 6901)."""
    return "".join(f"/{_token(part)}" for part in parts)


def _once(errors: Iterable[FieldError]) -> tuple[FieldError, ...]:
    """Each alternative of a field finds its own fault with it: the first is said."""
    found: dict[str, FieldError] = {}
    for error in errors:
        found.setdefault(error.pointer, error)
    return tuple(found.values())


def _within(said: object, error: Mapping[str, object], loc: Iterable[object]) -> Iterator[object]:
    """The parts of a location that are fields of what was said, or the one that is missing from it.

    Pydantic's also name the alternative of a union, the key of a member, or the byte at which JSON breaks off.
    """
    if error["type"] == "json_invalid":
        return
    for part in loc:
        members = dict(enumerate(said)) if isinstance(said, list) else said
        if isinstance(members, Mapping) and part in members:
            said = members[part]
        elif isinstance(said, Mapping) and (error["type"] == "missing" or error["input"] is not said):
            said = None
        else:
            continue
        yield part


def _field_error(error: Mapping[str, Any], loc: tuple[object, ...]) -> FieldError:
    kind = str(error["type"])
    if kind in {"too_long", "too_short"} and isinstance(error["input"], str):
        kind = f"string_{kind}"  # where the bound stands around an alternative, as in `str | None`
    custom = (error.get("ctx") or {}).get("text")
    if isinstance(custom, Text):  # raised by a validator of ours
        code, text = kind, custom
    elif kind in _TEXTS:
        code, text = _TEXTS[kind]
    else:
        code, text = next(((code, text) for prefix, code, text in _BY_SUFFIX if kind.startswith(prefix)), _OTHER)
    values = dict(error.get("ctx") or {})
    at = values.get("at", ())  # where a validator of the whole says which field it is about
    at = at if isinstance(at, tuple) else (at,)
    if "expected" in values:  # Pydantic's list of what is allowed has an English word in it
        values["expected"] = values["expected"].replace(" or ", ", ")
    return FieldError(pointer((*loc, *at)), code, text, values)


def _token(part: object) -> str:
    """One step of a JSON pointer. A name in the body may hold half a surrogate pair, which no reply can."""
    text = str(part).encode(errors="replace").decode()
    return text.replace("~", "~0").replace("/", "~1")
