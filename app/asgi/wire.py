"""Days, moments and texts that a request may hold; days and moments from 1900 to 2199."""

import re
from datetime import UTC, date, datetime
from typing import Annotated

from pydantic import AfterValidator, AwareDatetime, Field
from pydantic_core import PydanticCustomError

from app.kernel.language import Text

_UNSTORABLE = re.compile("[\x00\ud800-\udfff]")  # NUL, and halves of a surrogate pair (an emoji cut in two)

Day = Annotated[date, Field(ge=date(1900, 1, 1), lt=date(2200, 1, 1))]
"""Not the last day that there is: to the database driver 9999-12-31 is for ever."""
Moment = Annotated[AwareDatetime, Field(ge=datetime(1900, 1, 1, tzinfo=UTC), lt=datetime(2200, 1, 1, tzinfo=UTC))]


def custom(code: str, zh: str, en: str) -> PydanticCustomError:
    """A validator's own error, in both languages."""
    return PydanticCustomError(code, "{text}", {"text": Text(zh, en)})


def _storable(value: str) -> str:
    if _UNSTORABLE.search(value):
        raise custom("bad_text", "含有不可用的字符", "Contains a character that cannot be stored")
    return value


Plain = Annotated[str, AfterValidator(_storable)]
"""Text that PostgreSQL can hold."""
