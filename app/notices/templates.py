"""The words of notices, made when read, in the reader's language. None of them names a coordinate."""

import re
from datetime import date, datetime
from typing import Any, NamedTuple

from app.kernel.days import say_day, say_days
from app.kernel.language import Language, Text

_DAY = re.compile(r"\d{4}-\d\d-\d\d\Z")


class _Template(NamedTuple):
    title: Text
    body: Text


_TEMPLATES: dict[str, _Template] = {
    "check_in_held": _Template(
        Text("签到待核实", "A check-in is held for review"),
        Text(
            "您{day}的一次签到需要核实后才能计入任务。原因：{why}。如能说明情况，请联系负责您的领导。",
            "Your check-in of {day} counts only once it has been reviewed. Why: {why}. "
            "If you can explain it, turn to the leader who answers for you.",
        ),
    ),
    "check_in_counted": _Template(
        Text("签到已核实：计入任务", "A check-in was reviewed: it counts"),
        Text(
            "您{day}的一次签到经{post}核实，计入任务，理由见签到详情。",
            "{post} reviewed your check-in of {day}: it counts. The check-in says why.",
        ),
    ),
    "check_in_accepted": _Template(
        Text("签到已核实属实，但未计入任务", "A check-in was accepted, but counts for no duty"),
        Text(
            "您{day}的一次签到经{post}核实属实，但没有计入任务：{why}。如有疑问，请联系负责您的领导。",
            "{post} accepted your check-in of {day}, but it counts for no duty: {why}. "
            "If that seems wrong, turn to the leader who answers for you.",
        ),
    ),
    "check_in_refused": _Template(
        Text("签到已核实：不予认定", "A check-in was reviewed: it does not count"),
        Text(
            "您{day}的一次签到经{post}核实，不予认定，理由见签到详情。如有异议，可以申诉。",
            "{post} reviewed your check-in of {day}: it does not count. The check-in says why. "
            "If you disagree, you may appeal.",
        ),
    ),
    "check_in_judged_again": _Template(
        Text("签到已重新判定：{standing}", "A check-in was judged again: {standing}"),
        Text(
            "您{day}的一次签到因{cause}重新判定，现为“{standing}”，原因见签到详情。",
            "Because of {cause}, your check-in of {day} was judged again: it is {standing} now. "
            "The check-in says why.",
        ),
    ),
    "duty_reminder": _Template(
        Text("任务提醒：{rule}", "Reminder: {rule}"),
        Text(
            "{days}“{rule}”应完成 {required}，已完成 {done}，还差 {wanting}，连今天还有 {left} 天。{waiting}",
            "{rule}, {days}: {required} owed, {done} done, {wanting} to go; "
            "days left with today: {left}. {waiting}",
        ),
    ),
    "duty_reminders": _Template(
        Text("任务提醒：{count} 项未完成", "Reminder: {count} duties"),
        Text("{summary}", "{summary}"),
    ),
    "weekly_digest": _Template(
        Text("周报 {week}：{missed} 人未完成", "Week {week}: {missed} behind"),
        Text("{summary}", "{summary}"),
    ),
    "daily_summary": _Template(
        Text("每日汇总 {day}：{headline}", "Summary of {day}: {headline}"),
        Text("{summary}", "{summary}"),
    ),
    "duty_missed": _Template(
        Text("任务未完成", "A duty was missed"),
        Text(
            "{days}“{rule}”应完成 {required}，已完成 {done}。"
            "{review}手机上若还有未上传的签到，请尽快上传，系统会重新统计。",
            "{rule}, {days}: {required} owed, {done} done. {review}"
            "If check-ins still wait on your phone, upload them: the duty is counted anew.",
        ),
    ),
    "flag_escalated": _Template(
        Text("预警升级：{person} 任务未完成", "Flag escalated: {person} missed a duty"),
        Text(
            "{person} {days}“{rule}”应完成 {required}，已完成 {done}，"
            "预警逾期无人签收，已提交{put_before}。{review}",
            "{person}, {rule}, {days}: {required} owed, {done} done. Nobody has acknowledged the flag; "
            "it is put before {put_before} now. {review}",
        ),
    ),
    "flag_withdrawn": _Template(
        Text("预警已撤销：{person}", "Flag withdrawn: {person}"),
        Text(
            "{person} {days}“{rule}”重新统计后应完成 {required}，已完成 {done}，预警已撤销。{review}",
            "{person}, {rule}, {days}, counted anew: {required} owed, {done} done; "
            "the flag is withdrawn. {review}",
        ),
    ),
    "appeal_filed": _Template(
        Text("申诉待处理：{person}", "An appeal awaits decision: {person}"),
        Text(
            "{person} 对{subject}提出申诉，请在{due}前办结。",
            "{person} appeals against {subject}. It is to be settled by {due}.",
        ),
    ),
    "appeal_upheld": _Template(
        Text("申诉已决定：维持原认定（{person}）", "An appeal was decided: nothing changes ({person})"),
        Text(
            "{person} 对{subject}的申诉，经{post}决定维持原认定：{reason}",
            "The appeal of {person} against {subject} was decided by {post}: the finding stands. {reason}",
        ),
    ),
    "appeal_overturned": _Template(
        Text("申诉成立：{person}", "An appeal succeeded: {person}"),
        Text(
            "{person} 对{subject}的申诉，经{post}决定成立，原认定已改正：{reason}",
            "The appeal of {person} against {subject} was decided by {post}: it succeeds. {reason}",
        ),
    ),
    "leave_asked": _Template(
        Text("请假待批：{person}", "Leave to decide: {person}"),
        Text(
            "{person} 申请{from_date}至{until_date}请假（报备），请审批。",
            "{person} asks for leave, {from_date} to {until_date}.",
        ),
    ),
    "leave_approved": _Template(
        Text("请假已批准", "Leave approved"),
        Text(
            "您{from_date}至{until_date}的请假（报备）已批准，任务已重新统计。",
            "Your leave, {from_date} to {until_date}, is approved; your duties are counted anew.",
        ),
    ),
    "leave_refused": _Template(
        Text("请假未批准", "Leave refused"),
        Text(
            "您{from_date}至{until_date}的请假（报备）未获批准，理由见请假详情。",
            "Your leave, {from_date} to {until_date}, was refused; the reason stands beside it.",
        ),
    ),
    "leave_revoked": _Template(
        Text("请假批准已撤销", "Leave revoked"),
        Text(
            "您{from_date}至{until_date}的请假（报备）自{since}起撤销批准，任务已重新统计，理由见请假详情。",
            "Your leave, {from_date} to {until_date}, is revoked from {since} on; your duties are counted anew. "
            "The reason stands beside it.",
        ),
    ),
    "sos": _Template(
        Text("紧急求助：{person}", "Call for help: {person}"),
        Text(
            "{person}（电话 {phone}）于 {at} 发出紧急求助，请立即联系。",
            "{person} (phone {phone}) called for help at {at}. Get in touch at once.",
        ),
    ),
    "channel_test": _Template(
        Text("测试通知", "A test"),
        Text("这是一条测试通知，收到即说明该渠道可用。", "This is a test. Who reads it can be reached this way."),
    ),
    "client_encrypted": _Template(
        Text("定位应用的内容无法读取", "The tracking app cannot be read"),
        Text(
            "您的 OwnTracks 开启了内容加密，服务器无法读取，签到没有记录。请在应用设置中清除加密密码。",
            "Your OwnTracks encrypts what it sends, so nothing of it is recorded. "
            "Clear the encryption key in the app's settings.",
        ),
    ),
    "activation_issued": _Template(
        Text("办公室为您发了新的激活码", "The office made an activation code for you"),
        Text(
            "{issuer}为您的账号发了激活码。用它可以重新设置密码；在用之前，现有密码照常有效。"
            "如果不是您要求的，请马上联系县办公室。",
            "{issuer} made an activation code for your account. It sets a new password; until it is used, your "
            "present one stays good. If you did not ask for it, turn to the county's office at once.",
        ),
    ),
    "new_device": _Template(
        Text("您的账号在新设备上登录", "Your account was signed in on a new device"),
        Text(
            "{at}，您的账号在一台新的设备（{client}）上登录。如果不是您本人，请马上修改密码，"
            "并在“我的账号”或“我的数据”中退出该处登录，或联系县办公室。",
            "At {at} your account was signed in on a new device ({client}). If it was not you, change your "
            "password at once and end that session under My account, or turn to the county's office.",
        ),
    ),
    "client_key_issued": _Template(
        Text("已为您的设备生成密钥", "A key was made for your device"),
        Text(
            "{issuer} 为您生成了 {client} 的密钥。若您并不知情，请在“我的密钥”中停用。",
            "{issuer} made a key for {client} in your name. If you did not ask for it, revoke it under your keys.",
        ),
    ),
}
KINDS = tuple(_TEMPLATES)
"""What people are told of today."""

# Told no more, but in inboxes.
_PAST: dict[str, _Template] = {
    "flag_raised": _Template(
        Text("预警：{person} 任务未完成", "Flag: {person} missed a duty"),
        Text(
            "{person} {days}“{rule}”应完成 {required}，已完成 {done}，连续第 {misses} 期未完成。{review}",
            "{person}, {rule}, {days}: {required} owed, {done} done; periods missed in a row: {misses}. {review}",
        ),
    ),
}

# What others may see on a locked phone says neither where someone was nor what was written about it.
_PRIVATE = frozenset({"reason", "why", "summary"})
_SEE_APP = Text("（详见应用）", "(see the app)")


class Words(NamedTuple):
    """What a notice says, in one language; as a template, with `{name}` where something is filled in."""

    title: str
    body: str


def template(kind: str, language: Language) -> Words:
    """The house's own words, before anything is filled in."""
    texts = _TEMPLATES.get(kind) or _PAST[kind]
    return Words(*(text.en if language == "en" else text.zh for text in texts))


def own_words(title: str | None, body: str | None) -> Words | None:
    """The county's own words for the kind, where it has some."""
    return None if title is None or body is None else Words(title, body)


def words(kind: str, about: dict[str, object], language: Language, own: Words | None = None) -> Words:
    """What the inbox says, in the county's `own` words where it has some."""
    return _fill(own or template(kind, language), _values(about, language))


def lock_screen(kind: str, about: dict[str, object], language: Language, own: Words | None = None) -> Words:
    """The same for a screen that others may see."""
    hidden = dict.fromkeys(_PRIVATE & about.keys(), _SEE_APP.say(language))
    return _fill(own or template(kind, language), _values(about, language) | hidden)


class _Known(dict[str, object]):
    """A notice from before its template changed may lack what the new words name."""

    def __missing__(self, name: str) -> str:
        return "—"


def _fill(said: Words, values: dict[str, object]) -> Words:
    known = _Known(values)
    return Words(said.title.format_map(known).strip(), said.body.format_map(known).strip())


def _values(about: dict[str, Any], language: Language) -> dict[str, object]:
    """What the texts name: names in the reader's language, people by name."""
    name = "name_en" if language == "en" else "name"
    named = {
        key: value.get(name, value["name"])
        for key, value in about.items()
        if isinstance(value, dict) and "name" in value
    }
    period = about.get("period", {})
    known = {"review": "", **period, **about}  # flags from before had nothing to say of `review`
    said = {key: _day(value, language) for key, value in known.items()}
    if period:
        said["days"] = say_days(_date(period["start"]), _date(period["end"]), language)
    return said | named


def _date(value: date | str) -> date:
    return value if isinstance(value, date) else date.fromisoformat(value)


def _day(value: object, language: Language) -> object:
    """A day in words; a notice that is stored holds it as `2026-11-16`. Anything else as it is."""
    if isinstance(value, date) and not isinstance(value, datetime):
        return say_day(value, language)
    return say_day(date.fromisoformat(value), language) if isinstance(value, str) and _DAY.match(value) else value
