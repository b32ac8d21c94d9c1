"""Keyset paging: an opaque cursor holds the sort key of the last row seen.

Use a row comparison in SQL, `(at, id) < (:at, :id)`: it is an index condition at any depth.
"""

import base64
import binascii
import json
from collections.abc import Callable, Sequence
from datetime import UTC, datetime
from typing import Any, TypeVar
from uuid import UUID

from app.kernel.language import Text
from app.kernel.problems import Problem, invalid

R = TypeVar("R")

DEFAULT_LIMIT = 50
MAX_LIMIT = 200
_MAX_INT = 2**31 - 1  # of PostgreSQL's integer


def encode_cursor(listing: str, *key: datetime | str | int | UUID) -> str:
    """A cursor for `listing`; other listings refuse it."""
    values = [value.isoformat() if isinstance(value, datetime) else value for value in key]
    return base64.urlsafe_b64encode(
        json.dumps([listing, *values], default=str, ensure_ascii=False).encode()
    ).decode()


def decode_cursor(listing: str, cursor: str | None, *types: type) -> list[Any] | None:
    """The sort key in `cursor`, each part as the type asked for; None for the first page."""
    if cursor is None:
        return None
    try:
        name, *values = json.loads(base64.urlsafe_b64decode(cursor.encode()))
        if name != listing:
            raise _bad_cursor()
        return [_part(kind, value) for kind, value in zip(types, values, strict=True)]
    except (ValueError, TypeError, AttributeError, ArithmeticError, RecursionError, binascii.Error):
        raise _bad_cursor() from None


def _part(kind: type, value: Any) -> object:
    """One part of a sort key, such as the database takes it. Raises what `decode_cursor` catches."""
    if kind is datetime:
        return datetime.fromisoformat(value).astimezone(UTC)
    read = kind(value)
    if (kind is int and abs(read) > _MAX_INT) or (kind is str and "\x00" in read):
        raise ValueError
    return read


def cut(
    listing: str, found: Sequence[R], limit: int, key: Callable[[R], Sequence[datetime | str | int | UUID]]
) -> tuple[Sequence[R], str | None]:
    """The rows of one page, and the cursor of what follows. `key` is what they are sorted by.

    Fetch `limit + 1` rows: the last one only tells that there are more.
    """
    if len(found) <= limit:
        return found, None
    return found[:limit], encode_cursor(listing, *key(found[limit - 1]))


def page(
    listing: str, rows: Sequence[dict[str, object]], limit: int, keys: Sequence[Sequence[Any]]
) -> dict[str, object]:
    """The list body of the contract. Fetch `limit + 1` rows: the last one only tells that there are more."""
    more = len(rows) > limit
    cursor = encode_cursor(listing, *keys[limit - 1]) if more else None
    return {"items": list(rows[:limit]), "next_cursor": cursor}


def _bad_cursor() -> Problem:
    return invalid("/cursor", "bad_cursor", Text("游标无效", "The cursor is not valid here"))
