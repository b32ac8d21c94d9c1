"""The filters that the console's requests share, and those that come as one text."""

import math
from collections.abc import Sequence
from typing import Annotated, get_args
from uuid import UUID

from fastapi import Path, Query

from app.console.schemas.named import DutyStatus
from app.kernel.language import Text
from app.kernel.paging import MAX_LIMIT
from app.kernel.problems import invalid

_VILLAGE = r"^\d{12}$"
_MOST = 100  # characters of a search; no name is longer

PeriodQuery = Annotated[
    str | None, Query(description="2026-W47, 2026-11, 2026-Q4, 2026-H2 or 2026; default: the current one")
]
RuleQuery = Annotated[UUID | None, Query(description="default: the county's first rule")]
UnitQuery = Annotated[UUID | None, Query(description="only the people of this unit's subtree")]
VillageQuery = Annotated[str | None, Query(pattern=_VILLAGE, description="12-digit code")]
VillagePath = Annotated[str, Path(pattern=_VILLAGE, description="12-digit code")]
SearchQuery = Annotated[
    str | None, Query(max_length=_MOST, description="part of a name, or the beginning of a phone number")
]
CursorQuery = Annotated[str | None, Query(description="`next_cursor` of the page before")]
LimitQuery = Annotated[int, Query(ge=1, le=MAX_LIMIT)]

_STATUSES = Text("只能是 {known}，以逗号分隔", "Must be of {known}, separated by commas")
_BBOX = Text("应为 西,南,东,北（度）", "Must be west,south,east,north in degrees")


def statuses(written: str | None) -> Sequence[str] | None:
    """`missed,open` as a list. Raises `INVALID`."""
    if not written:
        return None
    asked, known = written.split(","), get_args(DutyStatus)
    if not set(asked) <= set(known):
        raise invalid("/status", "unknown_value", _STATUSES, known=", ".join(known))
    return asked


def bbox(written: str | None) -> tuple[float, float, float, float] | None:
    """`west,south,east,north` in degrees. Raises `INVALID`."""
    if written is None:
        return None
    try:
        west, south, east, north = map(float, written.split(","))
    except ValueError:
        west = south = east = north = math.nan
    if not (all(map(math.isfinite, (west, south, east, north))) and west < east and south < north):
        raise invalid("/bbox", "bad_bbox", _BBOX)
    return west, south, east, north
