"""Sheets as offices have them: read as they are meant, and refused in words where they cannot be."""

import io
import zipfile
from datetime import date, datetime

import pytest
import xlsxwriter

from app.directory.words import Category
from app.exchange import apart
from app.exchange.cells import Bad, as_day, as_number, as_text, digits, word
from app.exchange.refusals import Refusal
from app.exchange.tables import Column, headings, tables
from app.exchange.workbooks import read
from app.kernel.language import Text

NAME = Column("name", Text("姓名", "Name"), Text("", ""), required=True)
PHONE = Column("phone", Text("手机号", "Phone"), Text("", ""), required=True, names=("联系电话",))
FROM = Column("from_date", Text("开始日期", "From"), Text("", ""), read=as_day)
moment = datetime.fromisoformat  # sheets know no time zones
COLUMNS = (NAME, PHONE, FROM)


def workbook(*rows, name="花名册", setup=None, **options) -> bytes:
    made = io.BytesIO()
    book = xlsxwriter.Workbook(made, {"in_memory": True, **options})
    sheet = book.add_worksheet(name)
    for number, row in enumerate(rows):
        for place, value in enumerate(row):
            if isinstance(value, datetime):
                sheet.write_datetime(number, place, value, book.add_format({"num_format": "yyyy-mm-dd"}))
            elif value is not None:
                sheet.write(number, place, value)
    if setup:
        setup(book, sheet)
    book.close()
    return made.getvalue()


def table(data: bytes, mapped=None, file_name="名单.xlsx"):
    return tables(read(data, file_name), COLUMNS, mapped or {})


def codes(findings) -> list[tuple]:
    return [(each.row, each.column, each.code) for each in findings]


def test_titles_blank_rows_and_other_columns_are_no_hindrance():
    found = table(
        workbook(
            ["田林县帮扶干部名单"],
            [],
            ["序号", "姓名*", "联系电话（必填）", "开始日期", "备注"],
            [1, " 韦 秀兰 ", 13800000001, "2026年11月2日", "无"],
            [],
            [2, "黄小燕", "１３８００００ ０００２", moment("2026-11-03"), None],
            ["序号", "姓名*", "联系电话（必填）", "开始日期", "备注"],
            [3, "农大山", "13800000003 ", 46329, None],
            [],
        )
    )
    assert [(row.number, dict(row.values)) for row in found.rows] == [
        (4, {"name": "韦 秀兰", "phone": "13800000001", "from_date": date(2026, 11, 2)}),
        (6, {"name": "黄小燕", "phone": "1380000 0002", "from_date": date(2026, 11, 3)}),
        (8, {"name": "农大山", "phone": "13800000003", "from_date": date(2026, 11, 3)}),
    ]
    assert found.problems == []
    assert found.unknown == ["序号", "备注"]


def test_every_cell_that_cannot_be_is_said_and_the_rest_is_read():
    found = table(
        workbook(
            ["姓名", "手机号", "开始日期"],
            ["甲", None, "明天"],
            [None, "13800000001", "2026-02-30"],
            ["丙", 450103199001010015, True],
        )
    )
    assert codes(found.problems) == [
        (2, "开始日期", "no_day"),
        (2, "手机号", "missing"),
        (3, "开始日期", "no_such_day"),
        (3, "姓名", "missing"),
        (4, "手机号", "digits_lost"),
        (4, "开始日期", "no_day"),
    ]
    assert [dict(row.values) for row in found.rows] == [{"name": "甲"}, {"phone": "13800000001"}, {"name": "丙"}]


def test_an_offices_own_headings_are_mapped_once():
    data = workbook(["干部", "号码"], ["甲", "13800000001"])
    with pytest.raises(Refusal) as caught:
        table(data)
    assert caught.value.code == "no_headings"
    assert "姓名、手机号" in caught.value.say("zh-CN")
    assert headings(read(data, "a.xlsx")) == ["干部", "号码"]
    found = table(data, {"干部": "name", "号码": "phone"})
    assert [row.values["name"] for row in found.rows] == ["甲"]


def test_merged_and_hidden_cells_formulas_and_1904():
    def setup(book, sheet):
        sheet.merge_range("C2:C3", "2026-11-02")
        sheet.set_row(2, None, None, {"hidden": True})
        sheet.write_formula("A4", '="丙"', None, "丙")

    data = workbook(
        ["姓名", "手机号", "开始日期"],
        ["甲", "13800000001"],
        ["乙", "13800000002"],
        [None, "13800000003"],
        setup=setup,
    )
    found = table(data)
    assert [row.values.get("from_date") for row in found.rows] == [date(2026, 11, 2), date(2026, 11, 2), None]
    assert codes(found.problems) == [(4, "姓名", "formula")]
    assert [(note.code, note.values) for note in found.notes] == [("hidden_rows", {"count": 1})]
    old = workbook(
        ["姓名", "手机号", "开始日期"], ["甲", "1", moment("2026-11-02")], ["乙", "2", 44866], date_1904=True
    )
    assert [row.values["from_date"] for row in table(old).rows] == [date(2026, 11, 2)] * 2


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "gb18030", "utf-16"])
@pytest.mark.parametrize("delimiter", [",", "\t", ";"])
def test_text_tables_in_the_encodings_that_offices_have(encoding: str, delimiter: str):
    lines = [["姓名", "手机号", "开始日期"], ["㙟𠅤", "13800000001", "2026/11/2"]]
    data = "\r\n".join(delimiter.join(line) for line in lines).encode(encoding)
    (row,) = table(data, file_name="名单.CSV").rows
    assert dict(row.values) == {"name": "㙟𠅤", "phone": "13800000001", "from_date": date(2026, 11, 2)}


def _packed(entries: dict[str, bytes], base: bytes | None = None) -> bytes:
    made = io.BytesIO(base or b"")
    with zipfile.ZipFile(made, "a" if base else "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in entries.items():
            archive.writestr(name, content)
    return made.getvalue()


def _named(value: object) -> str:
    """A test is not called by the megabytes that it reads."""
    return value if isinstance(value, str) else "file"


GOOD = workbook(["姓名", "手机号"], ["甲", "13800000001"])


@pytest.mark.parametrize(
    ("data", "code"),
    [
        (b"", "unreadable"),
        (b"no sheet at all", "unreadable"),
        (GOOD[: len(GOOD) // 2], "unreadable"),
        (b"\xd0\xcf\x11\xe0" + bytes(100), "unreadable"),
        (b"\xd0\xcf\x11\xe0" + "EncryptedPackage".encode("utf-16le"), "locked"),
        (b"\xd0\xcf\x11\xe0" + "_VBA_PROJECT".encode("utf-16le"), "macro"),
        (_packed({"xl/vbaProject.bin": b"x"}, GOOD), "macro"),
        (_packed({"xl/externalLinks/externalLink1.xml": b"x"}, GOOD), "external_link"),
        (_packed({"xl/media/bomb.bin": bytes(60_000_000)}, GOOD), "bomb"),
        (_packed({f"x{number}": b"" for number in range(3001)}), "bomb"),
        (bytes(31 * 1024 * 1024), "too_large"),
        (workbook([]), "unreadable"),
    ],
    ids=_named,
)
def test_what_nobody_should_open_is_refused_in_words(data: bytes, code: str):
    with pytest.raises(Refusal) as caught:
        read(data, "名单.xlsx")
    assert caught.value.code == code
    assert caught.value.say("zh-CN") != caught.value.say("en")


async def test_a_process_of_its_own_reads_the_same():
    def setup(book, sheet):
        sheet.write_datetime("C2", moment("2026-11-02 20:10"), book.add_format({"num_format": "yyyy-mm-dd hh:mm"}))

    data = workbook(["姓名", "手机号", "开始日期"], ["甲", 13800000001], setup=setup)
    assert await apart.sheets(data, "名单.xlsx") == read(data, "名单.xlsx")
    with pytest.raises(Refusal) as caught:
        await apart.sheets(_packed({"xl/vbaProject.bin": b"x"}, GOOD), "名单.xlsx")
    assert caught.value.code == "macro"


@pytest.mark.parametrize(
    ("written", "meant"),
    [
        ("2026-11-02", date(2026, 11, 2)),
        ("2026.11.2", date(2026, 11, 2)),
        ("２０２６／１１／２", date(2026, 11, 2)),
        ("20261102", date(2026, 11, 2)),
        (20261102.0, date(2026, 11, 2)),
        ("2026年11月", date(2026, 11, 1)),
        ("2026-11-02 00:00:00", date(2026, 11, 2)),
        (46328, date(2026, 11, 2)),
        ("11月2日", None),
        ("1899-12-31", None),
        ("", None),
    ],
)
def test_days_as_they_are_written(written, meant: date | None):
    if meant is None:
        with pytest.raises(Bad):
            as_day(written)
    else:
        assert as_day(written) == meant


def test_codes_numbers_and_words():
    assert digits([9, 12])(451029100201.0) == "451029100201"
    assert as_text(2.5) == "2.5"
    assert as_number("1,234.5") == 1234.5
    assert word(Category)("帮扶干部") is Category.HELPER
    assert word(Category, 驻村队员=Category.RESIDENT)("驻村队员") is Category.RESIDENT
    for read_one, value in (
        (digits([12]), "45102910020"),
        (as_number, "很多"),
        (word(Category), "干事"),
        (as_number, "inf"),
    ):
        with pytest.raises(Bad) as caught:
            read_one(value)
        assert caught.value.text.say("zh-CN", **caught.value.values)
