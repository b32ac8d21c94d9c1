"""Whether a value from the database is what its row says it is; every test that runs a statement checks it."""

import types
from dataclasses import is_dataclass
from typing import Any, Literal, Union, get_args, get_origin, get_type_hints

from app.kernel.statements import Statement

_LOOKED_AT = 20  # rows of each answer


def check_rows():
    """From now on a row with a null, or a value of another type, where its annotation has none fails the test."""
    all_ = Statement.all

    async def checked(self, session, **parameters):
        found = await all_(self, session, **parameters)
        for row in found[:_LOOKED_AT]:
            for name, value, annotation in _members(self.row, row):
                assert is_a(value, annotation), (
                    f"{self.row.__module__}.{self.row.__qualname__}.{name} is {value!r}, not {annotation}"
                )
        return found

    Statement.all = checked


def _members(kind, row):
    if is_dataclass(kind) or hasattr(kind, "_fields"):
        hints = get_type_hints(kind)
        names = kind._fields if hasattr(kind, "_fields") else tuple(kind.__dataclass_fields__)
        return [(name, getattr(row, name), hints[name]) for name in names]
    return [("value", row, kind)]


def is_a(value, annotation):
    origin = get_origin(annotation)
    if annotation is Any:
        return True
    if origin in (Union, types.UnionType):
        return any(is_a(value, each) for each in get_args(annotation))
    if origin is Literal:
        return value in get_args(annotation)
    if origin in (list, tuple):
        return isinstance(value, list | tuple) and all(is_a(each, get_args(annotation)[0]) for each in value)
    if isinstance(annotation, type) and issubclass(annotation, str):
        return value in list(annotation) if hasattr(annotation, "__members__") else isinstance(value, str)
    return isinstance(value, origin or annotation)
