"""The oldest that the app must run in: a real Chromium 80, and what iOS 15.0 and in-app browsers lack.

`YEFANG_PICTURES=folder` keeps pictures of the pages as Chromium 80 draws them.
"""

import os
from datetime import timedelta
from pathlib import Path

import pytest
from playwright.async_api import expect
from sqlalchemy import text

from dev.old_chromium import exists_for_this_machine
from tests.e2e.conftest import UNTRUSTED
from tests.e2e.phone.conftest import HELD, LAT, LON, Field, phone, record, sign_in
from tests.e2e.phone.test_field import until_stored
from tests.e2e.phone.test_screens import PAGES
from tests.support import camera, county
from tests.support.county import HELPER_A1
from tests.support.old_chromium import OldPage, old_page
from tests.support.server import WEDNESDAY_NIGHT

LACKING = """
for (const [where, ...names] of [
  [Navigator.prototype, 'locks', 'permissions', 'serviceWorker'],
  [(window.StorageManager || Object).prototype, 'persist', 'estimate'],
  [window, 'BroadcastChannel', 'structuredClone', 'Notification', 'PushManager', 'CompressionStream'],
  [Crypto.prototype, 'randomUUID'],
  [Object, 'hasOwn', 'groupBy'],
  [Array.prototype, 'at', 'findLast', 'toSorted', 'toReversed', 'with'],
  [String.prototype, 'at', 'isWellFormed'],
  [AbortSignal, 'timeout', 'any'],
  [Promise, 'withResolvers', 'try'],
]) for (const name of names) delete where[name]
"""
"""What came to iOS after 15.0, and what the browsers within DingTalk, WeCom and WeChat may not have."""

IPHONE = "Mozilla/5.0 (iPhone; CPU iPhone OS 15_0 like Mac OS X) AppleWebKit/605.1.15 Version/15.0 Safari/604.1"


@pytest.mark.skipif(not exists_for_this_machine(), reason="there is no Chromium 80 for this machine")
async def test_in_a_real_chromium_80_a_visit_survives_the_death_of_the_phone(lived: Field, tmp_path: Path):
    """Signed in, checked in offline, killed, come back: recorded once, where and when it was. Every page opens."""
    before = len(await lived.stored())
    home, profile = lived.url.removesuffix("/m/"), tmp_path / "profile"
    turned = camera.photo(camera.picture(3000, 2000), exif=camera.exif(WEDNESDAY_NIGHT, orientation=6))
    (tmp_path / "visit.jpg").write_bytes(turned)
    async with old_page(profile, home, lon=LON, lat=LAT) as page:
        await page.goto(lived.url)
        await signs_in(page)
        await page.says("上次连上服务器")
        await page.run("navigator.serviceWorker.ready.then(() => true)")
        for address in PAGES:
            await opens(page, lived, address.format(visit=HELD))
        lived.network.cut()
        await page.press("签到")
        await page.says("在村界内")
        await page.fill("情况记录", "旧手机，没有信号")
        await page.pick("照片", tmp_path / "visit.jpg")
        await page.says("照片（已有 1 张）")
        await page.press("保存签到")
        await page.says("已保存在手机上")
        page.kill()
    async with old_page(profile, home, lon=LON + 0.5, lat=LAT) as page:
        await page.goto(lived.url)  # from the shell worker: there is no network
        await page.says("1 条待上传")
        lived.network.mend()
        await page.press("记录")
        await page.press("立即上传")
        await page.says("登录已过期")  # it died before its cookie was on the disk: what it holds is there
        await page.press("登录")
        await signs_in(page)
        await page.press("记录")
        await page.until("document.querySelector('article .mark').innerText === '有效'")
        await page.until("!document.body.innerText.includes('张照片待上传')")
    *_, visit = stored = await until_stored(lived, before + 1)
    assert len(stored) == before + 1
    assert (visit["lon"], visit["lat"]) == (LON, LAT)
    assert abs(visit["captured_at"] - WEDNESDAY_NIGHT) < timedelta(minutes=2)
    assert str(visit["note"]).startswith("旧手机，没有信号")
    async with lived.live.api.database.transaction() as session:
        taken = (await session.execute(text("SELECT width, height, taken_at FROM photo"))).all()
    assert taken == [(1067, 1600, WEDNESDAY_NIGHT)]  # upright, which Chromium 80 does not do by itself


async def signs_in(page: OldPage) -> None:
    await page.until("!!document.querySelector('#password')")
    await page.fill("手机号码", HELPER_A1.phone)
    await page.fill("密码", county.PASSWORD)
    await page.press("登录")


async def opens(page: OldPage, country: Field, address: str) -> None:
    """Without a word of failure, and within the screen."""
    await page.goto(f"{country.url}#/{address}")
    await page.until("!!document.querySelector('main h1') && !document.body.innerText.includes('正在载入')")
    assert await page.run("document.documentElement.scrollWidth <= innerWidth"), address
    if folder := os.environ.get("YEFANG_PICTURES"):
        await page.picture(Path(folder) / f"{address.partition('/')[0] or 'today'}-chromium80.png")


async def test_without_what_newer_browsers_brought_a_visit_is_kept_and_sent(country: Field, tmp_path: Path):
    """iOS 15.0 and the browsers of messengers: no worker, no locks, no word on storage. It says what is amiss."""
    async with phone(tmp_path, user_agent=IPHONE) as browser:
        await browser.add_init_script(LACKING)
        page = await browser.new_page()
        await page.goto(country.url)
        await sign_in(page, country.url, worker=False)
        await expect(page.get_by_text("此浏览器不能离线打开本页")).to_be_visible()
        await expect(page.get_by_text("七天不打开本页")).to_be_visible()
        country.network.cut()
        await record(page, "内置浏览器")
        assert await country.stored() == []
        country.network.mend()
        await page.get_by_role("link", name="记录").click()
        await page.get_by_role("button", name="立即上传").click()
        await expect(page.get_by_text("有效")).to_be_visible()
        assert len(await country.stored()) == 1


async def test_without_https_it_says_what_is_missing_and_keeps_visits(country: Field, tmp_path: Path):
    """In words of an office: browsers give neither position nor worker to a page that was not sent safely."""
    async with phone(tmp_path, f"--host-resolver-rules=MAP {UNTRUSTED} 127.0.0.1") as browser:
        page = await browser.new_page()
        await sign_in(page, country.url.replace("127.0.0.1", UNTRUSTED), worker=False)
        await expect(page.get_by_text("此地址不是 https，浏览器不提供定位，断网时也打不开")).to_be_visible()
        await page.get_by_role("link", name="现在签到").click()
        await expect(page.get_by_text("仍可保存，但要待人核实")).to_be_visible()
        await page.get_by_label("情况记录").fill("没有证书")
        await page.get_by_role("button", name="保存签到").click()
        await page.get_by_text("已保存在手机上").wait_for()
        (visit,) = await until_stored(country, 1)
        assert visit["lon"] is None
