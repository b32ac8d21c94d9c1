"""个人履职情况表 on the page: from a person, for the days asked for, on the screen, on A4 and as a document."""

import re
from collections.abc import AsyncIterator
from typing import Any
from uuid import uuid4

import pytest
from docx import Document
from playwright.async_api import Page, expect

from tests.e2e.conftest import NAMELESS, PHONE, Live, opened, served, sign_in
from tests.support.cluster import Server
from tests.support.county import A1, COUNTY, HELPER_A1, HELPER_B1, LEADER_A, OFFICE
from tests.support.server import check_in

BASE = f"/v1/counties/{COUNTY}"
SHEET = f"#/?office=sheet&item={HELPER_A1.id}"
OVERFLOWING = "() => document.documentElement.scrollWidth - document.documentElement.clientWidth"
ON_PAPER = """() => {
  const style = (of) => getComputedStyle(document.querySelector(of))
  return {
    hidden: ['header.bar', '.office > nav', '.on-screen'].map((of) => style(of).display),
    scrolls: ['body', '.office .sheet'].map((of) => style(of).overflowY),
    row: style('.part tbody tr').breakInside,
    head: style('.part thead').display,
  }
}"""


@pytest.fixture(scope="module")
async def live(server: Server, county_template: str) -> AsyncIterator[Live]:
    """With what every part of a sheet may say: a held check-in, leave, and an appeal against a flag."""
    async with served(server, county_template) as one:
        api = one.api
        async with await api.as_(HELPER_A1) as phone, await api.as_(OFFICE) as office:
            held = check_in(A1, at=api.clock(), note="雨大路滑", position={"mock": True})
            assert (await phone.post("/v1/check-ins", json=held)).json()["standing"] == "held"
            leave = {"id": str(uuid4()), "kind": "annual", "reason": "探亲"}
            days = {"from_date": "2026-11-20", "until_date": "2026-11-21"}
            assert (await phone.post("/v1/me/leave", json=leave | days)).status_code == 201
            flags = (await office.get(f"{BASE}/flags?person={HELPER_A1.id}&limit=200")).json()["items"]
            (week,) = [flag["id"] for flag in flags if flag["duty"]["period"]["id"] == "2026-W45"]
            appeal = {"id": str(uuid4()), "flag_id": week, "text": "当晚在村，手机没有信号"}
            assert (await phone.post("/v1/me/appeals", json=appeal)).status_code == 201
        yield one


async def said(live: Live, query: str = "") -> Any:
    async with await live.api.as_(OFFICE) as office:
        return (await office.get(f"{BASE}/people/{HELPER_A1.id}/sheet?{query}")).json()


def rows(page: Page, part: str) -> Any:
    return page.get_by_role("table", name=part).locator("tbody tr")


async def test_from_a_person_to_their_sheet_and_its_paper(page: Page, live: Live):
    await sign_in(page, live, address=f"#/2026-W46?person={HELPER_A1.id}")
    await page.get_by_role("button", name="履职情况表").click()
    await expect(page.get_by_role("article", name=f"{HELPER_A1.name}的履职情况表")).to_be_visible()
    found = await said(live)
    assert (found["from"], found["to"]) == ("2026-08-24", "2026-11-22")
    for part, of in (
        ("二、各期任务", "duties"),
        ("三、签到", "check_ins"),
        ("四、请假报备", "leave"),
        ("五、预警", "flags"),
        ("六、申诉", "appeals"),
    ):
        await expect(rows(page, part)).to_have_count(len(found[of]))
        assert found[of], of
    held = rows(page, "三、签到").filter(has_text="待核实")
    await expect(held).to_contain_text("手机报告使用了模拟位置")
    await expect(rows(page, "一、总体情况").first).to_contain_text(str(found["total"]["missed"]))
    await expect(rows(page, "六、申诉")).to_contain_text("当晚在村，手机没有信号")

    await page.get_by_label("时间").select_option("year")
    await expect(page.get_by_label("自", exact=True)).to_have_value("2026-01-01")
    await expect(rows(page, "二、各期任务")).to_have_count(
        len((await said(live, "from=2026-01-01&to=2026-12-31"))["duties"])
    )
    await page.get_by_label("自", exact=True).fill("2026-11-09")
    await page.get_by_label("至", exact=True).fill("2026-11-22")
    await expect(rows(page, "二、各期任务")).to_have_count(2)
    await page.get_by_label("至", exact=True).fill("2026-11-01")
    await expect(page.get_by_role("alert")).to_have_text("不能早于开始日期")
    await page.get_by_label("至", exact=True).fill("2026-11-22")
    await expect(rows(page, "二、各期任务")).to_have_count(2)

    async with page.expect_download() as waiting:
        await page.get_by_role("button", name="下载 docx").click()
    kept = await waiting.value
    assert kept.suggested_filename == f"{HELPER_A1.name}个人履职情况表 2026-11-09 2026-11-22.docx"
    assert len(Document(await kept.path()).tables[2].rows) == 3
    assert await page.evaluate(NAMELESS) == []


async def test_on_paper_there_is_the_sheet_alone(page: Page, live: Live):
    await sign_in(page, live, address=f"{SHEET}&from=2026-01-01&to=2026-12-31")
    await expect(rows(page, "六、申诉")).to_have_count(1)
    await page.evaluate("() => { window.print = () => { window.printed = document.title } }")
    await page.get_by_role("button", name="打印").click()
    assert await page.evaluate("window.printed") == f"{HELPER_A1.name}个人履职情况表 2026-01-01 2026-12-31"
    await expect(page).to_have_title("夜访 · 走访督查")
    await page.emulate_media(media="print")
    assert await page.evaluate(ON_PAPER) == {
        "hidden": ["none", "none", "none"],
        "scrolls": ["visible", "visible"],
        "row": "avoid",
        "head": "table-header-group",
    }
    made = await page.pdf(prefer_css_page_size=True)
    pages = re.findall(rb"/Type\s*/Page\b(?!s)", made)
    assert len(pages) > 2, "the whole of it, and not one screen"
    assert set(re.findall(rb"/MediaBox\s*\[0 0 ([\d.]+) ([\d.]+)\]", made)) == {(b"594.95996", b"841.91998")}


async def test_on_a_phone_each_line_is_a_block_and_nothing_sticks_out(live: Live, browser: Any):
    async with opened(browser, viewport=PHONE) as context:
        page = await context.new_page()
        await sign_in(page, live, HELPER_A1, address="#/2026-W46")
        await page.get_by_role("button", name="履职情况表").click()
        await expect(page.get_by_role("heading", name="个人履职情况表")).to_be_visible()
        await expect(page.get_by_role("navigation", name="业务办理").get_by_role("button")).to_have_text(
            ["履职情况表", "我的账号"]
        )
        assert await page.evaluate(OVERFLOWING) == 0


async def test_a_person_s_flags_and_appeals_alone(page: Page, live: Live):
    await sign_in(page, live, address=f"#/2026-W46?person={HELPER_B1.id}")
    await page.get_by_role("navigation", name="本人的表和清单").get_by_role("button", name="预警").click()
    flags = page.get_by_role("article")
    await expect(flags.first).to_be_visible()
    assert {HELPER_B1.name in each for each in await flags.all_inner_texts()} == {True}
    await page.get_by_role("button", name=f"去掉{HELPER_B1.name}").click()
    await expect(flags.filter(has_text=LEADER_A.name).first).to_be_visible()

    await page.goto(f"{live.url}/#/2026-W46?person={HELPER_A1.id}")
    await page.get_by_role("navigation", name="本人的表和清单").get_by_role("button", name="申诉").click()
    await expect(page.get_by_role("article").filter(has_text="当晚在村")).to_have_count(1)
    await page.goto(f"{live.url}/#/2026-W46?person={HELPER_B1.id}")
    await page.get_by_role("navigation", name="本人的表和清单").get_by_role("button", name="申诉").click()
    await expect(page.get_by_text("没有这样的申诉。")).to_be_visible()
    await page.get_by_role("button", name="待核实", exact=True).first.click()
    await expect(page.get_by_role("article").filter(has_text=HELPER_A1.name)).to_have_count(1)
