"""How far a person is with a duty, as the phone and the console show it, and the words that explain it."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID
from zoneinfo import ZoneInfo

from app.duties.columns import DutyColumns
from app.duties.counting.measures import DAILY
from app.duties.rules import DAY_MIN, NightWindow, Period
from app.duties.words import Excuse
from app.kernel.days import say_days, say_deadline
from app.kernel.language import Language, Text

# What the measure counts: in Chinese, one in English, many in English.
_AMOUNTS = {
    "nights": ("夜访 {n} 晚", "{n} night visit", "{n} night visits"),
    "visits": ("走访 {n} 次", "{n} visit", "{n} visits"),
    "distinct_households": ("走访 {n} 户", "{n} household", "{n} households"),
    "village_days": ("驻村 {n} 天", "{n} day in the village", "{n} days in the village"),
    "nights_in_village": ("驻村 {n} 夜", "{n} night in the village", "{n} nights in the village"),
    "hours_in_village": ("在村 {n} 小时", "{n} hour in the village", "{n} hours in the village"),
}
_OWED = Text("{span}应{amount}，已完成 {done}", "{span}: {amount} owed, {done} done")
_STATES = {
    "open": Text("，还剩 {days} 天", "; days left: {days}"),
    "open_over": Text(
        "；周期已结束，{closes_at}前上传的仍按时计入",
        "; the period is over, what is uploaded before {closes_at} still counts in time",
    ),
    "met": Text("，已达标", "; met"),
    "met_late": Text(
        "，已达标，但有签到（或补传的定位）在{closes_at}截止后才上传",
        "; met, though not all was uploaded before {closes_at}",
    ),
    "missed": Text("，{closes_at}截止时未达标", "; missed when it closed at {closes_at}"),
    "waiting": Text(
        "；已过截止时间，有签到待核实，暂不定论，{review_due_at}前应核实完毕",
        "; past its time, but not final: check-ins await review, which is due by {review_due_at}",
    ),
}
_EXCUSED = Text("{span}本期不作要求：{why}", "{span}: nothing is owed in this period, {why}")
_DAYS_THERE = Text(
    "；期内 {days} 天，在岗 {there} 天，已按此折算", "; of {days} days, there on {there}: reckoned accordingly"
)
_WHOLE_ALL_THE_SAME = Text(
    "；期内 {days} 天，在岗 {there} 天，本规则不按天数折算",
    "; of {days} days, there on {there}: by this rule that takes nothing from it",
)
_ASSUMED = Text(
    "；所涉年份的放假安排尚未公布，暂按周一至周五计",
    "; days off of a year that it goes by are not known yet, Monday to Friday assumed",
)
_TRACKS_OFF = Text(
    "；本县已停用轨迹，不再有新的在村时长", "; the county keeps no tracks any more, so that no hours are added"
)
_WANTED = Text("；须{terms}方计入", "; to count, a visit has to {terms}")
_TERMS = {
    "household": Text("填明所走访的农户", "name the household"),
    "form": Text("填写夜访表", "carry the form of a night visit"),
    "night": Text("在 {start} 至 {until} 签到", "be made from {start} to {until}"),
    "past_midnight": Text("在 {start} 至次日 {until} 签到", "be made from {start} to {until}"),
    "dwell": Text("在村停留至少 {minutes} 分钟", "be part of a stay of at least {minutes} minutes"),
}
_COMMA = Text("、", ", ")
_PENDING = Text("；另有 {n} 次待核实", "; awaiting review: {n} more")
_ENOUGH = Text("，核实通过即达标", ", enough to meet it once accepted")
_NEVER_REVIEWED = Text(
    "；到{review_due_at}仍未核实{reviewers}", "; by {review_due_at} they had not been reviewed{reviewers}"
)
_REVIEWERS = Text("（应由{names}核实）", " (it was for {names} to do)")

_OUTCOMES = {
    "counted": Text("计入", "Counted"),
    "held": Text("待核实，核实通过后计入", "Held for review; counts once accepted"),
    "settled": Text("该周期已结算，不再重新计算", "The period is settled, and not counted anew"),
    "withdrawn": Text("导入已撤销，不再算数", "Its import was revoked"),
    "refused": Text("经核实不予计入", "Refused on review"),
    "outside": Text("不在任何村的范围内", "Not inside any village"),
    "not_assigned_village": Text("不在当日所联系的村", "Not in a village assigned to the person on that day"),
    "not_in_unit": Text("所在的村不属于本人的责任单位", "The village lies outside the person's units"),
    "no_form": Text("未填写夜访表", "The form of a night visit was not filled in"),
    "too_short": Text("当日（当晚）在该村停留时间不足", "The stay in the village was too short that day or night"),
    "no_household": Text("未填写所走访的农户", "No household was named"),
    "not_your_household": Text(
        "所走访的农户当日不由本人联系", "The household visited was not the person's to visit on that day"
    ),
    "not_at_night": Text("不在规定的夜间时段", "Not within the hours of the night"),
    "same_night": Text("当晚已计一次，不重复计", "Another check-in already stands for this night"),
    "same_visit": Text("当日同一处已计一次，不重复计", "Another check-in already stands for this place and day"),
    "same_household": Text("该户已计一次，不重复计", "Another check-in already stands for this household"),
    "same_day": Text("当日已计一次，不重复计", "Another check-in already stands for this day"),
}
OUTCOMES = tuple(_OUTCOMES)


NOTHING_OWED = Text("这一天没有需要完成的任务", "nothing was owed on that day")


def outcome(code: str) -> Text:
    """`outcome_text` in both languages."""
    return _OUTCOMES[code]


def outcome_text(code: str, language: Language) -> str:
    """Why a check-in counted for a duty or not, for the codes in `Considered`."""
    return _OUTCOMES[code].say(language)


@dataclass(frozen=True, slots=True)
class DutyProgress:
    """任务: what one person owes by one rule in one period, and how far they are. `timezone` is the county's.

    `tracks_off`: it asks for hours, and the county keeps no tracks any more. `review_due_at`: what awaits review
    could meet it, and keeps it open until then. Where it was missed all the same, that review was never made: by
    `unreviewed_by`, people with `id` and `name`.
    """

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
    days: int
    days_there: float
    excuse: str | None
    calendar_assumed: bool
    tracks_off: bool
    share: str
    household_required: bool
    form_required: bool
    min_dwell_min: int | None
    done: int
    pending_review: int
    status: str
    last_visit_at: datetime | None
    timezone: str
    review_due_at: datetime | None = None
    unreviewed_by: Sequence[Mapping[str, object]] = ()

    def days_left(self, now: datetime) -> int:
        """Days of the period that are left, today included; 0 once it is over, and its last night with it."""
        tail = self.night.tail if self.night else timedelta()
        today = (now.astimezone(ZoneInfo(self.timezone)) - tail).date()
        return max((self.period.end - max(today, self.period.start)).days + 1, 0)

    def explanation(self, language: Language, now: datetime) -> str:
        """One sentence: what was owed, what was done, and where that leaves the person."""
        if self.status == "excused":
            why = Excuse.of(self.excuse or Excuse.PRESENCE).say(language)
            said = _EXCUSED.say(language, span=self._span(language, now), why=why)
        else:
            said = self._owed(language, now) + self._state(language, now)
        return (
            said
            + self._wanted(language)
            + (_TRACKS_OFF.say(language) if self.tracks_off and self.status in ("open", "missed") else "")
            + self._awaiting(language)
            + (_ASSUMED.say(language) if self.calendar_assumed else "")
            + ("." if language == "en" else "。")
        )

    def _awaiting(self, language: Language) -> str:
        """What awaits review, and what that means for the duty."""
        if not self.pending_review:
            return ""
        said = _PENDING.say(language, n=self.pending_review)
        if not self.review_due_at:
            return said
        said += _ENOUGH.say(language)
        if self.status != "missed":
            return said
        names = _COMMA.say(language).join(str(each["name"]) for each in self.unreviewed_by)
        return said + _NEVER_REVIEWED.say(
            language,
            review_due_at=self._until(self.review_due_at, language),
            reviewers=_REVIEWERS.say(language, names=names) if names else "",
        )

    def _owed(self, language: Language, now: datetime) -> str:
        zh, one, many = _AMOUNTS[self.measure]
        amount = Text(zh, one if self.required == 1 else many).say(language, n=self.required)
        owed = _OWED.say(language, span=self._span(language, now), amount=amount, done=self.done)
        if self.days_there >= self.days:
            return owed
        reckoned = self.share != "whole" or self.measure in DAILY
        said = _DAYS_THERE if reckoned else _WHOLE_ALL_THE_SAME
        return owed + said.say(language, days=self.days, there=f"{self.days_there:g}")

    def _wanted(self, language: Language) -> str:
        """What the rule asks of a visit, to whom some are still wanting."""
        if self.status not in ("open", "missed") or self.done + self.pending_review >= self.required:
            return ""
        terms = [
            _TERMS["household"].say(language) if self.household_required else "",
            _TERMS["form"].say(language) if self.form_required else "",
            self._hours(language),
            _TERMS["dwell"].say(language, minutes=self.min_dwell_min) if self.min_dwell_min else "",
        ]
        said = _COMMA.say(language).join(filter(None, terms))
        return _WANTED.say(language, terms=said) if said else ""

    def _hours(self, language: Language) -> str:
        if self.night is None:
            return ""
        over = "past_midnight" if self.night.until > DAY_MIN else "night"
        return _TERMS[over].say(language, **self.night.as_dict())

    def _state(self, language: Language, now: datetime) -> str:
        left = self.days_left(now)
        state = "open_over" if self.status == "open" and not left else self.status
        if self.status == "open" and self.review_due_at and self.closes_at <= now:
            state = "waiting"
        return _STATES[state].say(
            language,
            days=left,
            closes_at=self._until(self.closes_at, language),
            review_due_at=self._until(self.review_due_at, language) if self.review_due_at else "",
        )

    def _span(self, language: Language, now: datetime) -> str:
        """The period's days; with the year once that is over."""
        past = self.period.end.year < now.astimezone(ZoneInfo(self.timezone)).year
        return say_days(self.period.start, self.period.end, language, year=past)

    def _until(self, moment: datetime, language: Language) -> str:
        return say_deadline(moment.astimezone(ZoneInfo(self.timezone)), language)

    def as_dict(self, language: Language, now: datetime) -> dict[str, object]:
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
            "days": self.days,
            "days_there": self.days_there,
            "excuse": self.excuse,
            "done": self.done,
            "pending_review": self.pending_review,
            "review_due_at": self.review_due_at and self.review_due_at.astimezone(ZoneInfo(self.timezone)),
            "unreviewed_by": list(self.unreviewed_by),
            "status": self.status,
            "days_left": self.days_left(now),
            "explanation": self.explanation(language, now),
        }


def of_row(row: DutyColumns, timezone: str) -> DutyProgress:
    """From a row with the columns of `duty` and its rule version, as `store._PROGRESS` names them."""
    return DutyProgress(
        id=row.id,
        person_id=row.person_id,
        rule_id=row.rule_id,
        rule_version=row.rule_version,
        rule_name=Text(row.name, row.name_en),
        measure=row.measure,
        night=None
        if row.night_start is None or row.night_until is None
        else NightWindow(row.night_start, row.night_until),
        period=Period.of(row.period_kind, row.start),
        closes_at=row.closes_at,
        required=row.required,
        days=row.days,
        days_there=row.days_there,
        excuse=row.excuse,
        calendar_assumed=row.calendar_assumed,
        tracks_off=row.tracks_off,
        share=row.share,
        household_required=row.household_required,
        form_required=row.form_required,
        min_dwell_min=row.min_dwell_min,
        done=row.done,
        pending_review=row.pending_review,
        status=row.status,
        last_visit_at=row.last_visit_at,
        timezone=timezone,
        review_due_at=row.review_due_at,
        unreviewed_by=row.unreviewed_by or (),
    )
