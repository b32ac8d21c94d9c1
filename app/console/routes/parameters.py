"""The filters that the console's requests share, and those that come as one text."""

from collections.abc import Sequence
from typing import Annotated
from uuid import UUID

from fastapi import Path, Query

from app.duties.words import DutyStatus
from app.http.wire import Whole
from app.kernel.language import Text
from app.kernel.paging import MAX_LIMIT
from app.kernel.problems import invalid
from app.kernel.written import number

_VILLAGE = r"^[0-9]{12}$"
_MOST_LON, _MOST_LAT = 180, 90
_MOST = 100  # characters of a search; no name is longer

PeriodQuery = Annotated[
    str | None, Query(description="2026-W47, 2026-11, 2026-Q4, 2026-H2 or 2026; default: the current one")
]
RuleQuery = Annotated[UUID | None, Query(description="default: the county's first rule")]
UnitQuery = Annotated[UUID | None, Query(description="only the people of this unit's subtree")]
PersonQuery = Annotated[UUID | None, Query(description="only this person's")]
VillageQuery = Annotated[str | None, Query(pattern=_VILLAGE, description="12-digit code")]
VillagePath = Annotated[str, Path(pattern=_VILLAGE, description="12-digit code")]
SearchQuery = Annotated[
    str | None, Query(max_length=_MOST, description="part of a name, or the beginning of a phone number")
]
PreviewQuery = Annotated[bool, Query(description="say what it would do, and do nothing")]
CursorQuery = Annotated[str | None, Query(description="`next_cursor` of the page before")]
LimitQuery = Annotated[Whole, Query(ge=1, le=MAX_LIMIT)]

_STATUSES = Text("只能是 {known}，以逗号分隔", "Must be of {known}, separated by commas")
_BBOX = Text("应为 西,南,东,北（度）", "Must be west,south,east,north in degrees")
_NO_BOX = Text(
    "应为 西,南,东,北（度，经度在前）：西小于东、南小于北，且都在范围内",
    "Must be west,south,east,north in degrees, longitude first: west below east, south below north, all in range",
)


def statuses(written: str | None) -> Sequence[str] | None:
    """`missed,open` as a list. Raises `INVALID`."""
    if not written:
        return None
    asked, known = written.split(","), DutyStatus.codes()
    if not set(asked) <= set(known):
        raise invalid("/status", "unknown_value", _STATUSES, known=", ".join(known))
    return asked


def _degrees(written: str) -> float:
    found = number(written)
    if found is None:
        raise ValueError
    return found


def bbox(written: str | None) -> tuple[float, float, float, float] | None:
    """`west,south,east,north` in degrees. Raises `INVALID`."""
    if written is None:
        return None
    try:
        west, south, east, north = map(_degrees, written.split(","))
    except ValueError:
        raise invalid("/bbox", "bad_bbox", _BBOX) from None
    if not (-_MOST_LON <= west < east <= _MOST_LON and -_MOST_LAT <= south < north <= _MOST_LAT):
        raise invalid("/bbox", "bad_bbox", _NO_BOX)
    return west, south, east, north
