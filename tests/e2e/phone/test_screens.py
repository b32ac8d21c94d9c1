"""Every page of the app, by day and by night, in both languages: told to a screen reader, within the screen.

`YEFANG_PICTURES=folder` keeps pictures of each: small and large, by day and by night (`make screens`).
"""

import os
from pathlib import Path
from typing import Any

import pytest
from playwright.async_api import Page

from tests.e2e.conftest import DESKTOP, PHONE
from tests.e2e.phone.conftest import HELD, LARGE, SMALL, Field, phone, settled, sign_in

AXE = Path(__file__).parents[3] / "web/node_modules/axe-core/axe.min.js"
FOUND = """async () => (await axe.run(document, { resultTypes: ['violations'] })).violations
  .filter(({ impact }) => impact !== 'minor')
  .map(({ id, nodes }) => `${id}: ${nodes.map(({ target, failureSummary: why }) => target + why).join(' | ')}`)"""
PAGES = [
    "", "check-in", "queue", "notices", "more", "duties", "history", "households", "leave", "leave/new", "appeals",
    "appeal/check-in/{visit}", "visit/{visit}", "mine",
]  # fmt: skip


@pytest.fixture
async def country(lived: Field) -> Field:
    return lived


@pytest.mark.parametrize(
    ("name", "language", "options"),
    [
        ("day", "zh-CN", {"viewport": LARGE}),
        ("night", "zh-CN", {"viewport": SMALL, "color_scheme": "dark"}),
        ("english", "en", {"viewport": PHONE}),
        ("desk", "zh-CN", {"viewport": DESKTOP, "color_scheme": "dark"}),
    ],
)
async def test_every_page_can_be_read_by_everybody(
    country: Field, tmp_path: Path, name: str, language: str, options: dict[str, Any]
):
    async with phone(tmp_path, **options) as browser:
        page = await browser.new_page()
        await page.goto(f"{country.url}#/activate/451029-K7QM")
        await page.evaluate(AXE.read_text())
        for address in ("activate/451029-K7QM", "sign-in"):
            await page.goto(f"{country.url}#/{address}")
            await page.locator("form").wait_for()
            assert await page.evaluate(FOUND) == [], address
        await sign_in(page, country.url)
        await page.evaluate("language => localStorage.setItem('yefang.locale', language)", language)
        await page.reload()
        await page.evaluate(AXE.read_text())
        for address in PAGES:
            await page.goto(f"{country.url}#/{address.format(visit=HELD)}")
            await settled(page)
            assert await page.evaluate("document.documentElement.scrollWidth <= innerWidth"), address
            assert await page.evaluate(FOUND) == [], address
            if name == "day" and (folder := os.environ.get("YEFANG_PICTURES")):
                await keep_pictures(page, Path(folder), address.partition("/{")[0].replace("/", "-") or "today")


async def keep_pictures(page: Page, folder: Path, name: str) -> None:
    for size in (SMALL, LARGE):
        await page.set_viewport_size(size)
        for scheme in ("light", "dark"):
            await page.emulate_media(color_scheme=scheme)
            await page.screenshot(path=folder / f"{name}-{size['width']}-{scheme}.png", full_page=True)
    await page.emulate_media(color_scheme="light")
