"""The review queue: why a check-in waits, the decision, what it moves, and what happens when two decide."""

import re
from collections.abc import AsyncIterator
from typing import Any
from uuid import uuid4

import pytest
from playwright.async_api import Browser, Page, expect

from tests.e2e.conftest import PHONE, Live, opened, served, sign_in
from tests.support import camera
from tests.support.cluster import Server
from tests.support.county import A1, B1, COUNTY, HELPER_A1, HELPER_B1, LEADER_A, OFFICE, VISIT_RULE, Cast
from tests.support.server import WEDNESDAY_NIGHT, check_in

MOCK = {"position": {"mock": True}}


@pytest.fixture(scope="module")
async def live(server: Server, county_template: str) -> AsyncIterator[Live]:
    """A county of its own, for standings change here."""
    async with served(server, county_template) as one:
        yield one


async def held(live: Live, who: Cast, village: str, **changes: Any) -> str:
    """A check-in that awaits a decision; its id."""
    async with await live.api.as_(who) as phone:
        reply = await phone.post("/v1/check-ins", json=check_in(village, **MOCK | changes))
    assert reply.json()["standing"] == "held", reply.text
    return str(reply.json()["id"])


async def test_a_held_check_in_is_counted_and_the_duty_is_met(page: Page, live: Live):
    photo = uuid4()
    async with await live.api.as_(HELPER_A1) as phone:
        jpeg = {"Content-Type": "image/jpeg"}
        assert (await phone.put(f"/v1/photos/{photo}", content=camera.photo(), headers=jpeg)).status_code == 201
    await held(live, HELPER_A1, A1, photo_ids=[str(photo)], note="入户走访")
    week = f"#/2026-W47?rule={VISIT_RULE}"
    await sign_in(page, live, LEADER_A, address=f"{week}&person={HELPER_A1.id}")
    timeline = page.get_by_role("article")
    await expect(timeline).to_contain_text("待核实")

    await page.get_by_role("button", name="待核实 1 条").click()
    item = page.get_by_role("article").filter(has_text=HELPER_A1.name)
    await expect(item).to_contain_text("模拟")
    await expect(item).to_contain_text("备注：入户走访")
    await expect(item.get_by_role("img", name="位置示意")).to_be_visible()
    await item.get_by_role("button", name="放大照片 1").click()
    large = page.get_by_role("dialog").get_by_role("img")
    await expect(large).to_be_visible()
    assert await large.evaluate("image => image.naturalWidth") > 0
    await page.keyboard.press("Escape")

    await item.get_by_role("button", name="认可，计入").click()
    await expect(item.get_by_role("alert")).to_have_text("请写明理由")
    await item.get_by_role("button", name="已电话核实，本人在场").click()
    await item.get_by_role("button", name="认可，计入").click()
    await expect(page.get_by_text("没有待核实的签到")).to_be_visible()
    await expect(page.get_by_role("button", name="待核实 1 条")).to_have_count(0)

    await page.goto(f"{live.url}/{week}&person={HELPER_A1.id}")
    await expect(page.get_by_text("已完成", exact=True)).to_be_visible()
    await expect(timeline).to_contain_text("核实有效")
    await expect(timeline).to_contain_text(f"{LEADER_A.name}（乐里战区）")
    await expect(timeline).to_contain_text("理由：已电话核实，本人在场")


async def test_the_next_one_opens_and_a_decision_of_another_is_shown(page: Page, live: Live):
    first = await held(live, HELPER_B1, B1)
    second = await held(live, HELPER_B1, B1, at=WEDNESDAY_NIGHT.replace(minute=20))
    await sign_in(page, live, address="#/?office=reviews")
    items = page.get_by_role("article")
    await expect(items).to_have_count(2)
    await items.first.get_by_role("textbox", name="理由").fill("使用模拟定位")
    await page.keyboard.press("Tab")
    await page.keyboard.press("Tab")
    await page.keyboard.press("Enter")  # the second button refuses
    await expect(items.locator(":visible").get_by_role("button", expanded=True)).to_be_focused()

    await expect(page.get_by_role("button", name="待核实 1 条")).to_be_visible()

    async with await live.api.as_(OFFICE) as office:
        standings = {}
        for each in (first, second):
            standings[each] = (await office.get(f"/v1/counties/{COUNTY}/check-ins/{each}")).json()["standing"]
        assert standings == {first: "refused", second: "held"}
        other = {"decision": "refuse", "reason": "本人承认没有到场"}
        path = f"/v1/counties/{COUNTY}/check-ins/{second}/reviews"
        assert (await office.post(path, json=other)).status_code == 201
    await page.get_by_role("button", name="照片与现场相符").click()
    await page.get_by_role("button", name="认可，计入").click()
    await expect(page.get_by_text("别人已作出决定，现在的效力是“不予认定”。")).to_be_visible()
    await expect(items.last).to_contain_text("理由：本人承认没有到场")
    await expect(page.get_by_role("button", name="认可，计入")).to_have_count(0)


async def test_what_was_found_on_site_is_reported(page: Page, live: Live):
    checked = await held(live, HELPER_A1, A1, at=WEDNESDAY_NIGHT.replace(hour=9))
    await sign_in(page, live, address="#/?office=reviews")
    await page.get_by_text("登记现场核查").click()
    await page.get_by_label("核查结果").select_option("异常不实")
    await page.get_by_label("核查情况").fill("户主证实到过")
    await page.get_by_role("button", name="登记", exact=True).click()
    await expect(page.get_by_text("现场核查：异常不实")).to_be_visible()
    async with await live.api.as_(OFFICE) as office:
        (found,) = (await office.get(f"/v1/counties/{COUNTY}/check-ins/{checked}")).json()["verifications"]
    assert (found["finding"], found["note"]) == ("unfounded", "户主证实到过")
    assert found["verified_at"] == "2026-11-18T12:10:00Z"


async def test_the_queue_fits_a_small_phone_in_both_languages(browser: Browser, live: Live):
    await held(live, HELPER_B1, B1, at=WEDNESDAY_NIGHT.replace(minute=30), note="备" * 300)
    async with opened(browser, viewport=PHONE, has_touch=True, is_mobile=True) as context:
        page = await context.new_page()
        await sign_in(page, live)
        await page.get_by_role("button", name=re.compile("待核实 . 条")).click()
        await page.get_by_role("button", name="EN").click()
        await expect(page.get_by_role("heading", name="To review")).to_be_visible()
        await expect(page.get_by_role("button", name="Count it")).to_be_visible()
        assert await page.evaluate("document.documentElement.scrollWidth") == PHONE["width"]
        assert (await page.locator("main").inner_text()).isascii() is False  # names stay as they are
