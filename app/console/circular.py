"""通报: the words of the circular of a period, and the values that fill it. The numbers are those of the board.

A county may say it in words of its own: `NAMES` are the values that its template may name.
"""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import NamedTuple

from app.exchange.documents import Values
from app.exchange.official import Paper
from app.kernel.days import say_days
from app.kernel.language import Language, Text
from app.reads.answers.board import Compliance, Duty, Tally

NAME = Text("通报", "Circular")


class Name(NamedTuple):
    """A value of the circular: what it is, and how it may look."""

    meaning: Text
    example: str | int


class Listed(NamedTuple):
    """A list of the circular, and what each of its items has."""

    meaning: Text
    span: str  # how the house's template repeats it: by row (tr) or by paragraph (p)
    item: str  # what it calls one
    names: Mapping[str, Name]

    def begin(self, name: str) -> str:
        return f"{{%{self.span} for {self.item} in {name} %}}"

    @property
    def end(self) -> str:
        return f"{{%{self.span} endfor %}}"


_COUNTS = {
    "owed": Name(Text("应完成人数（不含不作要求的）", "how many people owed it, without the excused"), 120),
    "met": Name(Text("按时完成人数", "how many met it in time"), 96),
    "met_late": Name(Text("补报完成人数", "how many met it late"), 8),
    "missed": Name(Text("未完成人数", "how many missed it"), 12),
    "open": Name(Text("待完成或待核实人数", "how many are still open or await review"), 4),
    "excused": Name(Text("不作要求人数", "how many were excused"), 6),
    "rate": Name(Text("完成率；无人应完成时为“—”", "the rate of those who met it; — where nobody owed"), "86.7%"),
}
NAMES: Mapping[str, Name | Listed] = {
    "unit": Name(Text("通报哪个单位（全县时为县名）", "whose circular it is"), "田林县"),
    "rule": Name(Text("任务规则的名称", "the name of the duty rule"), "领导夜访"),
    "period": Name(Text("周期的编号", "the period's id"), "2026-W46"),
    "days": Name(Text("周期的起止日期", "the period's days"), "2026年11月9日至15日"),
    "start": Name(Text("周期的第一天", "the period's first day"), "2026-11-09"),
    "end": Name(Text("周期的最后一天", "the period's last day"), "2026-11-15"),
    "as_of": Name(Text("数据截至的时间", "the moment of the numbers"), "2026-11-18 20:10"),
    "today": Name(Text("制作的日期", "the day on which it is made"), "2026年11月18日"),
    **_COUNTS,
    "units": Listed(
        Text("各单位，一个一行", "the units, one after the other"),
        "tr",
        "row",
        {"name": Name(Text("单位名称", "the unit's name"), "利周乡"), **_COUNTS},
    ),
    "people": Listed(
        Text("未完成的人，一个一段", "the people who missed it, one after the other"),
        "p",
        "person",
        {
            "name": Name(Text("姓名", "the person's name"), "韦志强"),
            "unit": Name(Text("责任单位", "the person's unit"), "利周乡突击班"),
            "category": Name(Text("人员类别", "the person's category"), "帮扶干部"),
            "required": Name(Text("应完成数", "how much was owed"), 2),
            "done": Name(Text("已完成数", "how much was done"), 1),
            "appeal": Name(
                Text("申诉的状态；没有申诉时为空", "how the appeal stands; empty without one"), "待复查"
            ),
        },
    ),
}
"""Everything that a template may name; docs/circular-names.md is made of it."""

# Not for `Text.say`: the braces are the template's.
_TITLE = Text("{{ unit }}关于{{ rule }}完成情况的通报", "{{ unit }}: circular on {{ rule }}")
_PERIOD = Text("（{{ days }}）", "({{ days }})")
_WHOLE = Text("一、总体情况", "1. The whole")
_TOTAL = Text(
    "本期应完成{{ owed }}人，另有{{ excused }}人不作要求。按时完成{{ met }}人，补报完成{{ met_late }}人，"
    "未完成{{ missed }}人{% if open %}，待完成或待核实{{ open }}人{% endif %}，完成率{{ rate }}。",
    "{{ owed }} people owed, and {{ excused }} more were excused. {{ met }} met it in time, {{ met_late }} late,"
    " {{ missed }} missed it{% if open %}, {{ open }} are still open or await review{% endif %}; rate {{ rate }}.",
)
_BY_UNIT = Text("二、各单位情况", "2. By unit")
_MISSED = Text("三、未完成人员", "3. Who missed it")
_PERSON = Text(
    "{{ person.name }}（{{ person.unit }}，{{ person.category }}）：应完成{{ person.required }}，"
    "已完成{{ person.done }}{% if person.appeal %}，申诉{{ person.appeal }}{% endif %}。",
    "{{ person.name }} ({{ person.unit }}, {{ person.category }}): {{ person.done }} of {{ person.required }}"
    "{% if person.appeal %}, appeal {{ person.appeal }}{% endif %}.",
)
_NONE = Text("无。", "Nobody.")
_AS_OF = Text(
    "数据截至{{ as_of }}。对认定有异议的，可在系统中申诉。",
    "As of {{ as_of }}. Whoever holds a finding to be wrong may appeal in the system.",
)
_HEADINGS = (
    Text("单位", "Unit"),
    Text("应完成", "Owed"),
    Text("按时", "Met"),
    Text("补报", "Late"),
    Text("未完成", "Missed"),
    Text("不作要求", "Excused"),
    Text("完成率", "Rate"),
)
_CELLS = ("name", "owed", "met", "met_late", "missed", "excused", "rate")
_OWN = Text("{unit}（本级直属）", "{unit} (its own people)")
_NO_RATE = "—"


def house(language: Language) -> bytes:
    """The circular as the house words it, with the places of its values, as .docx."""

    def said(text: Text) -> str:
        return text.en if language == "en" else text.zh

    paper = Paper()
    paper.title(said(_TITLE))
    paper.centred(said(_PERIOD))
    paper.heading(said(_WHOLE))
    paper.text(said(_TOTAL))
    paper.heading(said(_BY_UNIT))
    paper.table(
        [said(heading) for heading in _HEADINGS],
        [f"{{{{ row.{cell} }}}}" for cell in _CELLS],
        before="{%tr for row in units %}",
        after="{%tr endfor %}",
    )
    paper.heading(said(_MISSED))
    for line in ("{%p for person in people %}", said(_PERSON), "{%p endfor %}"):
        paper.text(line)
    for line in ("{%p if not people %}", said(_NONE), "{%p endif %}"):
        paper.text(line)
    paper.text(said(_AS_OF), keeps=True)
    paper.signature("{{ unit }}", "{{ today }}")
    return paper.made()


def samples() -> list[Values]:
    """Values of every shape, which a template must bear: many people and units; nobody behind; nobody owes."""
    return [_sample(units=100, people=5000), _sample(units=1, people=0), _sample(units=0, people=0, count=0)]


def _sample(*, units: int, people: int, count: int | None = None) -> Values:
    def examples(names: Mapping[str, Name]) -> dict[str, str | int]:
        return {name: _counted(each.example, count) for name, each in names.items()}

    how_many = {"units": units, "people": people}
    return {
        name: [examples(each.names)] * how_many[name]
        if isinstance(each, Listed)
        else _counted(each.example, count)
        for name, each in NAMES.items()
    }


def _counted(example: str | int, count: int | None) -> str | int:
    return example if count is None or isinstance(example, str) else count


def values(
    unit: str, compliance: Compliance, missed: Sequence[Duty], local: datetime, language: Language
) -> Values:
    """What a circular may name: of the whole, of each of `units`, and of each of the `people` who missed it.

    `unit` is whose circular it is, `local` the moment of the numbers at the county's time.
    """

    def day(of: datetime) -> str:
        return f"{of.year}年{of.month}月{of.day}日" if language == "zh-CN" else f"{of:%Y-%m-%d}"

    return {
        "unit": unit,
        "rule": compliance.rule.name,
        "period": compliance.period.id,
        "days": say_days(compliance.period.start, compliance.period.end, language, year=True),
        "start": compliance.period.start.isoformat(),
        "end": compliance.period.end.isoformat(),
        "as_of": f"{local:%Y-%m-%d %H:%M}",
        "today": day(local),
        **_tally(compliance.total),
        "units": [
            {
                "name": (_OWN.say(language, unit=item.unit.name) if item.own else item.unit.name),
                **_tally(item),
            }
            for item in compliance.items
            if item.unit
        ],
        "people": [
            {
                "name": duty.person.name,
                "unit": duty.unit.name,
                "category": duty.person.category.text.say(language),
                "required": duty.required,
                "done": duty.done,
                "appeal": duty.appeal.status.text.say(language) if duty.appeal else "",
            }
            for duty in missed
        ],
    }


def _tally(tally: Tally) -> dict[str, str | int]:
    return {
        "owed": tally.people - tally.excused,
        "met": tally.met,
        "met_late": tally.met_late,
        "missed": tally.missed,
        "open": tally.open,
        "excused": tally.excused,
        "rate": _NO_RATE if tally.rate is None else f"{tally.rate:.1%}",
    }
