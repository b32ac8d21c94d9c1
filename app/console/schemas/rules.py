"""Rules on the wire: their terms, versions, and what they would have meant."""

from datetime import date
from typing import Annotated, Self
from uuid import UUID

from pydantic import BaseModel, ConfigDict, Field, StringConstraints, model_validator
from pydantic_core import PydanticCustomError

from app.directory.words import Category
from app.duties.rules import DAY_MIN, NOON, NightWindow, RuleTerms
from app.duties.words import NIGHTLY, CountsIn, DayKind, Measure, PeriodKind, Proration, RequiredPer
from app.http.wire import Day, Whole
from app.kernel.language import Text
from app.reads.answers.named import NightHours

Words = Annotated[
    str, StringConstraints(strip_whitespace=True, min_length=1, max_length=200, pattern=r"^[^\x00]+$")
]
Source = Annotated[
    str, StringConstraints(strip_whitespace=True, min_length=1, max_length=2000, pattern=r"^[^\x00]+$")
]
_MIDNIGHT = "24:00"
ClockTime = Annotated[str, StringConstraints(pattern=r"^([01][0-9]|2[0-3]):[0-5][0-9]$|^24:00$")]

_NOT_OF_STAYS = Text(
    "按小时计的规则只看在村停留，不能另有此要求",
    "A rule that counts hours goes by stays, of which this cannot be asked",
)
_PAST_NOON = Text("自 24:00 起的夜间时段须在次日中午 12:00 前结束", "A night from 24:00 on has to end by noon")
_NO_NIGHT = Text("按夜计的规则须有夜间时段", "A rule that counts nights needs the hours of the night")


class NightIn(BaseModel):
    """The hours of a night; `until` not after `start` is of the next morning, as is a `start` at 24:00."""

    start: ClockTime = Field(description="HH:MM, local; 24:00 ends the evening that the night belongs to")
    until: ClockTime = Field(description="HH:MM, local, exclusive")

    @model_validator(mode="after")
    def _small_hours_end_by_noon(self) -> Self:
        if self.start == _MIDNIGHT and not 0 < _minutes(self.until) % DAY_MIN <= NOON:
            raise PydanticCustomError("night_too_long", "{text}", {"text": _PAST_NOON, "at": "until"})
        return self

    def window(self, *, nightly: bool) -> NightWindow:
        """A night that lies wholly past midnight is of the evening before, as all nights that are counted are.

        Where something else is counted, 08:00 to 11:00 is a morning of that day; 24:00 to 05:00 never is.
        """
        start, until = _minutes(self.start), _minutes(self.until)
        if start == DAY_MIN or (nightly and start < until <= NOON):
            return NightWindow(start % DAY_MIN + DAY_MIN, until % DAY_MIN + DAY_MIN)
        return NightWindow(start, until if until > start else until + DAY_MIN)


def _minutes(clock: str) -> int:
    hours, minutes = clock.split(":")
    return int(hours) * 60 + int(minutes)


class Terms(BaseModel):
    """What a rule says. How each is counted: docs/duties.md."""

    name: Words
    name_en: Words
    source: Source = Field(description="where the rule is written down")
    categories: list[Category] = Field(min_length=1, max_length=7, description="who owes")
    unit_ids: list[UUID] = Field(
        default_factory=list, max_length=500, description="only the people of these subtrees; empty: everybody"
    )
    except_ids: list[UUID] = Field(default_factory=list, max_length=5000, description="people who never owe")
    measure: Measure
    period: PeriodKind
    required: Whole = Field(ge=1, le=1000)
    per: RequiredPer = Field(RequiredPer.PERSON, description="required of each, or for each household")
    days: DayKind = Field(DayKind.CALENDAR, description="the days that shares go by")
    share: Proration = Field(
        Proration.WHOLE,
        description="of who is there for a part: all or nothing; in proportion; at most one for each day there",
    )
    counts_in: CountsIn = CountsIn.ASSIGNED
    household_required: bool = False
    form_required: bool = Field(default=False, description="only visits with the form of a night visit")
    night: NightIn | None = None
    min_dwell_min: Whole | None = Field(None, ge=1, le=720, description="from first to last check-in, minutes")
    grace_h: Whole = Field(24, ge=0, le=744, description="hours after the period for offline phones")
    shift_closing: bool = Field(default=False, description="closing waits for the first working day to end")

    @model_validator(mode="after")
    def _nights_have_hours(self) -> Self:
        if self.measure in NIGHTLY and self.night is None:
            raise PydanticCustomError("night_missing", "{text}", {"text": _NO_NIGHT, "at": "night"})
        return self

    @model_validator(mode="after")
    def _hours_ask_for_stays_alone(self) -> Self:
        asked = ("night", "min_dwell_min", "household_required", "form_required")
        wrong = next((name for name in asked if getattr(self, name)), None)
        if self.measure == "hours_in_village" and wrong:
            raise PydanticCustomError("not_of_stays", "{text}", {"text": _NOT_OF_STAYS, "at": wrong})
        return self

    def terms(self) -> RuleTerms:
        """As the house knows it."""
        given = self.model_dump(include=set(Terms.model_fields) - {"period", "night"})
        lists = {name: tuple(dict.fromkeys(given[name])) for name in ("categories", "unit_ids", "except_ids")}
        return RuleTerms(
            **given | lists,
            period_kind=self.period,
            night=self.night.window(nightly=self.measure in NIGHTLY) if self.night else None,
        )


class RuleIn(Terms):
    effective_from: Day = Field(description="governs the periods that begin on or after it")


class RuleEnd(BaseModel):
    effective_until: Day = Field(description="periods that begin on or after it are not owed")


class RuleTrial(Terms):
    rule_id: UUID | None = Field(None, description="the rule that these terms would change")
    tried_on: str | None = Field(None, max_length=20, description="such as 2026-W47; default: the last period")


class Preset(Terms):
    model_config = ConfigDict(json_schema_serialization_defaults_required=True)

    night: NightHours | None = None  # type: ignore[assignment]
    text: str = Field(description="the rule in words, in the caller's language")


class PresetList(BaseModel):
    items: list[Preset]


class RuleVersionOut(Preset):
    id: UUID
    version: int
    effective_from: date
    effective_until: date | None


class RuleVersions(BaseModel):
    items: list[RuleVersionOut] = Field(description="the newest first")
