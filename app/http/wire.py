"""Days, moments, numbers, ids and texts that a request may hold; days and moments from 1900 to 2199."""

import re
from datetime import date, datetime
from typing import Annotated
from uuid import RFC_4122, UUID

from fastapi import Query
from pydantic import AfterValidator, BeforeValidator, Field
from pydantic_core import PydanticCustomError

from app.kernel import written
from app.kernel.language import Text
from app.kernel.written import NotAMoment

UNSTORABLE = re.compile("[\x00\ud800-\udfff]")
"""NUL, and halves of a surrogate pair (an emoji cut in two): no text that PostgreSQL holds has them."""
BAD_TEXT = Text("含有不可用的字符", "Contains a character that cannot be stored")

_DAY = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")
_CHOSEN = (4, 7)  # versions of UUIDs that a phone makes
_NOBODYS = frozenset({"null", "none", "nil", "undefined", "unknown", "nan", "0"})


def custom(code: str, zh: str, en: str) -> PydanticCustomError:
    """A validator's own error, in both languages."""
    return PydanticCustomError(code, "{text}", {"text": Text(zh, en)})


def _moment(value: object) -> datetime:
    """Pydantic would also read numbers as Unix times; the contract does not."""
    if isinstance(value, datetime):
        return value
    try:
        return written.moment(value if isinstance(value, str) else "")
    except NotAMoment as why:
        raise PydanticCustomError(why.code, "{text}", {"text": why.text}) from None


def _asked_moment(value: object) -> datetime:
    return _moment(written.with_plus(value) if isinstance(value, str) else value)


def _day(value: object) -> object:
    if (isinstance(value, date) and not isinstance(value, datetime)) or (
        isinstance(value, str) and _DAY.fullmatch(value)
    ):
        return value
    raise custom("bad_date", "不是日期", "This is not a date")


def _whole(value: object) -> object:
    """Of text: pydantic would also read `1_0`, `5.0` and blanks."""
    found = written.whole(value) if isinstance(value, str) else value
    if found is None or isinstance(found, bool):
        raise custom("not_a_number", "必须是整数", "Must be a whole number")
    return found


def _storable(value: str) -> str:
    if UNSTORABLE.search(value):
        raise PydanticCustomError("bad_text", "{text}", {"text": BAD_TEXT})
    return value


def _chosen(value: UUID) -> UUID:
    """All zeros, all ones and the like are the same on every phone that forgot to make one."""
    if value.variant != RFC_4122 or value.version not in _CHOSEN:
        raise custom("bad_uuid", "须为手机生成的 UUID（v4 或 v7）", "Must be a UUID that the phone made, v4 or v7")
    return value


def _named(value: str) -> str:
    """What a program says that has no name for its device would make strangers share one."""
    plain = value.strip().lower()
    if plain in _NOBODYS or not plain.strip("0-:") or not plain.strip("f-"):
        raise custom("no_device", "不是设备标识", "This names no device")
    return value


Moment = Annotated[datetime, BeforeValidator(_moment)]
"""An RFC 3339 time with an offset, kept in UTC."""
MomentQuery = Annotated[datetime, BeforeValidator(_asked_moment)]
"""The same in a query, where a plus sign that nobody escaped is a blank."""
Day = Annotated[date, BeforeValidator(_day), Field(ge=date(1900, 1, 1), lt=date(2200, 1, 1))]
"""Not the last day that there is: to the database driver 9999-12-31 is for ever."""
DayQuery = Annotated[Day, Query(description="in the county's time zone, such as 2026-11-18")]
Whole = Annotated[int, BeforeValidator(_whole)]
"""A whole number, in plain digits where it is text."""
Number = Annotated[float, Field(strict=True, allow_inf_nan=False)]
"""A finite JSON number; text that looks like one is refused."""
Plain = Annotated[str, AfterValidator(_storable)]
"""Text that PostgreSQL can hold."""
MadeId = Annotated[UUID, AfterValidator(_chosen)]
"""The id of a row that a phone makes."""
DeviceId = Annotated[Plain, AfterValidator(_named)]
"""What a phone calls itself."""


def unstorable(value: object) -> tuple[object, ...] | None:
    """Where in what was sent a text stands that cannot be stored, its names included; None where there is none."""
    waiting: list[tuple[tuple[object, ...], object]] = [((), value)]
    while waiting:
        at, here = waiting.pop()
        if isinstance(here, str) and UNSTORABLE.search(here):
            return at
        if isinstance(here, dict):
            if bad := next((name for name in here if UNSTORABLE.search(name)), None):
                return (*at, bad)
            waiting += [((*at, name), member) for name, member in here.items()]
        if isinstance(here, list):
            waiting += [((*at, number), member) for number, member in enumerate(here)]
    return None
