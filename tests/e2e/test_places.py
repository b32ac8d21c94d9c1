"""业务办理 → 村和乡镇、农户, assignments and posts: by hand, said before it is saved, faults at their fields."""

from collections.abc import AsyncIterator
from datetime import UTC, datetime

import pytest
from playwright.async_api import Browser, Locator, Page, expect
from sqlalchemy import text

from tests.e2e.conftest import DESKTOP, NAMELESS, PHONE, Live, opened, pick_one, served, sign_in
from tests.support.cluster import Server
from tests.support.county import A1, A2, B2, HELPER_A1, HELPER_B1, HOUSE_A1, LEADER_A, RESIDENT_A2, centre

NEW_FENCE = """
INSERT INTO geofence (county_id, village_id, version, area, synthetic, source, valid_from)
SELECT county_id, village_id, 2, ST_Multi(ST_Translate(area, 0.004, 0.003)), false, '2026 年勘界', :at
FROM geofence WHERE village_id = :village
"""
POINTLESS = """
INSERT INTO household (county_id, id, village_id, head_name)
VALUES ('451029', gen_random_uuid(), :village, '罗无点')
"""


@pytest.fixture(scope="module")
async def live(server: Server, county_template: str) -> AsyncIterator[Live]:
    """A county of its own, whose places change: A1 has a second boundary and a household without a point."""
    async with served(server, county_template) as one:
        at = datetime(2026, 11, 1, tzinfo=UTC)
        async with one.api.database.transaction() as session:
            ended = "UPDATE geofence SET valid_until = :at WHERE village_id = :village"
            await session.execute(text(ended), {"at": at, "village": A1})
            await session.execute(text(NEW_FENCE), {"at": at, "village": A1})
            await session.execute(text(POINTLESS), {"village": A1})
        yield one


def look(page: Page | Locator) -> Locator:
    return page.get_by_role("button", name="看看会有什么变化")


def save(page: Page | Locator) -> Locator:
    return page.get_by_role("button", name="保存", exact=True)


async def pick(there: Locator, name: str) -> None:
    """Chooses somebody in the form."""
    await there.locator("form").get_by_label("姓名或手机号").fill(name)
    await there.locator("form").get_by_role("button", name=name).click()


async def fits(page: Page) -> None:
    """Nothing is wider than its column, and everything that takes input has a name."""
    wider = "document.querySelector('.column').scrollWidth - document.querySelector('.column').clientWidth"
    assert await page.evaluate(wider) == 0
    assert await page.evaluate(NAMELESS) == []


async def test_a_village_is_found_moved_and_its_boundaries_are_seen(page: Page, live: Live):
    await sign_in(page, live, address="#/?office=villages")
    rows = page.get_by_role("row")
    await expect(rows).to_have_count(5)
    await page.get_by_label("村名或代码").fill("甲")
    await expect(rows).to_have_count(3)
    await page.get_by_role("combobox", name="乡镇").select_option(label="利周瑶族乡")
    await expect(page.get_by_text("没有这样的村。")).to_be_visible()
    await page.get_by_role("combobox", name="乡镇").select_option(label="乐里镇")
    await page.get_by_role("button", name="甲一村").click()
    fence = page.get_by_role("region", name="村界", exact=True)
    await expect(fence.get_by_role("button", name="第 2 版")).to_have_attribute("aria-pressed", "true")
    await expect(fence).to_contain_text("2026-11-01 起 · 2026 年勘界")
    await fence.get_by_role("button", name="第 1 版").click()
    await expect(fence.get_by_role("button", name="第 1 版")).to_have_attribute("aria-pressed", "true")
    await fence.locator("canvas").wait_for()

    await page.get_by_label("村名", exact=True).fill(" ")
    await look(page).click()
    await expect(page.get_by_role("alert").filter(has_text="至少 1 个字").first).to_be_visible()
    await page.get_by_label("村名", exact=True).fill("甲一新村")
    await page.get_by_role("combobox", name="乡镇").select_option(label="利周瑶族乡")
    await look(page).click()
    await expect(page.get_by_role("status")).to_contain_text("保存后重新计算")
    await save(page).click()
    await expect(page.get_by_role("heading", name="甲一新村")).to_be_visible()
    await expect(page.get_by_text("已保存。")).to_be_visible()
    await fits(page)


async def test_a_village_gets_another_code_which_no_other_may_have(page: Page, live: Live):
    await sign_in(page, live, address=f"#/?office=villages&item={A2}")
    codes = page.get_by_role("region", name="村代码")
    await codes.get_by_role("button", name="换代码").click()
    await codes.get_by_label("新代码（12 位）").fill(A1)
    await codes.get_by_label("依据（批复、文号）").fill("民政局批复")
    await codes.get_by_role("button", name="换成这个代码").click()
    await expect(codes.get_by_text("该代码已用于别的村").first).to_be_visible()
    await codes.get_by_label("新代码（12 位）").fill("451029100001")
    await codes.get_by_role("button", name="换成这个代码").click()
    await expect(codes).to_contain_text("起为 451029100001")


@pytest.mark.parametrize("viewport", [DESKTOP, PHONE], ids=["desktop", "phone"])
async def test_a_township_and_a_village_are_new(browser: Browser, live: Live, viewport: dict[str, int]):
    nth = viewport["width"] % 7
    async with opened(browser, viewport=viewport) as context:
        page = await context.new_page()
        await sign_in(page, live, address="#/?office=villages")
        await page.get_by_role("button", name="新增乡镇").click()
        await page.get_by_label("乡镇代码（9 位）").fill("451029100")
        await expect(page.get_by_text("这个代码已有乡镇：乐里镇")).to_be_visible()
        await page.get_by_label("乡镇代码（9 位）").fill(f"45102910{nth}")
        await page.get_by_label("乡镇名称").fill(f"新乡{nth}")
        await look(page).click()
        await save(page).click()
        await expect(page.get_by_role("region", name="乡镇")).to_contain_text(f"新乡{nth}")
        await page.get_by_role("button", name="新增村").click()
        await page.get_by_label("村代码（12 位）").fill(A1)
        await page.get_by_label("村名", exact=True).fill(f"新村{nth}")
        await page.get_by_role("combobox", name="乡镇").select_option(label=f"新乡{nth}")
        await pick_one(page, "责任单位", "田林县 › 乐里战区")
        await look(page).click()
        await expect(
            page.get_by_role("alert").filter(has_text="这个代码已是或曾是一个村的代码").first
        ).to_be_visible()
        await page.get_by_label("村代码（12 位）").fill(f"45102910{nth}201")
        await look(page).click()
        await save(page).click()
        await expect(page.get_by_role("heading", name=f"新村{nth}")).to_be_visible()
        await expect(page.get_by_text("还没有村界")).to_be_visible()
        await fits(page)


async def test_findings_lead_to_where_they_are_mended(page: Page, live: Live):
    await sign_in(page, live, address="#/?office=structure")
    await page.get_by_text("村没有人联系").click()
    await page.get_by_role("listitem").get_by_role("button", name="乙二村").first.click()
    people = page.get_by_role("region", name="结对")
    await expect(people).to_contain_text("现在没有人联系。")
    await people.get_by_role("button", name="新增结对").click()
    await pick(people, HELPER_B1.name)
    await look(people).click()
    await expect(people.get_by_role("status")).to_contain_text("保存后重新计算")
    await save(people).click()
    await expect(people.get_by_role("listitem")).to_contain_text(f"{HELPER_B1.name}帮扶干部全村")

    await page.goto(f"{live.url}/#/?office=structure")
    await page.get_by_text("农户没有坐标").click()
    await page.get_by_role("button", name="罗无点").click()
    await expect(page.get_by_role("heading", name="罗无点")).to_be_visible()


async def test_an_assignment_says_what_it_changes_and_where_it_overlaps(page: Page, live: Live):
    await sign_in(page, live, address=f"#/?office=villages&item={A1}")
    people = page.get_by_role("region", name="结对")
    await people.get_by_role("button", name="新增结对").click()
    await pick(people, LEADER_A.name)
    await look(people).click()
    await expect(people.get_by_text("此人在这段时间已联系同一村（户）").first).to_be_visible()
    await people.get_by_role("button", name="收起").click()

    row = people.get_by_role("listitem").filter(has_text=HELPER_A1.name)
    await row.get_by_role("button", name="更改").click()
    await row.get_by_label("自哪天起不再（空着表示一直有效）").fill("2025-01-01")
    await look(row).click()
    await expect(row.get_by_text("必须晚于开始日期 2026-01-01").first).to_be_visible()
    await row.get_by_label("自哪天起不再（空着表示一直有效）").fill("2026-11-18")
    await look(row).click()
    await expect(row.get_by_role("status")).to_contain_text("变化 1 项")
    await row.get_by_role("button", name="收起").click()

    await row.get_by_role("button", name="移交").click()
    await pick(row, RESIDENT_A2.name)
    await row.get_by_label("自哪天起移交").fill("2026-11-18")
    await look(row).click()
    await expect(row.get_by_role("status")).to_contain_text("保存后重新计算")
    await save(row).click()
    await expect(people.get_by_text("已结束 1 项")).to_be_visible()
    await expect(people.get_by_role("listitem").filter(has_text=RESIDENT_A2.name)).to_contain_text("2026-11-18 起")

    await people.get_by_role("button", name=RESIDENT_A2.name).click()
    theirs = page.get_by_role("region", name="结对")
    await expect(theirs.get_by_role("listitem").filter(has_text="户主")).to_contain_text("2026-11-18 起")


@pytest.mark.parametrize("viewport", [DESKTOP, PHONE], ids=["desktop", "phone"])
async def test_a_household_is_placed_by_a_click_and_ended(browser: Browser, live: Live, viewport: dict[str, int]):
    name = f"农大山{viewport['width']}"
    lon, lat = centre(A2)
    async with opened(browser, viewport=viewport) as context:
        page = await context.new_page()
        await sign_in(page, live, address="#/?office=households")
        await expect(page.get_by_text("先选择一个村。")).to_be_visible()
        await pick_one(page, "村", "乐里镇 › 甲二村", exact=True)
        await page.get_by_role("button", name="新增农户").click()
        await page.get_by_label("户主").fill(name)
        await page.get_by_label("农户类别").select_option(label="边缘易致贫户")
        await page.get_by_label("经度（WGS-84）").fill("24.3")
        await expect(page.get_by_text("经度和纬度要一起填数字")).to_be_visible()
        await page.get_by_label("纬度（WGS-84）").fill("106.2")
        await look(page).click()
        await expect(page.get_by_text("不能大于 90").first).to_be_visible()
        await page.locator("canvas").click()
        placed = float(await page.get_by_label("经度（WGS-84）").input_value())
        assert abs(placed - lon) < 0.002
        assert abs(float(await page.get_by_label("纬度（WGS-84）").input_value()) - lat) < 0.002
        await look(page).click()
        await save(page).click()
        await expect(page.get_by_role("heading", name=name)).to_be_visible()
        await fits(page)
        await page.get_by_label("自哪天起不再走访（空着表示一直有）").fill("2026-11-20")
        await look(page).click()
        await save(page).click()
        await expect(page.get_by_text("已保存。")).to_be_visible()
        await page.get_by_role("button", name="返回").click()
        await expect(page.get_by_role("row").filter(has_text=name)).to_contain_text("2026-11-20 起不再走访")
        await fits(page)


async def test_households_without_a_point_come_first_and_one_in_use_does_not_end(page: Page, live: Live):
    await sign_in(page, live, address=f"#/?office=households&village={A1}")
    await expect(page.get_by_role("row").nth(1)).to_contain_text("罗无点没有坐标")
    await page.goto(f"{live.url}/#/?office=households&item={HOUSE_A1}")
    await page.get_by_label("自哪天起不再走访（空着表示一直有）").fill("2026-11-20")
    await look(page).click()
    await expect(page.get_by_text("请先结束结对").first).to_be_visible()


async def test_a_post_is_added_and_ended(page: Page, live: Live):
    await sign_in(page, live, address=f"#/?office=roster&item={RESIDENT_A2.id}")
    posts = page.get_by_role("region", name="任职")
    await posts.get_by_role("button", name="新增任职").click()
    await pick_one(posts, "责任单位", "田林县 › 乐里战区 › 甲二突击班")
    await look(posts).click()
    await expect(posts.get_by_text("此人在这段时间已有同样的任职").first).to_be_visible()
    await posts.get_by_label("系统角色").select_option(label="督查")
    await posts.get_by_label("职务").fill("督查员")
    await look(posts).click()
    await save(posts).click()
    await expect(posts).to_contain_text("甲二突击班 · 督查 督查员")


async def test_a_village_ends_with_what_is_in_it(page: Page, live: Live):
    await sign_in(page, live, address=f"#/?office=villages&item={B2}")
    await page.get_by_label("自哪天起撤销（空着表示一直有）").fill("2026-11-20")
    await expect(page.get_by_text("以前的走访不变")).to_be_visible()
    await look(page).click()
    await expect(page.get_by_role("status").first).to_contain_text("保存后重新计算")
    await save(page).click()
    await expect(page.get_by_role("region", name="村界", exact=True)).to_contain_text("至 2026-11-20")
    await page.get_by_role("button", name="返回").click()
    await expect(page.get_by_role("row").filter(has_text="乙二村")).to_contain_text("2026-11-20 起撤销")


async def test_who_only_leads_may_look_and_change_nothing(browser: Browser, live: Live):
    async with opened(browser, viewport=PHONE) as context:
        page = await context.new_page()
        await sign_in(page, live, LEADER_A, f"#/?office=villages&item={A2}")
        await expect(page.get_by_label("村名", exact=True)).to_be_disabled()
        for button in ("新增结对", "换代码", "看看会有什么变化", "导入新村界"):
            await expect(page.get_by_role("button", name=button)).to_have_count(0)
        await fits(page)
