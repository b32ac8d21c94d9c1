"""Signing in, staying signed in, and being told when that ends."""

import asyncio

from playwright.async_api import Browser, Page, expect
from sqlalchemy import text

from tests.e2e.conftest import Live, opened, settled, sign_in
from tests.support.county import OFFICE

BOARD = "待完成名单"
EXPIRE = """() => {
  const tokens = JSON.parse(localStorage.getItem('yefang.session'))
  localStorage.setItem('yefang.session', JSON.stringify({ ...tokens, expiresAt: 0 }))
}"""

RENEWED = "() => JSON.parse(localStorage.getItem('yefang.session')).expiresAt > Date.now()"


async def test_what_is_wrong_is_said_in_place(page: Page, live: Live):
    await page.goto(live.url)
    await page.get_by_role("button", name="登录", exact=True).click()
    await expect(page.get_by_text("请输入手机号码")).to_be_visible()
    await expect(page.get_by_label("手机号码")).to_be_focused()
    await page.get_by_label("手机号码").fill(OFFICE.phone)
    await page.get_by_label("密码").fill("wrong")
    async with page.expect_response("**/v1/auth/token") as answer:
        await page.get_by_role("button", name="登录", exact=True).click()
    problem = await (await answer.value).json()
    said = [error["detail"] for error in problem.get("errors") or []] or [problem["detail"]]
    for sentence in said:
        await expect(page.get_by_text(sentence).first).to_be_visible()
    await expect(page.get_by_role("tab", name=BOARD)).to_have_count(0)


async def test_two_tabs_that_renew_at_once_stay_signed_in(browser: Browser, live: Live):
    """Refresh tokens rotate: one tab renews, and the others take what it was given."""
    async with opened(browser) as context:
        first, second = await context.new_page(), await context.new_page()
        await sign_in(first, live)
        await expect(first.get_by_role("button", name="退出登录")).to_be_visible()
        for page in (first, second):  # no page of ours is left that might renew before its time, and be cut off
            await page.goto(f"{live.url}/healthz")
        await first.evaluate(EXPIRE)
        renewals: list[str] = []
        context.on(
            "request", lambda request: renewals.append(request.url) if "/auth/token" in request.url else None
        )
        await asyncio.gather(first.goto(live.url), second.goto(live.url))
        for page in (first, second):
            await page.wait_for_function(RENEWED, polling=100)  # a tab behind another draws nothing
            await page.wait_for_load_state("networkidle")
            await expect(page.get_by_role("button", name="退出登录")).to_be_visible()
        assert len(renewals) in (1, 2)  # who comes second on a busy machine is given the same successor
        await first.get_by_role("button", name="退出登录").click()
        for page in (first, second):  # signing out of one tab signs out of all
            await expect(page.get_by_role("button", name="登录", exact=True)).to_be_visible()
        assert await first.evaluate("Object.keys(localStorage)") == []


async def test_a_session_ended_by_the_server_says_so(page: Page, live: Live):
    await sign_in(page, live)
    await settled(page)
    async with live.api.database.transaction() as session:
        await session.execute(text("UPDATE device_session SET ended_at = started_at, end_reason = 'signed_out'"))
    await page.evaluate(EXPIRE)
    await page.reload()
    await expect(page.get_by_text("登录已过期，请重新登录。")).to_be_visible()
    await expect(page.get_by_role("button", name="登录", exact=True)).to_be_visible()


async def test_english_is_complete_and_remembered(page: Page, live: Live):
    await page.goto(live.url)
    await page.get_by_role("button", name="English").click()
    await page.get_by_label("Phone number").fill(OFFICE.phone)
    await page.get_by_label("Password").fill("wrong")
    await page.get_by_role("button", name="Sign in").click()
    await page.get_by_label("Password").fill("yefang-demo")
    await page.get_by_role("button", name="Sign in").click()
    await expect(page.get_by_role("tab", name="To do")).to_be_visible()
    await page.reload()
    await expect(page.get_by_role("tab", name="To do")).to_be_visible()
    assert await page.evaluate("document.documentElement.lang") == "en"
    await expect(page.get_by_label("Duty rule").locator("option").first).to_have_text("Leaders' night visit")
