"""业务办理 → 导入: a clerk's file with mistakes, mended, applied, and taken back."""

import io
from collections.abc import AsyncIterator
from typing import Any

import pytest
import shapely
import xlsxwriter
from playwright.async_api import Browser, Page, expect
from sqlalchemy import text

from app.exchange.workbooks import read
from tests.e2e.conftest import DESKTOP, PHONE, Live, opened, served, sign_in
from tests.support.boundaries import boundary_file
from tests.support.cluster import Server
from tests.support.county import A1, HELPER_A1, SIDE, SOUTH, WEST, Cast, add_person

HEADINGS = ["姓名", "手机号", "人员类别", "联系村", "职务"]
GOOD = ["韦秀兰", "13700000001", "帮扶干部", A1, "组员"]


@pytest.fixture(scope="module")
async def live(server: Server, county_template: str) -> AsyncIterator[Live]:
    """A county of its own, for its people change here."""
    async with served(server, county_template) as one:
        yield one


def workbook(*rows: list[Any]) -> dict[str, Any]:
    made = io.BytesIO()
    book = xlsxwriter.Workbook(made, {"in_memory": True})
    sheet = book.add_worksheet("名单")
    for number, row in enumerate(rows):
        sheet.write_row(number, 0, row)
    book.close()
    return {"name": "帮扶干部名单.xlsx", "mimeType": "application/vnd.ms-excel", "buffer": made.getvalue()}


async def send(page: Page, *rows: list[Any]) -> None:
    await page.get_by_label("要导入的文件").set_input_files(workbook(*rows))  # type: ignore[arg-type]


async def test_a_file_with_mistakes_is_mended_applied_and_taken_back(page: Page, live: Live):
    await sign_in(page, live, address="#/?office=imports")
    await page.get_by_role("button", name="人员", exact=True).click()
    async with page.expect_download() as waiting:
        await page.get_by_role("button", name="下载模板：人员").click()
    template = await (await waiting.value).path()
    assert read(template.read_bytes(), "a.xlsx")[0].rows[0][:2] == ["姓名*", "手机号*"]

    await send(page, ["某县名单"], HEADINGS, GOOD, ["黄小燕", "", "临时工", "不存在的村", ""])
    await expect(page.get_by_role("status")).to_have_text("有问题，未导入")
    rows = page.get_by_role("table").get_by_role("row")
    await expect(rows).to_have_count(4)
    await expect(rows.nth(1)).to_contain_text("4")
    async with page.expect_download() as waiting:
        await page.get_by_role("button", name="下载问题清单（xlsx）").click()
    await waiting.value
    async with page.expect_download() as waiting:
        await page.get_by_role("button", name="下载标出问题的原表（xlsx）").click()
    marked = read((await (await waiting.value).path()).read_bytes(), "a.xlsx")[0]
    assert (marked.rows[0][0], marked.rows[1][5]) == ("某县名单", "问题")
    await expect(page.get_by_role("button", name="导入", exact=True)).to_have_count(1)  # that of the menu

    await page.get_by_role("button", name="重新上传").click()
    await send(page, HEADINGS, GOOD, ["黄小燕", "13700000002", "驻村工作队员", A1, ""])
    await expect(page.get_by_role("status")).to_have_text("可以导入")
    await expect(page.get_by_role("row", name="人员 2 0")).to_be_visible()
    await expect(page.get_by_text("重新计算")).to_be_visible()
    await page.reload()  # the job goes on without the page
    await page.locator(".sheet").get_by_role("button", name="导入", exact=True).click()
    await expect(page.get_by_role("status")).to_have_text("已导入")
    async with await live.api.as_(HELPER_A1) as phone:
        assert (await phone.get("/v1/me")).status_code == 200

    await page.get_by_role("button", name="撤销这次导入").click()
    await page.get_by_role("button", name="确认撤销").click()
    await expect(page.get_by_role("status")).to_have_text("已撤销")


@pytest.mark.parametrize("viewport", [DESKTOP, PHONE], ids=["desktop", "phone"])
async def test_who_is_not_in_the_list_ends_when_the_office_says_so(
    browser: Browser, server: Server, county_template: str, viewport: dict[str, int]
):
    """Two of the squad are not in the list: one is unticked, the other leaves, and comes back with the import."""
    ends, stays = (
        Cast(name, f"1390000007{nth}", "helper", "squad_a1", "cadre", (A1,))
        for nth, name in enumerate(("罗要走", "罗还在"))
    )
    until = "SELECT name, CAST(until_date AS text) FROM person WHERE until_date IS NOT NULL"
    async with served(server, county_template) as live, opened(browser, viewport=viewport) as context:
        async with live.api.database.transaction() as session:
            for cast in (ends, stays):
                await add_person(session, cast)
        page = await context.new_page()
        await sign_in(page, live, address="#/?office=imports&filter=people")
        await send(page, HEADINGS, [HELPER_A1.name, HELPER_A1.phone, "帮扶干部", A1, ""])
        missing = page.get_by_role("region", name="不在文件里")
        await expect(missing).to_contain_text("有 2 项在系统中，不在文件里")
        await expect(missing).to_contain_text("不选择就保持不变")
        await missing.get_by_text("看名单，或让它们结束…").click()
        await missing.get_by_label(stays.name).uncheck()
        await expect(missing.get_by_text("还没有重新检查")).to_be_visible()
        async with page.expect_download() as waiting:
            await missing.get_by_role("button", name="下载名单（xlsx）").click()
        assert read((await (await waiting.value).path()).read_bytes(), "a.xlsx")[0].rows[0][0] == "名称"
        await missing.get_by_label("从这一天起结束").fill("2026-11-20")
        await missing.get_by_role("button", name="结束所选 1 项，重新检查").click()
        await expect(missing).to_contain_text("导入后从 2026-11-20 起结束 1 项")
        await expect(missing.get_by_label(ends.name)).to_be_checked()
        await expect(missing.get_by_label(stays.name)).not_to_be_checked()
        await expect(page.get_by_role("row", name="任职 0 1")).to_be_visible()
        wider = "document.querySelector('.column').scrollWidth - document.querySelector('.column').clientWidth"
        assert await page.evaluate(wider) == 0
        await page.locator(".sheet").get_by_role("button", name="导入", exact=True).click()
        await expect(missing).to_contain_text("从 2026-11-20 起结束了 1 项")
        async with live.api.database.transaction() as session:
            assert [tuple(row) for row in await session.execute(text(until))] == [(ends.name, "2026-11-20")]
        await page.get_by_role("button", name="撤销这次导入").click()
        await page.get_by_role("button", name="确认撤销").click()
        await expect(page.get_by_role("status").filter(has_text="已撤销")).to_be_visible()
        async with live.api.database.transaction() as session:
            assert [tuple(row) for row in await session.execute(text(until))] == []


async def test_headings_of_ones_own_are_said_once(page: Page, live: Live):
    await sign_in(page, live, address="#/?office=imports&filter=people")
    rows = [["干部", "号码", "种类"], ["农大山", "13700000003", "帮扶干部"]]
    await send(page, *rows)
    await expect(page.get_by_role("heading", name="列名对应")).to_be_visible()
    await expect(page.get_by_text("还缺：姓名、手机号、人员类别")).to_be_visible()
    for heading, column in (("干部", "姓名 *"), ("号码", "手机号 *"), ("种类", "人员类别 *")):
        await page.get_by_label(heading, exact=True).select_option(label=column)
    await page.locator("input[type=file]").set_input_files(workbook(*rows))  # type: ignore[arg-type]
    await expect(page.get_by_role("status")).to_have_text("可以导入")


def drawn(moved: float) -> dict[str, Any]:
    """The village A1 a little to the east, as GeoJSON."""
    west = WEST[A1] + moved
    area = shapely.box(west, SOUTH, west + SIDE, SOUTH + SIDE)
    data = boundary_file("geojson", [area], {"村代码": [A1]})
    return {"name": "村界.geojson", "mimeType": "application/json", "buffer": data}


@pytest.mark.parametrize("viewport", [DESKTOP, PHONE], ids=["desktop", "phone"])
async def test_boundaries_are_seen_on_the_map_before_they_are_applied(browser: Browser, live: Live, viewport: Any):
    async with opened(browser, viewport=viewport) as context:
        page = await context.new_page()
        await sign_in(page, live, address="#/?office=imports&filter=geofences")
        await page.get_by_label("要导入的文件").set_input_files(drawn(0.002))  # type: ignore[arg-type]
        seen = page.get_by_role("region", name="在地图上看")
        await expect(seen.locator("canvas")).to_be_visible()
        await expect(seen.get_by_text("已按“WGS-84")).to_be_visible()
        await expect(seen.get_by_text("重叠：")).to_be_visible()
        await seen.get_by_role("listitem").filter(has_text="重叠：").get_by_role("button").click()
        await expect(seen.get_by_role("status")).to_contain_text("重叠")
        await seen.get_by_role("radio", name="GCJ-02").check()
        await seen.get_by_role("button", name="重新检查").click()
        await expect(seen.get_by_text("已按“GCJ-02")).to_be_visible()
        wider = "document.querySelector('.column').scrollWidth - document.querySelector('.column').clientWidth"
        assert await page.evaluate(wider) == 0


async def test_on_a_phone_nothing_is_cut_off(browser: Browser, live: Live):
    async with opened(browser, viewport=PHONE) as context:
        page = await context.new_page()
        await sign_in(page, live, address="#/?office=imports&filter=households")
        await expect(page.get_by_label("坐标系")).to_be_visible()
        await send(page, ["户编号", "户主", "村"], ["1", "甲", "乙"])
        await expect(page.get_by_role("status").filter(has_text="有问题，未导入")).to_be_visible(timeout=15_000)
        wider = "document.querySelector('.column').scrollWidth - document.querySelector('.column').clientWidth"
        assert await page.evaluate(wider) == 0
