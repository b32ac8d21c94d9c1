"""通报: the words of the circular of a period, and the values that fill it. The numbers are those of the board."""

from collections.abc import Sequence
from datetime import datetime

from app.exchange.documents import Values
from app.exchange.official import Paper
from app.kernel.language import Language, Text
from app.reads.answers.board import Compliance, Duty, Tally

NAME = Text("通报", "Circular")

# Not for `Text.say`: the braces are the template's.
_TITLE = Text("{{ unit }}关于{{ rule }}完成情况的通报", "{{ unit }}: circular on {{ rule }}")
_PERIOD = Text("（{{ start }}至{{ end }}）", "({{ start }} to {{ end }})")
_WHOLE = Text("一、总体情况", "1. The whole")
_TOTAL = Text(
    "本期应完成{{ owed }}人，另免除{{ excused }}人。按时完成{{ met }}人，补报完成{{ met_late }}人，"
    "未完成{{ missed }}人{% if open %}，尚未到期或待核实{{ open }}人{% endif %}，完成率{{ rate }}。",
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
    Text("免除", "Excused"),
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
    paper.text(said(_AS_OF))
    paper.signature("{{ unit }}")
    paper.signature("{{ today }}")
    return paper.made()


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
