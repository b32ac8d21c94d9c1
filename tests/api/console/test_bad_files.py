"""Bad input, by name: what offices' files have wrong is said in words at its cell, and costs nothing else."""

import io
import json
import zipfile
from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import numpy as np
import pytest
import shapely
import xlsxwriter
from pyproj import Transformer
from sqlalchemy import text

from app.exchange.boundaries import MOST_VERTICES
from app.exchange.workbooks import read
from tests.api.console.test_imports import BASE, see
from tests.support.boundaries import boundary_file
from tests.support.cluster import Server
from tests.support.county import A1, A2, B1, COUNTY, OFFICE, RESIDENT_A2, SIDE, SOUTH, WEST, centre
from tests.support.server import Api, running

HEADS = ["姓名", "手机号", "人员类别", "联系村", "乡镇", "工号", "开始日期"]
GOOD = ["好人", "13700000099", "帮扶干部", A2, None, "G099", "2026-11-02"]
ROW = ["韦秀兰", "13700000001", "帮扶干部", A1, None, "G001", "2026-11-02"]
LANGPING, LANGPING_OLD = "451029104201", "451029203201"


def row(**changed: Any) -> list[Any]:
    """A good row but for the cells named by their headings."""
    return [changed.get(heading, value) for heading, value in zip(HEADS, ROW, strict=True)]


def book(*rows: list[Any], setup: Any = None, **options: Any) -> bytes:
    made = io.BytesIO()
    workbook = xlsxwriter.Workbook(made, {"in_memory": True, **options})
    sheet = workbook.add_worksheet("名单")
    day = workbook.add_format({"num_format": "yyyy-mm-dd"})
    for at, cells in enumerate(rows):
        for place, value in enumerate(cells):
            if isinstance(value, datetime):
                sheet.write_datetime(at, place, value, day)
            elif value is not None:
                sheet.write(at, place, value)
    if setup:
        setup(sheet)
    workbook.close()
    return made.getvalue()


def people(*rows: list[Any], **options: Any) -> bytes:
    """The good row stands first, in the sheet's second row."""
    return book(HEADS, GOOD, *rows, **options)


def packed_with(name: str, content: bytes, *, claims: int | None = None) -> bytes:
    made = io.BytesIO(people())
    with zipfile.ZipFile(made, "a", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr(name, content)
        if claims:
            archive.filelist[-1].file_size = claims
    return made.getvalue()


@dataclass(frozen=True)
class Bad:
    """`problems`: (row, column, code) of each; `says`: what the first, or a note, tells the office."""

    name: str
    data: Callable[[], bytes]
    says: str
    problems: tuple[tuple[int | None, str | None, str], ...] = ()
    note: str = ""
    kind: str = "people"
    file: str = "名单.xlsx"
    rows: int = 2


CLAIMS_2_GB = 2 * 1024**3
SHEETS = [
    Bad("merged cells", lambda: people(row(联系村=None), row(手机号="13700000002", 工号="G002", 联系村=None),
        setup=lambda sheet: sheet.merge_range("D2:D4", A2)), "", rows=3),
    Bad("title rows above the headings",
        lambda: book(["田林县帮扶干部名单"], ["2026 年 11 月"], [], HEADS, GOOD, row()), ""),
    Bad("hidden rows", lambda: people(row(), setup=lambda sheet: sheet.set_row(2, None, None, {"hidden": True})),
        "有 1 行是隐藏的，也读取了", note="hidden_rows"),
    Bad("trailing blanks", lambda: people(row(姓名="韦秀兰 　", 手机号="13700000001  "), [], [" "] * 7, []), ""),
    Bad("dates as text", lambda: people(row(开始日期="2026年11月2日")), ""),
    Bad("dates as serial numbers", lambda: people(row(开始日期=46328)), ""),
    Bad("dates of a workbook of 1904", lambda: people(row(开始日期=datetime(2026, 11, 2)), date_1904=True), ""),  # noqa: DTZ001
    Bad("a date before 1900", lambda: people(row(开始日期="1899-12-31")), "没有这一天",
        ((3, "开始日期", "no_such_day"),)),
    Bad("a day without its year", lambda: people(row(开始日期="11月2日")), "不是日期",
        ((3, "开始日期", "no_day"),)),
    Bad("phone numbers as floats", lambda: people(row(手机号=13700000001.0)), ""),
    Bad("phone numbers cut short", lambda: people(row(手机号="1.37E+10")), "末尾的数位已经丢失",
        ((3, "手机号", "digits_lost"),)),
    Bad("ID numbers that lost digits", lambda: people(row(工号=451029198001010015)), "末尾的数位已经丢失",
        ((3, "工号", "digits_lost"),)),
    Bad("full-width digits",
        lambda: people(row(手机号="１３７００００００００１", 联系村="４５１０２９１００２０１")), ""),
    Bad("duplicated people", lambda: people(row(), row(工号="G002")), "与第 3 行是同一个",
        ((4, "手机号", "twice"),), rows=3),
    Bad("an unknown village", lambda: people(row(联系村="甲一")), "是不是：甲一村", ((3, "联系村", "unknown"),)),
    Bad("an old code of a village", lambda: people(row(联系村=LANGPING_OLD, 乡镇="浪平乡")),
        f"如果是旧代码，请改填今天的：{LANGPING}（浪平镇浪平村）", ((3, "联系村", "unknown"),)),
    Bad("an old code in a list of villages", lambda: book(["村代码", "村名", "乡镇"], [A1, "甲一村", None],
        [LANGPING_OLD, "浪平村", "浪平乡"]), f"浪平镇浪平村的代码是 {LANGPING}", ((3, "村代码", "other_code"),),
        kind="villages"),
    Bad("two villages of one name", lambda: people(row(联系村="和平村")), "“和平村”有 2 个",
        ((3, "联系村", "which"),)),
    Bad("an assignment that ends before it begins", lambda: book(["手机号", "村", "开始日期", "结束日期"],
        [RESIDENT_A2.phone, A1, "2026-11-02", None], [RESIDENT_A2.phone, B1, "2026-11-20", "2026-11-10"]),
        "必须晚于开始日期 2026-11-20", ((3, "结束日期", "too_early"),), kind="assignments"),
    Bad("assignments that overlap", lambda: book(["手机号", "村", "开始日期"],
        [RESIDENT_A2.phone, A1, "2026-11-02"], [RESIDENT_A2.phone, A1, "2026-11-09"]),
        "已联系同一村", ((3, "开始日期", "overlap"),), kind="assignments"),
    Bad("a point with its axes swapped", lambda: book(["户编号", "户主", "村", "经度", "纬度"],
        ["1", "甲", A1, *centre(A1)], ["2", "乙", A1, *reversed(centre(A1))]), "不在本县",
        ((3, "经度", "elsewhere"),), kind="households"),
    Bad("a formula", lambda: people(row(), setup=lambda sheet: sheet.write_formula("A3", '="韦"', None, "韦")),
        "这里是公式", ((3, "姓名", "formula"),)),
    Bad("a macro", lambda: packed_with("xl/vbaProject.bin", b"x"), "文件中有宏", ((None, None, "file"),), rows=0),
    Bad("an external link", lambda: packed_with("xl/externalLinks/externalLink1.xml", b"x"), "引用了其他工作簿",
        ((None, None, "file"),), rows=0),
    Bad("a zip bomb", lambda: packed_with("xl/media/bomb.bin", bytes(60_000_000)), "解压后过大",
        ((None, None, "file"),), rows=0),
    Bad("a sheet claiming 2 GB", lambda: packed_with("xl/worksheets/sheet9.xml", b"<x/>", claims=CLAIMS_2_GB),
        "解压后过大", ((None, None, "file"),), rows=0),
    Bad("a sheet whose last cell is the last there is", lambda: people(row(),
        setup=lambda sheet: sheet.write(1_048_575, 16_383, "x")), "请拆成几个文件",
        ((None, None, "file"),), rows=0),
]  # fmt: skip


def box(village: str, grown: float = 0.0) -> shapely.Polygon:
    west = WEST[village]
    return shapely.box(west - grown, SOUTH - grown, west + SIDE + grown, SOUTH + SIDE + grown)


def metres(shape: Any, epsg: int) -> Any:
    there = Transformer.from_crs(4326, epsg, always_xy=True)
    return shapely.transform(shape, lambda at: np.column_stack(there.transform(*at.T)))


def drawn(shape: Any, extension: str = "geojson", **options: Any) -> bytes:
    """A good boundary of A2, and after it that of A1."""
    kind = options.pop("kind", "Unknown" if shape is None else "Polygon")
    return boundary_file(extension, [box(A2), shape], {"村代码": [A2, A1]}, kind=kind, **options)


def ring(corners: int) -> shapely.Polygon:
    turn = np.linspace(0, 2 * np.pi, corners, endpoint=False)
    lon, lat = centre(A1)
    return shapely.Polygon(np.column_stack([lon + 0.019 * np.cos(turn), lat + 0.019 * np.sin(turn)]))


def both(change: Callable[[Any], Any], extension: str, **options: Any) -> Callable[[], bytes]:
    """Both boundaries, changed alike."""
    fields = options.pop("fields", {"村代码": [A2, A1]})
    return lambda: boundary_file(extension, [change(box(A2)), change(box(A1))], fields, **options)


BOW = shapely.Polygon([(106.2, 24.3), (106.24, 24.34), (106.24, 24.3), (106.2, 24.34)])
KNOT = shapely.Polygon([(106.2, 24.3), (106.24, 24.3), (106.24, 24.34), (106.2402, 24.3402), (106.2401, 24.34),
                        (106.2, 24.34)])  # fmt: skip
FENCES = [
    Bad("fences with latitude first",
        both(lambda shape: shapely.transform(shape, lambda at: at[:, ::-1]), "geojson"),
        "经纬度次序颠倒，已改正", note="swapped"),
    Bad("fences with heights", both(lambda shape: shapely.force_3d(shape, 410.0), "zip", kind="Polygon Z"), ""),
    Bad("fences in metres without .prj", both(lambda shape: metres(shape, 4544), "zip", crs="EPSG:4544",
        without=[".prj"]), "没有说明是哪一带", ((None, None, "file"),), rows=0),
    Bad("fences whose metres begin with their zone",
        both(lambda shape: metres(shape, 4523), "zip", crs="EPSG:4523", without=[".prj"]),
        "坐标系按带号判断", note="zone_guessed"),
    Bad("fences with a wrong .cpg", both(lambda shape: shape, "zip", fields={"CUNMC": ["甲二村", "甲一村"]},
        encoding="GB18030", cpg="UTF-8"), "文字编码与 .cpg 所写不同", note="other_encoding"),
    Bad("a fence that crosses itself a little", lambda: drawn(KNOT), "已修复：面积由", note="mended"),
    Bad("a fence that crosses itself", lambda: drawn(BOW), "自相交", ((2, None, "not_mended"),)),
    Bad("an empty fence", lambda: drawn(None), "没有图形", ((2, None, "empty"),)),
    Bad("a fence outside the county", lambda: drawn(shapely.box(110.0, 24.3, 110.04, 24.34)), "不在本县",
        ((2, "村代码", "elsewhere"),)),
    Bad("a fence of 500,000 corners", lambda: drawn(ring(MOST_VERTICES + 1), "gpkg"), "请先简化",
        ((2, None, "too_many_corners"),)),
]  # fmt: skip


@pytest.fixture(scope="module")
async def api(server: Server, county_template: str) -> AsyncIterator[Api]:
    """One for all of them: what is only checked changes nothing."""
    async with server.database(county_template) as url, running(url) as api:
        async with api.database.transaction() as session:
            statements = [
                "UPDATE village SET name = '和平村' WHERE id IN ('451029101201', '451029101202')",
                f"INSERT INTO township (county_id, id, name) VALUES ('{COUNTY}', '451029104', '浪平镇')",
                f"""INSERT INTO village (county_id, id, name, official_name, township_id, unit_id)
                SELECT county_id, '{LANGPING}', '浪平村', '浪平村委会', '451029104', unit_id FROM village
                WHERE id = '{A1}'""",
            ]
            for statement in statements:
                await session.execute(text(statement))
        yield api


async def checked(api: Api, bad: Bad) -> dict[str, Any]:
    async with await api.as_(OFFICE) as console:
        sent = await console.post(
            f"{BASE}/{bad.kind}", files={"file": (bad.file, bad.data())}, data={"options": json.dumps({})}
        )
        assert sent.status_code == 202, sent.text
    return await see(api, sent.json()["id"])


def is_said(found: dict[str, Any], bad: Bad) -> None:
    at = [(each["row"], each["column"], each["code"]) for each in found["problems"]]
    assert at == list(bad.problems)
    assert found["state"] == ("failed" if bad.problems else "ready")
    assert found["rows"] == bad.rows
    told = found["problems"] or [each for each in found["notes"] if each["code"] == bad.note]
    assert bad.says in "".join(each["detail"] for each in told)
    assert bool(told) == bool(bad.says)


@pytest.mark.parametrize("bad", SHEETS, ids=lambda bad: bad.name)
async def test_bad_sheets_are_told_at_their_cells_and_the_good_rows_stay(api: Api, bad: Bad):
    found = await checked(api, bad)
    is_said(found, bad)
    if bad.problems and bad.rows:  # mended there, and sent again: the row beside it is as it was
        async with await api.as_(OFFICE) as console:
            marked = await console.get(f"{BASE}/{found['id']}/marked.xlsx")
        rows, sent = read(marked.content, "a.xlsx")[0].rows, read(bad.data(), "a.xlsx")[0].rows
        assert [cells[: len(before)] for cells, before in zip(rows, sent, strict=True)] == sent
        assert all((cells[len(sent[0])] is not None) == (at in {row for row, *_ in bad.problems})
                   for at, cells in enumerate(rows[1:], 2))  # fmt: skip


@pytest.mark.parametrize("bad", FENCES, ids=lambda bad: bad.name)
async def test_bad_boundaries_are_told_at_their_shapes(api: Api, bad: Bad):
    extension = "zip" if bad.data()[:2] == b"PK" else "gpkg" if bad.data()[:6] == b"SQLite" else "geojson"
    kind = Bad(**{**bad.__dict__, "kind": "geofences", "file": f"村界.{extension}"})
    is_said(await checked(api, kind), kind)
