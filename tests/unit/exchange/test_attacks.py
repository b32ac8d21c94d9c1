"""Files that are meant to harm: each is refused in words or read for what it is, and reaches nothing else."""

import asyncio
import io
import sqlite3
import stat
import sys
import zipfile
from collections.abc import Callable
from contextlib import suppress
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path
from threading import Thread

import python_calamine
import shapely
import xlsxwriter

from app.exchange import boundaries, boundary_guards, workbooks
from app.exchange.lists import CsvFile, XlsxFile
from app.exchange.marked import Fault, marked
from app.exchange.refusals import Refusal
from app.exchange.templates import listing
from app.exchange.workbooks import Sheet
from tests.support.boundaries import boundary_file

SQUARE = "106,24 107,24 107,25 106,25 106,24"
FEATURES = (
    '{"type":"FeatureCollection","features":[{"type":"Feature","properties":{"n":"%s"},"geometry":'
    '{"type":"Polygon","coordinates":[[[106,24],[107,24],[107,25],[106,24]]]}}]}'
)
VRT = '<OGRVRTDataSource><OGRVRTLayer name="%s"><SrcDataSource>%s</SrcDataSource></OGRVRTLayer></OGRVRTDataSource>'
LAUGHS = '<!ENTITY a "aaaaaaaaaa">' + "".join(
    f'<!ENTITY {name} "{f"&{of};" * 10}">' for of, name in zip("abcdefghi", "bcdefghij", strict=True)
)


def kml(name: str, doctype: str = "", more: str = "") -> bytes:
    place = f"<Placemark><name>{name}</name><Polygon><outerBoundaryIs><LinearRing><coordinates>{SQUARE}"
    ends = "</coordinates></LinearRing></outerBoundaryIs></Polygon></Placemark>"
    space = 'xmlns="http://www.opengis.net/kml/2.2"'
    return f'<?xml version="1.0"?>{doctype}<kml {space}><Document>{more}{place}{ends}</Document></kml>'.encode()


def package(statement: str, tmp_path: Path) -> bytes:
    """A GeoPackage with something more in it."""
    path = tmp_path / "more.gpkg"
    path.write_bytes(boundary_file("gpkg", [shapely.box(106, 24, 107, 25)], {"n": ["x"]}))
    database = sqlite3.connect(path)
    database.execute("PRAGMA writable_schema = ON")
    database.executescript(statement)
    database.close()
    return path.read_bytes()


def zipped(*entries: tuple[str | zipfile.ZipInfo, bytes]) -> bytes:
    made = io.BytesIO()
    with zipfile.ZipFile(made, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in entries:
            archive.writestr(name, content)
    return made.getvalue()


def link(name: str) -> zipfile.ZipInfo:
    entry = zipfile.ZipInfo(name)
    entry.external_attr = (stat.S_IFLNK | 0o777) << 16
    return entry


def test_boundary_files_reach_no_other_file_and_no_address(tmp_path: Path):
    asked: list[str] = []

    class Listening(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            asked.append(self.path)
            self.send_error(404)

        do_HEAD = do_GET  # noqa: N815

        def log_message(self, format: str, *args: object) -> None:
            """Says nothing."""

    server = HTTPServer(("127.0.0.1", 0), Listening)
    Thread(target=server.serve_forever, daemon=True).start()
    address = f"http://127.0.0.1:{server.server_port}/x.geojson"
    secret = tmp_path / "secret.geojson"
    secret.write_text(FEATURES % "a secret of the server")
    inner = f'<!DOCTYPE kml [<!ENTITY x SYSTEM "{secret.as_uri()}">]>'
    virtual = f"CREATE VIRTUAL TABLE v USING VirtualOGR('{secret}')"
    schema = (
        "INSERT INTO sqlite_master (type, name, tbl_name, rootpage, sql) VALUES ('table', 'v', 'v', 0, \"{}\")"
    )
    shp = boundary_file("zip", [shapely.box(106, 24, 107, 25)], {"n": ["x"]})
    attacks = [
        *(
            (extension, (VRT % ("secret", source)).encode())
            for extension in ("geojson", "json", "kml", "ovkml", "gpkg")
            for source in (str(secret), f"/vsicurl/{address}")
        ),
        ("zip", zipped(*((f"a{end}", (VRT % ("secret", secret)).encode()) for end in (".shp", ".shx", ".dbf")))),
        ("zip", zipped(*((link(f"a{end}"), str(secret).encode()) for end in (".shp", ".shx", ".dbf")))),
        ("zip", zipped((f"../../{tmp_path}/evil.shp", b"x"), ("/etc/evil.shx", b"x"), ("C:\\evil.dbf", b"x"))),
        ("zip", shp[:-22] + zipped(("b.shp", b"x"))),
        ("kmz", zipped(("doc.kml", kml("&x;", inner)))),
        ("kml", kml("&x;", inner)),
        ("kml", kml("&j;", f"<!DOCTYPE kml [{LAUGHS}]>")),
        ("kml", kml("x", f"<!-- {'-' * 100_000} -->{inner}")),
        ("kml", kml("x", more=f"<NetworkLink><Link><href>{address}</href></Link></NetworkLink>")),
        ("geojson", b'{"type":"FeatureCollection","features":' + b"[" * 200_000),
        ("geojson", b'{"a":' * 200_000),
        ("geojson", f'{{"type":"Topology","objects":{{}},"url":"{address}"}}'.encode()),
        ("gpkg", package(schema.format(virtual), tmp_path)),
        ("gpkg", package(schema.format(virtual.replace(" ", "/**/", 2)), tmp_path)),
        (
            "gpkg",
            package("UPDATE sqlite_master SET type = 'view', sql = 'CREATE VIEW file AS SELECT 1'", tmp_path),
        ),
        ("gpkg", b"SQLite format 3\0" + bytes(100_000)),
    ]
    for extension, data in attacks:
        with suppress(Refusal):
            found = boundaries.read(data, extension, None)
            assert "a secret" not in str(found), (extension, data[:100])
    server.shutdown()
    server.server_close()
    assert asked == []
    assert not (tmp_path / "evil.shp").exists()
    good = boundaries.read(boundary_file("gpkg", [shapely.box(106, 24, 107, 25)], {"n": ["x"]}), "gpkg", None)
    assert [each.attributes for each in good.features] == [{"n": "x"}]


async def test_the_process_that_reads_has_no_other_formats():
    """Whatever gets past the guard."""
    asked = "import pyogrio; print(*sorted(pyogrio.list_drivers()), sep=',')"
    environment = {"PYTHONPATH": ":".join(sys.path), **boundary_guards.environment()}
    child = await asyncio.create_subprocess_exec(
        *(sys.executable, "-c", asked), env=environment, stdout=asyncio.subprocess.PIPE
    )
    said, _ = await child.communicate()
    assert set(said.decode().strip().split(",")) == boundary_guards.FORMATS


def book(
    change: Callable[[str, bytes], bytes] = lambda _name, content: content, *more: tuple[str, bytes]
) -> bytes:
    """A workbook whose parts are changed, with more in it."""
    made = io.BytesIO()
    workbook = xlsxwriter.Workbook(made, {"in_memory": True})
    sheet = workbook.add_worksheet("名单")
    sheet.write_row(0, 0, ["姓名", "手机号"])
    sheet.write_row(1, 0, ["SECRET", 42])
    workbook.close()
    with zipfile.ZipFile(made) as archive:
        parts = [(name, change(name, archive.read(name))) for name in archive.namelist()]
    return zipped(*parts, *more)


def within(part: str, before: bytes, after: bytes) -> bytes:
    return book(lambda name, content: content.replace(before, after) if name.endswith(part) else content)


def entity(declared: str) -> bytes:
    begun = within("sharedStrings.xml", b"SECRET", b"&x;")
    doctype = f"<!DOCTYPE sst [{declared}]><sst".encode()
    with zipfile.ZipFile(io.BytesIO(begun)) as archive:
        parts = {name: archive.read(name) for name in archive.namelist()}
    return zipped(*((name, part.replace(b"<sst", doctype)) for name, part in parts.items()))


def test_sheets_that_are_meant_to_harm_are_refused_or_read_for_what_they_are(tmp_path: Path):
    secret = tmp_path / "secret.txt"
    secret.write_text("a secret of the server")
    inner = zipped(("bomb.bin", bytes(50_000_000)))
    attacks = {
        "external entity": entity(f'<!ENTITY x SYSTEM "{secret.as_uri()}">'),
        "entity bomb": entity(LAUGHS + '<!ENTITY x "&j;">'),
        "zip in zip": book(lambda _, content: content, *((f"xl/media/{n}.zip", inner) for n in range(50))),
        "huge shared strings": within("sharedStrings.xml", b"SECRET", b"A" * 60_000_000),
        "many shared strings": within(
            "sharedStrings.xml", b"</sst>", b"<si><t>x</t></si>" * 2_000_000 + b"</sst>"
        ),
        "parents": book(lambda _, content: content, (f"../../{tmp_path}/evil.xml", b"x"), ("/etc/evil", b"x")),
        "link": zipped((link("xl/workbook.xml"), str(secret).encode())),
        "a million columns": within("sheet1.xml", b'r="B2"', b'r="BCDEFG2"'),
        "a row beyond all": within("sheet1.xml", b'<row r="2"', b'<row r="4000000000"'),
        "no number": within("sheet1.xml", b"<v>42</v>", b"<v>1e999</v>"),
        "not a number": within("sheet1.xml", b"<v>42</v>", b"<v>NaN</v>"),
        "a long number": within("sheet1.xml", b"<v>42</v>", b"<v>" + b"9" * 100_000 + b"</v>"),
        "strange name": within("workbook.xml", "名单".encode(), b"'[a]:*?/\\'"),
        "polyglot": b"%PDF-1.7\n" + book(),
        "html": b"<html><table><tr><td>x</td></tr></table></html>",
        "a macro under another name": book(lambda _, content: content, ("XL/VBAPROJECT.BIN", b"x")),
        "a macro by another part": within(
            "[Content_Types].xml", b"</Types>", b"<x a='vnd.ms-office.vbaProject'/></Types>"
        ),
        "a macro sheet": book(lambda _, content: content, ("xl/macrosheets/sheet1.xml", b"<x/>")),
        "nothing": b"",
    }
    refused = set()
    for name, data in attacks.items():
        try:
            sheets = workbooks.read(data, "名单.xlsx")
        except Refusal:
            refused.add(name)
            continue
        assert "a secret" not in str(sheets), name
        assert marked(sheets, [Fault(sheets[0].name, 1, "姓名", "=错")], "zh-CN"), name
    assert refused >= {"huge shared strings", "a million columns", "a macro under another name"}
    assert "a macro by another part" in refused
    assert refused >= {"a macro sheet", "html", "nothing", "link"}
    assert not (tmp_path / "evil.xml").exists()


EVIL = [
    "=1+1",
    "+1",
    "-1",
    "@SUM(1)",
    "\t=1",
    "\r=1",
    "\n=1",
    " =1",
    "＝1",
    "＋1",
    "－1",
    "＠1",
    "{=1}",
    "|x",
    '"=1',
    "%1",
]


def test_nothing_that_somebody_typed_is_a_formula_in_any_file(tmp_path: Path):
    """Cells, headings, names of sheets and what is said of a list."""
    about = [(each, each) for each in EVIL]
    with XlsxFile(tmp_path / "a.xlsx", EVIL, "=名单", about) as made:
        made.write([EVIL])
    with CsvFile(tmp_path / "a.csv", EVIL) as written:
        written.write([EVIL])
    sheet = Sheet("=名单", [EVIL, EVIL])
    books = {
        "list": (tmp_path / "a.xlsx").read_bytes(),
        "plain": listing("=名单", EVIL, [EVIL]),
        "marked": marked([sheet], [Fault("=名单", 2, "=1+1", "=1")], "zh-CN"),
    }
    for name, data in books.items():
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            sheets = [archive.read(part) for part in archive.namelist() if part.startswith("xl/worksheets/sheet")]
        assert not any(b"<f" in each for each in sheets), name
        read = python_calamine.CalamineWorkbook.from_filelike(io.BytesIO(data)).get_sheet_by_index(0).to_python()
        assert read[1][: len(EVIL)] == EVIL, name
    lines = (tmp_path / "a.csv").read_text(encoding="utf-8-sig")
    for cell in (each.replace("\r", "\n") for each in EVIL[:12]):
        assert lines.count(f"'{cell}") >= 2, repr(cell)
