"""Numbers and times as they are written, read in one way at every door.

Python reads more than anyone means: `2_4.9`, `nan`, full-width digits in a date, Unix seconds for a time. What has
two readings is refused here, with the true reason.
"""

import math
import re
import unicodedata
from datetime import UTC, datetime, time, timedelta, timezone, tzinfo

from app.kernel.language import Text

EARLIEST = datetime(1900, 1, 1, tzinfo=UTC)
LATEST = datetime(2200, 1, 1, tzinfo=UTC)

_NUMBER = re.compile(r"[+-]?([0-9]+[.]?[0-9]*|[.][0-9]+)([eE][+-]?[0-9]+)?")
_WHOLE = re.compile(r"[+-]?[0-9]+")
_MOMENT = re.compile(
    r"([0-9]{4})-([0-9]{2})-([0-9]{2})[Tt ]([0-9]{2}):([0-9]{2})(?::([0-9]{2})(?:[.]([0-9]+))?)?"
    r"(?:([Zz])|([+-])([0-9]{2}):?([0-9]{2}))?"
)
_DAY = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")
_PLUS_LOST = re.compile(r"(?<=:[0-9]{2})((?:[.][0-9]+)?) ([0-9]{2}:?[0-9]{2})$")
_LEAP_DAYS = ((1, 1), (7, 1))  # the days that begin after a leap second, in UTC (RFC 3339, appendix D)

_TEXTS = {
    "bad_time": Text("不是 RFC 3339 时间", "This is not an RFC 3339 time"),
    "no_such_time": Text("没有这一天或这一时刻", "There is no such day or time of day"),
    "no_offset": Text("时间须带时区，例如 +08:00", "A time needs an offset, such as +08:00"),
    "no_leap_second": Text(
        "秒数 60 只用于闰秒，即 6 月或 12 月最后一天的 23:59:60（UTC）",
        "A second 60 is a leap second: 23:59:60 UTC on the last day of June or December",
    ),
    "out_of_range": Text("时间超出范围", "The time is out of range"),
}


class NotAMoment(ValueError):  # noqa: N818 - carries a reason, not a failure of ours
    """What is written is no moment; `code` and `text` say why."""

    def __init__(self, code: str) -> None:
        super().__init__(code)
        self.code = code
        self.text = _TEXTS[code]


def number(written: str) -> float | None:
    """A finite decimal number, in the digits of any script; None for anything else."""
    digits = in_ascii(written.strip())
    if not _NUMBER.fullmatch(digits):
        return None
    found = float(digits)
    return found if math.isfinite(found) else None


def whole(written: str) -> int | None:
    """A whole number in plain digits; None for anything else."""
    return int(written) if _WHOLE.fullmatch(written) else None


def bare(written: str) -> str:
    """Without blanks and what cannot be seen, full-width signs as plain ones: what somebody pasted."""
    signs = unicodedata.normalize("NFKC", written)
    return "".join(sign for sign in signs if unicodedata.category(sign) not in ("Zs", "Cf", "Cc"))


def in_ascii(written: str) -> str:
    """Decimal digits of any script (full-width, Arabic, ...) as 0 to 9; the rest as it is."""
    if written.isascii():
        return written
    return "".join(str(unicodedata.decimal(sign, sign)) for sign in written)


def moment(written: str, zone: tzinfo | None = None) -> datetime:
    """An RFC 3339 time in UTC, from 1900 to 2199; without an offset it is of `zone`. Raises `NotAMoment`.

    Read too: a blank for the T, an offset without its colon, no seconds. What is finer than a microsecond is cut
    off. A leap second is the first moment of the day that follows, as in Unix time.
    """
    found = _MOMENT.fullmatch(written)
    if found is None:
        raise NotAMoment("no_offset" if _DAY.fullmatch(written) else "bad_time")
    *parts, second, fraction = found.groups()[:7]
    offset = _offset(*found.groups()[7:]) or zone
    if offset is None:
        raise NotAMoment("no_offset")
    leap = second == "60"
    year, month, day, hour, minute = map(int, parts)
    micro = int((fraction or "0")[:6].ljust(6, "0"))
    try:
        clock = datetime(year, month, day, hour, minute, 59 if leap else int(second or 0), micro, offset)
        at = clock.astimezone(UTC)
    except OverflowError:
        raise NotAMoment("out_of_range") from None
    except ValueError:
        raise NotAMoment("no_such_time") from None
    if leap:
        at = at.replace(microsecond=0) + timedelta(seconds=1)
        if (at.month, at.day) not in _LEAP_DAYS or (at.hour, at.minute) != (0, 0):
            raise NotAMoment("no_leap_second")
    if not EARLIEST <= at < LATEST:
        raise NotAMoment("out_of_range")
    return at


def with_plus(written: str) -> str:
    """In a query, the plus sign of an offset that was not escaped arrives as a blank."""
    return _PLUS_LOST.sub(r"\1+\2", written)


def _offset(zulu: str | None, sign: str | None, hours: str | None, minutes: str | None) -> tzinfo | None:
    """Raises `NotAMoment`."""
    if zulu:
        return UTC
    if not (sign and hours and minutes):
        return None
    try:
        clock = time(int(hours), int(minutes))
    except ValueError:
        raise NotAMoment("no_such_time") from None
    span = timedelta(hours=clock.hour, minutes=clock.minute)
    return timezone(-span if sign == "-" else span)
