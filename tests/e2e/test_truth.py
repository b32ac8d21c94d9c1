"""Nothing on the screen misleads: what it shows is of the question in its heading, and follows. Words that were
typed stay, and so does the place to which the way back leads."""

import asyncio
from datetime import datetime
from typing import Any

from playwright.async_api import Browser, Page, Route, expect

from tests.e2e.conftest import Live, opened, pick_one, settled, sign_in
from tests.e2e.test_map import BROWN, TEAL, VISITS, colour_at, near, place_of, turns
from tests.support.county import A1, HELPER_A1, HELPER_B1, OFFICE, PASSWORD, VISIT_RULE
from tests.support.server import SHANGHAI, WEDNESDAY_NIGHT

MONDAY_NOON = datetime(2026, 11, 23, 12, 0, tzinfo=SHANGHAI)
TITLE = "按村完成率"


async def test_nothing_shown_belongs_to_another_week(page: Page, live: Live):
    """The first map is still loading when the week is changed; then the network fails; then the server hangs."""
    asked, go_on = asyncio.Event(), asyncio.Event()

    async def hold(route: Route) -> None:
        asked.set()
        await go_on.wait()
        await route.continue_()

    await page.route("**/tiles/villages/**", hold)
    await sign_in(page, live, address=f"#/2026-W45?rule={VISIT_RULE}")
    await asyncio.wait_for(asked.wait(), 15)
    await page.get_by_role("button", name="下一期").click()
    go_on.set()
    await settled(page)
    x, y = await place_of(page, A1)
    await turns(page, x, y, TEAL)  # it was brown the week before

    legend, totals = page.get_by_role("region", name=TITLE), page.get_by_role("region", name="本期合计")
    await expect(legend).to_contain_text("100%1")
    await page.route("**/compliance?*", lambda route: route.abort())
    await page.get_by_role("button", name="上一期").click()
    await expect(page.get_by_text("本期数据没有载入")).to_be_visible()
    await expect(legend).not_to_contain_text("100%1")
    await expect(totals).to_have_count(0)
    assert not near(await colour_at(page, x, y), TEAL)
    await page.unroute("**/compliance?*")
    await page.get_by_role("alert").filter(has_text="本期数据").get_by_role("button", name="重试").click()
    await turns(page, x, y, BROWN)
    await page.get_by_role("alert").get_by_role("button", name="重试").click()
    await expect(totals).to_contain_text("0%")

    await page.route("**/v1/counties/**", lambda route: None)  # for ever
    await page.get_by_role("button", name="下一期").click()
    await expect(page.get_by_role("banner")).to_contain_text("2026年第46周")
    await expect(totals).to_have_count(0)
    await expect(page.get_by_role("list", name="未完成的人")).to_have_count(0)
    assert not near(await colour_at(page, x, y), BROWN)


async def passes(page: Page, seconds: int) -> None:
    """So much time on the page's clock; what it reads meanwhile takes none of it."""
    for _ in range(seconds // 10):
        await page.clock.run_for(10_000)
        await expect(page.get_by_role("button", name="刷新")).to_be_enabled()


async def test_the_page_follows_and_says_when_it_was_read(browser: Browser, live: Live):
    async with opened(browser) as context:
        page = await context.new_page()
        await page.clock.install(time=WEDNESDAY_NIGHT)
        await sign_in(page, live, address="#/?tab=flags")
        await settled(page)
        await page.wait_for_load_state("networkidle")
        await expect(page.get_by_text("更新于 20:10")).to_be_visible()
        asked: list[str] = []
        page.on("request", lambda request: asked.append(request.url) if "/flags?" in request.url else None)
        try:
            live.api.clock.now = WEDNESDAY_NIGHT.replace(minute=14)
            await passes(page, 70)
            await expect(page.get_by_text("更新于 20:14")).to_be_visible()
            assert asked

            flag = page.get_by_role("article").filter(has_text=HELPER_B1.name).first
            await flag.get_by_role("button", name="解除").click()
            await flag.get_by_label("理由").fill("正在核实")
            asked.clear()
            await passes(page, 180)
            assert asked == []  # not while somebody types
            await flag.get_by_label("理由").fill("")
            await flag.get_by_role("button", name="取消").click()

            await page.route("**/v1/counties/**", lambda route: route.abort())
            await passes(page, 130)
            await expect(page.get_by_text("连接不上服务器，显示的是").first).to_be_visible()
            await page.unroute("**/v1/counties/**")
            live.api.clock.now = MONDAY_NOON  # midnight passes: another week has begun
            await page.get_by_role("button", name="刷新").click()
            await passes(page, 700)
            await expect(page.get_by_role("button", name="下一期")).to_be_enabled()
        finally:
            live.api.clock.now = WEDNESDAY_NIGHT


def refused(body: dict[str, Any]) -> Any:
    return lambda route: route.fulfill(status=401, content_type="application/problem+json", json=body)


async def test_what_was_typed_stays(page: Page, live: Live):
    """Through another tab, another language, and the end of the session."""
    await sign_in(page, live, address=VISITS)
    await page.get_by_role("tab", name="预警").click()
    flag = page.get_by_role("article").filter(has_text=HELPER_B1.name).first
    await flag.get_by_role("button", name="解除").click()
    await flag.get_by_label("理由").fill("当时在县里参会")
    await page.get_by_role("tab", name="汇总").click()
    await page.get_by_role("tab", name="预警").click()
    await flag.get_by_role("button", name="解除").click()
    await expect(flag.get_by_label("理由")).to_have_value("当时在县里参会")

    await page.get_by_role("button", name="EN", exact=True).click()
    await expect(flag.get_by_label("Reason")).to_have_value("当时在县里参会")
    await page.get_by_role("button", name="中文").click()

    ended = {"type": "about:blank", "title": "over", "status": 401, "detail": "over", "errors": []}
    await page.route("**/flags/*/clear", refused(ended))
    await page.route("**/v1/auth/token", refused(ended))
    await flag.get_by_role("button", name="解除").click()
    await expect(page.get_by_text("登录已过期，请重新登录。")).to_be_visible()
    await page.unroute_all()
    await page.get_by_label("手机号码").fill(OFFICE.phone)
    await page.get_by_label("密码").fill(PASSWORD)
    await page.get_by_role("button", name="登录", exact=True).click()
    await expect(flag.get_by_label("理由")).to_have_value("当时在县里参会")


async def test_the_way_back_leads_to_the_same_place(browser: Browser, live: Live):
    async with opened(browser, viewport={"width": 1200, "height": 330}) as context:
        page = await context.new_page()
        await sign_in(page, live, address=f"{VISITS}&tab=units&group=village&sort=-people")
        await page.get_by_role("columnheader", name="人数").and_(page.locator("[aria-sort=descending]")).wait_for()
        scroller = page.locator("aside .scroll")
        row = page.get_by_role("button", name="乐里镇 · 甲一村")
        await row.scroll_into_view_if_needed()
        before = await scroller.evaluate("element => (element.scrollTo(0, 80), element.scrollTop)")
        assert before > 0
        await row.click()
        await page.get_by_role("button", name=HELPER_A1.name).click()
        await expect(page.get_by_role("article")).to_have_count(2)
        await expect(page.get_by_role("list", name="签到点")).to_contain_text("待核实")  # what the dots mean
        await page.go_back()
        await page.go_back()
        await expect(row).to_be_visible()
        await expect(page.locator("[aria-sort=descending]")).to_contain_text("人数")
        assert await scroller.evaluate("element => element.scrollTop") == before


async def test_an_empty_rule_a_unit_by_its_name_and_a_calendar_with_weekdays(page: Page, live: Live):
    await sign_in(page, live, address="#/?office=rules&item=new")
    await page.get_by_role("button", name="使用").click()
    await expect(page.get_by_label("名称", exact=True)).to_have_value("")
    await expect(page.get_by_label("计量方式")).to_have_value("visits")
    await expect(page.get_by_label("只计夜间")).not_to_be_checked()

    await page.goto(f"{live.url}/#/?office=appeals")
    await pick_one(page, "责任单位", "田林县 › 利周战区")
    await page.wait_for_url("**unit=*")
    await expect(page.get_by_label("责任单位")).to_have_value("田林县 › 利周战区")

    await page.goto(f"{live.url}/#/?office=calendar&item=2026-11")
    await expect(page.get_by_text("周一", exact=True)).to_be_visible()
