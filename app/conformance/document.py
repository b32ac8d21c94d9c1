"""mobile_api_spec/openapi.yaml as a program reads it: its operations, and an example of whatever they answer."""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

import yaml

from app.conformance.clauses import PAGES

Schema = Mapping[str, Any]

# What an example says where the shape alone says "string".
_BY_NAME = {
    "timezone": "Asia/Shanghai",
    "county_id": "451029",
    "language": "zh-CN",
    "channel": "fcm",
    "lon": 106.22484,
    "lat": 24.2973,
    "start": "2026-11-16",
    "end": "2026-11-22",
    "next_cursor": None,
}
_BY_FORMAT = {
    "uuid": "01936c3e-7b1a-7c35-9a58-0d8f0a4e2b60",
    "date-time": "2026-11-18T20:10:00+08:00",
    "date": "2026-11-18",
}
_BY_TYPE: dict[str, object] = {
    "integer": 1,
    "number": 1.0,
    "boolean": False,
    "string": "…",
    "object": {},
    "null": None,
}


@dataclass(frozen=True)
class Operation:
    """What may be asked by one method of one path. `id` is the operationId."""

    id: str
    method: str
    path: str
    says: Schema

    @property
    def is_open(self) -> bool:
        """Without a sign-in."""
        return not self.says["security"]

    @property
    def success(self) -> int:
        return min(int(status) for status in self.says["responses"] if status.startswith("2"))

    def shape(self, status: int) -> Schema | None:
        """Of the JSON that is answered with `status`; None where it is no JSON, or nothing at all."""
        responses = self.says["responses"]
        answer = responses.get(str(status)) or responses.get(f"{status // 100}XX") or {}
        for kind, media in answer.get("content", {}).items():
            if "json" in kind:
                found: Schema = media["schema"]
                return found
        return None

    def body(self) -> Schema | None:
        """Of the JSON that is sent."""
        content = self.says.get("requestBody", {}).get("content", {})
        found: Schema | None = content.get("application/json", {}).get("schema")
        return found


class Document:
    """The document; `operations` in its order."""

    def __init__(self, says: Schema) -> None:
        self.says = says
        self.operations = [
            Operation(operation["operationId"], method.upper(), path, operation)
            for path, methods in says["paths"].items()
            for method, operation in methods.items()
        ]
        self._paths = {each.path: _pattern(each.path) for each in self.operations}

    def at(self, path: str) -> Iterator[tuple[Operation, dict[str, str]]]:
        """The operations of a path as it is asked for, with the values that stand in it."""
        for operation in self.operations:
            if match := self._paths[operation.path].fullmatch(path):
                yield operation, match.groupdict()

    def resolved(self, schema: Schema) -> Schema:
        while "$ref" in schema:
            schema = self.says["components"]["schemas"][schema["$ref"].rpartition("/")[2]]
        return schema

    def example(self, schema: Schema, name: str = "") -> Any:
        """A value of that shape, every member there."""
        schema = self.resolved(schema)
        if schema.get("examples"):
            return schema["examples"][0]
        for alternatives in ("anyOf", "oneOf", "allOf"):
            if alternatives in schema:
                return self.example(schema[alternatives][0], name)
        if "properties" in schema:
            return {each: self.example(of, each) for each, of in schema["properties"].items()}
        if schema.get("type") == "array":
            items = schema.get("prefixItems") or [schema.get("items", {})]
            return [self.example(each, name) for each in items]
        return self._plain(schema, name)

    def _plain(self, schema: Schema, name: str) -> Any:
        if words := schema.get("enum", [schema["const"]] if "const" in schema else None):
            return words[0]
        if name in _BY_NAME:
            return _BY_NAME[name]
        if schema.get("format") in _BY_FORMAT:
            return _BY_FORMAT[schema["format"]]
        return schema.get("minimum", _BY_TYPE[schema.get("type", "null")])


def _pattern(path: str) -> re.Pattern[str]:
    return re.compile(re.sub(r"\\{(\w+)\\}", r"(?P<\1>[^/]+)", re.escape(path)))


@lru_cache
def published() -> Document:
    loader = getattr(yaml, "CSafeLoader", yaml.SafeLoader)  # ten times as fast, where it was built
    return Document(yaml.load((PAGES / "openapi.yaml").read_text(), loader))  # noqa: S506 - both are safe
