"""How notices are delivered: what a county may set, when an attempt is repeated, what becomes of a delivery."""

from collections.abc import Mapping
from dataclasses import dataclass, fields, replace
from datetime import datetime, timedelta
from typing import Any, Self
from zoneinfo import ZoneInfo

URGENT = frozenset({"sos", "channel_test"})
"""Kinds of notices that do not wait for the morning: whoever tries a channel is awake."""

SUMMARY = "daily_summary"
"""The kind that has a place in everyone's budget, kept for it until it is told."""

MOST_A_DAY = 9999
"""As a budget: none."""

MOST_ATTEMPTS = 8
"""Waits of half a minute doubling to an hour: given up after about three hours of trying."""

_FIRST_WAIT = timedelta(seconds=30)
_LONGEST_WAIT = timedelta(hours=1)


_DAY_MIN = 24 * 60


@dataclass(frozen=True, slots=True)
class QuietHours:
    """静默时段: minutes after local midnight from and until which only what is urgent goes out."""

    start: int = 22 * 60
    until: int = 7 * 60

    def cover(self, now: datetime, timezone: str) -> bool:
        """Whether `now` lies in them, `start` included and `until` not."""
        local = now.astimezone(ZoneInfo(timezone))
        minute = local.hour * 60 + local.minute
        if self.start <= self.until:
            return self.start <= minute < self.until
        return minute >= self.start or minute < self.until

    @property
    def length(self) -> int:
        """In minutes."""
        return (self.until - self.start) % _DAY_MIN


LAST_WORKING_DAY = "last_working_day"
_SUNDAY = 7


@dataclass(frozen=True, slots=True)
class NoticeSettings:
    """What a county may set about notices; `county.settings` holds what differs. Times of day are minutes.

    `reminders` are shares of a period and its last working day: who is behind then is reminded, at `remind_at`.
    """

    quiet_from: int = 22 * 60  # equal to `quiet_until`: no quiet at all
    quiet_until: int = 7 * 60
    reminders: tuple[float | str, ...] = (0.5, 0.8, LAST_WORKING_DAY)
    remind_at: int = 9 * 60
    digest_day: int = 1  # of the week, Monday is 1
    digest_at: int = 8 * 60
    summary_at: int = 8 * 60  # of whoever has not chosen another hour
    notices_per_day: int = 5  # of a person, the summary included and what is urgent not

    def __post_init__(self) -> None:
        """Raises ValueError for a value that is none of its setting's."""
        for name in ("quiet_from", "quiet_until", "remind_at", "digest_at", "summary_at"):
            if not _whole(getattr(self, name), 0, _DAY_MIN - 1):
                raise ValueError(f"{name} is minutes after midnight")
        if not _whole(self.digest_day, 1, _SUNDAY):
            raise ValueError("digest_day is 1 to 7")
        if not _whole(self.notices_per_day, 1, MOST_A_DAY):
            raise ValueError(f"notices_per_day is 1 to {MOST_A_DAY}")
        if not isinstance(self.reminders, list | tuple) or not all(map(_threshold, self.reminders)):
            raise ValueError(f"reminders are shares between 0 and 1, and {LAST_WORKING_DAY}")

    @classmethod
    def of(cls, settings: Mapping[str, Any]) -> Self:
        """From `county.settings`; unknown keys belong to other rooms. Raises ValueError."""
        known = {each.name for each in fields(cls)} & settings.keys()
        found = cls(**{name: settings[name] for name in known})
        return replace(found, reminders=tuple(found.reminders))

    @classmethod
    def lenient(cls, settings: Mapping[str, Any]) -> Self:
        """The same; what cannot be read is as usual, since people must be told at any rate."""
        return cls.of({name: value for name, value in settings.items() if _taken(name, value)})

    @property
    def quiet(self) -> QuietHours:
        return QuietHours(self.quiet_from, self.quiet_until)


def _whole(value: Any, least: int, most: int) -> bool:
    return isinstance(value, int) and not isinstance(value, bool) and least <= value <= most


def _threshold(value: Any) -> bool:
    return value == LAST_WORKING_DAY or (isinstance(value, float) and 0 < value < 1)


def _taken(name: str, value: Any) -> bool:
    try:
        NoticeSettings.of({name: value})
    except ValueError:
        return False
    return True


def wait(attempts: int, jitter: float) -> timedelta:
    """How long after its `attempts`-th vain attempt a delivery is tried again; `jitter` from 0 to 1.

    Exponential, between half of the full wait and all of it: what failed together is not repeated together.
    """
    longest = min(_FIRST_WAIT * (1 << (attempts - 1)), _LONGEST_WAIT)
    return longest * (0.5 + jitter / 2)
