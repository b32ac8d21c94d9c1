"""业务办理 → 个人信息: the notice is published and asked about, a copy handed out, who has left made anonymous."""

import asyncio
from collections.abc import AsyncIterator
from datetime import date
from pathlib import Path

import pytest
from playwright.async_api import Page, expect
from sqlalchemy import text

from tests.e2e.conftest import Live, served, sign_in
from tests.support.cluster import Server
from tests.support.county import HELPER_B1, OFFICE


@pytest.fixture(scope="module")
async def live(server: Server, template: str, tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Live]:
    """A county of its own: somebody becomes anonymous here."""
    async with served(server, template) as one:
        async with one.api.database.transaction() as session:
            await session.execute(
                text("UPDATE person SET until_date = :day WHERE id = :id"),
                {"day": date(2026, 6, 1), "id": HELPER_B1.id},
            )
            for settled in ("UPDATE duty SET closed_at = closes_at", "UPDATE flag SET status = 'cleared'"):
                await session.execute(text(settled))
        yield one


async def test_the_office_publishes_asks_copies_and_makes_anonymous(page: Page, live: Live):
    page.on("dialog", lambda question: question.accept())
    await sign_in(page, live, address="#/?office=privacy")
    words = page.get_by_label("中文")
    await expect(page.get_by_text("尚未发布")).to_be_visible()
    assert "1096 天" in await words.input_value()
    await words.fill("一、目的：记录走访。\n二、依据：第十三条。")
    await page.get_by_role("button", name="发布新版本").click()
    await expect(page.get_by_text("已发布。")).to_be_visible()
    await page.reload()
    asked = page.get_by_role("dialog")
    await expect(asked).to_contain_text("二、依据：第十三条。")
    await expect(asked).to_contain_text("不以同意为前提")
    await asked.get_by_role("button", name="以后再说").click()
    await expect(asked).to_have_count(0)
    await page.reload()
    await page.get_by_role("dialog").get_by_role("button", name="同意", exact=True).click()
    await expect(page.get_by_role("dialog")).to_have_count(0)
    await page.reload()
    await expect(page.get_by_text("第 1 版")).to_be_visible()
    await expect(page.get_by_role("dialog")).to_have_count(0)

    await page.get_by_label("姓名或手机号").fill(OFFICE.name)
    await page.locator(".pick li button").first.click()
    async with page.expect_download() as started:
        await page.get_by_role("button", name="导出 ZIP").click()
    assert (await asyncio.to_thread(Path(await (await started.value).path()).read_bytes)).startswith(b"PK")

    await page.get_by_label("姓名").fill("乙一")
    await page.get_by_role("button", name=HELPER_B1.name).click()
    await page.get_by_label("原因").fill("本人申请")
    await page.get_by_role("button", name="看看会删除什么").click()
    await expect(page.get_by_text("将删除照片 0 张")).to_be_visible()
    await page.get_by_role("button", name="匿名，不能恢复").click()
    await expect(page.get_by_text("已匿名。")).to_be_visible()
    async with live.api.database.transaction() as session:
        names = await session.execute(text("SELECT name FROM person WHERE id = :id"), {"id": HELPER_B1.id})
        assert names.scalar_one() == "（已匿名）"
