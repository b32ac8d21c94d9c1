"""What is refused of a Word document before it is read: macros, what is embedded, what reaches outside, bombs.

A hyperlink may lead to a web page or a mail address: nothing happens before somebody follows it. What Word would
fetch by itself (templates, linked pictures, fields such as DDE and INCLUDETEXT) is refused.
"""

import re
import zipfile
import zlib
from collections.abc import Iterator
from io import BytesIO
from urllib.parse import urlsplit

from lxml import etree

from app.exchange.guards import OLE, pieces, unpacked
from app.exchange.refusals import refused

MOST_BYTES = 5 * 1024 * 1024
"""Of a document as it comes, pictures and all."""
_MOST_UNPACKED = 60 * 1024 * 1024
_MOST_SAID = 80  # characters of what is wrong

W = "{http://schemas.openxmlformats.org/wordprocessingml/2006/main}"
PLAIN_XML = etree.XMLParser(resolve_entities=False, no_network=True)
_ZIP = b"PK\x03\x04"
_TYPES = "[Content_Types].xml"
_MACROS = re.compile(rb"macroEnabled|vbaProject", re.IGNORECASE)
_MACRO_PARTS = frozenset({"vbaproject", "wordvbadata", "keymapcustomizations", "attachedtoolbars"})
_EMBEDDED_PARTS = frozenset({"oleobject", "package", "control", "afchunk", "subdocument", "activexcontrolbinary"})
_EMBEDDED_FOLDERS = re.compile(r"(^|/)(embeddings|activeX)/", re.IGNORECASE)
_HARMLESS = frozenset({"http", "https", "mailto"})
_ARGUMENT = re.compile(r'"([^"]*)"|(\S+)')
# What only shows something of the document itself, or of the day.
_FIELDS = frozenset(
    (
        *("PAGE", "NUMPAGES", "SECTION", "SECTIONPAGES", "PAGEREF", "NOTEREF", "REF", "STYLEREF", "HYPERLINK"),
        *("DATE", "TIME", "CREATEDATE", "SAVEDATE", "PRINTDATE", "SEQ", "TOC", "TC", "XE", "INDEX", "LISTNUM"),
        *("SYMBOL", "EQ", "QUOTE", "ADVANCE", "NUMWORDS", "NUMCHARS", "AUTHOR", "TITLE", "SUBJECT", "FILENAME"),
        *("FORMTEXT", "FORMCHECKBOX", "FORMDROPDOWN"),
    )
)
_REVISIONS = tuple(f"{W}{name}" for name in ("ins", "del", "moveFrom", "moveTo"))


def glance(data: bytes) -> None:
    """Raises `Refusal` for what its size and first bytes tell."""
    if len(data) > MOST_BYTES:
        raise refused("document_too_large", most=MOST_BYTES // 1024 // 1024)
    if data.startswith(OLE) and "EncryptedPackage".encode("utf-16le") in data:
        raise refused("locked")
    if not data.startswith(_ZIP):
        raise refused("no_document")


def look(data: bytes) -> None:
    """Raises `Refusal` for what nobody should open, and for what is no .docx."""
    glance(data)
    try:
        with zipfile.ZipFile(BytesIO(data)) as archive:
            if _TYPES not in archive.namelist():
                raise refused("no_document")
            for name, content in _entries(archive):
                _look_at(name, content)
    except (
        *(zipfile.BadZipFile, zlib.error, EOFError, etree.XMLSyntaxError),
        *(ValueError, NotImplementedError, RuntimeError),  # of what zipfile cannot read
    ) as error:
        raise refused("no_document") from error


def _entries(archive: zipfile.ZipFile) -> Iterator[tuple[str, bytes]]:
    left = _MOST_UNPACKED
    for entry, file in unpacked(archive):
        content = bytearray()
        for piece in pieces(entry, file):
            left -= len(piece)
            if left < 0:
                raise refused("bomb")
            content += piece
        yield entry.filename, bytes(content)


def _look_at(name: str, content: bytes) -> None:
    lower = name.lower()
    if lower.endswith("vbaproject.bin") or (name == _TYPES and _MACROS.search(content)):
        raise refused("document_macro")
    if _EMBEDDED_FOLDERS.search(name) or content.startswith(OLE):
        raise refused("document_embedded", name=name.rpartition("/")[2][:_MOST_SAID])
    if not lower.endswith((".xml", ".rels")):
        return
    root = etree.fromstring(content, PLAIN_XML)
    if root.getroottree().docinfo.doctype:
        raise refused("no_document")
    if lower.endswith(".rels"):
        _look_at_relationships(root)
    elif lower.startswith("word/"):
        _look_at_text(root)


def _look_at_relationships(root: etree._Element) -> None:
    for each in root:
        target, kind = each.get("Target", ""), each.get("Type", "").rpartition("/")[2]
        if kind.lower() in _MACRO_PARTS:
            raise refused("document_macro")
        if kind.lower() in _EMBEDDED_PARTS:
            raise refused("document_embedded", name=target.rpartition("/")[2][:_MOST_SAID] or kind)
        outside = each.get("TargetMode", "").lower() == "external" or "://" in target or target.startswith("\\\\")
        if outside and not (kind == "hyperlink" and _is_harmless(target)):
            raise refused("document_linked", target=target[:_MOST_SAID])


def _look_at_text(root: etree._Element) -> None:
    if next(root.iter(*_REVISIONS), None) is not None:
        raise refused("document_revisions")
    for said in _instructions(root):
        first, *rest = _ARGUMENT.findall(said) or [("", "")]
        if first[1].upper() not in _FIELDS and not first[1].startswith("="):
            raise refused("document_field", name=said.strip()[:_MOST_SAID])
        for target in (quoted or bare for quoted, bare in rest):
            if (":" in target or target.startswith("\\\\")) and not _is_harmless(target):
                raise refused("document_linked", target=target[:_MOST_SAID])
    for element in root.iter(etree.Element):
        source = element.get("src", "")  # of a drawing in the older language, which needs no relationship
        if "://" in source or source.startswith("\\\\"):
            raise refused("document_linked", target=source[:_MOST_SAID])


def _instructions(root: etree._Element) -> Iterator[str]:
    """What each field says; one within another by itself."""
    open_: list[str] = []
    for element in root.iter(f"{W}fldSimple", f"{W}fldChar", f"{W}instrText"):
        if element.tag == f"{W}fldSimple":
            yield element.get(f"{W}instr", "")
        elif element.tag == f"{W}instrText":
            if not open_:
                open_.append("")
            open_[-1] += element.text or ""
        elif element.get(f"{W}fldCharType") == "begin":
            open_.append("")
        elif element.get(f"{W}fldCharType") == "end" and open_:
            yield open_.pop()
    yield from open_


def _is_harmless(target: str) -> bool:
    return target.startswith("#") or urlsplit(target).scheme.lower() in _HARMLESS
