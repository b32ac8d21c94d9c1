"""A document laid out as official papers are (GB/T 9704-2012): margins, fonts and line spacing."""

from collections.abc import Sequence
from io import BytesIO

from docx import Document
from docx.enum.table import WD_TABLE_ALIGNMENT
from docx.enum.text import WD_ALIGN_PARAGRAPH, WD_LINE_SPACING
from docx.oxml.ns import qn
from docx.shared import Length, Mm, Pt
from docx.table import Table, _Row
from docx.text.paragraph import Paragraph

_TITLE, _HEADING, _BODY = "方正小标宋简体", "黑体", "仿宋_GB2312"
# What stands in for a font that a computer lacks; Word and WPS look for it in the document's table of fonts.
_INSTEAD = {_TITLE: "宋体", _BODY: "仿宋"}
_LATIN = "Times New Roman"
_WIDTH = 210 - 28 - 26  # mm of text between the margins
_LINE, _INDENT = Pt(28), Pt(32)  # of two characters


class Paper:
    """A4 with what is written on it, one paragraph after the other."""

    def __init__(self) -> None:
        self._document = Document()
        (page,) = self._document.sections
        page.page_width, page.page_height = Mm(210), Mm(297)
        page.top_margin, page.bottom_margin, page.left_margin, page.right_margin = (
            Mm(37),
            Mm(35),
            Mm(28),
            Mm(26),
        )
        for language in self._document.styles.element.iter(qn("w:lang")):
            language.set(qn("w:eastAsia"), "zh-CN")  # else commas stand in the middle, as in Taiwan
        self._document.core_properties.author = ""
        self._document.core_properties.comments = ""

    def title(self, text: str) -> None:
        _write(self._document.add_paragraph(), text, _TITLE, Pt(22), WD_ALIGN_PARAGRAPH.CENTER)

    def heading(self, text: str) -> None:
        _write(self._document.add_paragraph(), text, _HEADING, indent=_INDENT, keeps=True)

    def text(self, text: str, *, keeps: bool = False) -> None:
        """`keeps` what follows on its page, as a signature's last words do."""
        _write(self._document.add_paragraph(), text, indent=_INDENT, keeps=keeps)

    def centred(self, text: str) -> None:
        _write(self._document.add_paragraph(), text, place=WD_ALIGN_PARAGRAPH.CENTER)

    def signature(self, *lines: str) -> None:
        """Never alone on a page, nor torn in two."""
        for number, line in enumerate(lines, start=1):
            paragraph = self._document.add_paragraph()
            _write(paragraph, line, place=WD_ALIGN_PARAGRAPH.RIGHT, keeps=number < len(lines))

    def note(self, text: str) -> None:
        _write(self._document.add_paragraph(), text, size=Pt(12), line=Pt(20))

    def table(
        self,
        headings: Sequence[str],
        cells: Sequence[str],
        *,
        before: str,
        after: str,
        widths: Sequence[int] | None = None,
    ) -> None:
        """One row of `cells`, repeated by what the rows `before` and `after` it say; headings on every page.

        With `widths` in mm, which are 156 in all, it is a table of sentences: small, and all to the left. Else the
        first column is twice as wide as each of the others.
        """
        table = self._document.add_table(rows=4, cols=len(headings), style="Table Grid")
        rows = (headings, [before, *[""] * (len(cells) - 1)], cells, [after, *[""] * (len(cells) - 1)])
        size, line = (Pt(10.5), Pt(15)) if widths else (Pt(12), Pt(20))
        for row, texts in zip(table.rows, rows, strict=True):
            _mark(row, "w:cantSplit")
            for place, (cell, text) in enumerate(zip(row.cells, texts, strict=True)):
                aligned = WD_ALIGN_PARAGRAPH.CENTER if place and not widths else WD_ALIGN_PARAGRAPH.LEFT
                _write(cell.paragraphs[0], text, _BODY, size, aligned, line=line)
        _mark(table.rows[0], "w:tblHeader")
        share = _WIDTH // (len(headings) + 1)
        _measure(table, widths or [_WIDTH - share * (len(headings) - 1), *[share] * (len(headings) - 1)])

    def facts(self, facts: Sequence[tuple[str, str]]) -> None:
        """What is said once, each beside its name."""
        table = self._document.add_table(rows=len(facts), cols=2, style="Table Grid")
        for row, texts in zip(table.rows, facts, strict=True):
            _mark(row, "w:cantSplit")
            for cell, text in zip(row.cells, texts, strict=True):
                _write(cell.paragraphs[0], text, _BODY, Pt(12), WD_ALIGN_PARAGRAPH.LEFT, line=Pt(20))
        _measure(table, (34, 122))

    def made(self) -> bytes:
        for part in self._document.part.package.iter_parts():
            if part.partname == "/word/fontTable.xml":
                part._blob = part.blob.replace(b"</w:fonts>", _fonts() + b"</w:fonts>")  # noqa: SLF001 - nor for this
        file = BytesIO()
        self._document.save(file)
        return file.getvalue()


def _write(
    paragraph: Paragraph,
    text: str,
    font: str = _BODY,
    size: Length = Pt(16),  # noqa: B008 - a constant
    place: WD_ALIGN_PARAGRAPH = WD_ALIGN_PARAGRAPH.JUSTIFY,
    *,
    indent: Length | None = None,
    line: Length = _LINE,
    keeps: bool = False,
) -> None:
    layout = paragraph.paragraph_format
    layout.alignment, layout.first_line_indent = place, indent
    layout.line_spacing_rule, layout.line_spacing = WD_LINE_SPACING.EXACTLY, line
    layout.keep_with_next = keeps or None
    layout.space_before = layout.space_after = Pt(0)
    run = paragraph.add_run(text)
    run.font.size, run.font.name = size, _LATIN
    run.element.get_or_add_rPr().get_or_add_rFonts().set(qn("w:eastAsia"), font)


def _mark(row: _Row, name: str) -> None:
    """What python-docx has no name for: that a row is a heading, or stays on one page."""
    about = row._tr.get_or_add_trPr()  # noqa: SLF001
    about.append(about.makeelement(qn(name), {}))


def _measure(table: Table, widths: Sequence[int]) -> None:
    table.alignment, table.autofit = WD_TABLE_ALIGNMENT.CENTER, False
    for column, width in zip(table.columns, widths, strict=True):
        column.width = Mm(width)
        for cell in column.cells:
            cell.width = Mm(width)


def _fonts() -> bytes:
    return "".join(
        f'<w:font w:name="{font}"><w:altName w:val="{instead}"/></w:font>' for font, instead in _INSTEAD.items()
    ).encode()
