"""The phone's contract as a document: the OpenAPI of door 1 alone."""

from typing import Any

import yaml
from fastapi import FastAPI
from fastapi.openapi.utils import get_openapi

from app.http.abilities import add_abilities
from app.phone import routes
from app.phone.schemas.checkins import BatchIn, CheckInIn
from app.phone.schemas.forms import NightVisitForm
from app.phone.schemas.people import DailySummary
from app.phone.schemas.problems import ProblemOut

_DESCRIPTION = (
    "What a phone of the field service speaks. Times are RFC 3339 with an offset; ids of check-ins are made"
    " by the phone; errors are problem+json (RFC 9457) in the language of Accept-Language (zh-CN, en). An answer"
    " to a check-in means that it is stored: until then, keep it and post it again."
)


def phone_document(app: FastAPI) -> str:
    """OpenAPI 3.1 as YAML, the same text for the same code."""
    document = get_openapi(
        title=f"{app.title}: phone API",
        version=app.version,
        description=_DESCRIPTION,
        routes=routes.router.routes,
    )
    add_schemas(document)
    _name_bounds(document)
    add_abilities(document, routes.router.routes)
    for methods in document["paths"].values():
        for operation in methods.values():
            operation.setdefault("security", [])  # said, where none is needed
    return yaml.safe_dump(document, allow_unicode=True, sort_keys=False, width=110)


_BOUNDS = {"ge": "minimum", "gt": "exclusiveMinimum", "le": "maximum", "lt": "exclusiveMaximum"}


def _name_bounds(node: Any) -> None:
    """Bounds by their names in JSON Schema, which has none for dates.

    Pydantic leaves its own names where a validator of ours comes first.
    """
    if isinstance(node, dict):
        for ours in [each for each in _BOUNDS if each in node]:
            if isinstance(bound := node[ours], dict):  # a property of that name
                continue
            del node[ours]
            if isinstance(bound, int | float):
                node[_BOUNDS[ours]] = bound
    members = node.values() if isinstance(node, dict) else node if isinstance(node, list) else ()
    for member in members:
        _name_bounds(member)


def add_schemas(document: dict[str, Any]) -> None:
    """Schemas that no route declares: bodies that are read item by item, and the shape of every problem."""
    schemas = document.setdefault("components", {}).setdefault("schemas", {})
    template = "#/components/schemas/{model}"
    for model in (CheckInIn, BatchIn, NightVisitForm, DailySummary, ProblemOut):
        schema = model.model_json_schema(ref_template=template)
        schemas.update(schema.pop("$defs", {}))
        schemas[schema["title"]] = schema
