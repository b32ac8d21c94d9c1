"""The phone app opens without a network: how long until the button to check in is on the screen.

`python -m bench --only app`. The server is gone, the browser was just started, its processor is as slow as asked.
What is shown comes from the shell worker and from IndexedDB.
"""

import asyncio
import statistics
import tempfile
from dataclasses import dataclass
from pathlib import Path

from bench.report import say
from bench.server import fresh
from tests.e2e.conftest import shown
from tests.e2e.phone.conftest import phone, sign_in
from tests.support.server import running

OPENINGS = 7
_WATCH = """new MutationObserver((_, watch) => {
  if (!document.querySelector('.button.big')) return
  watch.disconnect()
  requestAnimationFrame(() => requestAnimationFrame(() => { window.shownAt = performance.now() }))
}).observe(document, { childList: true, subtree: true })"""


@dataclass
class AppRow:
    """One line; milliseconds from when the page was asked for until the button was drawn."""

    name: str
    openings: int
    median_ms: float
    worst_ms: float


def run() -> list[AppRow]:
    with fresh("bench-app") as (_, url), tempfile.TemporaryDirectory() as profile:
        return asyncio.run(_measure(url, Path(profile)))


async def _measure(url: str, profile: Path) -> list[AppRow]:
    async with running(url) as api, shown(api) as live:
        address = f"{live.url}/m/"
        async with phone(profile) as browser:
            await sign_in(await browser.new_page(), address)
    rows = []
    for slower in (1, 4):
        say(f"open it {OPENINGS} times, {slower} times slower")
        times = [await _opened(profile, address, slower) for _ in range(OPENINGS)]
        rows.append(AppRow(f"offline, {slower}x slower", OPENINGS, statistics.median(times), max(times)))
    return rows


async def _opened(profile: Path, address: str, slower: int) -> float:
    async with phone(profile) as browser:
        page = await browser.new_page()
        devtools = await browser.new_cdp_session(page)
        await devtools.send("Emulation.setCPUThrottlingRate", {"rate": slower})
        await page.add_init_script(_WATCH)
        await page.goto(address)
        await page.locator(".button.big").wait_for()
        for _ in range(100):
            if (at := await page.evaluate("window.shownAt")) is not None:
                return float(at)
            await asyncio.sleep(0.02)
    raise AssertionError("it was never drawn")
