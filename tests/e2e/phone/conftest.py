"""The phone app in Chromium against the real application, behind a network that a test can cut.

It is a proxy: what a browser calls offline does not reach service workers.
"""

import asyncio
import socket
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path
from typing import Any
from uuid import UUID, uuid4

import pytest
from playwright.async_api import BrowserContext, Page, async_playwright, expect
from sqlalchemy import text

from dev.system import find_chromium
from tests.e2e.conftest import FLAGS, PHONE, Live, is_foreign, shown, tell_two_weeks
from tests.support import county
from tests.support.cluster import Server
from tests.support.county import A1, COUNTY, HELPER_A1, HOUSE_A1, OFFICE, Cast
from tests.support.server import Api, after, check_in, running

SMALL = {"width": 360, "height": 640}
LARGE = {"width": 412, "height": 915}
LON, LAT = county.centre(A1)
HELD = "da3023e4-5c30-48be-a881-cacafb9fa479"  # a visit in `lived`


@dataclass
class Network:
    """Between a phone and the server. `cut` drops what is under way and refuses what comes.

    What the server answers to the request that begins with `lose` is dropped, and the network with it.
    """

    to: int
    port: int = 0
    up: bool = True
    lose: bytes | None = None
    _open: set[asyncio.StreamWriter] = field(default_factory=set)

    async def carry(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        upstream_reader, upstream_writer = await asyncio.open_connection("127.0.0.1", self.to)
        self._open |= {writer, upstream_writer}
        if not self.up:  # perhaps since a moment ago only
            self.cut()
        asked = asyncio.Event()
        await asyncio.gather(
            self._ask(reader, upstream_writer, asked), self._answer(upstream_reader, writer, asked)
        )
        self._open -= {writer, upstream_writer}

    async def _ask(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter, asked: asyncio.Event) -> None:
        with suppress(ConnectionError):
            while data := await reader.read(65536):
                if self.lose and data.startswith(self.lose):
                    asked.set()
                writer.write(data)
                await writer.drain()
        writer.close()

    async def _answer(
        self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter, asked: asyncio.Event
    ) -> None:
        with suppress(ConnectionError):
            while data := await reader.read(65536):
                if asked.is_set():
                    self.cut()
                    return
                writer.write(data)
                await writer.drain()
        writer.close()

    def cut(self) -> None:
        self.up = False
        for writer in self._open:
            writer.transport.abort()

    def mend(self) -> None:
        self.up, self.lose = True, None


@dataclass(frozen=True)
class Field:
    """The application, and the phone's way to it."""

    live: Live
    network: Network
    url: str

    async def stored(self) -> list[dict[str, Any]]:
        """The check-ins that the server holds, the oldest first."""
        async with self.live.api.database.transaction() as session:
            rows = await session.execute(
                text(
                    "SELECT id, captured_at, note, form, ST_X(position) AS lon, ST_Y(position) AS lat"
                    " FROM check_in WHERE county_id = '451029' ORDER BY captured_at"
                )
            )
            return [dict(row._mapping) for row in rows]


@asynccontextmanager
async def behind_a_network(live: Live) -> AsyncIterator[Field]:
    network = Network(int(live.url.rsplit(":", 1)[1]))
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        network.port = listener.getsockname()[1]
        carrying = await asyncio.start_server(network.carry, sock=listener)
        yield Field(live, network, f"http://127.0.0.1:{network.port}/m/")
        network.cut()
        carrying.close()


@pytest.fixture
async def country(county_url: str) -> AsyncIterator[Field]:
    """A county of its own for each test, behind a network of its own."""
    async with running(county_url) as api, shown(api) as live, behind_a_network(live) as field:
        yield field


@pytest.fixture
async def lived(server: Server, county_template: str) -> AsyncIterator[Field]:
    """The same, after two weeks."""
    async with (
        after(server, county_template, live_two_weeks) as api,
        shown(api) as live,
        behind_a_network(live) as field,
    ):
        yield field


async def live_two_weeks(api: Api) -> None:
    """Of the helper's: visits, leave, an appeal, notices, and somebody's look. The visit `HELD` is held."""
    await tell_two_weeks(api)
    helper, office = await api.as_(HELPER_A1), await api.as_(OFFICE)
    lon, lat = county.centre(A1)
    outside = check_in(
        A1, at=api.clock() - timedelta(hours=3), position={"lon": lon - 0.2, "lat": lat}, note="路不通"
    )
    home = check_in(A1, at=api.clock() - timedelta(hours=2), household_id=str(HOUSE_A1))
    held = check_in(
        A1, id=UUID(HELD), at=api.clock() - timedelta(hours=1), position=None, position_problem="timeout"
    )
    reply = await helper.post("/v1/check-ins/batch", json={"check_ins": [outside, home, held]})
    assert {each["status"] for each in reply.json()["results"]} == {"recorded"}
    about = {"id": str(uuid4()), "check_in_id": outside["id"], "text": "当天路断，从邻村绕行，村干部可以证明。"}
    assert (await helper.post("/v1/me/appeals", json=about)).status_code == 201
    for kind, day in (("annual", "2026-11-26"), ("sick", "2026-11-09")):
        wish = {"id": str(uuid4()), "kind": kind, "from_date": day, "until_date": day, "reason": "家里有事"}
        assert (await helper.post("/v1/me/leave", json=wish)).status_code == 201
    assert (await office.get(f"/v1/counties/{COUNTY}/check-ins/{home['id']}")).status_code == 200


@asynccontextmanager
async def phone(profile: Path, *flags: str, **options: Any) -> AsyncIterator[BrowserContext]:
    """A browser whose profile lasts. Scripts that fail and requests to any other host fail the test."""
    place = {
        "geolocation": {"longitude": LON, "latitude": LAT, "accuracy": 12},
        "permissions": ["geolocation"],
    }
    async with async_playwright() as playwright:
        context = await playwright.chromium.launch_persistent_context(
            profile,
            executable_path=find_chromium(),
            args=[*FLAGS, *flags],
            **{"viewport": PHONE, "locale": "zh-CN", "reduced_motion": "reduce"} | place | options,
        )
        context.set_default_timeout(15_000)
        wrong: list[str] = []
        context.on("weberror", lambda error: wrong.append(str(error.error)))
        context.on("request", lambda request: wrong.append(request.url) if is_foreign(request.url) else None)
        yield context
        with suppress(Exception):  # a test may have killed it
            await context.close()
        assert wrong == []


async def sign_in(page: Page, url: str, cast: Cast = HELPER_A1, *, worker: bool = True) -> None:
    await page.goto(url)
    await page.get_by_label("手机号码").fill(cast.phone)
    await page.get_by_label("密码").fill(county.PASSWORD)
    await page.get_by_role("button", name="登录", exact=True).click()
    await page.get_by_role("link", name="现在签到").wait_for()
    await page.get_by_text("上次连上服务器").wait_for()
    if worker:
        await page.evaluate("navigator.serviceWorker.ready")


async def signed_in_before(profile: Path, country: Field) -> None:
    """Cookies are on the disk once the browser has been closed, or half a minute later."""
    async with phone(profile) as browser:
        await sign_in(await browser.new_page(), country.url)


async def record(page: Page, note: str) -> None:
    """A visit with the fix that there is, until the screen says that it is saved."""
    await page.get_by_role("link", name="签到", exact=True).click()
    await page.get_by_label("情况记录").fill(note)
    await page.get_by_text("定位精度").wait_for()
    await page.get_by_role("button", name="保存签到").click()
    await page.get_by_text("已保存在手机上").wait_for()


async def settled(page: Page) -> None:
    """Until the page has what it asked for, kept on the phone. A page of the app is no new document to a browser,
    whose network was idle once and for all when the first had come."""
    await page.locator("main h1").first.wait_for()
    for busy in ("正在载入", "Loading"):
        await expect(page.get_by_text(busy)).to_have_count(0)
