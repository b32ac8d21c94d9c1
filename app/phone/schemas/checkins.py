"""The check-in on the wire: what a phone posts, and what it is told."""

import json
from datetime import date, datetime
from typing import Any, Literal
from uuid import UUID

from pydantic import BaseModel, ConfigDict, Field, ValidationError, ValidationInfo, field_validator
from pydantic_core import PydanticCustomError, to_json

from app.checkins.content import hashed
from app.checkins.rules import Fix, Visit, unrolled
from app.checkins.words import PositionProblem, Purpose, Standing
from app.geo.coordinates import is_unset
from app.geo.words import Crs, Place
from app.http.tokens import Caller
from app.http.wire import BAD_TEXT, MadeId, Moment, Number, Plain, unstorable
from app.kernel.language import Text
from app.phone.schemas.appeals import AppealRefOut
from app.phone.schemas.duties import DutyOut, PeriodOut
from app.phone.schemas.people import MAX_WAITING
from app.phone.schemas.problems import ProblemOut

MAX_BATCH = 500
MAX_BATCH_BYTES = 2 * 1024 * 1024
MAX_FORM_BYTES = 64 * 1024


_EXAMPLE: dict[str, Any] = {
    "id": "0b0e8f6e-5c1f-4d5e-9a51-6f1d2f0c7a11",
    "captured_at": "2026-11-22T20:10:00+08:00",
    "position": {
        "lon": 106.22484,
        "lat": 24.2973,
        "crs": "wgs84",
        "accuracy_m": 12.0,
        "altitude_m": 410.0,
        "speed_mps": 0.2,
        "mock": False,
    },
    "purpose": "household_visit",
    "household_id": None,
    "note": "入户走访",
    "photo_ids": [],
    "form": None,
    "app_version": "1.0.0",
}
_EXAMPLE_WITHOUT_FIX: dict[str, Any] = {
    "id": "0b0e8f6e-5c1f-4d5e-9a51-6f1d2f0c7a12",
    "captured_at": "2026-11-22T21:05:00+08:00",
    "position": None,
    "position_problem": "timeout",
    "purpose": "night_visit",
}


class PositionIn(BaseModel):
    """A fix in the coordinate system that the phone's map SDK uses."""

    lon: Number = Field(ge=-180, le=180, description="degrees east")
    lat: Number = Field(ge=-90, le=90, description="degrees north")
    crs: Crs = Field(Crs.WGS84, description="coordinate system of lon and lat")
    accuracy_m: Number | None = Field(
        None, description="68 % radius in metres; null, 0 or negative mean unknown, never perfect"
    )
    altitude_m: Number | None = Field(None, description="metres")
    speed_mps: Number | None = Field(None, description="metres per second")
    mock: bool | None = Field(None, description="the phone says that the location is simulated")
    fixed_at: Moment | None = Field(
        None,
        description="when the phone measured the place; default: captured_at, or, of a position that follows a"
        " check-in, the moment at which it comes",
    )

    def fix(self, captured_at: datetime, *, came_at: datetime | None = None) -> Fix | None:
        """None where the coordinates stand for no position, as programs write 0, 0.

        `came_at`: when it came, if it follows: it may have been measured at any time until then.
        """
        if is_unset(self.lon, self.lat):
            return None
        accuracy_m = self.accuracy_m if self.accuracy_m and self.accuracy_m > 0 else None
        return Fix(
            lon=self.lon,
            lat=self.lat,
            crs=self.crs,
            accuracy_m=accuracy_m,
            altitude_m=self.altitude_m,
            speed_mps=self.speed_mps,
            mock=self.mock,
            fixed_at=unrolled(self.fixed_at, captured_at) if self.fixed_at else came_at or captured_at,
        )


class CheckInIn(BaseModel):
    """One visit. The phone makes the id: posting it again is harmless."""

    model_config = ConfigDict(json_schema_extra={"examples": [_EXAMPLE]})

    id: MadeId = Field(description="UUID made by the phone, v4 or v7")
    captured_at: Moment = Field(description="when the visit took place, RFC 3339 with offset")
    position: PositionIn | None = Field(
        description="null when the phone has no fix; coordinates that stand for none, as 0, 0, are the same"
    )
    position_problem: PositionProblem | None = Field(
        None, validate_default=True, description="why position is null"
    )
    purpose: Purpose
    household_id: UUID | None = None
    note: Plain = Field("", max_length=2000)
    photo_ids: list[MadeId] = Field(default_factory=list, max_length=20)
    form: dict[str, Any] | None = Field(
        None, description="a form filled in on the visit, at most 64 KiB; of kind `night_visit`: a NightVisitForm"
    )
    app_version: Plain | None = Field(None, max_length=50)

    @field_validator("position_problem")
    @classmethod
    def _says_why_no_position(cls, problem: str | None, info: ValidationInfo) -> str | None:
        if problem is None and info.data.get("position", "wrong itself") is None:
            raise PydanticCustomError(
                "position_problem_missing",
                "{text}",
                {
                    "text": Text(
                        "没有定位时须说明 position_problem",
                        "Without a position, position_problem must say why",
                    )
                },
            )
        return problem

    @field_validator("note", mode="before")
    @classmethod
    def _null_is_empty(cls, value: object) -> object:
        return "" if value is None else value

    @field_validator("form")
    @classmethod
    def _storable(cls, form: dict[str, object] | None) -> dict[str, object] | None:
        if form is None:
            return None
        if (at := unstorable(form)) is not None:
            raise PydanticCustomError("bad_text", "{text}", {"text": BAD_TEXT, "at": at})
        try:
            size = len(json.dumps(form, ensure_ascii=False, allow_nan=False).encode())
            to_json([form])  # it gives up on depth first
        except (ValueError, RecursionError):  # NaN, or nested beyond sense
            size = MAX_FORM_BYTES + 1
        if size > MAX_FORM_BYTES:
            raise PydanticCustomError(
                "bad_form",
                "{text}",
                {
                    "text": Text(
                        "表单过大或含有不可用的内容", "The form is too large or holds what cannot be stored"
                    )
                },
            )
        return form

    def visit(self, caller: Caller) -> Visit:
        """As the house knows it."""
        fix = self.position.fix(self.captured_at) if self.position else None
        said = Visit(
            id=self.id,
            person_id=caller.person_id,
            session_id=caller.session_id,
            captured_at=self.captured_at,
            fix=fix,
            position_problem=None if fix else self.position_problem or "unavailable",
            purpose=self.purpose,
            household_id=self.household_id,
            note=self.note,
            photo_ids=tuple(self.photo_ids),
            form=self.form,
            app_version=self.app_version,
            content_hash=b"",
        )
        return hashed(said)


class BatchIn(BaseModel):
    """Several visits, as an offline queue flushes them. Each stands or fails alone."""

    model_config = ConfigDict(json_schema_extra={"examples": [{"check_ins": [_EXAMPLE, _EXAMPLE_WITHOUT_FIX]}]})

    check_ins: list[CheckInIn] = Field(min_length=1, max_length=MAX_BATCH)
    waiting: int | None = Field(
        None, description="check-ins that the app still holds beside these; left out of account if it is no number"
    )
    oldest_waiting_at: Moment | None = Field(None, description="when the oldest of those was captured")


class Waiting(BaseModel):
    """What a batch says of what has yet to come."""

    waiting: int = Field(ge=0, le=MAX_WAITING, strict=True)
    oldest_waiting_at: Moment | None = None

    @classmethod
    def said_in(cls, body: object) -> "Waiting | None":
        """None where it is not said, or not so that it can be understood: no visit is lost over it."""
        try:
            return cls.model_validate(body)
        except ValidationError:
            return None


class PositionOut(BaseModel):
    """WGS-84, degrees."""

    lon: float
    lat: float
    accuracy_m: float | None


class FoundIn(BaseModel):
    id: str
    name: str


class JudgedVillage(FoundIn):
    """The assigned village nearest to the fix, and the version of its fence."""

    geofence_version: int


class ReasonOut(BaseModel):
    code: str
    detail: str = Field(description="in the caller's language")
    values: dict[str, object] = Field(
        description="what the words are made from; of crs_mismatch, `fits` is the system to label positions with"
    )


class CheckInOut(BaseModel):
    """A visit as it was judged."""

    id: UUID
    captured_at: datetime = Field(description="as the phone said")
    visited_at: datetime = Field(description="when it took place: captured_at, unless a review has set the time")
    received_at: datetime
    position: PositionOut | None
    village: JudgedVillage | None = Field(description="judged against; null when none is assigned")
    found_in_village: FoundIn | None = Field(description="contains the fix, whoever's it is")
    place: Place
    distance_m: float | None = Field(description="metres to the judged village's fence; 0 inside")
    confidence: float | None = Field(description="probability that the fix is inside the judged village")
    household_distance_m: float | None
    standing: Standing
    reasons: list[ReasonOut]
    night_of: date | None = Field(description="the date whose evening this belongs to; null by day")
    purpose: Purpose
    household_id: UUID | None
    note: str


class RecordedOut(CheckInOut):
    """The reply to a single post: where the person stood, and what they still owe."""

    duties: list[DutyOut]


class ResultOut(BaseModel):
    index: int
    id: UUID | None
    status: Literal["recorded", "duplicate", "conflict", "invalid", "deferred"] = Field(
        description="conflict, invalid: over the item's own content. deferred: not stored for a reason of the "
        "server's own; send it again later, unchanged. Take a status that you do not know for deferred"
    )
    check_in: CheckInOut | None
    problem: ProblemOut | None


class BatchOut(BaseModel):
    results: list[ResultOut]
    duties: list[DutyOut]


class WhyNotOut(BaseModel):
    code: str = Field(description="such as no_household, not_at_night or same_night")
    detail: str = Field(description="in the caller's language")


class CountedRuleOut(BaseModel):
    id: UUID
    name: str


class CountOut(BaseModel):
    """What a check-in is to one duty that it touches."""

    rule: CountedRuleOut
    period: PeriodOut
    counted: bool
    in_time: bool = Field(description="all that makes it count was received before the period closed")
    reason: WhyNotOut | None = Field(description="why it does not count, or not yet; null where it counted")


class ListedOut(CheckInOut):
    appeal: AppealRefOut | None = Field(None, description="the latest against its standing")
    counts: list[CountOut] = Field(description="whether it counted for each duty that it touches, and why not")


class CheckInList(BaseModel):
    items: list[ListedOut]
    next_cursor: str | None
