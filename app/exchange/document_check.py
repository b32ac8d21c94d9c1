"""What is wrong with a template of a Word document, in words of an office, each fault with its paragraph."""

import html
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import NamedTuple

from jinja2 import TemplateSyntaxError, nodes
from lxml import etree

from app.exchange.document_guards import PLAIN_XML, W
from app.exchange.documents import PROPERTIES, Opened, Values, environment, source
from app.exchange.refusals import refused
from app.exchange.words import DocumentPart
from app.kernel.language import Text

MOST_FAULTS = 20
_MOST_SAID = 60  # characters of a paragraph

Names = Mapping[str, frozenset[str] | None]
"""What a template may name: a value is None, a list has the names of each of its items."""

_TEXTS = {
    "unknown_name": Text(
        "没有“{found}”这个名称。可用的名称见“可用名称”表",
        "there is no {found} here; the table of names says what there is",
    ),
    "list_as_value": Text(
        "“{found}”是列表，不能直接写出，要用 {{% for … in {found} %}} 逐个写",
        "{found} is a list: repeat over it with {{% for … in {found} %}}",
    ),
    "no_list": Text(
        "“{found}”不是列表，不能用 for。列表有：{lists}", "{found} is no list to repeat over; lists are {lists}"
    ),
    "nested": Text("列表里不能再套列表", "a list cannot stand within a list"),
    "beyond": Text(
        "模板里只能写名称、for 和 if，不能计算、调用或用其他写法",
        "a template holds names, for and if: it neither calculates nor calls anything",
    ),
    "syntax": Text("花括号里的写法不对", "what stands in the braces cannot be read"),
    "unbalanced": Text(
        "花括号不成对，要在同一段里写完整：{{{{ 名称 }}}}、{{% for … %}}",
        "braces do not match; each pair stands whole in one paragraph: {{{{ name }}}}, {{% for … %}}",
    ),
    "full_width": Text("花括号和百分号要用半角（英文输入法）", "braces and percent signs must be those of ASCII"),
    "not_alone": Text(
        "{found} 要独占一段（p）或表格的一行（tr），同一段或同一行的其他文字会被丢掉",
        "{found} stands alone in its paragraph (p) or row (tr): whatever is beside it would be lost",
    ),
    "unclosed": Text("{found} 没有对应的结束（endfor 或 endif）", "{found} has no end (endfor or endif)"),
    "unopened": Text("{found} 前面没有对应的开始", "{found} has no beginning before it"),
    "torn": Text(
        "{found} 和它的开始不在同一处：不带 p、tr 的要在同一段，带 p 的要都在正文或同一格，带 tr 的要在同一表格，"
        "两头写法要一致",
        "{found} and its beginning are apart: without p or tr both are in one paragraph, with p in one cell or "
        "outside tables, with tr in one table, and both are written alike",
    ),
    "place": Text("这里的名称不会被填写，请移到正文", "names are not filled in here; move them into the text"),
}

_MARK = re.compile(r"\{\{.*?\}\}|\{%.*?%\}|\{#.*?#\}", re.DOTALL)
_BRACES = re.compile(r"\{\{|\{%|\{#|\}\}|%\}|#\}")
_FULL_WIDTH = re.compile(r"｛[｛{%％]|\{[｛％]|[}%％｝]｝|[％｝]\}")
_STATEMENT = re.compile(r"\{%(?:(?P<span>p|tr)\s+|-?\s*)(?P<word>for|endfor|if|elif|else|endif)\b")
_WHOLE_PIECE = re.compile(r"\{\{(?:p|tr|tc|r)\s")  # by which docxtpl would replace a whole piece of the document
_TAGS = re.compile(r"<[^>]*>")
_ENDS = {"endfor": "for", "endif": "if"}


@dataclass(frozen=True, slots=True)
class Fault:
    """One thing that is wrong: `found` in a `paragraph` of a `part`."""

    code: str
    part: DocumentPart
    paragraph: str
    found: str = ""
    lists: str = ""

    @property
    def text(self) -> Text:
        """For `Text.say` with the fault's members."""
        why = _TEXTS[self.code]
        return Text(
            f"{self.part.text.zh}“{{paragraph}}”：{why.zh}", f"{self.part.text.en}, “{{paragraph}}”: {why.en}"
        )


def names_of(sample: Values) -> Names:
    """The names that values have; no list of the sample is empty."""
    return {name: frozenset(value[0]) if isinstance(value, list) else None for name, value in sample.items()}


def faults(template: bytes, names: Names) -> list[Fault]:
    """What is wrong, the first twenty. Raises `Refusal` for a document without any name."""
    document = Opened(template)
    found: list[Fault] = []
    marks = 0
    for part, where in document.parts():
        if where:
            xml = source(part)
            paragraphs = _paragraphs(etree.fromstring(xml, PLAIN_XML))
            marks += sum(len(_MARK.findall(text)) for text in paragraphs.values())
            wrong = list(_of_paragraphs(paragraphs, where))
            found += wrong or _of_source(_by_line(document, xml), where, names)
        elif part.partname.endswith(".xml") and "core-properties" not in part.content_type:
            said = "".join(etree.fromstring(part.blob, PLAIN_XML).itertext())
            found += [Fault("place", DocumentPart.ELSEWHERE, _cut(mark)) for mark in _MARK.findall(said)[:1]]
    for name in PROPERTIES:
        found += _of_source(getattr(document.docx.core_properties, name), DocumentPart.PROPERTIES, names)
    if not marks and not found:
        raise refused("document_no_names")
    return found[:MOST_FAULTS]


def _paragraphs(root: etree._Element) -> dict[etree._Element, str]:
    """The text of each paragraph, without that of text boxes in it."""
    found: dict[etree._Element, str] = {}
    for text in root.iter(f"{W}t"):
        paragraph = next(text.iterancestors(f"{W}p"), None)
        if paragraph is not None:
            found[paragraph] = found.get(paragraph, "") + (text.text or "")
    return found


def _of_paragraphs(paragraphs: Mapping[etree._Element, str], part: DocumentPart) -> Iterator[Fault]:
    """What can be said of paragraphs as they are written, before a template is made of them."""
    opened: list[_Block] = []
    for paragraph, text in paragraphs.items():

        def fault(code: str, found: str = "", text: str = text) -> Fault:
            return Fault(code, part, _cut(text), found)

        rest = _MARK.sub("", text)
        if _FULL_WIDTH.search(rest):
            yield fault("full_width")
        elif _BRACES.search(rest):
            yield fault("unbalanced")
        for mark in _MARK.findall(text):
            said = _STATEMENT.match(mark)
            if said:
                span, word = said["span"] or "", said["word"]
                if span and _beside(paragraph, span, paragraphs) != mark:
                    yield fault("not_alone", mark)
                block = _Block(_ENDS.get(word, word), span, _place(paragraph, span), fault("unclosed", mark))
                if code := _turn(opened, block, word):
                    yield fault(code, mark)
            elif mark.startswith("{%") or _WHOLE_PIECE.match(mark):
                yield fault("beyond", mark)
    yield from (block.unclosed for block in opened)


class _Block(NamedTuple):
    """A `for` or an `if`: what it spans, within what it must end, and the fault that it is if it never does."""

    word: str
    span: str
    place: etree._Element | None
    unclosed: Fault


def _turn(opened: list[_Block], block: _Block, word: str) -> str:
    """Begins, goes on with or ends a block; what is wrong with that, if anything."""
    if word in _ENDS.values():
        opened.append(block)
        return ""
    if not opened or (word in _ENDS and opened[-1].word != block.word):
        return "unopened"
    before = opened.pop() if word in _ENDS else opened[-1]
    return "" if before.span == block.span and before.place is block.place else "torn"


def _place(paragraph: etree._Element, span: str) -> etree._Element | None:
    """Within which a block must begin and end."""
    if span == "tr":
        row = next(paragraph.iterancestors(f"{W}tr"), None)
        return None if row is None else row.getparent()
    return paragraph.getparent() if span else paragraph


def _beside(paragraph: etree._Element, span: str, paragraphs: Mapping[etree._Element, str]) -> str:
    """All that goes with a mark of this span: the text of its paragraph or of its row."""
    row = next(paragraph.iterancestors(f"{W}tr"), None) if span == "tr" else None
    if row is None:
        return paragraphs[paragraph].strip() if span == "p" else ""
    return "".join(paragraphs.get(each, "") for each in row.iter(f"{W}p")).strip()


def _by_line(document: Opened, xml: str) -> str:
    """The part as a template, each paragraph and row on a line of its own."""
    return str(document.patch_xml(re.sub(r"<w:(p|tr)([ >])", r"\n<w:\1\2", xml)))


def _of_source(template: str, part: DocumentPart, names: Names) -> Iterator[Fault]:
    """What can be said of it as a template."""
    lines = template.split("\n")

    def fault(code: str, line: int, found: str = "") -> Fault:
        lists = "、".join(name for name, fields in names.items() if fields is not None)
        said = html.unescape(_TAGS.sub("", lines[line - 1] if line <= len(lines) else ""))
        return Fault(code, part, _cut(said), found, lists)

    try:
        tree = environment().parse(template)
    except TemplateSyntaxError as error:
        yield fault("syntax", error.lineno, error.message or "")
        return
    for code, line, found in _Reading(names).block(tree.body, {}):
        yield fault(code, line, found)


class _Reading:
    """Looks at every name of a template; `items` are those that stand for an item of a list, with its fields."""

    def __init__(self, names: Names) -> None:
        self._names = names

    def block(self, body: list[nodes.Node], items: Mapping[str, frozenset[str]]) -> Iterator[tuple[str, int, str]]:
        """Of each fault its code, its line and what it is about."""
        for node in body:
            if isinstance(node, nodes.For):
                yield from self._loop(node, items)
            elif isinstance(node, nodes.If):
                yield from self._value(node.test, items, question=True)
                yield from self.block([*node.body, *node.elif_, *node.else_], items)
            elif isinstance(node, nodes.Output):
                for each in node.nodes:
                    yield from self._value(each, items, question=False)
            else:
                yield "beyond", node.lineno, type(node).__name__

    def _loop(self, loop: nodes.For, items: Mapping[str, frozenset[str]]) -> Iterator[tuple[str, int, str]]:
        target, of = loop.target, loop.iter
        if loop.test or loop.recursive or not isinstance(target, nodes.Name) or not isinstance(of, nodes.Name):
            yield "beyond", loop.lineno, "for"
        elif items:
            yield "nested", loop.lineno, of.name
        elif (fields := self._names.get(of.name)) is None:
            yield "no_list" if of.name in self._names else "unknown_name", loop.lineno, of.name
        else:
            within = {target.name: fields, "loop": frozenset({"index"})}
            yield from self.block(loop.body, within)
            yield from self.block(loop.else_, items)

    def _value(
        self, node: nodes.Node, items: Mapping[str, frozenset[str]], *, question: bool
    ) -> Iterator[tuple[str, int, str]]:
        if isinstance(node, nodes.TemplateData):
            return
        if isinstance(node, nodes.Not) and question:
            yield from self._value(node.node, items, question=True)
        elif isinstance(node, nodes.Getattr) and isinstance(node.node, nodes.Name):
            if node.attr not in items.get(node.node.name, ()):
                yield "unknown_name", node.lineno, f"{node.node.name}.{node.attr}"
        elif not isinstance(node, nodes.Name):
            yield "beyond", node.lineno, type(node).__name__
        elif node.name in items or node.name not in self._names:
            yield "unknown_name", node.lineno, node.name
        elif self._names[node.name] is not None and not question:
            yield "list_as_value", node.lineno, node.name


def _cut(text: str) -> str:
    said = " ".join(text.split())
    return said if len(said) <= _MOST_SAID else f"{said[: _MOST_SAID - 1]}…"
