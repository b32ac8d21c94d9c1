"""Fills Word documents from templates that may be edited.

A template names values, repeats over a list and asks whether there is one, and nothing else: no code of whoever
wrote it runs, and none takes long. What is wrong with a template, and where: `document_check.py`.
"""

import re
from collections.abc import Iterator, Mapping
from io import BytesIO
from typing import Any

from docx.opc.constants import CONTENT_TYPE
from docx.opc.part import Part, XmlPart
from docxtpl import DocxTemplate
from jinja2 import StrictUndefined, Template, nodes
from jinja2.sandbox import ImmutableSandboxedEnvironment
from lxml import etree

from app.exchange.document_guards import PLAIN_XML, W
from app.exchange.refusals import refused
from app.exchange.words import DocumentPart

Values = Mapping[str, str | int | list[dict[str, str | int]]]

WHERE: Mapping[str, DocumentPart] = {
    CONTENT_TYPE.WML_DOCUMENT_MAIN: DocumentPart.BODY,
    CONTENT_TYPE.WML_HEADER: DocumentPart.HEADER,
    CONTENT_TYPE.WML_FOOTER: DocumentPart.FOOTER,
    CONTENT_TYPE.WML_FOOTNOTES: DocumentPart.FOOTNOTE,
    CONTENT_TYPE.WML_ENDNOTES: DocumentPart.ENDNOTE,
    CONTENT_TYPE.WML_COMMENTS: DocumentPart.COMMENT,
}
"""The parts of a document in which values are filled in, by their type. So are they in its properties:"""
PROPERTIES = (
    *("author", "category", "comments", "content_status", "identifier", "keywords", "language"),
    *("last_modified_by", "subject", "title", "version"),
)
_MOST_FILLED = 40_000_000  # characters of XML, marks and all; five thousand people have 3,000,000
_MOST_PROPERTY = 255  # characters, says python-docx

_PLAIN = (
    nodes.Template,
    nodes.Output,
    nodes.TemplateData,
    nodes.Name,
    nodes.Getattr,
    nodes.For,
    nodes.If,
    nodes.Not,
)
_UNPRINTABLE = re.compile(r"[\x00-\x08\x0b-\x1f\ufffe\uffff]")  # that XML cannot hold
_HOLDERS = tuple(f"{W}{name}" for name in ("tc", "txbxContent", "hdr", "ftr", "footnote", "endnote", "comment"))
_TEXTUAL = frozenset(f"{W}{name}" for name in ("t", "delText", "instrText", "delInstrText", "fldData", "binData"))


class BeyondTemplate(Exception):  # noqa: N818 - what it is
    """What a template may not hold: something other than values, lists and questions. The message says what."""


class _Plain(ImmutableSandboxedEnvironment):
    """Looks at each part of a document before anything of it is run."""

    def from_string(self, source: str | nodes.Template, *args: Any, **kwargs: Any) -> Template:
        tree = self.parse(source) if isinstance(source, str) else source
        for beyond in _beyond(tree):
            raise BeyondTemplate(beyond)
        return super().from_string(source, *args, **kwargs)


def _beyond(tree: nodes.Template) -> Iterator[str]:
    for node in tree.find_all(nodes.Node):
        if not isinstance(node, _PLAIN):
            yield type(node).__name__
    for loop in tree.find_all(nodes.For):
        if not isinstance(loop.iter, nodes.Name) or loop.find(nodes.For):
            yield "a list within a list"


class Opened(DocxTemplate):  # type: ignore[misc]  # it has no types
    """A template: every part with text is filled, each once. docxtpl knows how marks lie in Word's runs."""

    def __init__(self, template: bytes) -> None:
        super().__init__(BytesIO(template))
        self.render_init()
        self._left = _MOST_FILLED

    def parts(self) -> Iterator[tuple[Part, DocumentPart | None]]:
        """Each part, and which of those that are filled it is."""
        for part in self.docx.part.package.iter_parts():
            yield part, WHERE.get(part.content_type)

    def put(self, part: Part, xml: str) -> None:
        """Raises `Refusal` where it is too long or broken now: text, say, where Word has none."""
        self._left -= len(xml)
        if self._left < 0:
            raise refused("document_grows")
        try:
            root = etree.fromstring(xml, PLAIN_XML)
        except etree.XMLSyntaxError as error:
            raise refused("document_structure") from error
        if any(map(_stray, root.iter(f"{W}*"))):
            raise refused("document_structure")
        _mend(root)
        self.fix_docpr_ids(root)
        if isinstance(part, XmlPart):
            part._element = root  # noqa: SLF001 - python-docx has no name for it
        else:
            part._blob = etree.tostring(root, encoding="UTF-8", standalone=True)  # noqa: SLF001 - nor for this


def source(part: Part) -> str:
    """A part's XML."""
    return str(etree.tostring(etree.fromstring(part.blob, PLAIN_XML), encoding="unicode"))


def _stray(element: etree._Element) -> bool:
    """Whether there is text where Word has none."""
    text = "" if element.tag in _TEXTUAL else element.text
    return bool((text or "").strip() or (element.tail or "").strip())


def _mend(root: etree._Element) -> None:
    """What has lost all that was in it: Word wants a row in every table and a paragraph in every cell."""
    for table in [each for each in root.iter(f"{W}tbl") if each.find(f"{W}tr") is None]:
        table.getparent().remove(table)
    for holder in root.iter(*_HOLDERS):
        if len(holder) == 0 or holder[-1].tag != f"{W}p":
            etree.SubElement(holder, f"{W}p")


def environment(*, escaped: bool = True) -> _Plain:
    """In which templates are read. `escaped` for XML."""
    made = _Plain(autoescape=escaped, undefined=StrictUndefined, finalize=_printable)
    made.globals.clear()
    return made


def fill(template: bytes, values: Values) -> bytes:
    """The document with its values, which stay text: nothing in them becomes a mark of Word or of a template.

    Raises `BeyondTemplate`, `jinja2.TemplateError` for what cannot be read or is no value, and `Refusal`.
    """
    document, named = Opened(template), dict(values)
    for part, where in list(document.parts()):
        if where:
            xml = document.patch_xml(source(part))
            document.put(part, document.render_xml_part(xml, part, named, environment()))
    properties = document.docx.core_properties
    for name in PROPERTIES:
        if "{" in (written := getattr(properties, name)):
            said = environment(escaped=False).from_string(written).render(named)
            setattr(properties, name, said[:_MOST_PROPERTY])
    made = BytesIO()
    document.docx.save(made)
    return made.getvalue()


def _printable(value: object) -> object:
    return _UNPRINTABLE.sub("", value) if type(value) is str else value
