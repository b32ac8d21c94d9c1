"""A change that would break phones in the field is named; one that adds is not."""

from copy import deepcopy
from typing import Any

import pytest
import yaml

from dev.contract_changes import RELEASED, SPEC, Comparison, broken_clauses

OLD = yaml.safe_load(RELEASED.read_text())


def test_the_contract_keeps_what_was_released():
    assert Comparison(OLD, yaml.safe_load(SPEC.read_text())).breaks() == []


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        ({"SYNC-1": "MUST"}, {}, ["SYNC-1: is gone, and a number is never given to another"]),
        ({"SYNC-1": "SHOULD"}, {"SYNC-1": "MUST"}, ["SYNC-1: binds phones that were released without it"]),
        ({}, {"SYNC-1": "MUST"}, ["SYNC-1: binds phones that were released without it"]),
        ({"SERVER-1": "MUST"}, {"SERVER-1": "SHOULD"}, ["SERVER-1: binds the server less"]),
        ({"SYNC-1": "MUST"}, {"SYNC-1": "SHOULD", "SYNC-2": "SHOULD", "SERVER-1": "MUST"}, []),
    ],
)
def test_clauses_bind_phones_to_no_more_and_the_server_to_no_less(old: dict, new: dict, said: list[str]):
    assert list(broken_clauses(old, new)) == said


# Where it is changed, to what (`...`: taken away), and what is said of it.
BREAKING: list[tuple[str, Any, str]] = [
    ("paths|/v1/check-ins", ..., "POST /v1/check-ins: is gone"),
    ("paths|/v1/me|get", ..., "GET /v1/me: is gone"),
    ("paths|/v1/me|get|operationId", "myself", "has another operationId"),
    ("paths|/v1/auth/token|post|security", [{"x": []}], "wants a sign-in"),
    ("paths|/v1/me/duties|get|parameters|0|required", True, "wants the parameter period"),
    ("paths|/v1/me/duties|get|parameters", [], "knows the parameter period no more"),
    ("paths|/v1/me/notices|get|parameters|2|schema|maximum", 100, "maximum has fallen"),
    ("paths|/v1/me/notices|get|parameters|2|schema|default", 20, "has another default"),
    ("paths|/v1/me/notices/{notice_id}/read|post|requestBody", {"required": True, "content": {}}, "wants a body"),
    ("paths|/v1/me/leave|post|requestBody", ..., "takes no body any more"),
    ("paths|/v1/check-ins|post|responses|200", ..., "answers 200 no more"),
    ("paths|/v1/photos/{photo_id}|put|requestBody|content|image/webp", ..., "image/webp is gone"),
    ("components|schemas|CheckInIn|required|-", "note", "note: has to be sent"),
    ("components|schemas|CheckInIn|properties|note|maxLength", 500, "note: maxLength has fallen"),
    ("components|schemas|CheckInIn|properties|note|minLength", 1, "note: minLength has risen"),
    ("components|schemas|CheckInIn|properties|note|pattern", "^x", "note: wants another pattern"),
    ("components|schemas|CheckInIn|properties|note|type", "integer", "note: is integer, was string"),
    ("components|schemas|CheckInIn|properties|note|enum", ["a"], "note: takes some words only"),
    ("components|schemas|CheckInIn|properties|note", ..., "note: is gone"),
    ("components|schemas|CheckInIn|additionalProperties", False, "takes no other members any more"),
    ("components|schemas|CheckInIn|properties|position|anyOf|1", ..., "position: may be null no more"),
    ("components|schemas|Purpose|enum|0", ..., "is no word any more"),
    ("components|schemas|CheckInOut|properties|standing", ..., "standing: is gone"),
    ("components|schemas|CheckInOut|properties|received_at|format", ..., "received_at: has the format None"),
    (
        "components|schemas|CheckInOut|properties|place",
        {"anyOf": [{"type": "string"}, {"type": "null"}]},
        "null now",
    ),
    ("components|schemas|BatchOut|required", ["results"], "duties: may be missing"),
]


def changed(at: str, value: Any) -> dict[str, Any]:
    new = deepcopy(OLD)
    *way, last = at.split("|")
    here: Any = new
    for step in way:
        here = here[int(step)] if isinstance(here, list) else here[step]
    if last == "-":
        here.append(value)
    elif value is ...:
        del here[int(last) if isinstance(here, list) else last]
    else:
        here[int(last) if isinstance(here, list) else last] = value
    return new


@pytest.mark.parametrize(("at", "value", "said"), BREAKING, ids=[said for _, _, said in BREAKING])
def test_what_breaks_phones_is_named(at: str, value: Any, said: str):
    found = Comparison(OLD, changed(at, value)).breaks()
    assert any(said in each for each in found), found


@pytest.mark.parametrize(
    ("at", "value"),
    [
        ("paths|/v1/me/weather", {"get": {"responses": {}}}),
        ("components|schemas|CheckInIn|properties|weather", {"type": "string"}),
        ("components|schemas|CheckInOut|properties|weather", {"type": "string"}),
        ("components|schemas|CheckInIn|properties|note|maxLength", 4000),
        ("components|schemas|Standing|enum|-", "dreamt"),
        ("components|schemas|CheckInIn|properties|note|description", "said otherwise"),
    ],
)
def test_what_is_added_breaks_nothing(at: str, value: Any):
    assert Comparison(OLD, changed(at, value)).breaks() == []
