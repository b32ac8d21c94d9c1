"""Templates of documents as people send them: filled wherever Word has text, refused with words and a place."""

import asyncio
import json
import threading
import time
from io import BytesIO

import pytest
from docx import Document

from app.console import circular
from app.console.circular import NAMES, Listed
from app.exchange import apart
from app.exchange.apart import FaultyTemplate
from app.exchange.document_check import _TEXTS, Fault, faults, names_of
from app.exchange.document_guards import look
from app.exchange.documents import WHERE, fill
from app.exchange.refusals import Refusal
from app.exchange.words import DocumentPart
from tests.support.documents import (
    RELATIONSHIPS_OF_ALL,
    paragraph,
    repacked,
    said,
    swapped,
    text_box,
    with_body,
    with_furniture,
    with_note,
)

HOUSE = circular.house("zh-CN")
SAMPLE = circular.samples()[0]
NAMES_OF = names_of(SAMPLE)


def wrong(xml: str) -> list[Fault]:
    return faults(with_body(HOUSE, xml), NAMES_OF)


def table(*rows: str) -> str:
    cells = "".join(f"<w:tr><w:tc>{paragraph(row)}</w:tc></w:tr>" for row in rows)
    return f"<w:tbl><w:tblGrid><w:gridCol/></w:tblGrid>{cells}</w:tbl>"


@pytest.mark.parametrize("language", ["zh-CN", "en"])
def test_the_houses_own_passes_and_bears_values_of_every_shape(language: str):
    house = circular.house(language)  # type: ignore[arg-type]
    look(house)
    assert faults(house, NAMES_OF) == []
    for values in circular.samples():
        assert "{" not in said(fill(house, values))


def test_every_name_of_the_table_may_be_used_and_is_filled():
    lines = [f"{name}：{{{{ {name} }}}}" for name, each in NAMES.items() if not isinstance(each, Listed)]
    for name, each in NAMES.items():
        if isinstance(each, Listed):
            fields = "，".join(f"{{{{ {each.item}.{one} }}}}" for one in each.names)
            lines += [f"{{%p for {each.item} in {name} %}}", f"{{{{ loop.index }}}}，{fields}", "{%p endfor %}"]
    template = with_body(HOUSE, "".join(paragraph(line) for line in lines))
    assert faults(template, NAMES_OF) == []
    made = said(fill(template, SAMPLE))
    assert "unit：田林县" in made
    assert "5000，韦志强，利周乡突击班，帮扶干部，2，1，待复查" in made


def test_names_are_filled_wherever_word_has_text():
    everywhere = with_furniture(
        HOUSE, header="抬头{{ unit }}", footer="落款{{ rule }}", title="{{ unit }}的<通报>"
    )
    everywhere = with_body(everywhere, text_box("框{{ missed }}") + table("格{{ met }}"))
    for kind, text in (("footnotes", "脚注"), ("endnotes", "尾注"), ("comments", "批注")):
        everywhere = with_note(everywhere, kind, paragraph(f"{text}{{{{ as_of }}}}"))
    look(everywhere)
    assert faults(everywhere, NAMES_OF) == []
    made = fill(everywhere, SAMPLE | {"unit": "田林<县>{{ rule }}"})
    text = said(made)
    for each in (
        "抬头田林&lt;县&gt;{{ rule }}",
        "落款领导夜访",
        "格96",
        *("脚注2026", "尾注2026", "批注2026"),
    ):
        assert each in text
    assert text.count("框12") == 2
    assert Document(BytesIO(made)).core_properties.title == "田林<县>{{ rule }}的<通报>"


def test_a_footnote_is_filled_once_however_many_sections_there_are():
    two = with_note(HOUSE, "footnotes", paragraph("注{{ unit }}"))
    two = with_body(two, "<w:p><w:pPr><w:sectPr/></w:pPr></w:p>")
    assert "注{{ rule }}\n" in said(fill(two, SAMPLE | {"unit": "{{ rule }}"}))


@pytest.mark.parametrize(
    "runs",
    [
        ("{{ un", "it }}"),
        ("{", "{ unit }", "}"),
        ("{{", " ", "unit", " ", "}}"),
        ("{% if", " unit", " %}{{ unit }}{%", " endif %}"),
    ],
    ids=str,
)
def test_a_name_that_word_has_cut_into_runs_is_still_a_name(runs: tuple[str, ...]):
    template = with_body(HOUSE, paragraph("甲", *runs, "乙"))
    assert faults(template, NAMES_OF) == []
    assert "甲田林县乙" in said(fill(template, SAMPLE))


def test_rows_and_paragraphs_cut_into_runs_still_repeat():
    rows = "".join(
        f"<w:tr><w:tc>{row}</w:tc></w:tr>"
        for row in (
            paragraph("{%", "tr for row", " in units %}"),
            paragraph("{{ row", ".name }}"),
            paragraph("{%tr ", "endfor %}"),
        )
    )
    template = with_body(
        HOUSE,
        f"<w:tbl><w:tblGrid><w:gridCol/></w:tblGrid>{rows}</w:tbl>"
        + paragraph("{%", "p if ", "people %}")
        + paragraph("有人未完成")
        + paragraph("{%p", " endif %}"),
    )
    assert faults(template, NAMES_OF) == []
    last = Document(BytesIO(fill(template, SAMPLE))).tables[-1]
    assert [row.cells[0].text for row in last.rows] == ["利周乡"] * 100
    assert "有人未完成" not in said(fill(template, circular.samples()[1]))


def test_what_loses_all_that_was_in_it_can_still_be_opened():
    """Word wants a row in every table and a paragraph in every cell."""
    cell = "".join(map(paragraph, ("{%p for person in people %}", "{{ person.name }}", "{%p endfor %}")))
    template = with_body(
        HOUSE,
        f"<w:tbl><w:tblGrid><w:gridCol/></w:tblGrid><w:tr><w:tc>{cell}</w:tc></w:tr></w:tbl>"
        + table("{%tr if people %}", "有", "{%tr endif %}"),
    )
    assert faults(template, NAMES_OF) == []
    made = Document(BytesIO(fill(template, circular.samples()[1])))
    assert [[cell.text for cell in row.cells] for row in made.tables[-1].rows] == [[""]]
    assert len(made.tables) == 2
    assert len(Document(BytesIO(fill(template, SAMPLE))).tables) == 3


@pytest.mark.parametrize(
    ("xml", "code", "at", "found"),
    [
        (paragraph("共{{ misssed }}人"), "unknown_name", "共{{ misssed }}人", "misssed"),
        (paragraph("{{ mis", "ssed }}人"), "unknown_name", "{{ misssed }}人", "misssed"),
        (paragraph("{{ person.name }}"), "unknown_name", "{{ person.name }}", "person.name"),
        (
            paragraph("{% for person in people %}{{ person.nmae }}{% endfor %}"),
            "unknown_name",
            "{% for person in people %}{{ person.nmae }}{% endfor %}",
            "person.nmae",
        ),
        (
            paragraph("{% for row in units %}{{ row }}{% endfor %}"),
            "unknown_name",
            "{% for row in units %}{{ row }}{% endfor %}",
            "row",
        ),
        (paragraph("{% if nothing %}甲{% endif %}"), "unknown_name", "{% if nothing %}甲{% endif %}", "nothing"),
        (paragraph("名单{{ people }}"), "list_as_value", "名单{{ people }}", "people"),
        (
            paragraph("{% for a in unit %}甲{% endfor %}"),
            "no_list",
            "{% for a in unit %}甲{% endfor %}",
            "unit",
        ),
        (
            paragraph("{% for a in people %}{% for b in units %}甲{% endfor %}{% endfor %}"),
            "nested",
            "{% for a in people %}{% for b in units %}甲{% endfor %}{% en…",
            "units",
        ),
        (paragraph("{{ missed / owed }}"), "beyond", "{{ missed / owed }}", "Div"),
        (paragraph("{{ unit * 1000000000 }}"), "beyond", "{{ unit * 1000000000 }}", "Mul"),
        (paragraph("{{ unit.upper() }}"), "beyond", "{{ unit.upper() }}", "Call"),
        (paragraph("{{ ''.__class__ }}"), "beyond", "{{ ''.__class__ }}", "Getattr"),
        (paragraph("{{ unit.__class__ }}"), "unknown_name", "{{ unit.__class__ }}", "unit.__class__"),
        (paragraph("{{ unit|upper }}"), "beyond", "{{ unit|upper }}", "Filter"),
        (
            paragraph("{% for i in range(1000000000) %}甲{% endfor %}"),
            "beyond",
            "{% for i in range(1000000000) %}甲{% endfor %}",
            "for",
        ),
        (
            paragraph("{% for a in people recursive %}甲{% endfor %}"),
            "beyond",
            "{% for a in people recursive %}甲{% endfor %}",
            "for",
        ),
        (paragraph("{% set a = unit %}"), "beyond", "{% set a = unit %}", "{% set a = unit %}"),
        (paragraph("{% include 'x' %}"), "beyond", "{% include 'x' %}", "{% include 'x' %}"),
        (paragraph("{% cellbg unit %}"), "beyond", "{% cellbg unit %}", "{% cellbg unit %}"),
        (paragraph("{{r unit }}"), "beyond", "{{r unit }}", "{{r unit }}"),
        (paragraph("{{ unit rule }}"), "syntax", "{{ unit rule }}", None),
        (paragraph("共{{ missed }人"), "unbalanced", "共{{ missed }人", ""),
        (paragraph("共{{ missed") + paragraph("}}人"), "unbalanced", "共{{ missed", ""),
        (paragraph("共｛｛ missed ｝｝人"), "full_width", "共｛｛ missed ｝｝人", ""),
        (paragraph("共{％ if missed ％}人"), "full_width", "共{％ if missed ％}人", ""),
        (paragraph("共{% if missed"), "unbalanced", "共{% if missed", ""),
        (
            paragraph("{%p if missed %}共有") + paragraph("{%p endif %}"),
            "not_alone",
            "{%p if missed %}共有",
            "{%p if missed %}",
        ),
        (paragraph("{% if missed %}共有"), "unclosed", "{% if missed %}共有", "{% if missed %}"),
        (paragraph("共有{% endif %}"), "unopened", "共有{% endif %}", "{% endif %}"),
        (
            paragraph("{% if missed %}共{% endfor %}"),
            "unopened",
            "{% if missed %}共{% endfor %}",
            "{% endfor %}",
        ),
        (
            table("{%tr for row in units %}", "{{ row.name }}") + paragraph("{%p endfor %}"),
            "torn",
            "{%p endfor %}",
            "{%p endfor %}",
        ),
        (
            table("{% for row in units %}") + paragraph("{% endfor %}"),
            "torn",
            "{% endfor %}",
            "{% endfor %}",
        ),
        (text_box("框{{ misssed }}"), "unknown_name", "框{{ misssed }}", "misssed"),
        (table("格{{ misssed }}"), "unknown_name", "格{{ misssed }}", "misssed"),
    ],
    ids=str,
)
def test_what_is_wrong_is_said_with_its_paragraph(xml: str, code: str, at: str, found: str | None):
    first = wrong(xml)[0]
    assert (first.code, first.part, first.paragraph) == (code, DocumentPart.BODY, at)
    assert found is None or first.found == found
    for language in ("zh-CN", "en"):
        sentence = first.text.say(language, paragraph=first.paragraph, found=first.found, lists=first.lists)  # type: ignore[arg-type]
        assert at in sentence


def test_every_fault_is_asked_for_above_or_below():
    """And none of their sentences is cut short by a brace too many."""
    for code in _TEXTS:
        fault = Fault(code, DocumentPart.BODY, "某段", "某名", "units、people")
        for language in ("zh-CN", "en"):
            assert "某段" in fault.text.say(language, paragraph="某段", found="某名", lists="甲")  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("part", "template"),
    [
        (DocumentPart.HEADER, with_furniture(HOUSE, header="{{ x }}", footer="", title="")),
        (DocumentPart.FOOTER, with_furniture(HOUSE, header="", footer="{{ x }}", title="")),
        (DocumentPart.PROPERTIES, with_furniture(HOUSE, header="", footer="", title="{{ x }}")),
        (DocumentPart.FOOTNOTE, with_note(HOUSE, "footnotes", paragraph("{{ x }}"))),
        (DocumentPart.ENDNOTE, with_note(HOUSE, "endnotes", paragraph("{{ x }}"))),
        (DocumentPart.COMMENT, with_note(HOUSE, "comments", paragraph("{{ x }}"))),
    ],
    ids=lambda part: str(part) if isinstance(part, DocumentPart) else "",
)
def test_faults_are_found_in_every_part(part: DocumentPart, template: bytes):
    (only,) = faults(template, NAMES_OF)
    assert (only.code, only.part, only.paragraph, only.found) == ("unknown_name", part, "{{ x }}", "x")
    assert part in WHERE.values() or part == DocumentPart.PROPERTIES


def test_all_faults_are_said_at_once_and_no_more_than_twenty():
    several = wrong(paragraph("{{ a }}") + paragraph("好") + paragraph("{{ b }}，{{ c }}"))
    assert [each.found for each in several] == ["a", "b", "c"]
    assert len(wrong("".join(paragraph(f"{{{{ x{n} }}}}") for n in range(50)))) == 20


def test_a_name_where_nothing_is_filled_is_said():
    settings = "word/settings.xml"
    (only,) = faults(swapped(HOUSE, "</w:settings>", "<w:t>{{ unit }}</w:t></w:settings>", settings), NAMES_OF)
    assert (only.code, only.part, only.paragraph) == ("place", DocumentPart.ELSEWHERE, "{{ unit }}")


def test_a_circular_that_is_filled_in_already_is_no_template():
    with pytest.raises(Refusal) as why:
        faults(fill(HOUSE, SAMPLE), NAMES_OF)
    assert why.value.code == "document_no_names"
    assert "“{{ 名称 }}”" in why.value.say("zh-CN")


def test_what_breaks_the_document_when_it_is_filled_is_refused():
    """Marks in attributes are no paragraph's, so that only the result tells."""
    broken = with_body(
        HOUSE, '<w:p><w:r><w:t>a</w:t></w:r><w:bookmarkStart w:name="{% if unit %}" w:id="{{ unit }}"/></w:p>'
    )
    assert [each.code for each in faults(broken, NAMES_OF)] == ["syntax"]
    with pytest.raises(Refusal) as why:
        fill(with_body(HOUSE, "<w:p>{{ unit }}</w:p>"), SAMPLE)
    assert why.value.code == "document_structure"


async def test_it_is_read_and_filled_apart():
    made = await apart.document(swapped(HOUSE, "无。", "一个也没有。"), circular.samples()[:2], sample=SAMPLE)
    assert "一个也没有。" in said(made)
    with pytest.raises(FaultyTemplate) as wrong_:
        await apart.document(with_body(HOUSE, paragraph("{{ x }}")), [SAMPLE], sample=SAMPLE)
    assert [(each.found, each.part) for each in wrong_.value.faults] == [("x", DocumentPart.BODY)]
    json.dumps([each.part for each in wrong_.value.faults])


async def test_what_fails_apart_is_said_in_words():
    no_text = repacked(HOUSE, {RELATIONSHIPS_OF_ALL: '<Relationships xmlns="x"/>'})
    with pytest.raises(Refusal) as why:
        await apart.document(no_text, [SAMPLE], sample=SAMPLE)
    assert why.value.code == "no_document"


@pytest.mark.parametrize(
    ("times", "codes"), [(9_000, {"document_grows"}), (400_000, {"document_grows", "bomb", "document_too_slow"})]
)
async def test_what_grows_without_bounds_is_stopped_in_time(times: int, codes: set[str]):
    each = paragraph("{%p for p in people %}") + paragraph("甲" * times) + paragraph("{%p endfor %}")
    began = time.monotonic()
    with pytest.raises(Refusal) as why:
        await apart.document(with_body(HOUSE, each), [SAMPLE], sample=SAMPLE)
    assert why.value.code in codes
    assert time.monotonic() - began < 90, "a child has a minute"


async def test_many_at_once_take_turns():
    """Each has its memory, and there is only so much of that."""
    made = await asyncio.gather(*(apart.document(HOUSE, [SAMPLE], sample=SAMPLE) for _ in range(9)))
    assert len({len(each) for each in made}) == 1
    assert len([each for each in threading.enumerate() if each.name.startswith("apart")]) == 4


async def test_what_takes_too_long_is_ended(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(apart, "_SECONDS", 0.2)
    with pytest.raises(Refusal) as why:
        await apart.document(HOUSE, circular.samples(), sample=SAMPLE)
    assert why.value.code == "document_too_slow"


def test_values_have_the_names_of_the_table():
    """`tests/api/console/test_circular_template.py` holds the real ones to it."""
    shape = {name: None if not isinstance(each, Listed) else frozenset(each.names) for name, each in NAMES.items()}
    assert shape == NAMES_OF
