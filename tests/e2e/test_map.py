"""The map: colours, the village under the pointer, and a device that cannot draw it."""

import struct
import zlib

import pytest
from playwright.async_api import Browser, Page, expect

from tests.e2e.conftest import PHONE, Live, launched, opened, settled, sign_in
from tests.support.county import A1, B1, B2, HELPER_A1, SIDE, VISIT_RULE, WEST, centre

VISITS = f"#/2026-W46?rule={VISIT_RULE}"
TEAL, BROWN, GREY, PALE = (0x2E, 0x8B, 0x80), (0xA6, 0x5A, 0x1F), (0xDD, 0xE1, 0xE3), (0xF0, 0xE6, 0xCD)


async def place_of(page: Page, village: str, *, north: float = 0.25) -> tuple[float, float]:
    """Where a village is on the screen while the map shows the whole county; off its middle, where its name is.

    The county is four squares side by side, so its width decides: it fills the map but for the margins.
    """
    box = await page.get_by_role("region", name="田林县村级完成率地图").bounding_box()
    assert box
    left, right, top, bottom = 24, 60, 24, 60
    width = box["width"] - left - right
    lon, _ = centre(village)
    west, east = WEST[A1], WEST[B2] + SIDE
    x = box["x"] + left + (lon - west) / (east - west) * width
    y = box["y"] + top + (box["height"] - top - bottom) / 2 - north * width / 4
    return x, y


async def colour_at(page: Page, x: float, y: float) -> tuple[int, ...]:
    """Of one pixel, out of the one row of a PNG."""
    png = await page.screenshot(clip={"x": x, "y": y, "width": 1, "height": 1})
    data, at = b"", 8
    while at < len(png):
        length, kind = struct.unpack(">I4s", png[at : at + 8])
        if kind == b"IDAT":
            data += png[at + 8 : at + 8 + length]
        at += 12 + length
    return tuple(zlib.decompress(data)[1:4])


def near(colour: tuple[int, ...], other: tuple[int, ...]) -> bool:
    return all(abs(a - b) <= 3 for a, b in zip(colour, other, strict=True))


async def turns(page: Page, x: float, y: float, colour: tuple[int, ...]) -> None:
    for _ in range(40):
        if near(await colour_at(page, x, y), colour):
            return
        await page.wait_for_timeout(100)
    pytest.fail(f"still {await colour_at(page, x, y)}")


async def test_villages_are_coloured_by_their_rate(page: Page, live: Live):
    await sign_in(page, live, address=VISITS)
    await settled(page)
    for village, colour in ((A1, TEAL), (B1, BROWN), (B2, GREY)):
        found = await colour_at(page, *await place_of(page, village))
        assert near(found, colour), (village, found)
    legend = page.get_by_role("region", name="按村完成率")
    await expect(legend).to_contain_text("100%1")
    await expect(legend).to_contain_text("无任务2")
    await expect(legend).to_contain_text("村界为演示用合成数据")


async def test_a_running_period_says_how_people_stand_and_no_rate(page: Page, live: Live):
    await sign_in(page, live, address=f"#/2026-W47?rule={VISIT_RULE}")
    await settled(page)
    x, y = await place_of(page, B1)
    await turns(page, x, y, PALE)
    legend = page.get_by_role("region", name="按村进展")
    await expect(legend).to_contain_text("待完成2")
    await expect(legend).not_to_contain_text("%")
    figures = page.get_by_role("region", name="本期合计")
    await expect(figures).to_contain_text("0/2")
    await expect(figures).not_to_contain_text("%")
    await expect(figures).not_to_contain_text("未完成")


async def test_pointing_and_pressing(page: Page, live: Live):
    await sign_in(page, live, address=VISITS)
    await settled(page)
    x, y = await place_of(page, A1)
    await page.mouse.move(x, y)
    await page.mouse.move(x + 2, y)
    await expect(page.get_by_text("应完成 1 人，未完成 0，待完成 0")).to_be_visible()
    await page.mouse.click(x, y)
    await expect(page.get_by_role("heading", name="甲一村")).to_be_visible()
    assert f"village={A1}" in page.url


async def test_a_period_change_colours_anew(page: Page, live: Live):
    await sign_in(page, live, address=f"#/2026-W45?rule={VISIT_RULE}")
    await settled(page)
    x, y = await place_of(page, A1)
    assert near(await colour_at(page, x, y), BROWN)
    async with page.expect_response("**/tiles/villages/**period=2026-W46*"):
        await page.get_by_role("button", name="下一期").click()
    await expect(page.get_by_role("region", name="按村完成率")).to_contain_text("100%1")
    await turns(page, x, y, TEAL)


async def test_no_colour_of_another_period_stays_behind(page: Page, live: Live):
    """The period, the selection and the view change at once, as when a flag is followed."""
    await sign_in(page, live, address=f"{VISITS}&person={HELPER_A1.id}")
    await settled(page)
    for period, colour in (("2026-W45", BROWN), ("2026-W46", TEAL)):
        await page.evaluate(f"location.hash = '#/{period}?rule={VISIT_RULE}&village={A1}'")
        await expect(page.get_by_role("heading", name="甲一村")).to_be_visible()
        await page.wait_for_timeout(800)
        await page.evaluate(f"location.hash = '#/{period}?rule={VISIT_RULE}'")
        await turns(page, *await place_of(page, A1), colour)


async def test_check_ins_stand_on_the_map_where_they_were_made(page: Page, live: Live):
    await sign_in(page, live, address=f"{VISITS}&person={HELPER_A1.id}")
    await settled(page)
    counted = page.get_by_role("button", name="2 在地图上看")
    await counted.click()
    await expect(counted).to_have_attribute("aria-pressed", "true")
    await page.wait_for_timeout(500)
    box = await page.get_by_role("region", name="田林县村级完成率地图").bounding_box()
    assert box
    # The fix lies in the middle of the village, and the village in the middle of the map.
    x, y = box["x"] + 24 + (box["width"] - 84) / 2, box["y"] + 24 + (box["height"] - 84) / 2
    assert near(await colour_at(page, x + 8, y), (0x1F, 0x6F, 0x66))


async def test_without_webgl_the_lists_are_complete(live: Live):
    async with launched("--disable-3d-apis") as browser, opened(browser) as context:
        page = await context.new_page()
        await sign_in(page, live, address=VISITS)
        await expect(page.get_by_text("这台设备画不出地图")).to_be_visible()
        await expect(page.get_by_role("list", name="未完成的人").get_by_role("listitem")).to_have_count(1)


async def test_on_a_phone_nothing_overflows_and_the_sheet_is_pulled(browser: Browser, live: Live):
    async with opened(browser, viewport=PHONE, has_touch=True, is_mobile=True) as context:
        page = await context.new_page()
        await sign_in(page, live, address=VISITS)
        await settled(page)
        for tab in ("汇总", "预警", "未完成名单"):
            await page.get_by_role("tab", name=tab).click()
            assert await page.evaluate("document.documentElement.scrollWidth") == PHONE["width"]
        handle = page.get_by_role("button", name="展开或收起")
        before = await handle.bounding_box()
        await handle.click()
        await expect(handle).to_have_attribute("aria-expanded", "true")
        after = await handle.bounding_box()
        assert before
        assert after
        assert after["y"] < before["y"] - 200
        await page.goto(f"{live.url}/{VISITS}&person={HELPER_A1.id}")
        await expect(page.get_by_role("article")).to_have_count(2)
        assert await page.evaluate("document.documentElement.scrollWidth") == PHONE["width"]
