"""Texts that the database cannot hold are refused at their field, wherever in a request they stand."""

import re
from collections.abc import Mapping

from fastapi import Request

from app.http.validation import pointer
from app.http.wire import BAD_TEXT, UNSTORABLE, unstorable
from app.kernel.problems import INVALID, FieldError, Problem

_SUSPECT = re.compile(rb"\x00|\\u0000|\\u[dD][89abAB]")  # how JSON writes NUL and halves of a surrogate pair


async def storable(request: Request) -> None:
    """A dependency of every route that is not patient itself. Raises `INVALID` at the field."""
    _check(request.path_params)
    _check(request.query_params)
    if getattr(request.scope.get("route"), "body_field", None) is None:
        return  # there is no body, or the route reads it as it comes
    if "json" not in request.headers.get("content-type", "json"):
        _check(await request.form())
    elif _SUSPECT.search(await request.body()) and (at := unstorable(await request.json())) is not None:
        raise _refused(pointer(at))


def _check(said: Mapping[str, object]) -> None:
    for name, value in said.items():
        if isinstance(value, str) and UNSTORABLE.search(value):
            raise _refused(pointer([name]))


def _refused(at: str) -> Problem:
    return Problem(INVALID, errors=(FieldError(at, "bad_text", BAD_TEXT),))
