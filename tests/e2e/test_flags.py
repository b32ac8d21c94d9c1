"""Flags on the page: counted, filtered, and settled together with one reason."""

from collections.abc import AsyncIterator

import pytest
from playwright.async_api import Browser, Page, expect

from app.kernel.database import rows
from tests.e2e.conftest import NAMELESS, PHONE, Live, opened, served, sign_in
from tests.support.cluster import Server
from tests.support.county import COUNTY, HELPER_B1, LEADER_A, LEADER_B, OFFICE, VISIT_RULE, unit_id

FLAGS = "#/?tab=flags"


@pytest.fixture
async def live(server: Server, county_template: str) -> AsyncIterator[Live]:
    """A county of its own for each test, for its flags are settled here. Nobody has come since January."""
    async with served(server, county_template) as one:
        yield one


async def only_last_week(live: Live) -> None:
    """Three flags: the two leaders' nights, and the visit of the helper of B1."""
    async with live.api.database.transaction() as session:
        await rows(
            session,
            "WITH older AS (SELECT id FROM duty WHERE period_start < '2026-11-09'), told AS ("
            "  DELETE FROM flag_recipient WHERE flag_id IN ("
            "    SELECT id FROM flag WHERE duty_id IN (SELECT id FROM older))) "
            "DELETE FROM flag WHERE duty_id IN (SELECT id FROM older) RETURNING id",
        )


async def test_all_that_match_are_more_than_are_shown(page: Page, live: Live):
    await sign_in(page, live, address=FLAGS)
    await expect(page.get_by_text("共 179 条")).to_be_visible()
    await page.get_by_label("选择已显示的 50 条").check()
    await expect(page.get_by_text("已选 50 条")).to_be_visible()
    await page.get_by_role("button", name="选择符合条件的全部 179 条").click()
    await expect(page.get_by_text("已选 179 条")).to_be_visible()
    many = page.locator("form.many")
    await many.get_by_label("理由").fill("春节后统一整改")
    await many.get_by_role("button", name="解除").click()
    await expect(page.get_by_role("status")).to_contain_text("已处理 179 条。")
    await expect(page.get_by_role("article")).to_have_count(0)


async def test_filtered_chosen_and_acknowledged_together_they_are_gone(page: Page, live: Live):
    await only_last_week(live)
    await sign_in(page, live, address=FLAGS)
    await expect(page.get_by_text("共 3 条")).to_be_visible()
    status = page.get_by_label("预警状态")
    await expect(status.locator("option")).to_have_text(
        ["待处理（3）", "已签收（0）", "已解除（0）", "已撤销（0）"]
    )
    await page.get_by_label("按规则筛选").select_option(label="领导夜访（2）")
    flags = page.get_by_role("article")
    await expect(flags).to_have_count(2)
    await expect(page.get_by_label("提交到哪一级").locator("option")).to_have_text(["全部级别", "县级（2）"])
    await page.get_by_label("选择已显示的 2 条").check()
    await expect(page.get_by_text("已选 2 条")).to_be_visible()
    many = page.locator("form.many")
    await many.get_by_role("button", name="签收").click()
    await expect(many.get_by_role("alert")).to_have_text("请写明理由")
    await many.get_by_label("理由").fill("已统一约谈")
    await many.get_by_role("button", name="签收").click()
    await expect(page.get_by_role("status")).to_contain_text("已处理 2 条。")
    await expect(flags).to_have_count(0)
    await expect(page.get_by_text("没有待处理的预警")).to_be_visible()
    await status.select_option(label="已签收（2）")
    await expect(flags).to_have_count(2)
    await expect(flags.first).to_contain_text("理由：已统一约谈")
    await page.get_by_role("button", name="清除筛选").click()
    await expect(flags).to_have_count(1)
    await expect(flags).to_contain_text(HELPER_B1.name)


async def test_what_another_settled_meanwhile_is_said(page: Page, live: Live):
    await only_last_week(live)
    await sign_in(page, live, address=FLAGS)
    await page.get_by_label("选择已显示的 3 条").check()
    async with await live.api.as_(LEADER_B) as leader:
        found = (await leader.get(f"/v1/counties/{COUNTY}/flags")).json()["items"]
        (theirs,) = [flag["id"] for flag in found if flag["person"]["name"] == HELPER_B1.name]
        reply = await leader.post(f"/v1/counties/{COUNTY}/flags/{theirs}/acknowledge", json={"reason": "已谈话"})
        assert reply.status_code == 200
    many = page.locator("form.many")
    await many.get_by_label("理由").fill("全县统一处理")
    await many.get_by_role("button", name="签收").click()
    said = page.get_by_role("status").filter(has_text="已处理 2 条。")  # the map has a status of its own
    await expect(said).to_contain_text(f"另有 1 条已由他人处理或已撤销，未作改动：{HELPER_B1.name}。")


async def test_one_is_taken_out_and_the_unit_narrows(page: Page, live: Live):
    await only_last_week(live)
    await sign_in(page, live, address=FLAGS)
    await page.get_by_label("下级单位").select_option(label="利周战区（2）")
    flags = page.get_by_role("article")
    await expect(flags).to_have_count(2)
    await page.get_by_label("选择已显示的 2 条").check()
    await page.get_by_label(f"选择{HELPER_B1.name}的预警").uncheck()
    await expect(page.get_by_text("已选 1 条")).to_be_visible()
    await page.reload()  # the address says what is listed, not what is chosen
    await expect(flags).to_have_count(2)
    await expect(page.locator("form.many")).to_have_count(0)


async def test_nobody_chooses_a_flag_about_themselves(page: Page, live: Live):
    await only_last_week(live)
    await sign_in(page, live, LEADER_B, address=FLAGS)
    await expect(page.get_by_role("article")).to_have_count(2)
    await expect(page.get_by_label(f"选择{HELPER_B1.name}的预警")).to_be_visible()
    await expect(page.get_by_label(f"选择{LEADER_B.name}的预警")).to_have_count(0)


async def test_a_summary_leads_to_the_flags_that_it_counts(page: Page, live: Live):
    await only_last_week(live)
    await sign_in(page, live, LEADER_B)
    await page.get_by_role("button", name="我的通知，").click()
    summary = page.get_by_role("article").filter(has_text="每日汇总 11月18日")
    await expect(summary).to_contain_text("新预警 1 条")
    await expect(summary).to_contain_text("“帮扶走访”1 条：乙一突击班 1")
    await expect(summary).to_contain_text("未读")
    await summary.get_by_role("button", name="“帮扶走访”预警").click()
    flags = page.get_by_role("article")
    await expect(flags).to_have_count(1)
    await expect(flags).to_contain_text(HELPER_B1.name)
    assert f"flag_rule={VISIT_RULE}" in page.url
    await page.goto(f"{live.url}/#/?office=inbox")
    await expect(page.get_by_role("article").filter(has_text="每日汇总 11月18日")).not_to_contain_text("未读")


async def test_one_chooses_the_hour_of_the_summary(page: Page, live: Live):
    await sign_in(page, live, LEADER_A, address="#/?office=inbox")
    hour = page.get_by_label("每日汇总几点发")
    await expect(hour).to_have_value("08:00")
    await hour.fill("18:30")
    await page.get_by_role("button", name="保存").click()
    await expect(page.get_by_text("已保存")).to_be_visible()
    async with live.api.database.transaction() as session:
        (row,) = await rows(session, "SELECT person_id, summary_at FROM notice_preference")
    assert (row.person_id, row.summary_at) == (LEADER_A.id, 18 * 60 + 30)


async def test_on_a_phone_everything_has_a_name_and_fits(browser: Browser, live: Live):
    await only_last_week(live)
    async with opened(browser, viewport=PHONE) as context:
        page = await context.new_page()
        await sign_in(page, live, OFFICE, address=f"{FLAGS}&unit={unit_id('theatre_b')}")
        await page.get_by_label("选择已显示的 2 条").check()
        for address in ("", "#/?office=inbox"):
            if address:
                await page.goto(f"{live.url}/{address}")
                await page.get_by_role("heading", name="我的通知").wait_for()
            assert await page.evaluate(NAMELESS) == []
            assert await page.evaluate("document.documentElement.scrollWidth <= innerWidth")
