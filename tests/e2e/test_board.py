"""Who is behind, why, and since when nothing was heard: the lists of the page."""

from playwright.async_api import Page, expect

from tests.e2e.conftest import Live, sign_in
from tests.support.county import (
    COUNTY,
    HELPER_A1,
    HELPER_B1,
    LEADER_A,
    LEADER_B,
    NIGHT_RULE,
    OFFICE,
    VISIT_RULE,
    unit_id,
)

LAST_WEEK = "#/2026-W46"
VISITS = f"{LAST_WEEK}?rule={VISIT_RULE}"


async def test_missed_is_not_said_of_a_silent_phone_without_saying_so(page: Page, live: Live):
    await sign_in(page, live, address=f"{LAST_WEEK}?rule={NIGHT_RULE}")
    rows = page.get_by_role("list", name="未完成的人").get_by_role("listitem")
    await expect(rows).to_have_count(2)
    spoke = rows.filter(has_text=LEADER_A.name)
    await expect(spoke).to_contain_text("未完成")
    await expect(spoke).to_contain_text("0/1")
    await expect(spoke).to_contain_text("自 11月11日 10:00 起没有联系上")
    await expect(rows.filter(has_text=LEADER_B.name)).to_contain_text("手机从未联系上")


async def test_figures_are_the_servers(page: Page, live: Live):
    await sign_in(page, live, address=VISITS)
    office = await live.api.as_(OFFICE)
    params = {"period": "2026-W46", "rule": str(VISIT_RULE)}
    total = (await office.get(f"/v1/counties/{COUNTY}/compliance", params=params)).json()["total"]
    assert (total["people"], total["met"], total["missed"]) == (2, 1, 1)
    figures = page.get_by_role("region", name="本期合计")
    await expect(figures).to_contain_text("50%")
    await expect(figures).to_contain_text("应完成 2 人")
    await figures.get_by_role("button", name="已完成 1", exact=True).click()
    await expect(page.get_by_role("list", name="未完成的人").get_by_role("listitem")).to_contain_text(
        [HELPER_A1.name]
    )


async def test_an_empty_list_says_why(page: Page, live: Live):
    await sign_in(page, live, address=f"{VISITS}&unit={unit_id('theatre_a')}")
    await expect(page.get_by_text("这一范围内没有未完成的人：应完成的 1 人都已完成或不作要求。")).to_be_visible()
    await page.goto(f"{live.url}/{VISITS}&unit={unit_id('squad_b2')}")
    await expect(page.get_by_text("这一范围内本期没有人承担这项任务，所以没有名单。")).to_be_visible()


async def test_down_the_tree_and_back(page: Page, live: Live):
    await sign_in(page, live, address=VISITS)
    await page.get_by_role("tab", name="汇总").click()
    await page.get_by_role("button", name="利周战区").click()
    trail = page.get_by_role("navigation", name="责任单位层级")
    await expect(trail).to_contain_text("利周战区")
    await expect(page.get_by_role("region", name="本期合计")).to_contain_text("应完成 1 人")
    await page.get_by_role("button", name="乙一突击班").click()
    await expect(trail).to_contain_text("乙一突击班")
    await page.go_back()
    await expect(trail).not_to_contain_text("乙一突击班")
    await trail.get_by_role("button", name="田林县").click()
    await expect(trail).to_have_count(0)


async def test_from_a_village_to_the_evidence(page: Page, live: Live):
    await sign_in(page, live, address=VISITS)
    await page.get_by_role("tab", name="汇总").click()
    await page.get_by_role("button", name="村", exact=True).click()
    await page.get_by_role("button", name="乐里镇 · 甲一村").click()
    await expect(page.get_by_role("heading", name="甲一村")).to_be_focused()
    await page.get_by_role("button", name=HELPER_A1.name).click()
    await expect(page.get_by_role("heading", name=HELPER_A1.name)).to_be_focused()
    await expect(page.get_by_text("共核对 2 次签到，计入 1 次")).to_be_visible()
    far_off, counted = await page.get_by_role("article").all()
    await expect(far_off).to_contain_text("09:00")
    await expect(far_off).to_contain_text("村界外")
    await expect(far_off).to_contain_text("不计")
    await expect(counted).to_contain_text("10:00")
    await expect(counted).to_contain_text("村界内")
    await expect(counted).to_contain_text("计入")
    await page.reload()  # the address says it all
    await expect(page.get_by_text("共核对 2 次签到，计入 1 次")).to_be_visible()
    await page.get_by_role("button", name="返回").click()
    await expect(page.get_by_role("heading", name="甲一村")).to_be_visible()


async def test_a_person_without_check_ins(page: Page, live: Live):
    await sign_in(page, live, address=f"{VISITS}&person={HELPER_B1.id}")
    await expect(page.get_by_text("本期没有收到签到，手机也没有联系上：可能只是没有信号。")).to_be_visible()


async def test_what_lies_outside_ones_scope_is_not_there(page: Page, live: Live):
    await sign_in(page, live, LEADER_B, address=f"{VISITS}&person={HELPER_A1.id}")
    await expect(page.get_by_role("alert")).to_have_text("没有找到，或不在您的管辖范围内。")
    await expect(page.get_by_text(HELPER_A1.name)).to_have_count(0)
    await page.get_by_role("button", name="返回").click()
    await expect(page.get_by_role("list", name="未完成的人").get_by_role("listitem")).to_contain_text(
        [HELPER_B1.name]
    )


async def test_someone_without_a_supervising_post_sees_oneself(page: Page, live: Live):
    await sign_in(page, live, HELPER_A1, address=LAST_WEEK)
    await expect(page.get_by_role("heading", name=HELPER_A1.name)).to_be_visible()
    await expect(page.get_by_text("共核对 2 次签到，计入 1 次")).to_be_visible()
    await expect(page.get_by_role("link", name="打开手机页面")).to_have_attribute("href", "/m")
    await expect(page.get_by_role("tab")).to_have_count(0)


async def test_a_person_is_found_by_name_or_number(page: Page, live: Live):
    await sign_in(page, live)
    search = page.get_by_role("searchbox")
    await search.fill("乙一")
    await page.get_by_role("button", name=HELPER_B1.name).click()
    await expect(page.get_by_role("heading", name=HELPER_B1.name)).to_be_visible()
    await page.get_by_role("button", name="返回").click()
    await search.fill("无此人")
    await expect(page.get_by_text("没有姓名或号码含“无此人”的人")).to_be_visible()


async def test_the_period_steps_back_but_not_into_the_future(page: Page, live: Live):
    await sign_in(page, live)
    bar = page.get_by_role("banner")
    await expect(bar).to_contain_text("2026年第47周")
    await expect(bar).to_contain_text("11月16日至22日")
    await expect(bar).to_contain_text("本期")
    await expect(page.get_by_role("button", name="下一期")).to_be_disabled()
    await page.get_by_role("button", name="上一期").click()
    await expect(bar).to_contain_text("2026年第46周")
    await page.get_by_role("button", name="回到本期").click()
    await expect(bar).to_contain_text("2026年第47周")
    await page.goto(f"{live.url}/#/2027-W01")
    await expect(bar).to_contain_text("2026年第47周")


async def test_a_flag_is_acknowledged_with_a_reason(page: Page, live: Live):
    await sign_in(page, live, address=VISITS)
    await page.get_by_role("tab", name="预警").click()
    flag = page.get_by_role("article").filter(has_text=HELPER_B1.name).filter(has_text="2026年第46周")
    await flag.get_by_role("button", name="签收").click()
    await flag.get_by_role("button", name="签收").click()
    await expect(flag).to_contain_text("请写明理由")
    await flag.get_by_label("理由").fill("已电话核实，手机坏了")
    await flag.get_by_role("button", name="签收").click()
    await expect(flag).to_contain_text("已签收")
    await expect(flag).to_contain_text("理由：已电话核实，手机坏了")
    office = await live.api.as_(OFFICE)
    listed = (await office.get(f"/v1/counties/{COUNTY}/flags", params={"status": "acknowledged"})).json()["items"]
    assert [(item["person"]["id"], item["reason"]) for item in listed] == [
        (str(HELPER_B1.id), "已电话核实，手机坏了")
    ]


async def test_a_lost_server_is_said_and_tried_again(page: Page, live: Live):
    await sign_in(page, live, address=VISITS)
    await page.route("**/compliance?*group_by=category*", lambda route: route.abort())
    await page.get_by_role("button", name="下一期").click()
    await expect(page.get_by_text("连接不上服务器，请检查网络后重试。")).to_be_visible()
    await page.unroute("**/compliance?*group_by=category*")
    await page.get_by_role("button", name="重试").click()
    await expect(page.get_by_role("region", name="本期合计")).to_be_visible()


async def test_everything_that_can_be_pressed_has_a_name(page: Page, live: Live):
    await sign_in(page, live, address=VISITS)
    for tab in ("未完成名单", "汇总", "预警"):
        await page.get_by_role("tab", name=tab).click()
        nameless = await page.evaluate(
            """() => [...document.querySelectorAll('button, select, input, a')].filter((element) =>
              !(element.getAttribute('aria-label') || element.labels?.length || element.innerText.trim()))
              .map((element) => element.outerHTML)"""
        )
        assert nameless == []
