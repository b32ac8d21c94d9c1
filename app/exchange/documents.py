"""Fills Word documents from templates that may be edited.

A template names values, repeats over a list and asks whether there is one, and nothing else: no code of whoever
wrote it runs, and none takes long.
"""

import re
from collections.abc import Iterator, Mapping
from io import BytesIO
from typing import Any

from docxtpl import DocxTemplate
from jinja2 import StrictUndefined, Template, nodes
from jinja2.sandbox import ImmutableSandboxedEnvironment

Values = Mapping[str, str | int | list[dict[str, str | int]]]

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


def fill(template: bytes, values: Values) -> bytes:
    """The document with its values, which stay text: nothing in them becomes a mark of Word or of a template.

    Raises `BeyondTemplate`, and `jinja2.TemplateError` for what cannot be read or is no value.
    """
    environment = _Plain(autoescape=True, undefined=StrictUndefined, finalize=_printable)
    document = DocxTemplate(BytesIO(template))
    document.render(dict(values), environment, autoescape=True)
    made = BytesIO()
    document.save(made)
    return made.getvalue()


def _printable(value: object) -> object:
    return _UNPRINTABLE.sub("", value) if type(value) is str else value
