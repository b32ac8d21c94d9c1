"""Requests made from the application's own OpenAPI document, with ids of what is really there."""

import json
import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import requests
import schemathesis
from fastapi import FastAPI
from schemathesis import Case, GenerationMode
from schemathesis.core import NotSet

from tests.fuzz.strategies import odd_for
from tests.support.county import COUNTY

_MANY = 150  # cases of one operation; of more, every second or third is taken
_BOTH = [GenerationMode.POSITIVE, GenerationMode.NEGATIVE]
_WELL_FORMED = re.compile(r"\d{12}|[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}")

_SQUARE = [[106.2, 24.3], [106.24, 24.3], [106.24, 24.34], [106.2, 24.34], [106.2, 24.3]]
RIGHT = {"measure": "visits", "geometry": {"type": "Polygon", "coordinates": [_SQUARE]}}
"""Members that a schema alone does not say how to make."""


@dataclass(frozen=True)
class Asked:
    """A request as it goes over the wire, and the case that it was made from."""

    case: Case
    method: str
    url: str
    headers: dict[str, str]
    content: bytes | None

    @classmethod
    def of(cls, case: Case) -> "Asked":
        wire = requests.Request(**case.as_transport_kwargs("http://test")).prepare()
        content = wire.body.encode() if isinstance(wire.body, str) else wire.body
        return cls(case, str(wire.method), str(wire.url), dict(wire.headers), content)


def derived(app: FastAPI, paths: str, real: dict[str, str]) -> Iterator[Asked]:
    """What Schemathesis derives for the operations whose path matches: boundaries, other types, other methods."""
    schema = schemathesis.openapi.from_dict(app.openapi()).include(path_regex=paths)
    for found in schema.get_all_operations():
        operation = found.ok()
        generation = schema.config.generation_for(operation=operation, phase="coverage")
        cases = [*schema.iter_coverage_cases(operation, generation_modes=_BOTH, generation_config=generation)]
        for case in cases[:: 1 + len(cases) // _MANY]:
            yield Asked.of(_among(case, real))


def odd(app: FastAPI, paths: str, real: dict[str, str]) -> Iterator[Asked]:
    """A right request for each of the same operations, and in turn each of its fields with odd values."""
    tried: set[str] = set()
    schema = schemathesis.openapi.from_dict(app.openapi()).include(path_regex=paths)
    for found in schema.get_all_operations():
        operation = found.ok()
        generation = schema.config.generation_for(operation=operation, phase="coverage")
        right = next(
            schema.iter_coverage_cases(
                operation, generation_modes=[GenerationMode.POSITIVE], generation_config=generation
            )
        )
        right = _among(right, real)
        if isinstance(right.body, dict):
            right.body |= {name: RIGHT[name] for name in right.body.keys() & RIGHT}
        for parameter in operation.query:
            for value in odd_for(parameter.definition["schema"], text=True):
                yield Asked.of(right.derive(query=right.query | {parameter.name: value}))
        for name, schema_of in _members(app, right).items():
            shape = json.dumps([name, schema_of])
            if shape in tried:  # rules are written, changed and tried in the same terms
                continue
            tried.add(shape)
            for value in odd_for(schema_of):
                yield _with_body(right, right.body | {name: value})


def _members(app: FastAPI, case: Case) -> dict[str, Any]:
    """The schema of each member of the JSON body."""
    if isinstance(case.body, NotSet) or case.media_type != "application/json":
        return {}
    document = app.openapi()
    operation = document["paths"][case.operation.path][case.method.lower()]
    reference = operation["requestBody"]["content"]["application/json"]["schema"]["$ref"]
    return dict(document["components"]["schemas"][reference.rpartition("/")[2]]["properties"])


def _with_body(case: Case, body: dict[str, Any]) -> Asked:
    """Written by Python: NaN and halves of surrogate pairs go over the wire."""
    headers = {"Content-Type": "application/json"}
    url = f"http://test{case.formatted_path}"
    return Asked(case, case.method, url, headers, json.dumps(body).encode())


def _among(case: Case, real: dict[str, str]) -> Case:
    """Well-formed ids of nothing give way to real ones, so that what lies behind the 404 is reached."""
    for fields in (case.path_parameters, case.query, case.body):
        if isinstance(fields, dict):
            fields |= {
                name: real[name] for name in fields.keys() & real if _WELL_FORMED.fullmatch(str(fields[name]))
            }
    if "county_id" in case.path_parameters:
        case.path_parameters["county_id"] = COUNTY
    return case
