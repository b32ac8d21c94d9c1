"""个人履职情况表: the words of a person's sheet on paper, and the values that fill it."""

from collections.abc import Sequence
from datetime import date

from app.checkins.words import Standing
from app.console.exports import Said
from app.duties.progress import NOTHING_OWED
from app.duties.words import DutyStatus
from app.exchange.documents import Values
from app.exchange.official import Paper
from app.kernel.days import say_day, say_days
from app.kernel.language import Language, Text
from app.reads.answers.appeals import Appeal, AppealDecided
from app.reads.answers.board import Flag, LeaveDecided
from app.reads.answers.directory import Assignment
from app.reads.answers.leave import LeaveItem
from app.reads.answers.person_sheet import CheckInCount, DutyTotals, HeldPost, PersonSheet, SheetCheckIn, SheetDuty

NAME = Text("个人履职情况表", "Sheet of duties")

_DAYS = Text("（{days}）", "({days})")
_FACTS = (
    (Text("姓名", "Name"), "name"),
    (Text("人员类别", "Category"), "category"),
    (Text("工号", "Number"), "number"),
    (Text("责任单位", "Unit"), "unit"),
    (Text("派出单位", "Sent by"), "department"),
    (Text("任职", "Posts"), "posts"),
    (Text("结对联系", "Answers for"), "assignments"),
    (Text("手机联系", "Phone"), "contact"),
)
_TOTALS = Text("一、总体情况", "1. The whole")
_DUTIES = Text("二、各期任务", "2. Duties by period")
_CHECK_INS = Text("三、签到", "3. Check-ins")
_LEAVE = Text("四、请假报备", "4. Leave")
_FLAGS = Text("五、预警", "5. Flags")
_APPEALS = Text("六、申诉", "6. Appeals")
_RULES = Text("七、任务规则", "7. The rules")
_NONE = Text("无。", "None.")
_AS_OF = Text("{county}，数据截至{as_of}。", "{county}, as of {as_of}.")
_DASH = "—"

_SINCE = Text("{since}起", "since {since}")
_SPAN = Text("{since}至{until}前", "{since} until before {until}")
_HELD = Text("{what}（{when}）", "{what} ({when})")
_CONTACT = Text("最近联系 {at}", "last heard from {at}")
_NEVER = Text("从未联系上", "never heard from")
_WAITING = Text("；手机上还有 {n} 次签到未上传", "; {n} check-ins still on the phone")
_NOT_COUNTED = Text("所列签到未计入：{why}。", " Listed check-ins that did not count: {why}.")
_TIMES = Text("{why} {n} 次", "{why}: {n}")
_PARTLY = Text(
    "（周期超出所选日期，只列所选日期内的签到。）",
    " (The period goes beyond these days, only whose check-ins are listed.)",
)
_STAYED = Text("在村 {hours} 小时：{places}。", " {hours} h in villages: {places}.")
_AWAITED = Text("待核实", "awaiting review")
_DISTANCE = Text("{place}，距村界 {m} 米", "{place}, {m} m from the boundary")
_NO_FIX = Text("没有定位", "no position")
_COUNTED = Text("{rule} {period}：计入", "{rule} {period}: counted")
_LATE = Text("{rule} {period}：计入（补报）", "{rule} {period}: counted, late")
_UNCOUNTED = Text("{rule} {period}：不计，{why}", "{rule} {period}: not counted. {why}")
_WAITS = Text("{rule} {period}：{why}", "{rule} {period}: {why}")
_NOTED = Text("备注：{note}", "Note: {note}")
_BY = Text("{name}（{post}）{decision}：{reason}", "{name} ({post}), {decision}: {reason}")
_HALF = {"am": Text("上午", " morning"), "pm": Text("下午", " afternoon")}
_UNTIL = Text("{first}至{last}", "{first} to {last}")
_DECIDED = Text("{name}：{reason}", "{name}: {reason}")
_APPEALED = Text("申诉：{status}", "Appeal: {status}")
_RULE = Text("{rule}（第 {version} 版）：{text}", "{rule} (version {version}): {text}")
_OF_DUTY = Text("{rule} {period}预警", "Flag: {rule} {period}")
_OF_CHECK_IN = Text("{at} 签到（{standing}）", "Check-in {at} ({standing})")

Table = tuple[str, Sequence[tuple[Text, str, int]]]  # of which list; heading, value and width in mm of each column
_BY_RULE: Table = (
    "by_rule",
    (
        (Text("任务", "Duty"), "rule", 24),
        (Text("期数", "Duties"), "duties", 15),
        (Text("应完成", "Owed"), "required", 15),
        (Text("已完成", "Done"), "done", 15),
        (Text("按时", "Met"), "met", 12),
        (Text("补报", "Late"), "met_late", 12),
        (Text("未完成", "Missed"), "missed", 16),
        (Text("待完成", "To do"), "open", 15),
        (Text("不作要求", "Excused"), "excused", 17),
        (Text("完成率", "Rate"), "rate", 15),
    ),
)
_OF_DUTIES: Table = (
    "duties",
    (
        (Text("任务", "Duty"), "rule", 24),
        (Text("周期", "Period"), "period", 20),
        (Text("已/应", "Done"), "progress", 14),
        (Text("状态", "Status"), "status", 18),
        (Text("说明", "Explanation"), "said", 80),
    ),
)
_OF_CHECK_INS: Table = (
    "check_ins",
    (
        (Text("时间", "Time"), "at", 22),
        (Text("村", "Village"), "village", 20),
        (Text("位置判定", "Place"), "place", 22),
        (Text("效力", "Standing"), "standing", 18),
        (Text("计入情况", "Counted"), "counts", 40),
        (Text("原因和核实", "Reasons and review"), "reasons", 34),
    ),
)
_OF_LEAVE: Table = (
    "leave",
    (
        (Text("种类", "Kind"), "kind", 20),
        (Text("起止", "Days"), "days", 40),
        (Text("状态", "Status"), "status", 20),
        (Text("事由", "Reason"), "reason", 38),
        (Text("审批", "Decision"), "decision", 38),
    ),
)
_OF_FLAGS: Table = (
    "flags",
    (
        (Text("任务", "Duty"), "rule", 28),
        (Text("周期", "Period"), "period", 20),
        (Text("产生时间", "Raised"), "raised", 24),
        (Text("提交给", "Put before"), "level", 32),
        (Text("状态", "Status"), "status", 20),
        (Text("理由和申诉", "Reason, appeal"), "reason", 32),
    ),
)
_OF_APPEALS: Table = (
    "appeals",
    (
        (Text("对象", "Against"), "about", 36),
        (Text("提出时间", "Filed"), "filed", 22),
        (Text("内容", "Text"), "text", 40),
        (Text("状态", "Status"), "status", 20),
        (Text("决定", "Decision"), "decision", 38),
    ),
)


def house(language: Language) -> bytes:
    """The sheet as the house words it, with the places of its values, as .docx."""
    paper = Paper()
    paper.title(NAME.say(language))
    paper.centred("{{ span }}")
    paper.facts([(heading.say(language), f"{{{{ {name} }}}}") for heading, name in _FACTS])
    for heading, (of, columns) in (
        (_TOTALS, _BY_RULE),
        (_DUTIES, _OF_DUTIES),
        (_CHECK_INS, _OF_CHECK_INS),
        (_LEAVE, _OF_LEAVE),
        (_FLAGS, _OF_FLAGS),
        (_APPEALS, _OF_APPEALS),
    ):
        paper.heading(heading.say(language))
        for line in (f"{{%p if not {of} %}}", _NONE.say(language), "{%p endif %}", f"{{%p if {of} %}}"):
            paper.text(line)
        paper.table(
            [heading.say(language) for heading, _, _ in columns],
            [f"{{{{ row.{name} }}}}" for _, name, _ in columns],
            before=f"{{%tr for row in {of} %}}",
            after="{%tr endfor %}",
            widths=[width for _, _, width in columns],
        )
        paper.text("{%p endif %}")
    paper.heading(_RULES.say(language))
    for line in ("{%p for rule in rules %}", "{{ rule.text }}", "{%p endfor %}", "{{ as_of }}"):
        paper.note(line)
    return paper.made()


def values(county: str, sheet: PersonSheet, said: Said) -> Values:
    """What the sheet names, each as it is written."""
    person, language = sheet.person, said.language
    contact = (
        _CONTACT.say(language, at=_at(said, person.last_contact_at))
        if person.last_contact_at
        else _NEVER.say(language)
    )
    if person.waiting and person.waiting.count:
        contact += _WAITING.say(language, n=person.waiting.count)
    return {
        "span": _DAYS.say(language, days=say_days(sheet.from_, sheet.to, language, year=True)),
        "name": person.name,
        "category": person.category.say(language),
        "number": person.number or _DASH,
        "unit": person.unit.name,
        "department": person.department.name if person.department else _DASH,
        "posts": _lines([_post(post, language) for post in sheet.posts]),
        "assignments": _lines([_assignment(each, language) for each in sheet.assignments]),
        "contact": contact,
        "by_rule": [{"rule": each.rule.name, **_figures(each)} for each in sheet.by_rule],
        "duties": [_duty(duty, language) for duty in sheet.duties],
        "check_ins": [_check_in(each, said) for each in sheet.check_ins],
        "leave": [_leave(each, language) for each in sheet.leave],
        "flags": [_flag(each, said) for each in sheet.flags],
        "appeals": [_appeal(each, said) for each in sheet.appeals],
        "rules": [
            {"text": _RULE.say(language, rule=rule.name, version=rule.version, text=rule.text)}
            for rule in sheet.rules
        ],
        "as_of": _AS_OF.say(language, county=county, as_of=_at(said, sheet.as_of)),
    }


def _at(said: Said, moment: object) -> str:
    return f"{said(moment):%Y-%m-%d %H:%M}"


def _lines(said: Sequence[str]) -> str:
    return "\n".join(filter(None, said)) or _DASH


def _held(what: str, since: date, until: date | None, language: Language) -> str:
    when = _SPAN.say(language, since=since, until=until) if until else _SINCE.say(language, since=since)
    return _HELD.say(language, what=what, when=when)


def _post(post: HeldPost, language: Language) -> str:
    return _held(post.title or f"{post.unit.name} {post.role.say(language)}", post.from_, post.until, language)


def _assignment(each: Assignment, language: Language) -> str:
    house = f" {each.household.head_name}" if each.household else ""
    return _held(each.village.name + house, each.from_, each.until, language)


def _figures(totals: DutyTotals) -> dict[str, str | int]:
    counted = totals.model_dump(exclude={"rule", "rate"})
    return counted | {"rate": _DASH if totals.rate is None else f"{totals.rate:.1%}"}


def _duty(duty: SheetDuty, language: Language) -> dict[str, str | int]:
    said = duty.explanation
    awaits = duty.status == DutyStatus.OPEN and duty.review_due_at
    counted = [stay for stay in duty.stays if stay.counted]
    if counted:
        hours, places = sum(stay.hours for stay in counted), sorted({stay.village.name for stay in counted})
        said += _STAYED.say(language, hours=f"{hours:g}", places=_joined(places, language))
    if duty.not_counted:
        why = [_TIMES.say(language, why=each.detail, n=each.check_ins) for each in duty.not_counted]
        said += _NOT_COUNTED.say(language, why=_joined(why, language))
    return {
        "rule": duty.rule.name,
        "period": duty.period.id,
        "progress": f"{duty.done}/{duty.required}",
        "status": _AWAITED.say(language) if awaits else duty.status.say(language),
        "said": said if duty.whole else said + _PARTLY.say(language),
    }


def _joined(said: Sequence[str], language: Language) -> str:
    return ("; " if language == "en" else "、").join(said)


def _check_in(each: SheetCheckIn, said: Said) -> dict[str, str | int]:
    language = said.language
    place = each.place.say(language) if each.position else _NO_FIX.say(language)
    if each.position and each.distance_m:
        place = _DISTANCE.say(language, place=place, m=round(each.distance_m))
    counts = [
        _outcome(count).say(
            language, rule=count.rule.name, period=count.period.id, why=count.reason.detail if count.reason else ""
        )
        for count in each.counts
    ]
    reasons = [reason.detail for reason in each.reasons]
    if each.review:
        by, decision = each.review.reviewer.name, each.review.decision.say(language)
        reasons.append(
            _BY.say(language, name=by, post=each.review.post, decision=decision, reason=each.review.reason)
        )
    if each.note:
        reasons.append(_NOTED.say(language, note=each.note))
    village = each.found_in_village or each.village
    return {
        "at": _at(said, each.visited_at),
        "village": village.name if village else _DASH,
        "place": place,
        "standing": each.standing.say(language),
        "counts": _lines(counts) if counts else NOTHING_OWED.say(language),
        "reasons": _lines(reasons),
    }


def _outcome(count: CheckInCount) -> Text:
    if count.reason:
        return _WAITS if count.reason.code == Standing.HELD else _UNCOUNTED
    return _COUNTED if count.in_time else _LATE


def _leave(each: LeaveItem, language: Language) -> dict[str, str | int]:
    first = f"{say_day(each.from_date, language, year=True)}{_HALF[each.from_half].say(language)}"
    last = f"{say_day(each.until_date, language)}{_HALF[each.until_half].say(language)}"
    return {
        "kind": each.kind.say(language),
        "days": _UNTIL.say(language, first=first, last=last),
        "status": each.status.say(language),
        "reason": each.reason or _DASH,
        "decision": _decided(each.decision, language),
    }


def _decided(decision: LeaveDecided | AppealDecided | None, language: Language) -> str:
    return _DECIDED.say(language, name=decision.by.name, reason=decision.reason) if decision else _DASH


def _flag(each: Flag, said: Said) -> dict[str, str | int]:
    appeal = each.appeal and _APPEALED.say(said.language, status=each.appeal.status.say(said.language))
    return {
        "rule": each.duty.rule.name,
        "period": each.duty.period.id,
        "raised": _at(said, each.raised_at),
        "level": f"{each.level_name}\n{_joined([who.name for who in each.answerable], said.language)}".strip(),
        "status": each.status.say(said.language),
        "reason": _lines([each.reason or "", appeal or ""]),
    }


def _appeal(each: Appeal, said: Said) -> dict[str, str | int]:
    language, about = said.language, _DASH
    if each.duty:
        about = _OF_DUTY.say(language, rule=each.duty.rule.name, period=each.duty.period.id)
    elif each.check_in:
        about = _OF_CHECK_IN.say(
            language, at=_at(said, each.check_in.captured_at), standing=each.check_in.standing.say(language)
        )
    return {
        "about": about,
        "filed": _at(said, each.filed_at),
        "text": each.text,
        "status": each.status.say(language),
        "decision": _decided(each.decision, language),
    }
