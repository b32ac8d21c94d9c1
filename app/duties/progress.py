"""How far a person is with a duty, as the phone and the console show it, and the words that explain it."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

from app.duties.rules import NightWindow, Period
from app.kernel.language import Language, Text

# What the measure counts: in Chinese, one in English, many in English.
_AMOUNTS = {
    "nights": ("夜访 {n} 晚", "{n} night visit", "{n} night visits"),
    "visits": ("走访 {n} 次", "{n} visit", "{n} visits"),
    "distinct_households": ("走访 {n} 户", "{n} household", "{n} households"),
    "village_days": ("驻村 {n} 天", "{n} day in the village", "{n} days in the village"),
}
_OWED = Text("{start}至{end}应{amount}，已完成 {done}", "{start} to {end}: {amount} owed, {done} done")
_STATES = {
    "open": Text("，还剩 {days} 天", "; days left: {days}"),
    "open_over": Text(
        "；周期已结束，{closes_at} 前上传的仍按时计入",
        "; the period is over, what is uploaded before {closes_at} still counts in time",
    ),
    "met": Text("，已达标", "; met"),
    "met_late": Text(
        "，已达标，但有签到在 {closes_at} 截止后才上传",
        "; met, though not all was uploaded before {closes_at}",
    ),
    "missed": Text("，{closes_at} 截止时未达标", "; missed when it closed at {closes_at}"),
    "excused": Text("，本期不作要求", "; nothing is owed in this period"),
}
_PENDING = Text("；另有 {n} 次待核实", "; awaiting review: {n} more")

_OUTCOMES = {
    "counted": Text("计入", "Counted"),
    "held": Text("待核实，核实通过后计入", "Held for review; counts once accepted"),
    "refused": Text("经核实不予计入", "Refused on review"),
    "outside": Text("不在任何村的范围内", "Not inside any village"),
    "not_assigned_village": Text("不在当日所联系的村", "Not in a village assigned to the person on that day"),
    "not_in_unit": Text("所在的村不属于本人的责任单元", "The village lies outside the person's units"),
    "no_household": Text("未填写所走访的农户", "No household was named"),
    "not_at_night": Text("不在规定的夜间时段", "Not within the hours of the night"),
    "same_night": Text("当晚已有另一次签到代表", "Another check-in already stands for this night"),
    "same_visit": Text("当日同一处已有另一次签到代表", "Another check-in already stands for this place and day"),
    "same_household": Text("该户已有另一次签到代表", "Another check-in already stands for this household"),
    "same_day": Text("当日已有另一次签到代表", "Another check-in already stands for this day"),
}
OUTCOMES = tuple(_OUTCOMES)


def outcome_text(code: str, language: Language) -> str:
    """Why a check-in counted for a duty or not, for the codes in `Considered`."""
    return _OUTCOMES[code].say(language)


@dataclass(frozen=True, slots=True)
class DutyProgress:
    """任务: what one person owes by one rule in one period, and how far they are. `timezone` is the county's."""

    id: UUID
    person_id: UUID
    rule_id: UUID
    rule_version: int
    rule_name: Text
    measure: str
    night: NightWindow | None
    period: Period
    closes_at: datetime
    required: int
    done: int
    pending_review: int
    status: str
    last_visit_at: datetime | None
    timezone: str

    def days_left(self, now: datetime) -> int:
        """Days of the period that are left, today included; 0 once it is over."""
        today = now.astimezone(ZoneInfo(self.timezone)).date()
        return max((self.period.end - max(today, self.period.start)).days + 1, 0)

    def explanation(self, language: Language, now: datetime) -> str:
        """One sentence: what was owed, what was done, and where that leaves the person."""
        left = self.days_left(now)
        state = "open_over" if self.status == "open" and not left else self.status
        zh, one, many = _AMOUNTS[self.measure]
        amount = Text(zh, one if self.required == 1 else many).say(language, n=self.required)
        closes_at = f"{self.closes_at.astimezone(ZoneInfo(self.timezone)):%Y-%m-%d %H:%M}"
        return (
            _OWED.say(language, start=self.period.start, end=self.period.end, amount=amount, done=self.done)
            + _STATES[state].say(language, days=left, closes_at=closes_at)
            + (_PENDING.say(language, n=self.pending_review) if self.pending_review else "")
            + ("." if language == "en" else "。")
        )

    def as_dict(self, language: Language, now: datetime) -> dict[str, Any]:
        """The contract's duty, with `id` and `period.id` beside it."""
        return {
            "id": self.id,
            "rule": {
                "id": self.rule_id,
                "name": self.rule_name.en if language == "en" else self.rule_name.zh,
                "measure": self.measure,
                "night_window": self.night and self.night.as_dict(),
            },
            "period": {
                "id": self.period.id,
                "kind": self.period.kind,
                "start": self.period.start,
                "end": self.period.end,
                "closes_at": self.closes_at.astimezone(ZoneInfo(self.timezone)),
            },
            "required": self.required,
            "done": self.done,
            "pending_review": self.pending_review,
            "status": self.status,
            "days_left": self.days_left(now),
            "explanation": self.explanation(language, now),
        }


def of_row(row: Any, timezone: str) -> DutyProgress:
    """From a row with the columns of `duty` and its rule version, as `store._PROGRESS` names them."""
    return DutyProgress(
        id=row.id,
        person_id=row.person_id,
        rule_id=row.rule_id,
        rule_version=row.rule_version,
        rule_name=Text(row.name, row.name_en),
        measure=row.measure,
        night=None if row.night_start is None else NightWindow(row.night_start, row.night_until),
        period=Period.of(row.period_kind, row.start),
        closes_at=row.closes_at,
        required=row.required,
        done=row.done,
        pending_review=row.pending_review,
        status=row.status,
        last_visit_at=row.last_visit_at,
        timezone=timezone,
    )
