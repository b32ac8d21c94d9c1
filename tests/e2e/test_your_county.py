"""What docs/your-county.md says, step by step in Chromium: from an empty installation to the first flag.

With YEFANG_PICTURES set to a folder, the pictures of that page are made anew.
"""

import asyncio
import io
import json
import os
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
import shapely
import xlsxwriter
from docx import Document
from playwright.async_api import Browser, Page, expect
from typer.testing import CliRunner

from app.cli import cli
from app.kernel.clock import system_clock
from app.kernel.roles import as_service
from app.worker.schedule import tick
from tests.e2e.conftest import PHONE, Live, opened, shown
from tests.support.boundaries import boundary_file
from tests.support.cluster import Server
from tests.support.server import SHANGHAI, Api, running

OFFICE_PHONE = "13900000000"
SECRET = "我们县的第一个密码"
VILLAGES = {"451029104201": ("浪平村", 106.30), "451029104202": ("弄瓦村", 106.34)}
SOUTH, SIDE = 24.50, 0.04
PEOPLE = [
    ["姓名", "手机号", "人员类别", "联系村", "派出单位", "职务"],
    ["韦秀兰", "13700000001", "帮扶干部", "浪平村", "县教育局", ""],
    ["黄小燕", "13700000002", "帮扶干部", "弄瓦村", "县教育局", ""],
]


def workbook(name: str, *rows: list[Any]) -> Any:
    made = io.BytesIO()
    book = xlsxwriter.Workbook(made, {"in_memory": True})
    sheet = book.add_worksheet()
    for number, row in enumerate(rows):
        sheet.write_row(number, 0, row)
    book.close()
    return {"name": name, "mimeType": "application/vnd.ms-excel", "buffer": made.getvalue()}


PICTURES = {"村界": "boundaries", "人员": "import"}


async def picture(page: Page, name: str) -> None:
    if name and (folder := os.environ.get("YEFANG_PICTURES")):
        await page.screenshot(path=Path(folder) / f"your-county-{name}.png")


async def yefang(url: str, *arguments: str, monkeypatch: pytest.MonkeyPatch) -> Any:
    monkeypatch.setenv("YEFANG_DATABASE_URL", as_service(url))
    result = await asyncio.to_thread(CliRunner().invoke, cli, [*arguments, "--json"])
    assert result.exit_code == 0, result.output
    return json.loads(result.stdout)


async def import_file(page: Page, kind: str, file: Any) -> None:
    await page.get_by_role("button", name="导入", exact=True).first.click()
    chosen = page.get_by_role("group", name="文件内容").get_by_role("button", name=kind, exact=True)
    await chosen.click()
    await expect(chosen).to_have_attribute("aria-pressed", "true")
    await page.get_by_label("要导入的文件").set_input_files(file)
    state = page.locator("header").get_by_role("status")
    await expect(state).to_have_text("可以导入")
    await picture(page, PICTURES.get(kind, ""))
    await page.locator(".sheet").get_by_role("button", name="导入", exact=True).click()
    await expect(state).to_have_text("已导入")
    await page.get_by_role("button", name="返回").click()


async def test_from_an_empty_installation_to_the_first_flag(
    browser: Browser, server: Server, template: str, monkeypatch: pytest.MonkeyPatch
):
    async with server.database(template) as url, running(url, seeded=False) as api, shown(api) as live:
        api.clock.now = system_clock()  # which the command goes by
        async with opened(browser) as context:
            page = await context.new_page()
            await begin(page, live, url, monkeypatch)
            await fill(page)
            codes = await rule_and_slips(page, api)
            await people_check_in(browser, live, codes)
            await look_at_the_first_flag(page, live)


async def begin(page: Page, live: Live, url: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """1 and 2: nothing is there, a county is made, and its office opens its account."""
    await page.goto(live.url)
    await expect(page.get_by_text("这台服务器上还没有县")).to_be_visible()
    await picture(page, "empty")
    asked = ("county", "create", "451029", "--name", "田林县", "--office-phone", OFFICE_PHONE)
    made = await yefang(url, *asked, "--office-person", "农志强", monkeypatch=monkeypatch)
    await page.goto(f"{live.url}/#/activate/{made['code']}")
    await page.get_by_label("设置密码").fill(SECRET)
    await page.get_by_label("再输入一次").fill(SECRET)
    await picture(page, "activate")
    await page.get_by_role("button", name="开通并登录").click()
    await expect(page.get_by_text("本县还没有任务规则")).to_be_visible()
    await page.get_by_role("button", name="业务办理", exact=True).click()


async def fill(page: Page) -> None:
    """3: the county's own files, in order."""
    await import_file(
        page,
        "责任单位",
        workbook("责任单位.xlsx", ["单位名称", "层级", "上级单位"], ["县教育局", "县直单位", ""]),
    )
    villages = [[code, name, "浪平镇"] for code, (name, _) in VILLAGES.items()]
    await import_file(page, "村", workbook("村.xlsx", ["村代码", "村名", "乡镇"], *villages))
    shapes = [shapely.box(west, SOUTH, west + SIDE, SOUTH + SIDE) for _, west in VILLAGES.values()]
    names = {"ZLDWMC": [name for name, _ in VILLAGES.values()]}
    drawn = boundary_file("zip", shapes, names, crs="EPSG:4490", encoding="GB18030")
    await import_file(page, "村界", {"name": "村界.zip", "mimeType": "application/zip", "buffer": drawn})
    await import_file(page, "人员", workbook("帮扶干部.xlsx", *PEOPLE))


async def rule_and_slips(page: Page, api: Api) -> list[str]:
    """4 and 5: what is owed from next Monday on, and how people get in."""
    await page.get_by_role("button", name="任务规则").click()
    await page.get_by_role("button", name="新建规则").click()
    await page.get_by_label("从各地实行过的规则开始").select_option("帮扶走访")
    await page.get_by_role("button", name="使用").click()
    await page.get_by_role("button", name="试算").click()
    await expect(page.get_by_role("region", name="试算结果")).to_be_visible()
    await picture(page, "rule")
    await page.get_by_role("button", name="保存并施行").click()
    await expect(page.get_by_role("article").first).to_contain_text("尚未施行")
    await page.get_by_role("button", name="账号", exact=True).click()
    await page.get_by_role("button", name="生成激活条").click()
    slips = page.locator(".slips article")
    await expect(slips).to_have_count(2)
    await picture(page, "slips")
    return [await slip.locator(".code").inner_text() for slip in await slips.all()]


async def people_check_in(browser: Browser, live: Live, codes: list[str]) -> None:
    """6: both choose their passwords; next Monday only one of them visits, and says by which phone."""
    for code in codes:
        async with opened(browser, viewport=PHONE) as context:
            phone = await context.new_page()
            await phone.goto(f"{live.url}/#/activate/{code}")
            await phone.get_by_label("设置密码").fill(SECRET)
            await phone.get_by_label("再输入一次").fill(SECRET)
            await phone.get_by_role("button", name="开通并登录").click()
            await phone.get_by_role("button", name="退出登录").wait_for()
    today = live.api.clock().astimezone(SHANGHAI)
    monday = (today + timedelta(days=7 - today.weekday())).replace(hour=10, minute=0)
    live.api.clock.now = monday
    await tick(live.api.service, live.api.clock)
    form = {"grant_type": "password", "username": "13700000001", "password": SECRET, "device_id": "hers"}
    signed_in = (await live.api.http.post("/v1/auth/token", data=form)).json()
    assert signed_in["person"]["name"] == "韦秀兰"
    visit = {
        "id": "0b0e8f6e-0000-4000-8000-000000000001",
        "captured_at": monday.isoformat(),
        "position": {"lon": 106.32, "lat": 24.52, "accuracy_m": 12.0},
        "purpose": "household_visit",
    }
    headers = {"Authorization": f"Bearer {signed_in['access_token']}"}
    reply = await live.api.http.post("/v1/check-ins", json=visit, headers=headers)
    assert (reply.status_code, reply.json()["place"], reply.json()["standing"]) == (201, "inside", "counted")


async def look_at_the_first_flag(page: Page, live: Live) -> None:
    """7 and 8: the week is over, and its circular is written."""
    assert isinstance(live.api.clock.now, datetime)
    live.api.clock.turn(days=10)
    await tick(live.api.service, live.api.clock)
    await page.goto(f"{live.url}/#/?tab=flags")
    await page.reload()
    panel = page.get_by_role("tabpanel")
    await expect(panel.get_by_text("黄小燕").first).to_be_visible()
    await expect(panel.get_by_text("韦秀兰")).to_have_count(0)
    await picture(page, "flag")
    week = (live.api.clock.now - timedelta(days=7)).astimezone(SHANGHAI).strftime("%G-W%V")
    await page.goto(f"{live.url}/#/{week}?tab=units")
    async with page.expect_download() as waiting:
        await page.get_by_role("button", name="下载通报（docx）").click()
    circular = await waiting.value
    assert circular.suggested_filename == f"通报 {week}.docx"
    said = "\n".join(line.text for line in Document(await circular.path()).paragraphs)
    assert "应完成2人" in said
    assert "黄小燕" in said
    assert "韦秀兰" not in said
