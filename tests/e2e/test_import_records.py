"""业务办理 → 导入 → 其他平台的签到记录: each platform's sheet, whom its names mean, and its coordinate system.

With YEFANG_PICTURES set to a folder, pictures of the pages are kept there.
"""

import io
import os
from collections.abc import AsyncIterator, Sequence
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
import xlsxwriter
from playwright.async_api import Browser, Page, expect

from app.geo.coordinates import from_wgs84
from tests.e2e.conftest import DESKTOP, PHONE, Live, opened, served, sign_in
from tests.support.cluster import Server
from tests.support.county import A1, HELPER_A1, HELPER_B1, VISIT_RULE, Cast, add_person, centre
from tests.support.server import WEDNESDAY_NIGHT

NAMESAKE = Cast(HELPER_B1.name, "13900000021", "helper", "squad_b2", "cadre")
MONDAY = WEDNESDAY_NIGHT - timedelta(days=2)
WIDER = "document.querySelector('.column').scrollWidth - document.querySelector('.column').clientWidth"


@pytest.fixture
async def live(server: Server, county_template: str) -> AsyncIterator[Live]:
    """A county of its own for each: check-ins come in."""
    async with served(server, county_template) as one:
        async with one.api.database.transaction() as session:
            await add_person(session, NAMESAKE)
        yield one


def book(rows: Sequence[Sequence[Any]], merged: Sequence[tuple[int, int, int, int]] = ()) -> dict[str, Any]:
    """`merged`: top, left, bottom, right."""
    made = io.BytesIO()
    workbook = xlsxwriter.Workbook(made, {"in_memory": True})
    sheet = workbook.add_worksheet("导出")
    for number, row in enumerate(rows):
        sheet.write_row(number, 0, row)
    for top, left, bottom, right in merged:
        sheet.merge_range(top, left, bottom, right, rows[top][left])
    workbook.close()
    return {"name": "导出.xlsx", "mimeType": "application/vnd.ms-excel", "buffer": made.getvalue()}


def clocking(name: str, at: datetime, east_m: float = 0.0) -> list[Any]:
    lon, lat = centre(A1)
    x, y = from_wgs84(lon + 0.0012 + east_m / 101_000, lat + 0.0023, "gcj02")
    day, clock = f"{at:%Y-%m-%d}", f"{at:%H:%M}"
    return [
        name,
        "乐里",
        "田林县-乐里",
        day,
        clock,
        float(x),
        float(y),
        "甲一村委会",
        "乐里镇甲一村",
        "走访",
        "x1",
    ]


def dingtalk(*rows: list[Any]) -> dict[str, Any]:
    headings = [
        "姓名",
        "部门",
        "完整部门",
        "日期",
        "时间",
        "经度",
        "纬度",
        "地点",
        "详细地址",
        "工作内容",
        "手机标识",
    ]
    return book([["签到报表  统计日期：2026-11-16 至 2026-11-18"], ["报表生成时间：2026-11-18"], headings, *rows])


def wecom() -> dict[str, Any]:
    """Headings on two rows."""
    above = ["时间", "姓名", "账号", "基础信息", "", "上班1", "", "下班1", "", "打卡详情"]
    below = ["", "", "", "部门", "职务", "打卡时间", "打卡状态", "打卡时间", "打卡状态", ""]
    row = [
        "2026/11/16 星期一",
        HELPER_A1.name,
        HELPER_A1.phone,
        "乐里",
        "组员",
        "08:31",
        "正常",
        "次日00:20",
        "正常",
        "甲一村委会",
    ]
    single = [(2, place, 3, place) for place in (0, 1, 2, 9)]
    return book(
        [["上下班打卡_日报"], ["统计时间:2026/11/16-2026/11/16"], above, below, row],
        [*single, (2, 3, 2, 4), (2, 5, 2, 6), (2, 7, 2, 8)],
    )


RAW = [
    ["姓名", "考勤组", "部门", "UserId", "考勤日期", "打卡时间", "打卡结果", "打卡地址", "异常打卡原因"],
    [
        HELPER_A1.name,
        "驻村",
        "乐里",
        HELPER_A1.phone,
        "26-11-16 星期一",
        "2026-11-16 09:02",
        "外勤",
        "甲一村",
        "模拟定位",
    ],
    [HELPER_A1.name, "驻村", "乐里", HELPER_A1.phone, "26-11-17 星期二", "", "未打卡", "", ""],
]
FEISHU = [["员工", "日子", "几点", "电话"], [HELPER_A1.name, "2026-11-16", "10:10", HELPER_A1.phone]]


async def choose(page: Page, file: dict[str, Any]) -> None:
    await page.get_by_label("要导入的文件").set_input_files(file)  # type: ignore[arg-type]


async def turns(page: Page, state: str) -> None:
    """Sheets are read in a process of their own, which takes its time on a busy machine."""
    await expect(page.get_by_role("status")).to_have_text(state, timeout=30_000)


async def looked_at(page: Page, name: str) -> None:
    """Nothing is wider than the screen."""
    assert await page.evaluate(WIDER) == 0
    await picture(page, name)


async def picture(page: Page, name: str) -> None:
    if folder := os.environ.get("YEFANG_PICTURES"):
        await page.screenshot(path=Path(folder) / f"records-{name}.png")


@pytest.mark.parametrize(("viewport", "size"), [(DESKTOP, "wide"), (PHONE, "narrow")], ids=["desktop", "phone"])
async def test_names_are_asked_about_remembered_and_changed(
    browser: Browser, live: Live, viewport: Any, size: str
):
    rows = [clocking(HELPER_A1.name, MONDAY), clocking(HELPER_B1.name, MONDAY), clocking("欧阳外来", MONDAY)]
    async with opened(browser, viewport=viewport) as context:
        page = await context.new_page()
        await sign_in(page, live, address="#/?office=imports&filter=records")
        await expect(page.get_by_label("坐标系")).to_be_visible()
        await looked_at(page, f"{size}-0-new")
        await choose(page, dingtalk(*rows))
        await turns(page, "有问题，未导入")
        records = page.get_by_role("region", name="其他平台的记录")
        await expect(records).to_contain_text("钉钉签到报表，3 行")
        await expect(page.get_by_role("region", name="问题")).to_have_count(0)  # asked, not at fault
        await expect(records.get_by_label(f"{HELPER_A1.name}（乐里）")).to_have_value(str(HELPER_A1.id))
        again = records.get_by_role("button", name="按所选重新检查")
        await expect(again).to_be_disabled()
        await records.get_by_label(f"{HELPER_B1.name}（乐里）").select_option(str(NAMESAKE.id))
        await expect(records.get_by_text("没有姓名相近的人")).to_be_visible()
        await records.get_by_label("欧阳外来（乐里）").select_option(label="不导入此人")
        await looked_at(page, f"{size}-1-asked")
        await again.click()
        await turns(page, "可以导入")
        await expect(records).to_contain_text("新的签到 2 条")
        await records.get_by_text("已说明的姓名 3 个").click()
        await expect(records.get_by_text("姓名相同或相近的有 2 人")).to_be_visible()
        await looked_at(page, f"{size}-2-ready")

        await page.goto(f"{live.url}/#/?office=imports&filter=records")
        later = MONDAY + timedelta(days=1)
        await choose(page, dingtalk(clocking(HELPER_B1.name, later), clocking("欧阳外来", later)))
        await turns(page, "可以导入")
        await records.get_by_text("已说明的姓名 2 个").click()
        meant = records.get_by_label(f"{HELPER_B1.name}（乐里）")
        await expect(meant).to_have_value(str(NAMESAKE.id))
        await meant.select_option(str(HELPER_B1.id))
        await records.get_by_role("button", name="按所选重新检查").click()
        await turns(page, "可以导入")
        await records.get_by_text("已说明的姓名 2 个").click()
        await expect(meant).to_have_value(str(HELPER_B1.id))
        await looked_at(page, f"{size}-3-remembered")


@pytest.mark.parametrize(("viewport", "size"), [(DESKTOP, "wide"), (PHONE, "narrow")], ids=["desktop", "phone"])
async def test_a_report_is_read_in_its_system_applied_seen_and_taken_back(
    browser: Browser, live: Live, viewport: Any, size: str
):
    """A thousand metres from the village's eastern end: read as WGS-84 it would be east of it."""
    async with opened(browser, viewport=viewport) as context:
        page = await context.new_page()
        await sign_in(page, live, address="#/?office=imports&filter=records")
        await page.get_by_label("坐标系").select_option("wgs84")
        await choose(page, dingtalk(clocking(HELPER_A1.name, MONDAY, east_m=1700)))
        await turns(page, "有问题，未导入")
        records = page.get_by_role("region", name="其他平台的记录")
        await records.get_by_role("button", name="按所选重新检查").click()
        await turns(page, "可以导入")
        systems = records.get_by_role("group", name="文件没有说明坐标系")
        await expect(systems.locator("label").filter(has_text="WGS-84")).to_contain_text("0现按此读取")
        await expect(systems.locator("label").filter(has_text="GCJ-02")).to_contain_text("1")
        await systems.get_by_role("radio", name="GCJ-02").check()
        await records.get_by_role("button", name="按所选重新检查").click()
        await expect(systems.locator("label").filter(has_text="GCJ-02")).to_contain_text("1现按此读取")
        await expect(records).to_contain_text("其中有效 1 条")
        await page.locator(".sheet").get_by_role("button", name="导入", exact=True).click()
        await turns(page, "已导入")
        await looked_at(page, f"{size}-4-applied")
        imported = page.url

        board = f"{live.url}/#/2026-W47?rule={VISIT_RULE}&person={HELPER_A1.id}"
        await page.goto(board)
        card = page.get_by_role("article").filter(has_text="钉钉")
        await expect(card).to_contain_text("有效")
        await card.get_by_text("依据与经过").click()
        await expect(card).to_contain_text("导出.xlsx 第 4 行")
        await picture(page, f"{size}-5-card")

        await page.goto(imported)
        await page.get_by_role("button", name="撤销这次导入").click()
        await page.get_by_role("button", name="确认撤销").click()
        await turns(page, "已撤销")
        await expect(records).to_contain_text("不再算数")
        await looked_at(page, f"{size}-6-undone")
        await page.goto(board)
        await expect(card).to_contain_text("导入已撤销")
        await expect(card).to_contain_text("不予认定")
        await picture(page, f"{size}-7-card")


@pytest.mark.parametrize(
    ("file", "said"),
    [
        (book(RAW), ["钉钉原始记录，2 行", "新的签到 1 条", "待核实 1 条", "没有打卡 1 行"]),
        (wecom(), ["企业微信打卡日报，1 行", "新的签到 2 条", "待核实 2 条"]),
    ],
    ids=["dingtalk-raw", "wecom"],
)
async def test_reports_without_coordinates_await_review(
    page: Page, live: Live, file: dict[str, Any], said: list[str]
):
    await sign_in(page, live, address="#/?office=imports&filter=records")
    await choose(page, file)
    await turns(page, "可以导入")
    records = page.get_by_role("region", name="其他平台的记录")
    for each in said:
        await expect(records).to_contain_text(each)
    await page.locator(".sheet").get_by_role("button", name="导入", exact=True).click()
    await turns(page, "已导入")
    await page.goto(f"{live.url}/#/?office=reviews")
    await expect(page.get_by_role("article").filter(has_text=HELPER_A1.name).first).to_be_visible()


async def test_feishus_headings_are_mapped_once(page: Page, live: Live):
    await sign_in(page, live, address="#/?office=imports&filter=records")
    await choose(page, book(FEISHU))
    await turns(page, "有问题，未导入")
    await expect(page.get_by_role("heading", name="列名对应")).to_be_visible()
    for heading, column in (("员工", "姓名 *"), ("日子", "日期"), ("几点", "打卡时间 *"), ("电话", "手机号")):
        await page.get_by_label(heading, exact=True).select_option(label=column)
    await looked_at(page, "wide-8-headings")
    await page.locator("input[type=file]").set_input_files(book(FEISHU))  # type: ignore[arg-type]
    await turns(page, "可以导入")
    await expect(page.get_by_role("region", name="其他平台的记录")).to_contain_text("飞书打卡记录，1 行")


async def test_a_summary_is_refused_with_what_to_export(page: Page, live: Live):
    await sign_in(page, live, address="#/?office=imports&filter=records")
    await choose(page, book([["姓名", *[f"{day}日" for day in range(1, 32)]], ["韦", *["正常"] * 31]]))
    await turns(page, "有问题，未导入")
    await expect(page.get_by_role("region", name="问题")).to_contain_text("原始记录")
