"""The words of notices, made when read, in the reader's language. None of them names a coordinate."""

from typing import Any, NamedTuple

from app.kernel.language import Language, Text


class _Template(NamedTuple):
    title: Text
    body: Text


_TEMPLATES: dict[str, _Template] = {
    "check_in_held": _Template(
        Text("签到待核实", "A check-in is held for review"),
        Text(
            "您的一次签到需要核实后才能计入任务，原因见签到详情。",
            "One of your check-ins counts only once it has been reviewed; the check-in says why.",
        ),
    ),
    "check_in_counted": _Template(
        Text("签到已核实：计入任务", "A check-in was reviewed: it counts"),
        Text(
            "您 {day} 的一次签到经{post}核实，计入任务，理由见签到详情。",
            "{post} reviewed your check-in of {day}: it counts. The check-in says why.",
        ),
    ),
    "check_in_refused": _Template(
        Text("签到已核实：不计入任务", "A check-in was reviewed: it does not count"),
        Text(
            "您 {day} 的一次签到经{post}核实，不计入任务，理由见签到详情。如有异议，可以申诉。",
            "{post} reviewed your check-in of {day}: it does not count. The check-in says why. "
            "If you disagree, you may appeal.",
        ),
    ),
    "duty_missed": _Template(
        Text("任务未完成", "A duty was missed"),
        Text(
            "{start}至{end}“{rule}”应完成 {required}，已完成 {done}。"
            "手机上若还有未上传的签到，请尽快上传，系统会重新统计。",
            "{rule}, {start} to {end}: {required} owed, {done} done. If check-ins still wait on your phone, "
            "upload them: the duty is counted anew.",
        ),
    ),
    "flag_raised": _Template(
        Text("预警：{person} 任务未完成", "Flag: {person} missed a duty"),
        Text(
            "{person} {start}至{end}“{rule}”应完成 {required}，已完成 {done}，连续第 {misses} 期未完成。",
            "{person}, {rule}, {start} to {end}: {required} owed, {done} done; periods missed in a row: {misses}.",
        ),
    ),
    "flag_withdrawn": _Template(
        Text("预警已撤销：{person}", "Flag withdrawn: {person}"),
        Text(
            "{person} {start}至{end}“{rule}”重新统计后应完成 {required}，已完成 {done}，预警已撤销。",
            "{person}, {rule}, {start} to {end}, counted anew: {required} owed, {done} done; "
            "the flag is withdrawn.",
        ),
    ),
}
KINDS = tuple(_TEMPLATES)


def title(kind: str, about: dict[str, Any], language: Language) -> str:
    return _TEMPLATES[kind].title.say(language, **_values(about, language))


def body(kind: str, about: dict[str, Any], language: Language) -> str:
    return _TEMPLATES[kind].body.say(language, **_values(about, language))


def _values(about: dict[str, Any], language: Language) -> dict[str, Any]:
    """What the texts name: names in the reader's language, people by name."""
    named = {key: value["name"] for key, value in about.items() if isinstance(value, dict) and "name" in value}
    if "rule" in about:
        named["rule"] = about["rule"]["name_en" if language == "en" else "name"]
    return {**about.get("period", {}), **about, **named}
