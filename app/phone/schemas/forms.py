"""Forms of a known kind on the wire: what a check-in's `form` may hold. One of another kind is kept as it is."""

from typing import Any, Literal

from pydantic import BaseModel, ConfigDict, Field, ValidationError, ValidationInfo, field_validator
from pydantic_core import PydanticCustomError

from app.checkins.forms import ITEMS, NIGHT_VISIT
from app.checkins.words import ConsistencyState, ItemState, PaperState
from app.http.validation import field_errors
from app.http.wire import Plain
from app.kernel.language import Text
from app.kernel.problems import INVALID, Problem

_MOST_ASKED = 1000
_EXAMPLE: dict[str, Any] = {
    "kind": NIGHT_VISIT,
    "version": 1,
    "items": {name: {"state": "ok"} for name in ITEMS} | {"water": {"state": "gap", "note": "水管冬天冻"}},
    "card": {"state": "problems", "note": "帮扶人已换，卡未换"},
    "booklet": {"state": "ok"},
    "consistent": {"state": "no", "note": "手册写 5 人，系统为 4 人"},
    "recognition": {"asked": 3, "recognised": 2},
    "satisfaction": {"asked": 3, "satisfied": 3},
}
_MORE_THAN_ASKED = Text("不能多于询问的人数 {asked}", "Must not be more than the {asked} asked")


class _Part(BaseModel):
    """What was found, and a remark."""

    model_config = ConfigDict(strict=True)

    note: Plain = Field("", max_length=500)


class Finding(_Part):
    """One of the nine items."""

    state: ItemState = Field(strict=False)


class Paper(_Part):
    """The card on the wall (联系卡) or the booklet (帮扶手册)."""

    state: PaperState = Field(strict=False)


class Consistency(_Part):
    """Whether booklet, card and system say the same; `note` is what differs."""

    state: ConsistencyState = Field(strict=False)


class NineItems(BaseModel):
    """八有一超, 2018: eight things a household has, and one line that its income is above."""

    income: Finding
    housing: Finding
    medical: Finding
    education: Finding
    water: Finding
    road: Finding
    electricity: Finding
    tv: Finding
    above_line: Finding


def _at_most_asked(number: int, info: ValidationInfo) -> int:
    asked = info.data.get("asked")
    if asked is not None and number > asked:
        raise PydanticCustomError("more_than_asked", "{text}", {"text": _MORE_THAN_ASKED, "asked": asked})
    return number


class _Asked(BaseModel):
    model_config = ConfigDict(strict=True)

    asked: int = Field(ge=0, le=_MOST_ASKED, description="people")


class Recognition(_Asked):
    """认识率: how many of those asked knew the helper."""

    recognised: int = Field(ge=0)

    _within = field_validator("recognised")(_at_most_asked)


class Satisfaction(_Asked):
    """满意度: how many of those asked were satisfied with the help."""

    satisfied: int = Field(ge=0)

    _within = field_validator("satisfied")(_at_most_asked)


class NightVisitForm(BaseModel):
    """领导夜访考: the form of a night visit, whole; what was not looked at is `not_checked`, or 0 asked."""

    model_config = ConfigDict(json_schema_extra={"examples": [_EXAMPLE]})

    kind: Literal["night_visit"]
    version: Literal[1]
    items: NineItems
    card: Paper
    booklet: Paper
    consistent: Consistency
    recognition: Recognition
    satisfaction: Satisfaction


def check(form: dict[str, object] | None) -> None:
    """Raises `INVALID` with an error at each field (`/form/...`) that is wrong in a form of a known kind."""
    if form is None or form.get("kind") != NIGHT_VISIT:
        return
    try:
        NightVisitForm.model_validate(form)
    except ValidationError as error:
        found = [{**each, "loc": ("form", *each["loc"])} for each in error.errors(include_url=False)]
        raise Problem(INVALID, errors=field_errors(found, {"form": form})) from None
