"""What comes in from the field, on the office's pages: revoked leave, night-visit forms, phones and their apps."""

from collections.abc import AsyncIterator
from datetime import timedelta
from typing import Any
from uuid import uuid4

import httpx
import pytest
from playwright.async_api import Browser, Page, expect

from tests.e2e.conftest import PHONE, Live, opened, served, sign_in
from tests.support.cluster import Server
from tests.support.county import (
    A1,
    COUNTY,
    HELPER_A1,
    HELPER_B1,
    HOUSE_A1,
    LEADER_A,
    NIGHT_RULE,
    OFFICE,
    VISIT_RULE,
)
from tests.support.forms import night_form
from tests.support.server import WEDNESDAY_NIGHT, check_in

BASE = f"/v1/counties/{COUNTY}"


@pytest.fixture(scope="module")
async def live(server: Server, county_template: str) -> AsyncIterator[Live]:
    """A county of its own, for leave and keys change here."""
    async with served(server, county_template) as one:
        form = night_form(water="gap", recognition=(3, 2), satisfaction=(4, 4))
        form["card"] = {"state": "problems", "note": "帮扶人已换"}
        night = check_in(A1, at=WEDNESDAY_NIGHT, purpose="night_visit", household_id=str(HOUSE_A1), form=form)
        one.api.clock.now = WEDNESDAY_NIGHT + timedelta(minutes=1)
        async with await one.api.as_(LEADER_A) as leader:
            assert (await leader.post("/v1/check-ins", json=night)).status_code == 201
        yield one


async def leave(live: Live, **days: str) -> str:
    """Approved leave of the helper of B1."""
    wish: dict[str, Any] = {"id": str(uuid4()), "kind": "annual", "reason": "回家"} | days
    async with await live.api.as_(HELPER_B1) as phone:
        assert (await phone.post("/v1/me/leave", json=wish)).status_code == 201
    async with await live.api.as_(OFFICE) as office:
        reply = await office.post(f"{BASE}/leave/{wish['id']}/approve", json={"reason": "同意"})
    assert reply.status_code == 200
    return str(wish["id"])


async def test_leave_is_found_by_person_and_day_and_revoked_from_a_day_on(page: Page, live: Live):
    leave_id = await leave(live, from_date="2026-11-23", until_date="2026-11-29")
    await sign_in(page, live, address="#/?office=leave")
    await page.get_by_label("姓名或手机号").fill(HELPER_A1.name)
    await page.get_by_role("button", name=HELPER_A1.name).click()
    await expect(page.get_by_text("没有这样的请假")).to_be_visible()
    await page.get_by_role("button", name=f"去掉{HELPER_A1.name}").click()
    card = page.get_by_role("article").filter(has_text=HELPER_B1.name)
    await expect(card).to_have_count(1)
    await page.get_by_label("自", exact=True).fill("2026-11-30")
    await expect(card).to_have_count(0)
    await page.get_by_label("自", exact=True).fill("2026-11-29")
    await card.get_by_text("撤销批准").click()
    await card.get_by_label("自哪天起").fill("2026-11-25")
    await card.get_by_label("理由").fill("紧急防汛")
    await card.get_by_role("button", name="自此日起撤销").click()
    await expect(card).to_contain_text("自11月25日周三起撤销")
    await expect(card).to_contain_text("紧急防汛")
    async with await live.api.as_(OFFICE) as office:
        (kept,) = (await office.get(f"{BASE}/leave", params={"person": str(HELPER_B1.id)})).json()["items"]
    assert (kept["id"], kept["revoked"]["from_date"]) == (leave_id, "2026-11-25")


async def test_leave_revoked_altogether_says_which_duties_changed(page: Page, live: Live):
    await leave(live, from_date="2026-11-16", until_date="2026-11-22")
    await sign_in(page, live, address="#/?office=leave&from=2026-11-16&to=2026-11-22")
    card = page.get_by_role("article").filter(has_text=HELPER_B1.name)
    await card.get_by_text("撤销批准").click()
    await card.get_by_label("理由").fill("全员到岗")
    await card.get_by_role("button", name="撤销全部").click()
    await expect(card.get_by_text("批准已撤销", exact=True)).to_be_visible()
    changed = card.get_by_role("list", name="任务变化")
    await expect(changed).to_contain_text("帮扶走访 · 2026年第47周：不作要求 0 → 待完成 1")
    await expect(card.get_by_text("撤销批准")).to_have_count(0)


async def test_a_night_visits_form_is_shown_and_its_rates_by_village_and_person(page: Page, live: Live):
    await sign_in(page, live, address="#/?office=night_visits")
    await expect(page.get_by_role("status").first).to_contain_text("1 份夜访表")
    table = page.get_by_role("region", name="按村")
    await expect(table.get_by_role("row", name="甲一村")).to_contain_text("甲一村1110100%67%100%")
    await expect(page.get_by_role("listitem").filter(has_text="有安全饮水")).to_contain_text("1/1")
    await page.get_by_label("分组").select_option("person")
    await page.get_by_role("button", name=LEADER_A.name).click()
    await expect(page.get_by_role("heading", name=LEADER_A.name)).to_be_visible()
    await page.goto(f"{live.url}/#/2026-W47?rule={NIGHT_RULE}&person={LEADER_A.id}")
    await page.get_by_role("article").get_by_text("依据与经过").click()
    form = page.get_by_role("region", name="夜访表")
    await expect(form).to_contain_text("八有一超缺 1 项")
    await expect(form).to_contain_text("缺 有安全饮水")
    await expect(form).to_contain_text("有问题（帮扶人已换）")
    await expect(form).to_contain_text("2/3 人，67%")


async def test_what_waits_on_the_phone_stands_beside_missed(page: Page, live: Live):
    visit = check_in(A1, at=WEDNESDAY_NIGHT)
    async with await live.api.as_(HELPER_B1) as phone:
        reply = await phone.post("/v1/check-ins/batch", json={"check_ins": [visit], "waiting": 3})
    assert reply.status_code == 200, reply.text
    await sign_in(page, live, address=f"#/2026-W46?rule={VISIT_RULE}")
    row = page.get_by_role("listitem").filter(has_text=HELPER_B1.name)
    await expect(row).to_contain_text("手机上还有 3 次未上传")
    await row.get_by_role("button").click()
    await expect(page.get_by_text("手机上还有 3 次未上传")).to_be_visible()


async def test_the_office_makes_and_revokes_a_key_and_sees_what_nobody_can_take(page: Page, live: Live):
    await sign_in(page, live, address=f"#/?office=clients&item={HELPER_A1.id}")
    keys = page.get_by_role("region", name="密钥")
    await expect(keys).to_contain_text("没有有效的密钥")
    await keys.get_by_role("button", name="生成密钥").click()
    shown = keys.get_by_role("status")
    await expect(shown).to_contain_text("只显示这一次")
    key = (await shown.get_by_role("definition").first.inner_text()).strip()
    body = {"_type": "location", "tst": 0, "lat": 24.32}
    assert await publish(live, body, key) == 200
    await page.reload()
    kept = page.get_by_role("article").filter(has_text=HELPER_A1.name)
    await expect(kept).to_contain_text("OwnTracks · phone")
    await kept.get_by_text("内容（").click()
    await expect(kept).to_contain_text('"lat": 24.32')
    await keys.get_by_role("button", name="停用").click()
    await keys.get_by_role("button", name="确认停用").click()
    await expect(keys).to_contain_text("没有有效的密钥")
    assert await publish(live, body, key) == 401


async def publish(live: Live, body: dict[str, Any], key: str) -> int:
    async with httpx.AsyncClient(base_url=live.url, auth=(HELPER_A1.phone, key)) as app:
        return (await app.post("/v1/clients/owntracks", json=body)).status_code


async def test_a_leader_sees_keys_and_makes_none(page: Page, live: Live):
    await sign_in(page, live, LEADER_A, address=f"#/?office=clients&item={HELPER_A1.id}")
    await expect(page.get_by_text("只有县办公室可以生成和停用密钥")).to_be_visible()
    await expect(page.get_by_role("button", name="生成密钥")).to_have_count(0)


async def test_these_pages_fit_a_small_phone(browser: Browser, live: Live):
    await leave(live, from_date="2026-12-01", until_date="2026-12-02")
    async with opened(browser, viewport=PHONE, has_touch=True, is_mobile=True) as context:
        page = await context.new_page()
        await sign_in(page, live, address="#/?office=leave")
        for address in ("leave", "night_visits", "clients", f"clients&item={HELPER_A1.id}"):
            await page.goto(f"{live.url}/#/?office={address}")
            await expect(page.get_by_role("main").get_by_role("heading").first).to_be_visible()
            await page.wait_for_load_state("networkidle")
            assert await page.evaluate("document.documentElement.scrollWidth") == PHONE["width"]
