"""A time that may never have been, as a part of a cursor: never comes before all others."""

from datetime import UTC, datetime

NEVER = "never"


class Moment:
    """Read from a cursor: `at` is None for never. Raises ValueError for anything else that is no time."""

    def __init__(self, written: str) -> None:
        self.at = None if written == NEVER else datetime.fromisoformat(written).astimezone(UTC)
