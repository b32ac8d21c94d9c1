"""In the mountains: no network, a phone that dies, a sign-in that runs out.

Each test names the complaints about other apps that it answers (docs/phone-app.md).
"""

import asyncio
import json
import os
import signal
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import timedelta
from io import BytesIO
from pathlib import Path

import pytest
from PIL import Image, ImageChops, ImageOps, ImageStat
from playwright.async_api import Page, expect
from sqlalchemy import text
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from app.http.errors import answer
from app.kernel.problems import UNSUPPORTED_MEDIA, Problem
from app.phone.pages import STATIC
from tests.e2e.conftest import STORED, nothing_is_told, watch
from tests.e2e.phone.conftest import LAT, LON, SMALL, Field, phone, record, sign_in, signed_in_before
from tests.support import camera
from tests.support.county import HELPER_A1, HELPER_B1
from tests.support.server import WEDNESDAY_NIGHT

POISON = """async () => {
  const database = await new Promise((done) => {
    const asked = indexedDB.open('yefang-phone')
    asked.onsuccess = () => done(asked.result)
  })
  const store = database.transaction('items', 'readwrite').objectStore('items')
  store.getAll().onsuccess = ({ target: { result: [item] } }) =>
    store.put({ ...item, wire: null, visit: { ...item.visit, householdId: 'no id at all' } })
  await new Promise((done) => { store.transaction.oncomplete = done })
  database.close()
}"""


def kill(profile: Path) -> None:
    """As Android does it: without a word."""
    for process in Path("/proc").glob("[0-9]*"):
        try:
            command = (process / "cmdline").read_bytes().decode(errors="replace")
        except OSError:
            continue
        if f"--user-data-dir={profile}" in command:
            os.kill(int(process.name), signal.SIGKILL)


async def until_stored(country: Field, count: int) -> list[dict[str, object]]:
    for _ in range(150):
        if len(stored := await country.stored()) >= count:
            return stored
        await asyncio.sleep(0.1)
    raise AssertionError(f"{len(stored)} of {count} came")


async def test_a_visit_survives_the_death_of_the_phone(country: Field, tmp_path: Path):
    """Complaints 1, 7, 12, 13: nothing is lost with the page, nothing hangs, the phone says what waits."""
    await signed_in_before(tmp_path, country)
    async with phone(tmp_path) as browser:
        page = await browser.new_page()
        async with page.expect_response(lambda reply: "/v1/me" in reply.url):  # now it knows the server's clock
            await page.goto(country.url)
        country.network.cut()
        await record(page, "无信号时的走访")
        await page.get_by_role("button", name="再签一次").click()
        await page.get_by_label("情况记录").fill("没填完的")
        await page.get_by_label("夜访").check()
        await page.get_by_label("有安全饮水").select_option("缺")
        taken = {"name": "visit.jpg", "mimeType": "image/jpeg", "buffer": camera.photo()}
        await page.get_by_label("照片（").set_input_files([taken])
        await page.get_by_text("照片（已有 1 张）").wait_for()
        await page.wait_for_timeout(300)
        kill(tmp_path)
    async with phone(tmp_path, geolocation={"longitude": LON + 0.5, "latitude": LAT}) as browser:
        page = await browser.new_page()
        await page.goto(country.url)  # from the shell worker: there is no network
        await expect(page.get_by_text("1 条待上传")).to_be_visible()
        await page.get_by_role("link", name="签到", exact=True).click()
        await expect(page.get_by_text("接着上次没填完的")).to_be_visible()
        await expect(page.get_by_label("情况记录")).to_have_value("没填完的")
        await expect(page.get_by_label("有安全饮水")).to_have_value("gap")
        await expect(page.get_by_text("照片（已有 1 张）")).to_be_visible()
        assert await country.stored() == []
        country.network.mend()
        await page.get_by_role("link", name="记录").click()
        await page.get_by_role("button", name="立即上传").click()
        await expect(page.get_by_text("有效")).to_be_visible()
    (visit,) = await country.stored()
    assert (visit["lon"], visit["lat"]) == (LON, LAT)  # complaint 15: where it was, not where the phone is now
    assert abs(visit["captured_at"] - WEDNESDAY_NIGHT) < timedelta(minutes=2)  # by the server's clock
    assert str(visit["note"]).startswith("无信号时的走访 【手机显示时间")  # this phone's is nine days ahead


async def test_an_answer_lost_after_the_commit_records_once(country: Field, tmp_path: Path):
    """Complaints 2, 9: it waits, and says so, until the server has answered; sent twice, it counts once."""
    async with phone(tmp_path) as browser:
        page = await browser.new_page()
        await sign_in(page, country.url)
        await page.get_by_role("link", name="签到", exact=True).click()
        await page.get_by_text("在村界内").wait_for()
        country.network.lose = b"POST /v1/check-ins/batch"
        await record(page, "回执丢失")
        await until_stored(country, 1)
        await page.get_by_role("link", name="记录").click()
        await expect(page.get_by_text("待上传", exact=True)).to_be_visible()
        country.network.mend()
        await page.get_by_role("button", name="立即上传").click()
        await expect(page.get_by_text("有效")).to_be_visible()
        assert len(await country.stored()) == 1


async def test_a_bad_visit_first_in_the_queue_lets_the_others_pass(country: Field, tmp_path: Path):
    """Complaints 4, 8, 10: it alone needs mending, says why at its field, and is mended on the phone."""
    async with phone(tmp_path) as browser:
        page = await browser.new_page()
        await sign_in(page, country.url)
        country.network.cut()
        await record(page, "坏的")
        await page.evaluate(POISON)
        await page.get_by_role("button", name="再签一次").click()
        await record(page, "好的")
        country.network.mend()
        await page.get_by_role("link", name="记录").click()
        await page.get_by_role("button", name="立即上传").click()
        await expect(page.get_by_text("需修改")).to_be_visible()
        assert [str(each["note"])[:2] for each in await country.stored()] == ["好的"]
        bad = page.locator("article").filter(has_text="坏的")
        await bad.get_by_role("button", name="修改").click()
        await bad.get_by_role("button", name="不选农户，重新上传").click()
        await expect(bad.get_by_text("有效")).to_be_visible()
        assert len(await country.stored()) == 2


async def test_a_sign_in_that_ran_out_offline_costs_nothing(country: Field, tmp_path: Path):
    """Complaint 6: a token is renewed by itself; where the session is over, visits are taken and go up after."""
    async with phone(tmp_path) as browser:
        page = await browser.new_page()
        await sign_in(page, country.url)
        country.network.cut()
        await page.reload()  # without its access token, which was in memory
        await record(page, "令牌过期")
        country.network.mend()
        await page.evaluate("window.dispatchEvent(new Event('online'))")
        await until_stored(country, 1)
        async with country.live.api.database.transaction() as session:
            await session.execute(
                text("UPDATE device_session SET ended_at = started_at, end_reason = 'signed_out'")
            )
        await page.get_by_role("button", name="再签一次").click()
        await record(page, "登录已失效")
        await page.get_by_role("link", name="记录").click()
        await expect(page.get_by_text("登录已过期")).to_be_visible()
        assert len(await country.stored()) == 1
        await page.get_by_role("link", name="登录", exact=True).click()
        await page.get_by_label("手机号码").fill("13900000003")
        await page.get_by_label("密码").fill("yefang-demo")
        await page.get_by_role("button", name="登录", exact=True).click()
        await until_stored(country, 2)


async def test_the_phone_knows_whose_it_is_without_a_token(country: Field, tmp_path: Path):
    """What an older version kept is handed in; nothing that a script reads opens anything."""
    tokens = await country.live.api.sign_in(HELPER_A1, device_id="web-old")
    kept = {"access": "a", "refresh": tokens["refresh_token"], "expiresAt": 0, "person": tokens["person"]}
    async with phone(tmp_path) as browser:
        page = await browser.new_page()
        seen = watch(browser)
        await page.goto(country.url.removesuffix("m/") + "healthz")
        await page.evaluate("kept => localStorage.setItem('yefang.phone', kept)", json.dumps(kept))
        await page.goto(country.url)
        await page.get_by_role("link", name="现在签到").wait_for()
        await page.get_by_text("上次连上服务器").wait_for()
        await nothing_is_told(page, seen, "yefang_phone")
        assert tokens["refresh_token"] not in await page.evaluate(STORED)
        await page.evaluate("navigator.serviceWorker.ready")
        country.network.cut()
        await page.reload()
        await record(page, "没有令牌")
        country.network.mend()
        await page.evaluate("window.dispatchEvent(new Event('online'))")
        await until_stored(country, 1)
        await nothing_is_told(page, seen, "yefang_phone")


async def test_two_tabs_send_a_visit_once_and_both_see_it(country: Field, tmp_path: Path):
    async with phone(tmp_path) as browser:
        first = await browser.new_page()
        await sign_in(first, country.url)
        second = await browser.new_page()
        await second.goto(f"{country.url}#/queue")
        posts: list[str] = []
        browser.on("request", lambda asked: posts.append(asked.url) if asked.url.endswith("/batch") else None)
        await first.bring_to_front()
        await record(first, "两个页面")
        await expect(second.get_by_text("有效")).to_be_visible()
        assert len(posts) == 1
        assert len(await country.stored()) == 1


async def test_two_people_share_a_phone(country: Field, tmp_path: Path):
    """Each has a queue of their own, which waits for them."""
    async with phone(tmp_path) as browser:
        page = await browser.new_page()
        await sign_in(page, country.url)
        country.network.cut()
        await record(page, "甲的走访")
        await page.get_by_role("link", name="今日").click()
        page.once("dialog", lambda asked: asyncio.ensure_future(asked.accept()))
        await page.get_by_role("button", name="退出登录").click()
        await page.get_by_label("手机号码").wait_for()
        country.network.mend()
        await sign_in(page, country.url, HELPER_B1)
        await expect(page.get_by_text("全部已上传")).to_be_visible()
        await page.get_by_role("link", name="记录").click()
        await expect(page.get_by_text("这部手机上还没有签到记录")).to_be_visible()
        assert await country.stored() == []
        await page.get_by_role("link", name="今日").click()
        await page.get_by_role("button", name="退出登录").click()
        await page.get_by_label("手机号码").wait_for()
        await sign_in(page, country.url)
        (visit,) = await until_stored(country, 1)
        assert str(visit["note"]).startswith("甲的走访")


async def test_without_a_position_it_says_what_to_do_and_saves(country: Field, tmp_path: Path):
    async with phone(tmp_path, permissions=[], viewport=SMALL) as browser:
        page = await browser.new_page()
        await sign_in(page, country.url)
        await page.get_by_role("link", name="现在签到").click()
        await expect(page.get_by_text("没有定位权限")).to_be_visible()
        await page.get_by_label("情况记录").fill("没有定位")
        await page.get_by_role("button", name="保存签到").click()
        await page.get_by_text("已保存在手机上").wait_for()
        (visit,) = await until_stored(country, 1)
        assert visit["lon"] is None
        await page.get_by_role("link", name="记录").click()
        await expect(page.get_by_text("待核实")).to_be_visible()
        assert await fits(page)


async def test_a_coarse_position_is_told(country: Field, tmp_path: Path):
    coarse = {"longitude": LON, "latitude": LAT, "accuracy": 1600}
    async with phone(tmp_path, geolocation=coarse, viewport=SMALL) as browser:
        page = await browser.new_page()
        await sign_in(page, country.url)
        await page.get_by_role("link", name="现在签到").click()
        await expect(page.get_by_text("精确位置")).to_be_visible()
        assert await fits(page)


async def fits(page: Page) -> bool:
    """Nothing hangs over the right edge of the smallest screen."""
    return bool(await page.evaluate("document.documentElement.scrollWidth <= innerWidth"))


@asynccontextmanager
async def served_first(country: Field, route: Route) -> AsyncIterator[None]:
    """Before all other routes, for a while."""
    routes = country.live.api.app.router.routes
    routes.insert(0, route)
    yield
    routes.remove(route)


async def test_an_update_waits_until_no_form_is_open_in_any_tab(country: Field, tmp_path: Path):
    """Complaint 14: a new version reloads nothing that somebody is filling in, and loses nothing that waits."""
    worker = (STATIC / "sw.js").read_text()
    version = 1

    async def newer(_: Request) -> Response:
        headers = {"cache-control": "no-cache"}
        return Response(f"{worker}\n// {version}", media_type="text/javascript", headers=headers)

    async def busy(_: Request) -> Response:
        return Response(status_code=503)

    async with served_first(country, Route("/m/sw.js", newer)), phone(tmp_path) as browser:
        page = await browser.new_page()
        await sign_in(page, country.url)
        await page.get_by_role("link", name="签到", exact=True).click()
        await page.get_by_label("情况记录").fill("填到一半")
        other = await browser.new_page()
        await other.goto(country.url)
        for each in (page, other):
            await each.evaluate("window.sameLoad = true")
        version = 2
        await other.evaluate("navigator.serviceWorker.getRegistration().then((found) => found.update())")
        await until(other, "navigator.serviceWorker.getRegistration().then((found) => !!found.waiting)")
        await other.wait_for_timeout(6_000)  # longer than the app takes to look for it
        assert [await each.evaluate("window.sameLoad") for each in (page, other)] == [True, True]
        await expect(page.get_by_label("情况记录")).to_have_value("填到一半")
        await page.bring_to_front()
        async with served_first(country, Route("/v1/check-ins/batch", busy, methods=["POST"])):
            async with page.expect_event("load"):
                await page.get_by_role("button", name="保存签到").click()
                await page.get_by_text("已保存在手机上").wait_for()
            await page.get_by_role("link", name="记录").click()
            await expect(page.get_by_text("待上传", exact=True)).to_be_visible()
        await page.get_by_role("button", name="立即上传").click()
        assert len(await until_stored(country, 1)) == 1


async def test_photos_are_made_small_and_upright_and_keep_when_and_where_they_were_taken(
    country: Field, tmp_path: Path
):
    """However the camera was held, and in whichever byte order it writes."""

    async def refuse(request: Request) -> Response:
        return answer(request, Problem(UNSUPPORTED_MEDIA))

    taken = []
    for turned in range(1, 9):
        data = camera.exif(WEDNESDAY_NIGHT, position=(106.25, 24.3), orientation=turned)
        data.endian = "<>"[turned % 2]
        taken.append(camera.photo(camera.scene(turned, 2400, 1800 - turned), exif=data))
    async with phone(tmp_path) as browser:
        page = await browser.new_page()
        await sign_in(page, country.url)
        await page.get_by_role("link", name="现在签到").click()
        for count, each in enumerate(taken, 1):
            file = {"name": "visit.jpg", "mimeType": "image/jpeg", "buffer": each}
            await page.get_by_label("照片（").set_input_files([file])
            await expect(page.get_by_text(f"照片（已有 {count} 张）")).to_be_visible()
        await page.get_by_label("照片（").set_input_files([file])
        await page.get_by_role("button", name="去掉照片 9").click()
        await expect(page.get_by_role("img", name="照片 8")).to_be_visible()
        await expect(page.get_by_text("照片（已有 8 张）")).to_be_visible()
        await record(page, "有照片")
        for _ in range(100):
            async with country.live.api.database.transaction() as session:
                kept = "SELECT photo.* FROM check_in, unnest(photo_ids) WITH ORDINALITY AS named (id, n)"
                found = (await session.execute(text(f"{kept} JOIN photo USING (id) ORDER BY n"))).all()
            if len(found) == len(taken):
                break
            await asyncio.sleep(0.1)
        async with served_first(country, Route("/v1/photos/{id}", refuse, methods=["PUT"])):
            await page.get_by_role("button", name="再签一次").click()
            await page.get_by_label("照片（").set_input_files([file])
            await page.get_by_text("照片（已有 1 张）").wait_for()
            await record(page, "照片不被接受")
            await page.get_by_role("link", name="记录").click()
            await expect(page.get_by_text("没有被接受，仍在这部手机上：不支持的内容类型")).to_be_visible()
    helper = await country.live.api.as_(HELPER_A1)
    for photo, original in zip(found, taken, strict=True):
        assert photo.taken_at == WEDNESDAY_NIGHT
        assert (photo.taken_lon, photo.taken_lat) == pytest.approx((106.25, 24.3))
        assert max(photo.width, photo.height) == 1600
        came = Image.open(BytesIO((await helper.get(f"/v1/me/photos/{photo.id}")).content))
        upright = ImageOps.exif_transpose(Image.open(BytesIO(original))).resize(came.size)
        assert max(ImageStat.Stat(ImageChops.difference(came, upright)).mean) < 4


async def until(page: Page, truth: str) -> None:
    """Without `wait_for_function`, which the page's content security policy forbids."""
    for _ in range(150):
        if await page.evaluate(truth):
            return
        await asyncio.sleep(0.1)
    raise AssertionError(truth)
