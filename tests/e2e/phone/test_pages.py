"""What is one's own: history, duties, notices, leave, appeals, households, one's data; with and without a network.

Each test names the complaints about other apps that it answers (docs/phone-app.md).
"""

import asyncio
import json
from pathlib import Path
from typing import Any

import pytest
from playwright.async_api import Page, expect
from sqlalchemy import text

from tests.e2e.phone.conftest import HELD, Field, phone, record, settled, sign_in, signed_in_before
from tests.e2e.phone.test_field import POISON, kill
from tests.support import camera
from tests.support.county import A1, COUNTY, HELPER_A1, HOUSE_A1, OFFICE, VISIT_RULE
from tests.support.server import check_in

CONTACT = "localStorage.getItem('yefang.phone.contact')"


@pytest.fixture
async def country(lived: Field) -> Field:
    return lived


async def back(page: Page, country: Field) -> None:
    country.network.mend()
    await page.evaluate("window.dispatchEvent(new Event('online'))")


async def rows(country: Field, statement: str) -> list[Any]:
    async with country.live.api.database.transaction() as session:
        return list((await session.execute(text(statement))).scalars())


async def test_an_appeal_written_without_a_network_survives_the_phone_and_goes_up(country: Field, tmp_path: Path):
    """Complaints 1, 12: what was typed is there after the phone has died, and is filed once there is a network."""
    await signed_in_before(tmp_path, country)
    async with phone(tmp_path) as browser:
        page = await browser.new_page()
        await page.goto(f"{country.url}#/history")
        card = page.locator(f"[data-id='{HELD}']")
        await expect(card).to_contain_text("待核实")
        await expect(card).to_contain_text("核实通过后计入")  # why it does not count yet
        await card.get_by_role("link", name="申诉").click()
        await expect(page.get_by_text("现认定为“待核实”")).to_be_visible()
        country.network.cut()
        await page.get_by_label("事实和理由").fill("手机没有信号")
        taken = {"name": "sms.jpg", "mimeType": "image/jpeg", "buffer": camera.photo()}
        await page.get_by_label("照片（").set_input_files([taken])
        await page.get_by_text("照片（已有 1 张）").wait_for()
        await page.wait_for_timeout(300)
        kill(tmp_path)
    async with phone(tmp_path) as browser:
        page = await browser.new_page()
        await page.goto(f"{country.url}#/appeals")
        await page.get_by_role("link", name="接着上次没填完的").click()
        await expect(page.get_by_label("事实和理由")).to_have_value("手机没有信号")
        await expect(page.get_by_role("img", name="照片 1")).to_be_visible()
        await page.get_by_role("button", name="提交申诉").click()
        await expect(page.get_by_text("待发送")).to_be_visible()
        assert len(await rows(country, "SELECT text FROM appeal")) == 1
        await back(page, country)
        await expect(page.get_by_text("待发送")).to_have_count(0)
        await expect(page.get_by_text("手机没有信号")).to_be_visible()
        await expect(page.get_by_text("附照片 1 张")).to_be_visible()
        shown = "SELECT text FROM appeal JOIN photo ON photo.id = ANY(photo_ids)"
        for _ in range(100):
            if arrived := await rows(country, shown):
                break
            await asyncio.sleep(0.1)
        assert arrived == ["手机没有信号"]


async def test_leave_is_asked_for_refused_mended_and_taken_back(country: Field, tmp_path: Path):
    """Complaint 4: a refusal says why, at what was typed, and it can be mended."""
    async with phone(tmp_path) as browser:
        page = await browser.new_page()
        await sign_in(page, country.url)
        await page.goto(f"{country.url}#/leave")
        await page.get_by_role("link", name="请假或报备公出").click()
        country.network.cut()
        for label in ("开始", "结束（含）"):
            await page.get_by_label(label, exact=True).fill("2026-11-26")  # where other leave is
        await page.get_by_role("button", name="提交").click()
        await expect(page.get_by_role("alert")).to_have_text("请写明事由。")
        await page.get_by_label("事由").fill("看病")
        await page.get_by_role("button", name="提交").click()
        await expect(page.locator("[data-letter=leave]")).to_contain_text("待发送")
        await page.get_by_role("link", name="今日").click()
        await expect(page.get_by_text("全部已上传")).to_have_count(0)  # complaint 2
        await page.get_by_role("link", name="请假报备待发送").click()
        await back(page, country)
        card = page.locator("[data-letter=leave]")
        await expect(card).to_contain_text("没有被接受")
        await expect(card.get_by_role("status")).to_contain_text("重叠")
        await card.get_by_role("button", name="修改").click()
        for label in ("结束（含）", "开始"):
            await page.get_by_label(label, exact=True).fill("2026-11-30")
        await expect(page.get_by_label("事由")).to_have_value("看病")
        await page.get_by_role("button", name="提交").click()
        asked = page.locator("article").filter(has_text="看病")
        await expect(asked.get_by_text("待审批")).to_be_visible()
        page.on("dialog", lambda question: asyncio.ensure_future(question.accept()))
        await asked.get_by_role("button", name="撤销申请").click()
        await expect(asked.get_by_text("已撤销")).to_be_visible()
        assert await rows(country, "SELECT status FROM leave WHERE reason = '看病'") == ["withdrawn"]


async def test_notices_are_read_without_a_network(country: Field, tmp_path: Path):
    unread = f"SELECT count(*) FROM notice WHERE read_at IS NULL AND person_id = '{HELPER_A1.id}'"
    async with phone(tmp_path) as browser:
        page = await browser.new_page()
        await sign_in(page, country.url)
        (before,) = await rows(country, unread)
        tab = page.get_by_role("navigation").get_by_role("link", name="通知")
        await expect(tab).to_contain_text(str(before))
        country.network.cut()
        await tab.click()
        await expect(page.get_by_text("显示 11月18日")).to_be_visible()  # as of when
        first = page.locator("article").filter(has_text="签到待核实")
        await first.get_by_role("button", name="标为已读").click()
        await expect(first.get_by_text("未读")).to_have_count(0)
        await expect(tab).to_contain_text(str(before - 1))
        assert await rows(country, unread) == [before]
        await back(page, country)
        for _ in range(100):
            if await rows(country, unread) == [before - 1]:
                break
            await asyncio.sleep(0.1)
        assert await rows(country, unread) == [before - 1]
        await first.get_by_role("button", name="去看看").click()
        await expect(page.get_by_role("heading", name="签到详情")).to_be_visible()


async def test_duties_week_by_week_with_what_they_were_counted_from(country: Field, tmp_path: Path):
    async with phone(tmp_path) as browser:
        page = await browser.new_page()
        await sign_in(page, country.url)
        await page.get_by_role("link", name="任务与依据，按周查看").click()
        await expect(page.get_by_text("2026年第47周")).to_be_visible()
        evidence = page.get_by_role("list", name="依据：本期签到").get_by_role("listitem")
        await expect(evidence).to_have_count(3)
        await expect(evidence.filter(has_text="已计入")).to_have_count(1)
        await expect(evidence.filter(has_text="不在任何村的范围内")).to_have_count(1)
        await page.get_by_role("button", name="上一期").click()
        await expect(page.get_by_text("2026年第46周")).to_be_visible()
        await expect(evidence).to_have_count(2)
        await page.get_by_role("button", name="上一期").click()
        await expect(page.get_by_text("预警：待处理")).to_be_visible()  # week 45 was missed
        await page.get_by_role("link", name="申诉").click()
        await expect(page.get_by_text("“帮扶走访” 2026年第45周的预警")).to_be_visible()
        await page.get_by_label("事实和理由").fill("那一周在外培训")
        await page.get_by_role("button", name="提交申诉").click()
        await expect(page.get_by_text("那一周在外培训")).to_be_visible()


async def test_who_has_waited_longest_is_asked_for_and_found(country: Field, tmp_path: Path):
    api = country.live.api
    async with api.database.transaction() as session:
        await session.execute(
            text(
                "INSERT INTO household (county_id, id, village_id, head_name, hamlet, radius_m)"
                " SELECT county_id, gen_random_uuid(), village_id, name, hamlet, radius_m"
                " FROM household, (VALUES ('久等户'), ('今天户')) AS more (name) WHERE id = :id"
            ),
            {"id": HOUSE_A1},
        )
    (seen,) = await rows(country, "SELECT id FROM household WHERE head_name = '今天户'")
    helper = await api.as_(HELPER_A1)
    await helper.post("/v1/check-ins", json=check_in(A1, household_id=str(seen)))
    async with phone(tmp_path) as browser:
        page = await browser.new_page()
        await sign_in(page, country.url)
        await page.goto(f"{country.url}#/households")
        names = page.locator("article strong")
        await expect(names).to_have_text(["户主", "久等户", "今天户"])  # one's own first, then who waits
        await expect(page.locator("article").filter(has_text="今天户")).to_contain_text("我本人")
        await expect(page.locator("article").filter(has_text="久等户")).to_contain_text("还没有人走访过")
        await page.get_by_label("按户主姓名找").fill("久等")
        await expect(names).to_have_text(["久等户"])
        await page.get_by_role("link", name="去签到").click()
        picked = page.get_by_label("农户", exact=True).locator("option:checked")
        await expect(picked).to_have_text("久等户 · 还没有人走访过")
        order = page.get_by_role("button", name="按远近排")
        await order.click()
        options = await page.get_by_label("农户", exact=True).locator("option").all_inner_texts()
        assert [each.split(" · ")[0] for each in options] == ["不选", "户主", "久等户", "今天户"]


async def test_ones_data_is_told_taken_home_and_signed_out_of_everywhere(country: Field, tmp_path: Path):
    await country.live.api.sign_in(HELPER_A1, device_id="a lost phone")
    async with phone(tmp_path, accept_downloads=True) as browser:
        page = await browser.new_page()
        await sign_in(page, country.url)
        await page.goto(f"{country.url}#/mine")
        await expect(page.get_by_text("365 天")).to_be_visible()  # photos
        await expect(page.get_by_text("办公室 田林县 办公室 · 一次签到")).to_be_visible()
        async with page.expect_download() as started:
            await page.get_by_role("button", name="下载", exact=True).click()
        taken = await (await started.value).path()
        mine = json.loads(await asyncio.to_thread(Path(taken).read_text))
        assert HELD in {each["id"] for each in mine["check_ins"]}
        async with page.expect_download() as packed:
            await page.get_by_role("button", name="完整副本，含照片（ZIP）").click()
        whole = await (await packed.value).path()
        assert (await asyncio.to_thread(Path(whole).read_bytes)).startswith(b"PK")
        assert [len(mine[name]) > 0 for name in ("appeals", "leave", "notices", "seen_by", "sessions")] == [
            True
        ] * 5
        page.on("dialog", lambda question: asyncio.ensure_future(question.accept()))
        async with page.expect_response(lambda reply: reply.url.endswith("/v1/auth/forget")):
            await page.get_by_role("button", name="全部退出").click()
        await page.get_by_label("手机号码").wait_for()
        alive = f"SELECT id FROM device_session WHERE ended_at IS NULL AND person_id = '{HELPER_A1.id}'"
        assert await rows(country, alive) == []


async def test_the_privacy_notice_asks_blocks_nothing_and_is_taken_back(country: Field, tmp_path: Path):
    office = await country.live.api.as_(OFFICE)
    told = {"text": "一、目的：记录走访。\n二、位置只在签到时取得。"}
    assert (await office.post(f"/v1/counties/{COUNTY}/privacy-notice", json=told)).status_code == 201
    said = f"SELECT agreed FROM consent WHERE person_id = '{HELPER_A1.id}' ORDER BY id"
    async with phone(tmp_path) as browser:
        page = await browser.new_page()
        await sign_in(page, country.url)
        asked = page.get_by_role("dialog")
        await expect(asked).to_contain_text("位置只在签到时取得")
        await asked.get_by_role("button", name="以后再说").click()
        await page.get_by_role("link", name="签到", exact=True).first.click()  # nothing waits for the answer
        assert await rows(country, said) == []
        await page.goto(f"{country.url}#/mine")
        await page.get_by_role("button", name="同意", exact=True).click()
        await expect(page.get_by_text("同意了第 1 版")).to_be_visible()
        await page.get_by_role("button", name="撤回同意").click()
        await expect(page.get_by_text("或撤回了同意")).to_be_visible()
        assert await rows(country, said) == [True, False]
        country.network.cut()
        await page.reload()
        await expect(page.get_by_role("dialog")).to_have_count(0)


async def test_every_page_opens_without_a_network_and_says_from_when_it_is(country: Field, tmp_path: Path):
    """Complaint 13: it is told when the server was last reached, and that does not move without it."""
    pages = ["notices", "duties", "history", "households", "leave", "appeals", "mine"]
    async with phone(tmp_path) as browser:
        page = await browser.new_page()
        await sign_in(page, country.url)
        for each in pages:
            await page.goto(f"{country.url}#/{each}")
            await settled(page)
        country.network.cut()
        await page.reload()  # what was still on its way to the page before is not told to this one
        contact = await page.evaluate(CONTACT)
        for each in pages:
            await page.goto(f"{country.url}#/{each}")
            await page.reload()  # from the shell worker
            await expect(page.get_by_text("无网络，显示").first).to_be_visible()
            await expect(page.locator("main article, main section").first).to_be_visible()
        await page.goto(f"{country.url}#/visit/unknown")
        await expect(page.get_by_text("没有网络，这里还没有保存过内容。")).to_be_visible()
        await page.evaluate("window.dispatchEvent(new Event('focus'))")
        await page.wait_for_timeout(500)
        assert await page.evaluate(CONTACT) == contact


async def test_a_full_phone_says_so_and_loses_nothing(country: Field, tmp_path: Path):
    """Complaint 5: what could not be stored is not called saved, and stays on the screen until it can be."""
    async with phone(tmp_path) as browser:
        await sign_in(await browser.new_page(), country.url)
    async with phone(tmp_path) as browser:  # a browser believes for half a minute in the room that it last saw
        page = await browser.new_page()
        devtools = await browser.new_cdp_session(page)
        origin = {"origin": country.url.removesuffix("/m/")}
        await devtools.send("Storage.overrideQuotaForOrigin", origin | {"quotaSize": 1})
        await page.goto(country.url)
        await page.get_by_role("link", name="签到", exact=True).click()
        await page.get_by_text("定位精度").wait_for()
        await page.get_by_label("情况记录").fill("存储满了")
        await expect(page.get_by_text("手机存不下填写的内容")).to_be_visible()
        await page.get_by_role("button", name="保存签到").click()
        await expect(page.get_by_role("alert").filter(has_text="手机存储已满")).to_be_visible()
        await expect(page.get_by_text("已保存在手机上")).to_have_count(0)
        await expect(page.get_by_label("情况记录")).to_have_value("存储满了")
        await devtools.send("Storage.overrideQuotaForOrigin", origin)
        await page.get_by_role("button", name="保存签到").click()
        await page.get_by_text("已保存在手机上").wait_for()
        for _ in range(100):
            if stored := [each for each in await country.stored() if str(each["note"]).startswith("存储满了")]:
                break
            await asyncio.sleep(0.1)
        assert len(stored) == 1


async def test_the_office_knows_what_a_phone_still_holds(country: Field, tmp_path: Path):
    """Complaint 3: who has synced and who has not is seen from the office, also where a visit cannot go up."""
    async with phone(tmp_path) as browser:
        page = await browser.new_page()
        await sign_in(page, country.url)
        country.network.cut()
        await record(page, "坏的")
        await page.evaluate(POISON)
        await page.get_by_role("link", name="记录").click()
        await back(page, country)
        await expect(page.get_by_text("需修改")).to_be_visible()
        async with page.expect_response(lambda reply: "/v1/devices/" in reply.url):
            await page.get_by_role("link", name="今日").click()
    office = await country.live.api.as_(OFFICE)
    duties = (await office.get(f"/v1/counties/{COUNTY}/duties", params={"rule": str(VISIT_RULE)})).json()["items"]
    said = {each["person"]["id"]: each["waiting"] for each in duties}
    assert said[str(HELPER_A1.id)]["count"] == 1


async def test_it_can_be_installed(country: Field, tmp_path: Path):
    async with phone(tmp_path) as browser:
        page = await browser.new_page()
        await sign_in(page, country.url)
        devtools = await browser.new_cdp_session(page)
        manifest = await devtools.send("Page.getAppManifest")
        assert (manifest["errors"], json.loads(manifest["data"])["start_url"]) == ([], "/m/")
        wrong = (await devtools.send("Page.getInstallabilityErrors"))["installabilityErrors"]
        assert [each["errorId"] for each in wrong] == []
        assert await page.evaluate("navigator.serviceWorker.controller.scriptURL") == f"{country.url}sw.js"


async def test_a_push_is_shown_once(country: Field, tmp_path: Path):
    """By the shell worker; a repeat of the same notice takes its place."""
    async with phone(tmp_path, permissions=["geolocation", "notifications"]) as browser:
        page = await browser.new_page()
        await sign_in(page, country.url)
        devtools = await browser.new_cdp_session(page)
        known: asyncio.Future[str] = asyncio.get_running_loop().create_future()

        def note(event: dict[str, Any]) -> None:
            for each in event["registrations"]:
                if not known.done():
                    known.set_result(each["registrationId"])

        devtools.on("ServiceWorker.workerRegistrationUpdated", note)
        await devtools.send("ServiceWorker.enable")
        said = {"notice_id": "n-1", "kind": "duty_reminder", "title": "任务提醒", "body": "还差 1 次"}
        message = {
            "origin": country.url.removesuffix("/m/"),
            "registrationId": await asyncio.wait_for(known, 10),
            "data": json.dumps(said),
        }
        shown = (
            "navigator.serviceWorker.ready.then((found) => found.getNotifications())"
            ".then((all) => all.map(({ title, body, tag }) => [title, body, tag]))"
        )
        for _ in range(2):
            await devtools.send("ServiceWorker.deliverPushMessage", message)
            await page.wait_for_timeout(500)
        assert await page.evaluate(shown) == [["任务提醒", "还差 1 次", "n-1"]]
