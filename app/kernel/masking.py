"""What an error says without the people in it: for logs, and for what is kept of another service's answer.

Messages of errors quote what was wrong: a name, a phone number, a place, a note. Who reads a log needs what went
wrong, and where: the kind of error, the lines of code, what a database calls it. Those stay; values go.
"""

import re
import traceback
from collections.abc import Iterator

from asyncpg.exceptions import PostgresError
from pydantic import ValidationError
from sqlalchemy.exc import StatementError

GONE = "…"
_LONGEST = 2000
_OF_CODE = (LookupError, AttributeError, NameError, TypeError, ImportError)
"""Errors whose message names what is in the code. Of any other the trace shows the line that makes it."""

_UUID = r"[0-9a-fA-F]{8}(?:-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}"
_VALUES = re.compile(
    rf"""
      (?P<id>\b{_UUID}\b)                                        # ours: names nobody
    | (['"])(?![A-Za-z_][\w.]*\2)(?:\\.|(?!\2).)*\2              # in quotes, unless it is a word of code
    | (?<=[?#])\S+                                               # of an address, all behind the path
    | [^\s@'"<>(]+@[^\s@'"<>)]+                                  # mail
    | \d+\.\d{{3,}}                                              # coordinates
    | \+?\d(?:[ -]?\d){{6,}}                                     # phones, and numbers of identity cards
    | (?=[\w.~+/-]*\d)(?=[\w.~+/-]*[A-Za-z])[\w~+-]{{24,}}(?:\.[\w~+-]{{8,}})*  # tokens
    | [\u2e80-\u9fff\uac00-\ud7af\uf900-\ufaff\uff00-\uffef]+    # names and notes
    """,
    re.VERBOSE | re.DOTALL,
)


def masked(text: str) -> str:
    """The text without values that may be somebody's. Ids of ours stay."""
    return _VALUES.sub(lambda found: found["id"] or GONE, text)


def said(error: BaseException) -> str:
    """What an error says, without values."""
    if isinstance(error, ValidationError):
        return "; ".join(f"{'.'.join(map(str, each['loc']))}: {each['type']}" for each in error.errors())
    if isinstance(error, StatementError):
        kind, state = type(error.orig).__name__, getattr(error.orig, "sqlstate", None)
        return f"{kind} {state or ''} [SQL: {error.statement}]"
    if isinstance(error, PostgresError):
        # Of bad data the server quotes it; of what a statement, a constraint or the machine is wrong with, names.
        message = error.args[0] if error.args and (error.sqlstate or "")[:2] not in ("22", "P0") else ""
        return f"{error.sqlstate} {masked(str(message))}".rstrip()
    if isinstance(error, OSError):
        return error.strerror or ""
    return masked(str(error)[:_LONGEST]) if isinstance(error, _OF_CODE) else ""


def traced(error: BaseException) -> str:
    """The trace of an error and of what led to it, as Python writes it, without values."""
    return "\n".join(part.rstrip("\n") for each in reversed(list(_chain(error))) for part in _lines(*each))


def _chain(error: BaseException) -> Iterator[tuple[BaseException, str]]:
    """The error first, then what led to it, each with what is said below it."""
    below, met = "", set()
    current: BaseException | None = error
    while current and id(current) not in met:
        met.add(id(current))
        yield current, below
        if current.__cause__:
            current, below = current.__cause__, "The above exception was the direct cause of the following one:\n"
        elif current.__context__ and not current.__suppress_context__:
            current, below = current.__context__, "During handling of the above exception, another one occurred:\n"
        else:
            current = None


def _lines(error: BaseException, below: str) -> Iterator[str]:
    yield "Traceback (most recent call last):"
    yield from traceback.format_tb(error.__traceback__)
    kind = type(error)
    name = kind.__qualname__ if kind.__module__ == "builtins" else f"{kind.__module__}.{kind.__qualname__}"
    yield f"{name}: {said(error)}".rstrip(": ")
    if isinstance(error, BaseExceptionGroup):
        for each in error.exceptions:
            yield traced(each)
    if below:
        yield f"\n{below}"
