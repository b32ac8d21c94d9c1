"""The office's pages: rules tried and changed, leave decided, appeals answered, coverage, the calendar."""

from collections.abc import AsyncIterator
from datetime import date, datetime
from uuid import uuid4

import pytest
from playwright.async_api import Browser, Page, expect

from app.duties import calendar, leave
from app.duties.calendar import SpecialDay
from app.duties.leave import NewLeave
from app.duties.rules import Span
from app.duties.service import DutyCounty
from app.worker import seal_all
from tests.e2e.conftest import NAMELESS, PHONE, Live, opened, served, sign_in
from tests.support.cluster import Server
from tests.support.county import COUNTY, HELPER_A1, HELPER_B1, LEADER_A, LEADER_B, OFFICE, VISIT_RULE
from tests.support.server import SHANGHAI

NEXT_MONDAY = "2026-11-23"  # the clock stands on Wednesday, 18 November
TUESDAY_AFTERNOON = Span(datetime(2026, 11, 10, 12), datetime(2026, 11, 11))  # noqa: DTZ001 - the county's clock
FRIDAY = SpecialDay(date(2026, 11, 13), working=False, name="县庆", name_en="County day", source="县办")


@pytest.fixture(scope="module")
async def live(server: Server, county_template: str) -> AsyncIterator[Live]:
    """A county of its own, for rules and days change here."""
    async with served(server, county_template) as one:
        yield one


async def test_a_rule_is_tried_on_last_week_and_then_changed(page: Page, live: Live):
    await sign_in(page, live)
    await page.get_by_role("button", name="业务办理", exact=True).click()
    await page.get_by_role("button", name="任务规则").click()
    await page.get_by_role("button", name="帮扶走访").click()
    await page.get_by_role("button", name="修改").click()
    await page.get_by_label("每期数量").fill("2")
    await page.get_by_role("button", name="试算").click()
    trial = page.get_by_role("region", name="试算结果")
    await expect(trial).to_contain_text("2026年第46周：应完成 2 人，会预警 2 人（现行规则为 1 人）")
    await expect(trial.get_by_role("row").filter(has_text=HELPER_A1.name)).to_contain_text("已完成未完成1/2")
    await expect(trial.get_by_role("row").filter(has_text=HELPER_B1.name)).to_contain_text("未完成未完成0/2")
    await page.get_by_label("每期数量").fill("3")
    save = page.get_by_role("button", name="保存并施行")
    await expect(save).to_be_disabled()  # what is saved is what was tried
    await page.get_by_label("每期数量").fill("2")
    await save.click()
    await expect(page.get_by_role("article").first).to_contain_text("第 2 版尚未施行")
    office = await live.api.as_(OFFICE)
    newest, _ = (await office.get(f"/v1/counties/{COUNTY}/rules/{VISIT_RULE}")).json()["items"]
    assert (newest["required"], newest["effective_from"]) == (2, NEXT_MONDAY)


async def test_a_new_rule_starts_from_one_that_a_county_had(page: Page, live: Live):
    await sign_in(page, live, address="#/?office=rules&item=new")
    await page.get_by_label("从各地实行过的规则开始").select_option("驻村四夜")
    await page.get_by_role("button", name="使用").click()
    await expect(page.get_by_label("每期数量")).to_have_value("4")
    await page.get_by_role("button", name="试算").click()
    await expect(page.get_by_role("region", name="试算结果")).to_contain_text("应完成 1 人，会预警 1 人")
    await page.get_by_role("button", name="保存并施行").click()
    await expect(page.get_by_role("article")).to_contain_text("驻村 4 夜（18:30–05:00）")
    await page.get_by_role("button", name="工作总览").click()
    await expect(page.get_by_label("任务规则").locator("option")).to_contain_text(["驻村四夜"])


async def test_only_the_office_changes_rules(page: Page, live: Live):
    await sign_in(page, live, LEADER_A, address=f"#/?office=rules&item={VISIT_RULE}")
    await expect(page.get_by_role("article").last).to_contain_text("走访 1 次")
    await expect(page.get_by_role("button", name="修改")).to_have_count(0)
    await page.goto(f"{live.url}/#/?office=rules")
    await expect(page.get_by_role("button", name="新建规则")).to_have_count(0)


async def test_an_appeal_is_granted_beside_its_evidence(page: Page, live: Live):
    office, helper = await live.api.as_(OFFICE), await live.api.as_(HELPER_B1)
    flags = (await office.get(f"/v1/counties/{COUNTY}/flags")).json()["items"]
    wanted = (str(HELPER_B1.id), "2026-W46")
    (flag,) = [each["id"] for each in flags if (each["person"]["id"], each["duty"]["period"]["id"]) == wanted]
    appeal = {"id": str(uuid4()), "flag_id": flag, "text": "当时在县里参会"}
    assert (await helper.post("/v1/me/appeals", json=appeal)).status_code == 201

    await sign_in(page, live, address=f"#/2026-W46?rule={VISIT_RULE}&person={HELPER_B1.id}")
    await page.get_by_role("button", name="申诉待处理").click()
    evidence = page.get_by_role("region", name="依据")
    await expect(evidence).to_contain_text("每周至少走访 1 次")
    await expect(evidence.get_by_role("group", name="日历").get_by_role("img")).to_have_count(7)
    await page.get_by_label("理由").fill("已核实参会名单")
    await page.get_by_role("button", name="申诉成立").click()
    await expect(page.get_by_role("article")).to_contain_text("已核实参会名单")
    await expect(evidence).to_contain_text("不作要求")
    decided = (await office.get(f"/v1/counties/{COUNTY}/appeals/{appeal['id']}")).json()
    assert (decided["status"], decided["decision"]["reason"]) == ("overturned", "已核实参会名单")

    await page.get_by_role("button", name="看本人明细").click()
    await expect(page.get_by_role("heading", name=HELPER_B1.name)).to_be_visible()
    await expect(page.get_by_role("complementary").get_by_role("button", name="申诉成立")).to_be_visible()
    await page.goto(f"{live.url}/#/?tab=flags")
    await page.get_by_label("预警状态").select_option("withdrawn")
    flagged = page.get_by_role("article").filter(has_text=HELPER_B1.name).filter(has_text="2026年第46周")
    await flagged.get_by_text("经过").click()
    await expect(flagged.get_by_role("listitem").last).to_contain_text("申诉成立，本期不作要求")


async def test_households_not_visited_are_those_of_the_server(page: Page, live: Live):
    await sign_in(page, live, address="#/?office=coverage&filter=7")
    office = await live.api.as_(OFFICE)
    params = {"not_visited_for_days": 7}
    total = (await office.get(f"/v1/counties/{COUNTY}/coverage", params=params)).json()["total"]
    assert total["not_visited"] > 0
    figures = page.get_by_role("region", name="合计")
    await expect(figures).to_contain_text(f"{total['households']} 户中有 {total['not_visited']} 户无人走访")
    await expect(page.get_by_role("article")).to_have_count(total["not_visited"])
    await figures.get_by_text("按村").click()
    await figures.get_by_role("button", name="乙一村").click()
    await expect(page.get_by_role("article")).to_contain_text([HELPER_B1.name])


async def test_whose_phone_is_silent(page: Page, live: Live):
    await sign_in(page, live, address="#/?office=silence")
    silent = page.get_by_role("article").filter(has_text=LEADER_B.name)
    await expect(silent).to_contain_text("手机从未联系上")
    await expect(silent).to_contain_text("领导夜访")


async def test_a_duty_shows_its_days_and_the_leave_that_touched_them(page: Page, live: Live):
    here, now = DutyCounty(COUNTY, str(SHANGHAI)), live.api.clock()
    wish = NewLeave(uuid4(), HELPER_A1.id, "sick", TUESDAY_AFTERNOON, "看病")
    decision = {"leave_id": wish.id, "person_id": HELPER_A1.id, "actor_id": OFFICE.id, "reason": "同意"}
    async with live.api.database.transaction() as session:
        await calendar.put(session, COUNTY, [FRIDAY])
        await leave.file(session, here, wish, township_days=3, now=now)
        await leave.decide(session, here, status="approved", now=now, **decision)
    await sign_in(page, live, address=f"#/2026-W46?rule={VISIT_RULE}&person={HELPER_A1.id}")
    days = page.get_by_role("group", name="日历").get_by_role("img")
    await expect(days.nth(1)).to_have_accessible_name("11月10日周二，工作日，病假")
    await expect(days.nth(2)).to_have_accessible_name("11月11日周三，工作日，计入")
    await expect(days.nth(4)).to_have_accessible_name("11月13日周五，休息日，县庆")
    await expect(page.get_by_text("计 7 天，在岗 6.5 天")).to_be_visible()
    await expect(page.get_by_text("病假 11月10日周二下午")).to_be_visible()


async def test_the_offices_pages_fit_a_small_phone_and_name_what_can_be_pressed(browser: Browser, live: Live):
    async with opened(browser, viewport=PHONE, has_touch=True, is_mobile=True) as context:
        page = await context.new_page()
        await sign_in(page, live, address="#/?office=rules&item=new")
        await page.get_by_role("button", name="使用").click()
        await expect(page.get_by_label("每期数量")).to_be_visible()
        for address in ("rules&item=new", "rules", "appeals", "coverage", "silence"):
            await page.goto(f"{live.url}/#/?office={address}")
            await expect(page.get_by_role("main").get_by_role("heading")).to_be_visible()
            assert await page.evaluate("document.documentElement.scrollWidth") == PHONE["width"]
            bar = await page.get_by_role("banner").bounding_box()
            assert bar
            assert bar["height"] < 100
            assert await page.evaluate(NAMELESS) == []


async def test_leave_is_approved_with_a_reason_and_excuses(page: Page, live: Live):
    phone = await live.api.as_(HELPER_B1)
    wish = {
        "id": str(uuid4()),
        "kind": "sick",
        "from_date": "2026-11-16",
        "until_date": "2026-11-22",
        "reason": "住院",
    }
    assert (await phone.post("/v1/me/leave", json=wish)).status_code == 201
    await sign_in(page, live, address="#/?office=leave")
    card = page.get_by_role("article").filter(has_text=HELPER_B1.name).filter(has_text="住院")
    await expect(card).to_contain_text("县级审批")
    await card.get_by_role("textbox").fill("注意休息")
    await card.get_by_role("button", name="批准", exact=True).click()
    await expect(card).to_contain_text("已批准")
    (own,) = (await phone.get("/v1/me/leave")).json()["items"]
    assert (own["status"], own["decision"]["reason"]) == ("approved", "注意休息")


async def test_a_day_is_given_off_on_the_calendar(page: Page, live: Live):
    await sign_in(page, live, address="#/?office=calendar")
    await page.get_by_role("button", name="11月26日周四").click()
    form = page.locator("form").filter(has_text="设为")
    await form.get_by_label("休息日").check()
    await form.get_by_role("textbox", name="名称", exact=True).fill(" ")
    await form.get_by_role("textbox", name="依据").fill("县政府通知")
    await form.get_by_role("button", name="看看会有什么变化").click()
    await expect(form.get_by_text("至少 1 个字").first).to_be_visible()
    await form.get_by_role("textbox", name="名称", exact=True).fill("抗洪停工")
    await form.get_by_role("textbox", name="依据").fill("县政府通知")
    await form.get_by_role("button", name="看看会有什么变化").click()
    await expect(form.get_by_role("status")).to_contain_text("保存后重新计算")
    await form.get_by_role("button", name="保存").click()
    await expect(page.get_by_role("button", name="11月26日周四")).to_contain_text("休")
    office = await live.api.as_(OFFICE)
    query = {"from": "2026-11-26", "to": "2026-11-26"}
    (day,) = (await office.get(f"/v1/counties/{COUNTY}/calendar", params=query)).json()["items"]
    assert (day["working"], day["own"], day["name"]) == (False, True, "抗洪停工")


async def test_the_office_sees_who_looked_at_whom(page: Page, live: Live):
    leader = await live.api.as_(LEADER_A)
    assert (await leader.get(f"/v1/counties/{COUNTY}/leave")).status_code == 200
    assert (await leader.get(f"/v1/counties/{COUNTY}/people/{HELPER_A1.id}/notices")).status_code == 200
    await seal_all(live.api.service, live.api.clock)
    await sign_in(page, live, address="#/?office=looks")
    await expect(page.get_by_text("最近一次封存")).to_be_visible()
    line = page.get_by_role("article").filter(has_text=f"{LEADER_A.name} 看了 {HELPER_A1.name} 的通知")
    await expect(line).to_be_visible()
    await page.get_by_label("日期", exact=True).fill("2026-11-01")
    await expect(line).to_be_hidden()
