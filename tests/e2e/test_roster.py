"""业务办理 → 花名册: somebody is entered and changed by hand, and what it means is said before it is saved."""

from collections.abc import AsyncIterator

import pytest
from playwright.async_api import Browser, Page, expect

from tests.e2e.conftest import DESKTOP, PHONE, Live, opened, pick_one, served, sign_in
from tests.support.cluster import Server
from tests.support.county import A1, B1, HELPER_A1, HELPER_B1, LEADER_A, RESIDENT_A2, Cast, add_person
from tests.support.server import check_in


@pytest.fixture(scope="module")
async def live(server: Server, county_template: str) -> AsyncIterator[Live]:
    """A county of its own, for its people change here."""
    async with served(server, county_template) as one:
        yield one


async def test_a_person_is_entered_and_what_is_wrong_is_said_in_place(page: Page, live: Live):
    await sign_in(page, live, address="#/?office=roster")
    await page.get_by_role("button", name="新增人员").click()
    await page.get_by_label("姓名").fill("韦秀兰")
    await page.get_by_label("手机号").fill(HELPER_A1.phone)
    await pick_one(page, "责任单位", "田林县 › 乐里战区 › 甲一突击班")
    look = page.get_by_role("button", name="看看会有什么变化")
    await look.click()
    await expect(page.get_by_text(f"已被 {HELPER_A1.name} 使用").first).to_be_visible()
    await page.get_by_label("手机号").fill("13700000001")
    await look.click()
    await expect(page.get_by_role("status")).to_contain_text("保存后重新计算")
    await page.get_by_role("button", name="保存", exact=True).click()
    await expect(page.get_by_role("heading", name="韦秀兰")).to_be_visible()
    await expect(page.get_by_text("甲一突击班 · 干部")).to_be_visible()


async def test_a_change_says_what_it_does_to_duties_and_flags(page: Page, live: Live):
    """The resident came only this week: what was missed before is nobody's fault."""
    await sign_in(page, live, address=f"#/?office=roster&item={LEADER_A.id}")
    await page.get_by_label("任职自", exact=True).fill("2026-11-16")
    await page.get_by_role("button", name="看看会有什么变化").click()
    await expect(page.get_by_role("status")).to_contain_text("撤销 45 条")
    await page.get_by_role("button", name="保存", exact=True).click()
    await expect(page.get_by_text("已保存。")).to_be_visible()
    async with await live.api.as_(LEADER_A) as phone:
        owed = (await phone.get("/v1/me/duties?period=previous")).json()["items"]
    assert "missed" not in [duty["status"] for duty in owed]


async def test_the_structure_is_held_against_the_briefing(page: Page, live: Live):
    await sign_in(page, live, address="#/?office=structure")
    await page.get_by_text("乡镇的片区不是三个").click()
    await expect(page.get_by_role("listitem").filter(has_text="乐里战区")).to_contain_text("现有 0")
    await page.get_by_label("按这一天的人员").fill("2025-12-31")
    await expect(page.get_by_text("村没有人联系")).to_contain_text("4")


async def test_on_a_phone_and_for_who_may_only_look(browser: Browser, live: Live):
    async with opened(browser, viewport=PHONE) as context:
        page = await context.new_page()
        await sign_in(page, live, LEADER_A, f"#/?office=roster&item={RESIDENT_A2.id}")
        await expect(page.get_by_label("姓名")).to_be_disabled()
        await expect(page.get_by_role("button", name="保存")).to_have_count(0)
        wider = "document.querySelector('.column').scrollWidth - document.querySelector('.column').clientWidth"
        assert await page.evaluate(wider) == 0


async def test_who_was_entered_twice_is_merged_after_it_was_said_what_that_does(page: Page, live: Live):
    twin = Cast(HELPER_A1.name, "13900000063", "helper", "squad_a1", "cadre", (A1,))
    brother = Cast(HELPER_B1.name, "13900000066", "helper", "squad_b1", "cadre", (B1,))
    async with live.api.database.transaction() as session:
        await add_person(session, twin)
        await add_person(session, brother)
    async with await live.api.as_(twin) as phone:
        assert (await phone.post("/v1/check-ins", json=check_in(A1))).status_code == 201
    await sign_in(page, live, address="#/?office=duplicates")
    pair = page.get_by_role("region", name=f"{twin.name} · {twin.name}")
    await expect(pair).to_contain_text("姓名相同，手机号只差一位；姓名相同，联系同一个村")
    await pair.get_by_role("button", name="看看合并会有什么变化").click()
    await expect(pair.get_by_role("status")).to_contain_text("处登录保持")
    await expect(pair).to_contain_text("合并后不能撤销")
    await pair.get_by_role("button", name="合并", exact=True).click()
    await expect(pair).to_have_count(0)
    await page.get_by_role("button", name="是两个人").click()
    await expect(page.get_by_text("没有疑似重复的人员。")).to_be_visible()


@pytest.mark.parametrize("viewport", [DESKTOP, PHONE], ids=["desktop", "phone"])
async def test_a_unit_is_added_moved_and_not_closed_while_people_serve_in_it(
    browser: Browser, live: Live, viewport: dict[str, int]
):
    name = f"新片区{viewport['width']}"
    async with opened(browser, viewport=viewport) as context:
        page = await context.new_page()
        await sign_in(page, live, address="#/?office=structure")
        await page.get_by_text("乡镇的片区不是三个").click()
        await page.get_by_role("listitem").get_by_role("button", name="乐里战区").click()
        await page.get_by_role("button", name="在其下新增").click()
        await expect(page.get_by_role("heading", name="新增单位")).to_be_visible()
        look, save = (page.get_by_role("button", name=each) for each in ("看看会有什么变化", "保存"))
        await page.get_by_label("单位名称").fill(name)
        await page.get_by_label("层级").select_option(label="县")
        await look.click()
        await expect(page.get_by_role("alert").filter(has_text="县是最上一级").first).to_be_visible()
        await page.get_by_label("层级").select_option(label="片区")
        await look.click()
        await expect(page.get_by_role("status")).to_contain_text("保存后重新计算")
        await save.click()
        await expect(page.get_by_role("button", name=name)).to_be_visible()
        await page.get_by_role("button", name="甲一突击班").click()
        await page.get_by_label("自哪天起关闭").fill("2026-11-20")
        await look.click()
        await expect(page.get_by_text("请先调整").first).to_be_visible()
        await page.get_by_label("自哪天起关闭").fill("")
        await pick_one(page, "上级单位", f"田林县 › 乐里战区 › {name}")
        await look.click()
        await expect(page.get_by_role("status")).to_contain_text("保存后重新计算")
        await save.click()
        await expect(page.get_by_text("已保存。")).to_be_visible()
        wider = "document.querySelector('.column').scrollWidth - document.querySelector('.column').clientWidth"
        assert await page.evaluate(wider) == 0
