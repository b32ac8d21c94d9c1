"""Documents filled from templates: values stay text, and a template is no program."""

from io import BytesIO
from zipfile import ZipFile

import pytest
from docx import Document
from docx.shared import Mm, Pt
from jinja2 import TemplateError

from app.console import circular
from app.exchange.documents import BeyondTemplate, Values, fill
from app.exchange.official import Paper

VALUES: Values = {"unit": "利周乡", "people": [{"name": "韦志强"}, {"name": "黄彩云"}], "nobody": []}


def paper(*lines: str) -> bytes:
    made = Paper()
    for line in lines:
        made.text(line)
    return made.made()


def read(document: bytes) -> list[str]:
    return [paragraph.text for paragraph in Document(BytesIO(document)).paragraphs]


def test_values_lists_and_questions_are_filled_in():
    made = fill(
        paper(
            "{{ unit }}：",
            "{%p for person in people %}",
            "{{ person.name }}{% if not nobody %}！{% endif %}",
            "{%p endfor %}",
        ),
        VALUES,
    )
    assert read(made) == ["利周乡：", "韦志强！", "黄彩云！"]


@pytest.mark.parametrize("evil", ["<w:br/>&amp;", "{{ unit }}", "{% for x in y %}", "a\x0bb\x00c"])
def test_what_a_value_holds_stays_text(evil: str):
    made = fill(paper("{{ unit }}", "的人"), {"unit": evil})
    assert read(made) == [evil.replace("\x0b", "").replace("\x00", ""), "的人"]


@pytest.mark.parametrize(
    "code",
    [
        "{{ unit.__class__ }}",
        "{{ unit.upper() }}",
        "{{ unit|upper }}",
        "{{ unit * 1000000000 }}",
        "{{ unit[0] }}",
        "{% set a = unit %}",
        "{% include 'x' %}",
        "{% macro a() %}{% endmacro %}",
        "{% for i in range(1000000000) %}{% endfor %}",
        "{% for a in people %}{% for b in people %}{% endfor %}{% endfor %}",
        "{{ nothing_of_the_kind }}",
        "{% for a in people %}",
    ],
)
def test_a_template_is_no_program(code: str):
    with pytest.raises((BeyondTemplate, TemplateError)):
        fill(paper(code), VALUES)


@pytest.mark.parametrize("language", ["zh-CN", "en"])
def test_the_paper_is_laid_out_as_official_papers_are(language: str):
    house = circular.house(language)  # type: ignore[arg-type]
    document = Document(BytesIO(house))
    (page,) = document.sections
    margins = (page.top_margin, page.bottom_margin, page.left_margin, page.right_margin)
    for margin, mm in zip(margins, (37, 35, 28, 26), strict=True):
        assert abs(margin - Mm(mm)) < Mm(0.1), "Word counts in twentieths of a point"
    assert {paragraph.paragraph_format.line_spacing for paragraph in document.paragraphs} == {Pt(28)}
    with ZipFile(BytesIO(house)) as parts:
        assert '"仿宋_GB2312"' in parts.read("word/document.xml").decode()
        assert '<w:altName w:val="仿宋"/>' in parts.read("word/fontTable.xml").decode()
