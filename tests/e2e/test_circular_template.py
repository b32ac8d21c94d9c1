"""业务办理 → 通报模板: the office changes the template, is told what is wrong, and has the house's back."""

from collections.abc import AsyncIterator
from io import BytesIO

import pytest
from docx import Document
from playwright.async_api import Browser, Page, expect

from tests.e2e.conftest import NAMELESS, PHONE, Live, opened, served, sign_in
from tests.support.cluster import Server
from tests.support.county import LEADER_A, OFFICE
from tests.support.documents import paragraph, related, said, swapped, with_body

DOCX = "application/vnd.openxmlformats-officedocument.wordprocessingml.document"


@pytest.fixture(scope="module")
async def live(server: Server, county_template: str) -> AsyncIterator[Live]:
    async with served(server, county_template) as one:
        yield one


async def kept(page: Page, button: str) -> tuple[str, bytes]:
    async with page.expect_download() as waiting:
        await page.get_by_role("button", name=button).first.click()
    download = await waiting.value
    file = await download.path()
    return download.suggested_filename, file.read_bytes()


async def send(page: Page, template: bytes, name: str = "田林通报.docx") -> None:
    file = {"name": name, "mimeType": DOCX, "buffer": template}
    await page.get_by_label("模板文件（中文通报）").set_input_files(file)  # type: ignore[arg-type]


async def test_a_template_goes_out_is_mended_until_it_holds_and_circulars_are_made_from_it(page: Page, live: Live):
    await sign_in(page, live, address="#/?office=circular")
    chinese = page.get_by_role("region", name="中文通报")
    await expect(chinese.get_by_text("使用中：系统自带模板")).to_be_visible()
    name, house = await kept(page, "下载自带模板")
    assert name == "通报模板 中文通报.docx"

    await send(page, with_body(house, paragraph("共{{ mis", "ssed }}人") + paragraph("{{ owed / missed }}")))
    alert = chinese.get_by_role("alert")
    await expect(alert.get_by_role("listitem")).to_have_count(2)
    await expect(alert).to_contain_text("正文“共{{ misssed }}人”：没有“misssed”这个名称")
    await send(page, related(house, "attachedTemplate", "http://a.example/b.dotm", external=True))
    await expect(alert).to_contain_text("文件引用了外部内容（http://a.example/b.dotm）")
    await expect(chinese.get_by_text("使用中：系统自带模板")).to_be_visible()

    ours = swapped(house, "对认定有异议的，可在系统中申诉。", "请各乡镇周五前整改。")
    await send(page, ours)
    await expect(chinese.get_by_role("status")).to_contain_text("已检查，可以使用")
    await expect(chinese.get_by_text("使用中：本县模板“田林通报.docx”")).to_be_visible()
    await expect(chinese.get_by_text(f"{OFFICE.name}，11月18日 20:10 起").first).to_be_visible()
    assert (await kept(page, "下载本县模板"))[1] == ours
    await expect(page.get_by_role("region", name="英文通报").get_by_text("使用中：系统自带模板")).to_be_visible()
    await expect(page.get_by_role("row", name="{{ person.appeal }}")).to_be_visible()
    assert await page.evaluate(NAMELESS) == []

    await page.goto(f"{live.url}/#/2026-W46?tab=units")
    _, circular = await kept(page, "下载通报（docx）")
    words = said(circular)
    assert "请各乡镇周五前整改。" in words
    assert "可在系统中申诉" not in words
    assert len(Document(BytesIO(circular)).tables[0].rows) > 2

    await page.goto(f"{live.url}/#/?office=circular")
    await send(page, circular)
    await expect(alert).to_contain_text("像是已经填好的通报")
    await chinese.get_by_role("button", name="恢复自带模板").click()
    await expect(chinese.get_by_role("status")).to_have_text("已恢复自带模板。")
    await chinese.get_by_text("历次更换（2）").click()
    assert (await kept(page, "田林通报.docx"))[1] == ours


async def test_on_a_phone_and_in_english_it_fits(browser: Browser, live: Live):
    for locale in ("zh-CN", "en"):
        async with opened(browser, viewport=PHONE) as context:
            page = await context.new_page()
            await sign_in(page, live, address="#/?office=circular")
            if locale == "en":
                await page.get_by_role("button", name="EN").first.click()
                await expect(page.get_by_role("heading", name="Circular template")).to_be_visible()
            await expect(page.get_by_role("table").nth(2)).to_be_visible()
            wide = "document.documentElement.scrollWidth > innerWidth"
            assert not await page.evaluate(wide)


async def test_it_is_the_offices(page: Page, live: Live):
    await sign_in(page, live, LEADER_A, address="#/?office=circular")
    await expect(page.get_by_text("通报模板由县办公室管理。")).to_be_visible()
