"""The page in Chromium, against the real application and database, on a clock that stands at a Wednesday night.

Last week (2026-W46) is closed: the helper of A1 met it, everyone else did not, and the helper of B1 has never
been heard from. This week (2026-W47) runs.
"""

import asyncio
import socket
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import datetime
from email.utils import format_datetime
from typing import Any

import pytest
import uvicorn
from playwright.async_api import Browser, BrowserContext, Locator, Page, Request, async_playwright
from sqlalchemy import text

from app.console import pages
from app.phone import pages as phone_pages
from app.worker.schedule import tick
from dev.system import find_chromium
from tests.support import county
from tests.support.cluster import Server
from tests.support.county import A1, HELPER_A1, LEADER_A, OFFICE, Cast
from tests.support.server import SHANGHAI, WEDNESDAY_NIGHT, Api, after, check_in

FLAGS = [
    "--no-sandbox",
    "--disable-gpu",
    "--use-angle=swiftshader",
    "--enable-unsafe-swiftshader",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]
DESKTOP = {"width": 1440, "height": 900}
PHONE = {"width": 360, "height": 740}
UNTRUSTED = "yefang.localdomain"  # this machine, by a name that a browser takes for any other
NAMELESS = """() => [...document.querySelectorAll('button, select, input, textarea, a')].filter((element) =>
  !(element.getAttribute('aria-label') || element.labels?.length || element.textContent.trim()))
  .map((element) => element.outerHTML)"""
LAST_WEDNESDAY = datetime(2026, 11, 11, 10, 0, tzinfo=SHANGHAI)
OUTLINES = """
UPDATE township SET outline = (
  SELECT ST_Multi(ST_Union(geofence.area)) FROM geofence JOIN village
    ON village.county_id = geofence.county_id AND village.id = geofence.village_id
  WHERE geofence.county_id = township.county_id AND village.township_id = township.id
) WHERE county_id = '451029';
UPDATE county SET outline = (SELECT ST_Multi(ST_Union(area)) FROM geofence WHERE county_id = '451029')
WHERE id = '451029';
"""


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """One worker runs these tests, so that one browser does."""
    for item in items:
        if "e2e" in item.path.parts:
            item.add_marker(pytest.mark.xdist_group("chromium"))


@dataclass(frozen=True)
class Live:
    """The application, and where a browser finds it."""

    api: Api
    url: str


@pytest.fixture(scope="session")
async def browser() -> AsyncIterator[Browser]:
    async with launched() as started:
        yield started


@asynccontextmanager
async def launched(*flags: str) -> AsyncIterator[Browser]:
    async with async_playwright() as playwright:
        yield await playwright.chromium.launch(executable_path=find_chromium(), args=[*FLAGS, *flags])


@pytest.fixture(scope="session")
async def live(server: Server, county_template: str) -> AsyncIterator[Live]:
    """One for all tests here: they look, and what they change no other test looks at."""
    async with served(server, county_template) as one:
        yield one


@asynccontextmanager
async def served(server: Server, county_template: str) -> AsyncIterator[Live]:
    async with after(server, county_template, tell_two_weeks) as api, shown(api) as live:
        yield live


@asynccontextmanager
async def shown(api: Api) -> AsyncIterator[Live]:
    """The application where a browser finds it."""
    for built in (pages.STATIC, phone_pages.STATIC):
        assert (built / "index.html").is_file(), "the page is not built: run `make setup`"
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        config = uvicorn.Config(
            by_its_own_clock(api), lifespan="off", ws="none", date_header=False, log_level="warning"
        )
        web = uvicorn.Server(config)
        serving = asyncio.create_task(web.serve([listener]))
        try:
            yield Live(api, f"http://127.0.0.1:{listener.getsockname()[1]}")
        finally:
            web.should_exit = True
            await serving


def by_its_own_clock(api: Api) -> Any:
    """The application, its answers dated by the test's clock: the page takes its time from them."""

    async def dated(scope: Any, receive: Any, send: Any) -> None:
        async def send_dated(message: Any) -> None:
            if message["type"] == "http.response.start":
                date = format_datetime(api.clock().astimezone().replace(microsecond=0))
                message["headers"] = [*message["headers"], (b"date", date.encode())]
            await send(message)

        await api.app(scope, receive, send_dated)

    return dated


async def tell_two_weeks(api: Api) -> None:
    async with api.database.transaction() as session:
        for statement in OUTLINES.split(";\n"):
            if statement.strip():
                await session.execute(text(statement))
    api.clock.now = LAST_WEDNESDAY
    await tick(api.service, api.clock)
    helper, leader = await api.as_(HELPER_A1), await api.as_(LEADER_A)
    lon, lat = county.centre(A1)
    far_off = {"position": {"lon": lon - 0.2, "lat": lat}}
    for client, visits in (
        (helper, [check_in(A1, at=LAST_WEDNESDAY), check_in(A1, at=LAST_WEDNESDAY.replace(hour=9), **far_off)]),
        (leader, [check_in(A1, at=LAST_WEDNESDAY)]),  # by day: no night visit
    ):
        reply = await client.post("/v1/check-ins/batch", json={"check_ins": visits})
        assert [result["status"] for result in reply.json()["results"]] == ["recorded"] * len(visits)
    api.clock.now = WEDNESDAY_NIGHT
    await tick(api.service, api.clock)


@asynccontextmanager
async def opened(browser: Browser, **options: Any) -> AsyncIterator[BrowserContext]:
    """A browser profile of its own. Scripts that fail and requests to any other host fail the test."""
    context = await browser.new_context(
        **{"viewport": DESKTOP, "locale": "zh-CN", "reduced_motion": "reduce"} | options
    )
    context.set_default_timeout(15_000)
    wrong: list[str] = []
    context.on("weberror", lambda error: wrong.append(str(error.error)))
    context.on("request", lambda request: wrong.append(request.url) if is_foreign(request.url) else None)
    yield context
    await context.close()
    assert wrong == []


def is_foreign(url: str) -> bool:
    return not url.startswith(("http://127.0.0.1:", "blob:http://127.0.0.1:", "data:", f"http://{UNTRUSTED}:"))


@pytest.fixture
async def page(browser: Browser) -> AsyncIterator[Page]:
    async with opened(browser) as context:
        yield await context.new_page()


async def sign_in(page: Page, live: Live, cast: Cast = OFFICE, address: str = "") -> None:
    await page.goto(f"{live.url}/{address}")
    await page.get_by_label("手机号码").fill(cast.phone)
    await page.get_by_label("密码").fill(county.PASSWORD)
    await page.get_by_role("button", name="登录", exact=True).click()
    await page.get_by_role("button", name="退出登录").wait_for()


async def pick_one(within: Page | Locator, label: str, name: str, *, exact: bool = False) -> None:
    """One of many by its name: typed, then chosen among what is found."""
    await within.get_by_label(label, exact=exact).fill(name)
    await within.get_by_role("option", name=name, exact=True).click()


STORED = """async () => {
  const found = [document.cookie, ...Object.entries({ ...localStorage, ...sessionStorage }).flat()]
  for (const { name } of await indexedDB.databases()) {
    const database = await new Promise((done) => {
      const asked = indexedDB.open(name)
      asked.onsuccess = () => done(asked.result)
    })
    for (const store of database.objectStoreNames) {
      const all = database.transaction(store).objectStore(store).getAll()
      await new Promise((done) => { all.onsuccess = done })
      found.push(JSON.stringify(all.result))
    }
    database.close()
  }
  return found.join(' ')
}"""
"""All that a script of the page can read."""


@dataclass
class Seen:
    """What a browser has asked for, and the access tokens that it showed."""

    addresses: list[str] = field(default_factory=list)
    tokens: set[str] = field(default_factory=set)


def watch(context: BrowserContext) -> Seen:
    seen = Seen()

    def note(request: Request) -> None:
        seen.addresses.append(request.url)
        if shown := request.headers.get("authorization"):
            seen.tokens.add(shown.removeprefix("Bearer "))

    context.on("request", note)
    return seen


async def nothing_is_told(page: Page, seen: Seen, cookie: str) -> None:
    """Neither access tokens nor the refresh token of a page's cookie stand where a script or a log reads them."""
    kept = {each["name"]: each["value"] for each in await page.context.cookies()}
    assert seen.tokens, "or this shows nothing"
    stored = await page.evaluate(STORED)
    for token in (*seen.tokens, kept[cookie]):
        assert token not in stored
        assert not any(token in address for address in [*seen.addresses, page.url])


async def settled(page: Page) -> None:
    """Until the map has drawn everything and waits."""
    await page.locator("canvas").wait_for()
    await page.get_by_text("正在载入地图").wait_for(state="hidden")
