"""Shapes that several requests of the phone share."""

import re
from datetime import UTC, datetime
from typing import Annotated

from pydantic import AfterValidator, AwareDatetime, BeforeValidator, Field

from app.asgi.wire import Plain, custom

__all__ = ["Number", "Plain", "Time"]

_RFC3339 = re.compile(r"\d{4}-\d\d-\d\d[Tt ]\d\d:\d\d(:\d\d(\.\d+)?)?([Zz]|[+-]\d\d:?\d\d)?")
_EARLIEST = datetime(1900, 1, 1, tzinfo=UTC)
_LATEST = datetime(2200, 1, 1, tzinfo=UTC)


def _is_rfc3339(value: object) -> object:
    """Pydantic would also read numbers as Unix times; the contract does not."""
    if isinstance(value, datetime) or (isinstance(value, str) and _RFC3339.fullmatch(value)):
        return value
    raise custom("bad_time", "不是 RFC 3339 时间", "This is not an RFC 3339 time")


def _in_utc(value: datetime) -> datetime:
    try:
        moment = value.astimezone(UTC)
    except OverflowError:
        moment = _LATEST
    if not _EARLIEST <= moment < _LATEST:
        raise custom("out_of_range", "时间超出范围", "The time is out of range")
    return moment


Time = Annotated[AwareDatetime, BeforeValidator(_is_rfc3339), AfterValidator(_in_utc)]
"""An RFC 3339 time with an offset, kept in UTC."""
Number = Annotated[float, Field(strict=True, allow_inf_nan=False)]
"""A finite JSON number; text that looks like one is refused."""
