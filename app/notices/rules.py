"""How notices are delivered: what a county may set, when an attempt is repeated, what becomes of a delivery."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Self
from zoneinfo import ZoneInfo

CHANNEL_KINDS = ("fcm", "webpush", "apprise")
DEVICE_KINDS = ("fcm", "webpush")
"""Channels that reach the phones a person has registered; the others reach the person."""

# `failed` is for good on this channel, and another one or another phone took over; `dead`: nothing is left to try.
# `needless`: read in the inbox, or past its use, before it went.
DELIVERY_STATUSES = ("waiting", "sent", "failed", "dead", "needless")

URGENT = frozenset({"sos"})
"""Kinds of notices that do not wait for the morning."""

MOST_ATTEMPTS = 8
"""Waits of half a minute doubling to an hour: given up after about three hours of trying."""

_FIRST_WAIT = timedelta(seconds=30)
_LONGEST_WAIT = timedelta(hours=1)


@dataclass(frozen=True, slots=True)
class QuietHours:
    """静默时段: minutes after local midnight from and until which only what is urgent goes out."""

    start: int = 22 * 60
    until: int = 7 * 60

    @classmethod
    def of(cls, settings: Mapping[str, Any]) -> Self:
        """From `quiet_from` and `quiet_until` of a county's settings; equal ones mean no quiet at all."""
        return cls(settings.get("quiet_from", 22 * 60), settings.get("quiet_until", 7 * 60))

    def cover(self, now: datetime, timezone: str) -> bool:
        """Whether `now` lies in them, `start` included and `until` not."""
        local = now.astimezone(ZoneInfo(timezone))
        minute = local.hour * 60 + local.minute
        if self.start <= self.until:
            return self.start <= minute < self.until
        return minute >= self.start or minute < self.until


def wait(attempts: int, jitter: float) -> timedelta:
    """How long after its `attempts`-th vain attempt a delivery is tried again; `jitter` from 0 to 1.

    Exponential, between half of the full wait and all of it: what failed together is not repeated together.
    """
    longest = min(_FIRST_WAIT * (1 << (attempts - 1)), _LONGEST_WAIT)
    return longest * (0.5 + jitter / 2)
