"""Notices on the page: who was told what, what did not arrive, channels, the county's words and its hours."""

import re
from collections.abc import AsyncIterator
from datetime import timedelta
from typing import Any

import pytest
from playwright.async_api import Browser, Page, expect

from app.kernel.database import rows
from tests.e2e.conftest import NAMELESS, PHONE, Live, opened, served, sign_in
from tests.support.cluster import Server
from tests.support.county import COUNTY, HELPER_A1, HELPER_B1, LEADER_A, OFFICE, VISIT_RULE, Cast
from tests.support.told import fail_to_reach, open_channels, tell

TABS = ("", "channels", "templates", "templates&filter=duty_missed", "settings")


@pytest.fixture(scope="module")
async def live(server: Server, county_template: str) -> AsyncIterator[Live]:
    """A county of its own, for its channels and words change here. The helper of A1 could not be reached."""
    async with served(server, county_template) as one:
        await open_channels(one.api)
        await tell(one.api, "a")
        await fail_to_reach(one.api)
        yield one


async def get(live: Live, path: str, who: Cast = OFFICE) -> Any:
    async with await live.api.as_(who) as client:
        reply = await client.get(path if path.startswith("/v1") else f"/v1/counties/{COUNTY}{path}")
    assert reply.status_code == 200, reply.text
    return reply.json()


async def test_nobody_told_me_has_an_answer_beside_the_person(page: Page, live: Live):
    await sign_in(page, live, LEADER_A, address=f"#/2026-W46?rule={VISIT_RULE}&person={HELPER_A1.id}")
    told = page.get_by_role("list", name="告知记录").get_by_role("listitem").filter(has_text="“走访”")
    await expect(told).to_contain_text("应用推送（Firebase）Redmi 4A")
    await expect(told).to_contain_text("手机已不再接收推送")
    await expect(told).to_contain_text("未能送达sms")
    await expect(told).to_contain_text("对方拒收: 400")
    await expect(told).to_contain_text("本人未读")


async def test_who_has_no_channel_is_told_in_the_inbox_and_when_they_read_it_is_kept(page: Page, live: Live):
    await sign_in(page, live, HELPER_B1)  # sees their own, without a supervising post
    told = page.get_by_role("list", name="告知记录").get_by_role("listitem")
    await expect(told.first).to_contain_text("只在应用收件箱中")
    await expect(told.first).to_contain_text("本人未读")
    newest = (await get(live, "/v1/me/notices", HELPER_B1))["items"][0]
    async with await live.api.as_(HELPER_B1) as phone:
        assert (await phone.post(f"/v1/me/notices/{newest['id']}/read")).status_code == 204
    await page.reload()
    await expect(told.first).to_contain_text("本人 11月18日 20:10 已读")


async def test_a_dead_letter_is_sent_again(page: Page, live: Live):
    await sign_in(page, live)
    await page.get_by_role("button", name="业务办理", exact=True).click()
    await page.get_by_role("button", name="通知", exact=True).click()
    dead = page.get_by_role("article").filter(has_text=HELPER_A1.name)
    await expect(dead).to_contain_text("对方拒收: 400")
    totals = page.get_by_role("region", name="近 7 天").get_by_role("row").filter(has_text="sms")
    await expect(totals.get_by_role("cell")).to_have_text(["1", "0", "0", "0", "0"])
    await dead.get_by_role("button", name="重发").click()
    await expect(dead).to_contain_text("待发送")
    await expect(totals.get_by_role("cell")).to_have_text(["0", "1", "0", "0", "0"])
    assert [each["channel"] for each in (await get(live, "/deliveries?status=waiting"))["items"]] == ["sms"]
    await fail_to_reach(live.api)

    await page.reload()
    await page.get_by_role("button", name="sms 未能送达 1").click()
    await page.get_by_role("button", name="全部重发").click()
    await page.get_by_role("button", name="确认重发“sms”").click()
    await expect(page.get_by_role("status").filter(has_text="1 条已重新发送")).to_be_visible()
    await expect(page.get_by_text("没有未能送达的通知")).to_be_visible()
    await fail_to_reach(live.api)


async def test_a_leader_sees_what_did_not_arrive_and_changes_nothing(page: Page, live: Live):
    await sign_in(page, live, LEADER_A, address="#/?office=notices&item=channels")
    await expect(page.get_by_role("article")).to_contain_text(HELPER_A1.name)
    await expect(page.get_by_role("tab")).to_have_count(0)
    await expect(page.get_by_role("button", name="重发")).to_have_count(0)


async def test_a_channel_is_made_changed_and_tried(page: Page, live: Live):
    await sign_in(page, live, address="#/?office=notices")
    await page.get_by_role("tab", name="渠道").click()
    await page.get_by_role("button", name="新建渠道").click()
    await page.get_by_label("名称").fill("mail")
    address = page.get_by_label("地址（Apprise 格式）")
    await address.fill("file:///etc/passwd")
    await page.get_by_role("button", name="保存").click()
    await expect(page.locator("form").get_by_role("alert")).to_be_visible()
    await address.fill("mailtos://u:secret@smtp.example?to={address}")
    await page.get_by_role("button", name="保存").click()
    mail = page.get_by_role("article").filter(has_text="mail")
    await expect(mail).to_contain_text("mailtos://…")
    await expect(page.get_by_text("secret")).to_have_count(0)

    await mail.get_by_role("button", name="修改").click()
    await mail.get_by_label("顺序").fill("9")
    await mail.get_by_label("每分钟最多").fill("30")
    await mail.get_by_label("启用").uncheck()
    await mail.get_by_role("button", name="保存").click()
    await expect(mail).to_contain_text("每分钟最多 30 条")
    await expect(mail).to_contain_text("停用")
    *_, last = (await get(live, "/notice-channels"))["items"]
    assert (last["name"], last["position"], last["enabled"], last["per_minute"]) == ("mail", 9, False, 30)

    sms = page.get_by_role("article").filter(has_text="sms")
    await sms.get_by_role("button", name="试发给自己").click()
    await sms.get_by_role("button", name="看结果").click()
    await expect(page.get_by_role("article").filter(has_text=OFFICE.name)).to_contain_text("待发送sms")


async def test_a_paused_channel_says_why_and_goes_on(page: Page, live: Live):
    async with live.api.database.transaction() as session:
        await rows(
            session,
            "UPDATE notice_channel SET paused_until = :until, paused_reason = 'quota_exceeded: 429'"
            " WHERE name = 'webpush' RETURNING name",
            until=live.api.clock() + timedelta(hours=1),
        )
    await sign_in(page, live, address="#/?office=notices&item=channels")
    firebase = page.get_by_role("article").filter(has_text="Firebase")
    await expect(firebase).to_contain_text("未配置")
    push = page.get_by_role("article").filter(has_text="浏览器推送")
    await expect(push).to_contain_text("暂停至 11月18日 21:10：超出发送限额，稍后再发: 429")
    await push.get_by_role("button", name="立即恢复").click()
    await expect(push).to_contain_text("启用")
    await expect(push.get_by_role("button", name="立即恢复")).to_have_count(0)
    assert (await get(live, "/notice-channels"))["items"][1]["paused_until"] is None


async def test_the_county_s_own_words_are_tried_kept_and_dropped(page: Page, live: Live):
    await sign_in(page, live, address="#/?office=notices&item=templates")
    await page.get_by_role("button", name="任务未完成", exact=True).click()
    chinese = page.get_by_role("form", name="中文")
    body, preview = chinese.get_by_label("正文"), chinese.get_by_role("region", name="预览")
    await body.fill("请联系 {村部}。")
    await expect(chinese.get_by_role("alert")).to_contain_text("没有“村部”这一项")
    await body.fill("还差，本期到")
    await chinese.get_by_role("button", name="周期末日").click()
    await expect(body).to_have_value("还差，本期到{周期末日}")
    await expect(preview).to_contain_text("还差，本期到11月22日")
    await expect(chinese.get_by_role("alert")).to_have_count(0)
    await chinese.get_by_role("button", name="保存").click()
    await expect(chinese).to_contain_text("本县自拟")
    bodies = [each["body"] for each in (await get(live, "/v1/me/notices", HELPER_A1))["items"]]
    assert "还差，本期到11月15日" in bodies
    await chinese.get_by_role("button", name="恢复原文").click()
    await expect(chinese).not_to_contain_text("本县自拟")
    found = {each["kind"]: each for each in (await get(live, "/notice-templates"))["items"]}
    assert found["duty_missed"]["texts"]["zh-CN"]["own"] is None
    await expect(body).to_have_value(re.compile(r"^\{周期起止\}“\{规则\}”应完成 \{应完成\}"))


async def test_hours_reminders_and_the_digest_are_set(page: Page, live: Live):
    await sign_in(page, live, address="#/?office=notices&item=settings")
    await expect(page.get_by_label("自（时:分）")).to_have_value("22:00")
    await page.get_by_label("自（时:分）").fill("21:30")
    await page.get_by_label("周期过去百分之几时").fill("70，100")
    await page.get_by_label("最后一个工作日").uncheck()
    await page.get_by_label("每周哪天").select_option("星期二")
    await page.get_by_role("button", name="保存").click()
    await expect(page.get_by_role("alert")).to_contain_text("应为 0 到 1 之间的比例")
    await page.get_by_label("周期过去百分之几时").fill("70，90")
    await page.get_by_role("button", name="保存").click()
    await expect(page.get_by_text("已保存。")).to_be_visible()
    kept = await get(live, "/notice-settings")
    assert (kept["quiet_from"], kept["reminders"], kept["digest_day"]) == (21 * 60 + 30, [0.7, 0.9], 2)
    await page.reload()
    await expect(page.get_by_label("周期过去百分之几时")).to_have_value("70, 90")


async def test_the_pages_fit_a_small_phone_and_name_what_can_be_pressed(browser: Browser, live: Live):
    async with opened(browser, viewport=PHONE, has_touch=True, is_mobile=True) as context:
        page = await context.new_page()
        await sign_in(page, live)
        for tab in TABS:
            await page.goto(f"{live.url}/#/?office=notices&item={tab}")
            await expect(page.get_by_role("tabpanel").locator(".paper").first).to_be_visible()
            assert await page.evaluate("document.documentElement.scrollWidth") == PHONE["width"]
            assert await page.evaluate(NAMELESS) == []
