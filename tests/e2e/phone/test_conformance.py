"""Our own app keeps the clauses that bind phones: played with in Chromium by the kit that others use."""

import asyncio
import json
import subprocess
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, replace
from functools import partial
from http import HTTPStatus
from typing import Any

import pytest
from playwright.async_api import Browser, Page

from app.conformance.bench import Bench, bench
from app.conformance.cases import Skipped
from app.conformance.line import Asked, Said
from app.conformance.phones import AT_ONCE, CASES, try_phone
from dev.node import WEB, npm

BLANK = '<!doctype html><html data-app="phone"><script type="module" src="/m/commands.js"></script></html>'


@dataclass
class InChromium(Bench):
    """For each command the app is opened in one of the tabs, and left when it has done; killed, in the middle.

    Each mock has a port, so each phone is an origin with a storage of its own.
    """

    tabs: asyncio.Queue[Page]
    loop: asyncio.AbstractEventLoop

    cookie: str = ""  # browsers keep them by host, whatever the port: here each phone has its own

    def __post_init__(self) -> None:
        answer = self.mock.answer
        self.mock.answer = lambda asked: _closing(self._with_cookie(asked, answer))  # type: ignore[method-assign]

    def _with_cookie(self, asked: Asked, answer: Callable[[Asked], Said]) -> Said:
        """Our own server keeps the refresh token of its page in a cookie; the kit speaks as servers do to apps."""
        if asked.path == "/v1/auth/forget":
            self.cookie = ""
            return Said(204)
        by_cookie = "x-yefang-cookie" in asked.headers and asked.path == "/v1/auth/token"
        if by_cookie and asked.form.get("grant_type") == "refresh_token":
            asked = replace(asked, body=f"grant_type=refresh_token&refresh_token={self.cookie}".encode())
        said = answer(asked)
        if by_cookie and said.status == HTTPStatus.OK:
            self.cookie = said.body["refresh_token"]
            return replace(said, body={**said.body, "refresh_token": ""})
        return said

    def run(self, *arguments: str, said: str = "") -> dict[str, Any]:
        return self._waited_for(self._obeyed(arguments, said))

    def killed(self, *arguments: str, said: str = "", once: str) -> None:
        self._waited_for(self._obeyed(arguments, said, once))

    def _waited_for(self, doing: Any) -> Any:
        """The kit has threads of its own; the browser is of the tests' loop."""
        return asyncio.run_coroutine_threadsafe(doing, self.loop).result(60)

    async def _obeyed(self, arguments: tuple[str, ...], said: str, once: str = "spoken") -> dict[str, Any]:
        name, *words = arguments
        given = [json.loads(said)] if said else words
        if said and any(each.get("position", {}).get("crs") == "gcj02" for each in given[0]):
            raise Skipped("browsers give WGS-84")
        asked = int(once.partition(":")[2] or 0) + len(self._asked())
        async with self._page() as page:
            call = f"commands[{json.dumps(name)}](...{json.dumps(given)})"
            obeying = asyncio.ensure_future(page.evaluate(call))
            while not obeying.done() and (once == "spoken" or len(self._asked()) < asked):
                await asyncio.wait({obeying}, timeout=0.005)
            if once == "spoken":
                return await obeying
        await asyncio.gather(obeying, return_exceptions=True)
        return {}

    def _asked(self) -> list[Any]:
        return [each for each in self.mock.journal if each.asked.path.startswith("/v1/")]

    @asynccontextmanager
    async def _page(self) -> AsyncIterator[Page]:
        page = await self.tabs.get()
        try:
            await page.goto(f"{self.url}/m/")
            yield page
        finally:
            await page.goto("about:blank")
            self.tabs.put_nowait(page)


def _closing(said: Said) -> Said:
    """On a connection that was used before, Chromium asks again by itself after 408 or a torn line."""
    said.headers["Connection"] = "close"
    return said


async def _shell(route: Any, script: str) -> None:
    if route.request.url.endswith(".js"):
        await route.fulfill(body=script, content_type="text/javascript")
    else:
        await route.fulfill(body=BLANK, content_type="text/html")


@pytest.fixture(scope="module")
async def app(browser: Browser, tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[partial[InChromium]]:
    """Makes phones for the kit: the app's own code, from storage to wire, without its pages."""
    folder = tmp_path_factory.mktemp("commands")
    command, environment = npm("exec", "--", "vite", "build", "--mode", "commands", "--outDir", str(folder))
    await asyncio.to_thread(subprocess.run, command, cwd=WEB, env=environment, check=True, capture_output=True)
    shell = partial(_shell, script=(folder / "commands.js").read_text())
    tabs: asyncio.Queue[Page] = asyncio.Queue()
    async with await browser.new_context(service_workers="block") as context:
        await context.route("**/m/*", shell)
        for _ in range(AT_ONCE):
            tabs.put_nowait(await context.new_page())
        yield partial(InChromium, tabs=tabs, loop=asyncio.get_running_loop())


async def test_our_own_app_keeps_every_clause_that_can_be_seen(app: partial[InChromium]):
    report = await asyncio.to_thread(try_phone, "the app at /m", CASES, app)
    assert {each.clause.id: each.why for each in report.results if each.verdict == "broken"} == {}
    assert {each.clause.id for each in report.results if each.verdict == "not_tried"} == {"CRS-1"}


async def test_five_hundred_visits_come_through_everything(app: partial[InChromium]):
    """Complaints 9, 16: in a real browser's storage, past all that a server and a line can do, each once."""
    troubles = (
        "401, 429=1, 500, 503=1, lost, torn, expired, deferred, strange, large=40, token:lost, hang=1, 403, lost"
    )

    def play() -> tuple[int, set[str], set[str]]:
        with bench([], app) as phone:
            kept = phone.visits(500)
            phone.keep(*kept)
            phone.trouble(troubles)
            phone.send(times=20)
            return len(phone.mock.check_ins), phone.stored(), {each["note"] for each in kept}

    number, stored, kept = await asyncio.to_thread(play)
    assert (number, stored) == (500, kept)
