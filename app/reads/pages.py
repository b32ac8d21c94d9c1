"""The rows of one page of a list, and the cursor that goes on after it."""

from collections.abc import Callable, Sequence
from datetime import datetime
from typing import TypeVar
from uuid import UUID

from app.kernel.paging import encode_cursor

R = TypeVar("R")


def cut(
    listing: str, found: Sequence[R], limit: int, key: Callable[[R], Sequence[datetime | str | int | UUID]]
) -> tuple[Sequence[R], str | None]:
    """Fetch `limit + 1` rows: the last one only tells that there are more. `key` is what they are sorted by."""
    if len(found) <= limit:
        return found, None
    return found[:limit], encode_cursor(listing, *key(found[limit - 1]))
