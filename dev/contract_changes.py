"""Does the phone's contract still keep what was released? Phones update late: what they rely on may not change.

Compares mobile_api_spec/openapi.yaml and the numbered clauses of its pages with mobile_api_spec/released/, which
is replaced at a release (`--release`). The kinds of breaking change are those that oasdiff tells apart, but one:
an answer may use a new word of a set, for phones take a word that they do not know as versioning.md says.
"""

import sys
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import yaml

from app.conformance import clauses

SPEC = Path(__file__).parents[1] / "mobile_api_spec" / "openapi.yaml"
RELEASED = SPEC.parent / "released" / SPEC.name
CLAUSES = RELEASED.with_name("clauses.txt")
METHODS = ("get", "put", "post", "delete", "patch")
# Bounds of what a phone may send: these must not rise, those must not fall.
FLOORS = ("minimum", "exclusiveMinimum", "minLength", "minItems", "minProperties")
CEILINGS = ("maximum", "exclusiveMaximum", "maxLength", "maxItems", "maxProperties")

Schema = Mapping[str, Any]


class Comparison:
    """Two documents, and what of the older one the newer one breaks."""

    def __init__(self, old: Schema, new: Schema) -> None:
        self.old, self.new = old, new
        self._compared: set[tuple[str, str, bool]] = set()

    def breaks(self) -> list[str]:
        return list(self._operations())

    def _operations(self) -> Iterator[str]:
        for path, methods in self.old["paths"].items():
            for method in METHODS & methods.keys():
                old, new = methods[method], self.new["paths"].get(path, {}).get(method)
                at = f"{method.upper()} {path}"
                if new is None:
                    yield f"{at}: is gone"
                    continue
                yield from self._operation(at, old, new)

    def _operation(self, at: str, old: Schema, new: Schema) -> Iterator[str]:
        if old.get("operationId") != new.get("operationId"):
            yield f"{at}: has another operationId"
        if new.get("security") and not old.get("security"):
            yield f"{at}: wants a sign-in"
        yield from self._parameters(at, old.get("parameters", ()), new.get("parameters", ()))
        yield from self._body(at, old.get("requestBody"), new.get("requestBody"))
        for status, answer in old["responses"].items():
            there = new["responses"].get(status)
            if there is None:
                yield f"{at}: answers {status} no more"
                continue
            yield from self._contents(f"{at} {status}", answer, there, sent=False)

    def _parameters(self, at: str, old: Any, new: Any) -> Iterator[str]:
        before, after = ({(each["in"], each["name"]): each for each in some} for some in (old, new))
        for key, parameter in after.items():
            if parameter.get("required") and not before.get(key, {}).get("required"):
                yield f"{at}: wants the parameter {key[1]}"
        for key, parameter in before.items():
            if key not in after:
                yield f"{at}: knows the parameter {key[1]} no more"
                continue
            yield from self._schemas(f"{at} {key[1]}", parameter["schema"], after[key]["schema"], sent=True)

    def _body(self, at: str, old: Schema | None, new: Schema | None) -> Iterator[str]:
        if new and new.get("required") and not (old or {}).get("required"):
            yield f"{at}: wants a body"
        if old and not new:
            yield f"{at}: takes no body any more"
        if old and new:
            yield from self._contents(at, old, new, sent=True)

    def _contents(self, at: str, old: Schema, new: Schema, *, sent: bool) -> Iterator[str]:
        for kind, media in old.get("content", {}).items():
            if kind not in new.get("content", {}):
                yield f"{at}: {kind} is gone"
                continue
            yield from self._schemas(at, media["schema"], new["content"][kind]["schema"], sent=sent)

    def _schemas(self, at: str, old: Schema, new: Schema, *, sent: bool) -> Iterator[str]:
        """`sent`: by the phone, and so not to become narrower; else by the server, and not wider."""
        key = (str(old.get("$ref", id(old))), str(new.get("$ref", id(new))), sent)
        if key in self._compared:
            return
        self._compared.add(key)
        before, null_before = _plain(self.old, old)
        after, null_after = _plain(self.new, new)
        if null_before and not null_after and sent:
            yield f"{at}: may be null no more"
        if null_after and not null_before and not sent:
            yield f"{at}: may be null now"
        if before.get("type") != after.get("type") and not _widened(before, after, sent=sent):
            yield f"{at}: is {after.get('type')}, was {before.get('type')}"
            return
        yield from _narrowed(at, before, after) if sent else ()
        yield from _other_form(at, before, after)
        yield from self._members(at, before, after, sent=sent)
        if "items" in before and "items" in after:
            yield from self._schemas(f"{at}[]", before["items"], after["items"], sent=sent)

    def _members(self, at: str, old: Schema, new: Schema, *, sent: bool) -> Iterator[str]:
        before, after = old.get("properties", {}), new.get("properties", {})
        must, must_now = set(old.get("required", ())), set(new.get("required", ()))
        if sent:
            yield from (f"{at}.{name}: has to be sent" for name in sorted(must_now - must))
        else:
            yield from (f"{at}.{name}: may be missing" for name in sorted((must - must_now) & after.keys()))
        for name, schema in before.items():
            if name not in after:
                yield f"{at}.{name}: is gone"
                continue
            yield from self._schemas(f"{at}.{name}", schema, after[name], sent=sent)


def _plain(document: Schema, schema: Schema) -> tuple[Schema, bool]:
    """The schema behind references, and whether it may be null."""
    null = False
    while True:
        if "$ref" in schema:
            schema = document["components"]["schemas"][schema["$ref"].rpartition("/")[2]]
            continue
        variants = schema.get("anyOf", ())
        real = [each for each in variants if each.get("type") != "null"]
        null = null or len(real) < len(variants)
        if len(real) != 1:
            return schema, null
        (schema,) = real


def _widened(old: Schema, new: Schema, *, sent: bool) -> bool:
    kinds = (old.get("type"), new.get("type"))
    return kinds == (("integer", "number") if sent else ("number", "integer"))


def _narrowed(at: str, old: Schema, new: Schema) -> Iterator[str]:
    for word in old.get("enum", ()):
        if "enum" in new and word not in new["enum"]:
            yield f"{at}: {word} is no word any more"
    if "enum" in new and "enum" not in old:
        yield f"{at}: takes some words only"
    yield from _bounded(at, old, new)
    if new.get("pattern") not in (None, old.get("pattern")):
        yield f"{at}: wants another pattern"
    if new.get("additionalProperties") is False and old.get("additionalProperties") is not False:
        yield f"{at}: takes no other members any more"
    if old.get("default") != new.get("default"):
        yield f"{at}: has another default"


def _bounded(at: str, old: Schema, new: Schema) -> Iterator[str]:
    for bound in FLOORS:
        if bound in new and new[bound] > old.get(bound, float("-inf")):
            yield f"{at}: {bound} has risen"
    for bound in CEILINGS:
        if bound in new and new[bound] < old.get(bound, float("inf")):
            yield f"{at}: {bound} has fallen"


def _other_form(at: str, old: Schema, new: Schema) -> Iterator[str]:
    if old.get("format") != new.get("format"):
        yield f"{at}: has the format {new.get('format')}, had {old.get('format')}"


def broken_clauses(old: Mapping[str, str], new: Mapping[str, str]) -> Iterator[str]:
    """Both by number, MUST or SHOULD. Phones may not be bound to more, nor the server to less."""
    for number, level in old.items():
        if number not in new:
            yield f"{number}: is gone, and a number is never given to another"
        elif number.startswith("SERVER-") and (level, new[number]) == ("MUST", "SHOULD"):
            yield f"{number}: binds the server less"
    for number, level in new.items():
        if not number.startswith("SERVER-") and level == "MUST" and old.get(number) != "MUST":
            yield f"{number}: binds phones that were released without it"


def _levels() -> dict[str, str]:
    return {number: clause.level for number, clause in clauses.read().items()}


def main() -> None:
    if "--release" in sys.argv:
        RELEASED.write_text(SPEC.read_text())
        CLAUSES.write_text("".join(f"{number} {level}\n" for number, level in _levels().items()))
        return
    found = Comparison(yaml.safe_load(RELEASED.read_text()), yaml.safe_load(SPEC.read_text())).breaks()
    found += broken_clauses(dict(line.split() for line in CLAUSES.read_text().splitlines()), _levels())
    if found:
        sys.exit("\n".join(["breaks phones that speak the released contract:", *found]))
    print("the contract keeps what was released")


if __name__ == "__main__":
    main()
