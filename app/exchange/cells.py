"""What is written in a cell, read as what it stands for; what cannot be, with the reason in words of an office."""

import math
import re
import unicodedata
from collections.abc import Callable, Iterable
from datetime import date, datetime, time, timedelta
from typing import NamedTuple, TypeVar

from app.exchange.workbooks import Value
from app.kernel.language import Text
from app.kernel.words import Word

_EXACT = 2**53  # up to here a number in a sheet holds every digit
_DAYS_TO_1904 = 1462
_MOST_DAYS = 100_000  # a serial number beyond is no date of ours
_EPOCH = date(1899, 12, 30)
_LAST_HOUR, _LAST_MINUTE = 23, 59
_EARLIEST, _LATEST = date(1900, 1, 1), date(2200, 1, 1)
_WRITTEN_DAY = re.compile(
    r"([0-9]{4})\s*(?:[-/.年]\s*([0-9]{1,2})\s*(?:[-/.月]\s*(?:([0-9]{1,2})\s*日?)?)?|([0-9]{2})([0-9]{2}))\s*(?:\s[0-9:]+)?(?:\s*(?:星期|周)[一二三四五六日天])?"
)
_SCIENTIFIC = re.compile(r"[0-9](\.[0-9]+)?E\+?[0-9]+", re.IGNORECASE)
_WHOLE = re.compile(r"^([0-9]+)\.0+$")
# DingTalk writes 26-11-02 星期一.
_SHORT_DAY = re.compile(r"([0-9]{2})-([0-9]{1,2})-([0-9]{1,2})\s*(?:星期|周)[一二三四五六日天]")
_CLOCK = re.compile(r"(次日|第二天)?\s*([0-9]{1,2}):([0-9]{2})(?::([0-9]{2})(?:\.[0-9]+)?)?")
_NO_CLOCK = frozenset({"", "-", "--", "—", "——", "/", "无", "未打卡", "缺卡", "休息", "未签到", "旷工", "请假"})
_NEVER = Text("不是时间，应如 08:30 或 次日00:20", "This is no time; write it as 08:30")
_LOST = Text(
    "按数字存放，末尾的数位已经丢失。请把单元格设为“文本”后重新填写",
    "Stored as a number, which has lost its last digits. Make it a text cell and write it again",
)
_NO_TEXT = Text("应填文字", "Text is wanted here")
_NO_DAY = Text("不是日期，应如 2026-11-02", "This is no date; write it as 2026-11-02")
_NO_SUCH_DAY = Text("没有这一天", "There is no such day")
_NO_NUMBER = Text("不是数字", "This is no number")
_NO_DIGITS = Text("应为 {wanted} 位数字", "{wanted} digits are wanted")
_NO_WORD = Text("只能是：{known}", "Must be one of: {known}")

T = TypeVar("T")
W = TypeVar("W", bound=Word)


class Bad(ValueError):  # noqa: N818 - carries a reason, not a failure of ours
    """What is written cannot be read so."""

    def __init__(self, code: str, text: Text, **values: object) -> None:
        super().__init__(code)
        self.code = code
        self.text = text
        self.values = values


def as_text(value: Value) -> str:
    """Text as people see it: a number without `.0`, full-width digits and letters in ASCII."""
    if isinstance(value, bool):
        raise Bad("no_text", _NO_TEXT)
    if isinstance(value, float | int):
        if not math.isfinite(value) or abs(value) >= _EXACT:
            raise Bad("digits_lost", _LOST)
        return str(int(value)) if value == int(value) else repr(value)
    if isinstance(value, datetime | date):
        return value.isoformat()
    written = unicodedata.normalize("NFKC", str(value))
    return " ".join("".join(sign for sign in written if unicodedata.category(sign) not in ("Cf", "Cc")).split())


def as_code(value: Value) -> str:
    """A number that names somebody: what a sheet made a fraction of, as text, is whole again."""
    written = as_text(value)
    if _SCIENTIFIC.fullmatch(written):
        raise Bad("digits_lost", _LOST)
    return _WHOLE.sub(r"\1", written)


def digits(wanted: Iterable[int]) -> Callable[[Value], str]:
    """A code of so many digits."""
    lengths = tuple(wanted)

    def read(value: Value) -> str:
        found = as_code(value).replace(" ", "")
        if not (found.isascii() and found.isdecimal() and len(found) in lengths):
            raise Bad("bad_digits", _NO_DIGITS, wanted="/".join(map(str, lengths)))
        return found

    return read


def as_day(value: Value, *, since_1904: bool = False) -> date:
    """A date, as sheets keep it, as a serial number, or as people write it."""
    if isinstance(value, datetime):
        return _within(value.date())
    if isinstance(value, date):
        return _within(value)
    if isinstance(value, float | int) and not isinstance(value, bool) and 0 < value < _MOST_DAYS:
        return _within(_EPOCH + timedelta(days=int(value) + since_1904 * _DAYS_TO_1904))
    try:
        written = as_text(value)
        short = _SHORT_DAY.fullmatch(written)
        found = _WRITTEN_DAY.fullmatch("20{}-{}-{}".format(*short.groups()) if short else written)
    except Bad:
        found = None
    if found is None:
        raise Bad("no_day", _NO_DAY)
    year, month, day = found[1], found[2] or found[4] or "1", found[3] or found[5] or "1"
    try:
        return _within(date(int(year), int(month), int(day)))
    except ValueError:
        raise Bad("no_such_day", _NO_SUCH_DAY) from None


class Clock(NamedTuple):
    """A time of day, with its day where the cell says it; `next_day` past the row's midnight."""

    day: date | None
    at: time
    next_day: bool = False


def as_clock(value: Value, *, since_1904: bool = False) -> Clock | None:
    """When somebody clocked in; None where the cell says that nobody did (未打卡, 缺卡, 休息, --)."""
    if isinstance(value, datetime):
        return Clock(value.date(), value.time())
    if isinstance(value, time):
        return Clock(None, value)
    if isinstance(value, float | int) and not isinstance(value, bool) and 0 <= value < _MOST_DAYS:
        whole, seconds = divmod(round(value * 86_400), 86_400)
        at = time(seconds // 3600, seconds // 60 % 60, seconds % 60)
        return Clock(as_day(whole, since_1904=since_1904) if whole else None, at)
    written = as_text(value)
    if written in _NO_CLOCK:
        return None
    day, _, rest = written.rpartition(" ")
    found = _CLOCK.fullmatch(written) or _CLOCK.fullmatch(rest)
    if found is None or int(found[2]) > _LAST_HOUR or int(found[3]) > _LAST_MINUTE:
        raise Bad("no_time", _NEVER)
    at = time(int(found[2]), int(found[3]), min(int(found[4] or 0), _LAST_MINUTE))
    return Clock(as_day(day) if day and not _CLOCK.fullmatch(written) else None, at, found[1] is not None)


def as_number(value: Value) -> float:
    if isinstance(value, float | int) and not isinstance(value, bool):
        return float(value)
    try:
        found = float(as_text(value).replace(",", ""))
    except ValueError:
        raise Bad("no_number", _NO_NUMBER) from None
    if not math.isfinite(found):
        raise Bad("no_number", _NO_NUMBER)
    return found


def word(of: type[W], **others: W) -> Callable[[Value], W]:
    """A word of a closed set by its code or name in either language; `others` are names that offices use too."""
    known = {spelt.casefold(): each for each in of for spelt in (str(each), each.text.zh, each.text.en)}
    known |= {spelt.casefold(): each for spelt, each in others.items()}

    def read(value: Value) -> W:
        found = known.get(as_text(value).casefold())
        if found is None:
            raise Bad("no_word", _NO_WORD, known="、".join(each.text.zh for each in of))
        return found

    return read


def _within(found: date) -> date:
    if not _EARLIEST <= found < _LATEST:
        raise Bad("no_such_day", _NO_SUCH_DAY)
    return found
