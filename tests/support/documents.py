"""Word documents as offices and others make them: parts of a .docx put in, taken out and rewritten."""

import re
from collections.abc import Callable, Mapping
from io import BytesIO
from zipfile import ZIP_DEFLATED, ZipFile

from docx import Document

BODY = "word/document.xml"
RELATIONSHIPS = "word/_rels/document.xml.rels"
RELATIONSHIPS_OF_ALL = "_rels/.rels"
TYPES = "[Content_Types].xml"
_W = 'xmlns:w="http://schemas.openxmlformats.org/wordprocessingml/2006/main"'
_TYPE = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
_WORDML = "application/vnd.openxmlformats-officedocument.wordprocessingml"

Part = bytes | str | Callable[[str], str]
"""What a part holds, or what is made of what it held."""


def repacked(document: bytes, parts: Mapping[str, Part]) -> bytes:
    """The document with these parts in place of its own."""
    made = BytesIO()
    with ZipFile(BytesIO(document)) as before, ZipFile(made, "w", ZIP_DEFLATED) as after:
        for name in dict.fromkeys([*before.namelist(), *parts]):
            part = parts.get(name)
            if part is None:
                after.writestr(name, before.read(name))
            else:
                after.writestr(name, part(before.read(name).decode()) if callable(part) else part)
    return made.getvalue()


def swapped(document: bytes, before: str, after: str, part: str = BODY) -> bytes:
    """The document with another piece of XML in one of its parts."""

    def swap(xml: str) -> str:
        assert before in xml
        return xml.replace(before, after)

    return repacked(document, {part: swap})


def with_body(document: bytes, xml: str) -> bytes:
    """The document with this at the end of its text."""
    return repacked(document, {BODY: lambda body: body.replace("<w:sectPr", f"{xml}<w:sectPr", 1)})


def paragraph(*runs: str) -> str:
    """A paragraph whose text lies in these runs, as Word cuts it up when it is edited."""
    cut = '<w:proofErr w:type="spellStart"/>'.join(
        f'<w:r><w:rPr><w:rFonts w:hint="eastAsia"/></w:rPr><w:t xml:space="preserve">{run}</w:t></w:r>'
        for run in runs
    )
    return f"<w:p>{cut}</w:p>"


def field(instruction: str) -> str:
    """A paragraph with a field."""
    return (
        '<w:p><w:r><w:fldChar w:fldCharType="begin"/></w:r>'
        f"<w:r><w:instrText>{instruction}</w:instrText></w:r>"
        '<w:r><w:fldChar w:fldCharType="end"/></w:r></w:p>'
    )


def related(
    document: bytes, kind: str, target: str, *, external: bool = False, rels: str = RELATIONSHIPS
) -> bytes:
    """The document with one more relationship."""
    mode = ' TargetMode="External"' if external else ""
    more = f'<Relationship Id="rId{kind}" Type="{_TYPE}/{kind}" Target="{target}"{mode}/></Relationships>'
    return swapped(document, "</Relationships>", more, rels)


def with_note(document: bytes, kind: str, text: str) -> bytes:
    """The document with a part of footnotes, endnotes or comments (`kind` is its name) that says this."""
    name = f"word/{kind}.xml"
    one = kind.removesuffix("s")
    xml = f'<?xml version="1.0" encoding="UTF-8"?><w:{kind} {_W}><w:{one} w:id="1">{text}</w:{one}></w:{kind}>'
    typed = f'<Override PartName="/{name}" ContentType="{_WORDML}.{kind}+xml"/></Types>'
    made = repacked(document, {name: xml, TYPES: lambda types: types.replace("</Types>", typed)})
    return related(made, kind, f"{kind}.xml")


def text_box(text: str) -> str:
    """A paragraph with a text box, written twice as Word does: for itself and for older ones."""
    inner = f"<w:txbxContent>{paragraph(text)}</w:txbxContent>"
    return (
        '<w:p><w:r><mc:AlternateContent xmlns:mc="http://schemas.openxmlformats.org/markup-compatibility/2006">'
        '<mc:Choice Requires="wps"><w:drawing><wps:wsp xmlns:wps='
        f'"http://schemas.microsoft.com/office/word/2010/wordprocessingShape"><wps:txbx>{inner}</wps:txbx></wps:wsp>'
        '</w:drawing></mc:Choice><mc:Fallback><w:pict><v:shape xmlns:v="urn:schemas-microsoft-com:vml">'
        f"<v:textbox>{inner}</v:textbox></v:shape></w:pict></mc:Fallback></mc:AlternateContent></w:r></w:p>"
    )


def with_furniture(document: bytes, *, header: str, footer: str, title: str) -> bytes:
    """The document with these in its header, footer and title, written by python-docx."""
    opened = Document(BytesIO(document))
    (section,) = opened.sections
    section.header.paragraphs[0].text, section.footer.paragraphs[0].text = header, footer
    opened.core_properties.title = title
    made = BytesIO()
    opened.save(made)
    return made.getvalue()


def said(document: bytes) -> str:
    """All text of all parts, a line for each paragraph."""
    with ZipFile(BytesIO(document)) as archive:
        xml = "\n".join(archive.read(name).decode() for name in archive.namelist() if name.endswith(".xml"))
    return re.sub(r"<[^>]*>", "", xml.replace("</w:p>", "\n"))
