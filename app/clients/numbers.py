"""Numbers and times as tracking apps write them: as JSON numbers or as text, in several units and forms."""

import math
from datetime import UTC, datetime
from zoneinfo import ZoneInfo

from app.access.client_records import Refused
from app.geo.coordinates import is_unset
from app.kernel import written

KNOT_MPS = 1852 / 3600
_MOST_LON, _MOST_LAT = 180, 90
_EARLIEST = datetime(2000, 1, 1, tzinfo=UTC)
_LATEST = datetime(2100, 1, 1, tzinfo=UTC)
_SECONDS_BELOW = 2**31 - 1  # a larger Unix time is in milliseconds (Traccar's rule)


class BadRecord(Exception):  # noqa: N818 - carries a reason, not a failure of ours
    """The record can never be taken; `reason` is one of `quarantine.REASONS`."""

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason

    def refused(self, body: bytes) -> Refused:
        return Refused(self.reason, body)


def number(value: object) -> float | None:
    """A finite number, or text that holds one; None for anything else."""
    if isinstance(value, str):
        return written.number(value)
    if isinstance(value, bool) or not isinstance(value, int | float):
        return None
    try:
        found = float(value)
    except OverflowError:
        return None
    return found if math.isfinite(found) else None


def positive(value: object, *, times: float = 1) -> float | None:
    """A number above 0: accuracies of 0 and below mean unknown."""
    found = number(value)
    return found * times if found is not None and found > 0 else None


def not_negative(value: object, *, times: float = 1) -> float | None:
    """A number from 0: a speed, heading or battery level of -1 means unknown."""
    found = number(value)
    return found * times if found is not None and found >= 0 else None


def heading(value: object) -> float | None:
    """Degrees from north, in [0, 360)."""
    found = not_negative(value)
    return None if found is None else found % 360


def place(lon: object, lat: object) -> tuple[float, float]:
    """Degrees. Raises `BadRecord`: `unset_coordinates` where the app wrote zeros and the like for want of any."""
    x, y = number(lon), number(lat)
    if x is None or y is None or abs(x) > _MOST_LON or abs(y) > _MOST_LAT:
        raise BadRecord("bad_coordinates")
    if is_unset(x, y):
        raise BadRecord("unset_coordinates")
    return x, y


def moment(value: object, timezone: str) -> datetime:
    """From Unix seconds or milliseconds, ISO 8601, or `yyyy-MM-dd HH:mm:ss`, in UTC. Raises `BadRecord`.

    Without an offset it is the county's time: Traccar's own server takes its own zone, which is a trap.
    """
    return believable(any_moment(value, timezone))


def believable(at: datetime) -> datetime:
    """Raises `BadRecord` for what no phone can have lived to see."""
    if not _EARLIEST <= at < _LATEST:
        raise BadRecord("bad_time")
    return at


def any_moment(value: object, timezone: str) -> datetime:
    """As `moment`, whatever time it is. Raises `BadRecord`."""
    unix = number(value)
    try:
        if unix is not None:
            return datetime.fromtimestamp(unix if unix < _SECONDS_BELOW else unix / 1000, UTC)
        return written.moment(written.with_plus(str(value).strip()), ZoneInfo(timezone))
    except (ValueError, OverflowError, OSError):
        raise BadRecord("bad_time") from None
