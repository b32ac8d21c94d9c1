"""How notices are delivered: what a county may set, when an attempt is repeated, what becomes of a delivery."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from app.kernel.county_settings import RoomSettings, setting
from app.kernel.language import Text

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
    """免打扰时段: minutes after local midnight from and until which only what is urgent goes out."""

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


def _reminders(value: object) -> bool:
    return isinstance(value, list | tuple) and all(map(_threshold, value))


def _threshold(value: object) -> bool:
    return value == LAST_WORKING_DAY or (isinstance(value, float) and 0 < value < 1)


_LAST_MIN = _DAY_MIN - 1


@dataclass(frozen=True, slots=True)
class NoticeSettings(RoomSettings):
    """When people are told, and how much in a day."""

    quiet_from: int = setting(
        22 * 60,
        "clock",
        Text("免打扰时段自几时起（与止时相同即不静默）", "from when nothing but what is urgent goes out"),
        most=_LAST_MIN,
    )
    quiet_until: int = setting(
        7 * 60,
        "clock",
        Text("免打扰时段至几时止", "and until when; the same as the beginning: no quiet at all"),
        most=_LAST_MIN,
    )
    reminders: tuple[float | str, ...] = setting(
        lambda: (0.5, 0.8, LAST_WORKING_DAY),
        "words",
        Text(
            "周期过去多少时提醒未完成者（比例，及最后一个工作日）",
            "shares of a period, and its last working day: who is behind then is reminded",
        ),
        fits=_reminders,
    )
    remind_at: int = setting(9 * 60, "clock", Text("几时提醒", "at what time"), most=_LAST_MIN)
    digest_day: int = setting(
        1, "count", Text("周报在周几", "the weekly digest's day of the week, Monday is 1"), least=1, most=_SUNDAY
    )
    digest_at: int = setting(8 * 60, "clock", Text("周报几时发", "and its time"), most=_LAST_MIN)
    summary_at: int = setting(
        8 * 60,
        "clock",
        Text("每日汇总几时发（本人可另选）", "the daily summary's time, of whoever has not chosen another"),
        most=_LAST_MIN,
    )
    notices_per_day: int = setting(
        5,
        "count",
        Text(
            "每人每天最多几条通知（含汇总，紧急的除外）",
            "so many a person is told in a day, the summary included and what is urgent not",
        ),
        least=1,
        most=MOST_A_DAY,
    )

    @property
    def quiet(self) -> QuietHours:
        return QuietHours(self.quiet_from, self.quiet_until)


def wait(attempts: int, jitter: float) -> timedelta:
    """How long after its `attempts`-th vain attempt a delivery is tried again; `jitter` from 0 to 1.

    Exponential, between half of the full wait and all of it: what failed together is not repeated together.
    """
    longest = min(_FIRST_WAIT * (1 << (attempts - 1)), _LONGEST_WAIT)
    return longest * (0.5 + jitter / 2)
