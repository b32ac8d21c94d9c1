"""业务办理 → 设置: the office changes a setting on the page, and what cannot be is said at its field."""

from collections.abc import AsyncIterator

import pytest
from playwright.async_api import Page, expect

from tests.e2e.conftest import Live, served, sign_in
from tests.support.cluster import Server
from tests.support.county import HELPER_A1


@pytest.fixture(scope="module")
async def live(server: Server, county_template: str) -> AsyncIterator[Live]:
    """A county of its own, for its settings change here."""
    async with served(server, county_template) as one:
        yield one


async def test_what_is_changed_is_saved_and_what_cannot_be_is_said_where_it_stands(page: Page, live: Live):
    await sign_in(page, live, address="#/?office=settings")
    days = page.get_by_label("告知后多少天内可以申诉（田林县）")
    jump = page.get_by_label("多少米以内不计时速：定位会跳动")
    save = page.get_by_role("button", name="保存改动")
    await expect(save).to_be_disabled()
    await jump.fill("远")
    await expect(page.get_by_text("请按所示单位填写").first).to_be_visible()
    await expect(save).to_be_disabled()
    await jump.fill("1000000000")
    await days.fill("20")
    await save.click()
    await expect(page.get_by_role("alert").filter(has_text="该设置不能取这个值")).to_be_visible()
    await jump.fill("1000")  # as it was
    await save.click()
    await expect(page.get_by_role("status")).to_have_text("已保存。")
    await page.reload()
    await expect(days).to_have_value("20")
    async with await live.api.as_(HELPER_A1) as phone:
        assert (await phone.get("/v1/me")).json()["county"]["settings"]["appeal_days"] == 20
