"""Lists as sheets: what is downloaded is what is shown."""

import re
from collections.abc import AsyncIterator

import pytest
from docx import Document
from playwright.async_api import Page, expect

from app.exchange.workbooks import read
from tests.e2e.conftest import Live, served, settled, sign_in
from tests.support.cluster import Server


@pytest.fixture(scope="module")
async def live(server: Server, county_template: str) -> AsyncIterator[Live]:
    async with served(server, county_template) as one:
        yield one


async def downloaded(page: Page, name: str) -> tuple[str, list[list[object]]]:
    async with page.expect_download() as waiting:
        await page.get_by_role("button", name=name).click()
    download = await waiting.value
    kept = await download.path()
    return download.suggested_filename, read(kept.read_bytes(), download.suggested_filename)[0].rows  # type: ignore[return-value]


async def test_who_is_behind_comes_as_a_sheet_as_it_is_filtered(page: Page, live: Live):
    await sign_in(page, live, address="#/2026-W46")
    await settled(page)
    shown = await page.get_by_role("list", name="未完成的人").get_by_role("listitem").count()
    name, rows = await downloaded(page, "下载未完成名单（xlsx）")
    assert re.fullmatch(r"未完成名单 2026-11-18\.xlsx", name)
    assert len(rows) - 1 == shown > 1
    await page.get_by_label("状态").first.select_option("excused")
    await expect(page.get_by_role("list", name="未完成的人").get_by_role("listitem")).to_have_count(0)
    _, fewer = await downloaded(page, "下载未完成名单（csv）")
    assert len(fewer) == 1, "the headings"
    await page.get_by_role("tab", name="汇总").click()
    _, table = await downloaded(page, "下载汇总（xlsx）")
    assert table[0][:2] == ["范围", "人数"]
    async with page.expect_download() as waiting:
        await page.get_by_role("button", name="下载通报（docx）").click()
    circular = await waiting.value
    assert circular.suggested_filename == "通报 2026-W46.docx"
    paper = Document(await circular.path())
    assert [row.cells[0].text for row in paper.tables[0].rows][1:] == [row[0] for row in table[1:]]
    await page.get_by_role("tab", name="预警").click()
    _, flags = await downloaded(page, "下载预警（xlsx）")
    assert len(flags) > 1


async def test_pages_of_the_office_have_theirs(page: Page, live: Live):
    for section, name in (
        ("coverage", "走访覆盖"),
        ("silence", "长时间未上线"),
        ("leave", "请假报备"),
        ("appeals", "申诉"),
    ):
        await sign_in(page, live, address=f"#/?office={section}") if section == "coverage" else await page.goto(
            f"{live.url}/#/?office={section}"
        )
        _, rows = await downloaded(page, f"下载{name}（xlsx）")
        assert rows, section
