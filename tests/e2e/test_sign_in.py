"""Signing in, staying signed in, and being told when that ends."""

import asyncio
import json

from playwright.async_api import Browser, Page, expect
from sqlalchemy import text

from app.http.cookies import BROWSER
from tests.e2e.conftest import STORED, Live, nothing_is_told, opened, settled, sign_in, watch
from tests.support.county import OFFICE

BOARD = "待完成名单"


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
    """Refresh tokens rotate: each tab renews with what the one before was given."""
    async with opened(browser) as context:
        first, second = await context.new_page(), await context.new_page()
        await sign_in(first, live)
        await expect(first.get_by_role("button", name="退出登录")).to_be_visible()
        for page in (first, second):  # no page of ours is left that might renew before its time, and be cut off
            await page.goto(f"{live.url}/healthz")
        await asyncio.gather(first.goto(live.url), second.goto(live.url))
        for page in (first, second):
            await page.wait_for_load_state("networkidle")
            await expect(page.get_by_role("button", name="退出登录")).to_be_visible()
        async with first.expect_response("**/v1/auth/forget"):
            await first.get_by_role("button", name="退出登录").click()
        for page in (first, second):  # signing out of one tab signs out of all
            await expect(page.get_by_role("button", name="登录", exact=True)).to_be_visible()
        await first.wait_for_function("() => !localStorage.length", polling=100)
        assert [cookie["name"] for cookie in await context.cookies()] == [BROWSER]


async def test_no_script_reads_a_token_and_no_address_holds_one(browser: Browser, live: Live):
    async with opened(browser) as context:
        page = await context.new_page()
        seen = watch(context)
        await sign_in(page, live)
        await settled(page)  # tiles too
        await page.goto(f"{live.url}/#/?office=check-ins")
        await page.reload()
        await page.wait_for_load_state("networkidle")
        await nothing_is_told(page, seen, "yefang_console")


async def test_what_an_older_version_kept_is_handed_in_and_gone(browser: Browser, live: Live):
    tokens = await live.api.sign_in(OFFICE, device_id=None)
    kept = {"access": "a", "refresh": tokens["refresh_token"], "expiresAt": 0, "person": tokens["person"]}
    async with opened(browser) as context:
        page = await context.new_page()
        await page.goto(f"{live.url}/healthz")
        await page.evaluate("kept => localStorage.setItem('yefang.session', kept)", json.dumps(kept))
        seen = watch(context)
        await page.goto(live.url)
        await expect(page.get_by_role("button", name="退出登录")).to_be_visible()
        await nothing_is_told(page, seen, "yefang_console")
        assert tokens["refresh_token"] not in await page.evaluate(STORED)


async def test_a_session_ended_by_the_server_says_so(page: Page, live: Live):
    await sign_in(page, live)
    await settled(page)
    async with live.api.database.transaction() as session:
        await session.execute(text("UPDATE device_session SET ended_at = started_at, end_reason = 'signed_out'"))
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
