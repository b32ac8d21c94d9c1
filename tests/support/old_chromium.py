"""A real Chromium 80 (dev/old_chromium.py), driven over a pipe: Playwright cannot attach to it.

Messages are those of the DevTools protocol, each ended by a zero byte; descriptors 3 and 4 carry them.
"""

import asyncio
import base64
import itertools
import json
import os
import signal
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from dev.old_chromium import CHROMIUM

PATIENCE_S = 20
_FLAGS = ["--headless", "--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage", "--lang=zh-CN"]
_LONGEST_MESSAGE = 1 << 24
_HANDS = """
const shown = (element) => element.offsetParent !== null
const saying = (selector, text) =>
  [...document.querySelectorAll(selector)].find((each) => shown(each) && each.innerText.trim().startsWith(text))
const labelled = (text) => {
  const label = saying('label', text)
  return label.control || label.querySelector('input')
}
"""


@dataclass
class OldPage:
    """Its one page. `wrong` must stay empty: scripts that failed, requests to other hosts."""

    process: asyncio.subprocess.Process
    reader: asyncio.StreamReader
    pipe: int
    home: str
    session: str = ""
    wrong: list[str] = field(default_factory=list)
    _numbers: Any = field(default_factory=lambda: itertools.count(1))
    _waiting: dict[int, asyncio.Future[Any]] = field(default_factory=dict)

    async def listen(self) -> None:
        while message := await self.reader.readuntil(b"\0"):
            said = json.loads(message[:-1])
            if "id" in said:
                self._waiting.pop(said["id"]).set_result(said)
            elif said["method"] == "Runtime.exceptionThrown":
                self.wrong.append(json.dumps(said["params"]["exceptionDetails"]))
            elif said["method"] == "Network.requestWillBeSent":
                url = said["params"]["request"]["url"]
                self.wrong += [] if url.startswith((self.home, "blob:", "data:")) else [url]

    async def send(self, method: str, **params: Any) -> dict[str, Any]:
        number = next(self._numbers)
        self._waiting[number] = asyncio.get_running_loop().create_future()
        beside = {"sessionId": self.session} if self.session else {}
        os.write(
            self.pipe, json.dumps({"id": number, "method": method, "params": params} | beside).encode() + b"\0"
        )
        said = await asyncio.wait_for(self._waiting[number], PATIENCE_S)
        assert "error" not in said, said["error"]
        result: dict[str, Any] = said["result"]
        return result

    async def run(self, script: str) -> Any:
        """What the expression says; it may use what `_HANDS` declares."""
        expression = f"(async () => {{ {_HANDS}; return {script} }})()"
        said = await self.send(
            "Runtime.evaluate", expression=expression, awaitPromise=True, returnByValue=True, userGesture=True
        )
        assert "exceptionDetails" not in said, said["exceptionDetails"]
        return said["result"].get("value")

    async def until(self, truth: str) -> None:
        for _ in range(PATIENCE_S * 10):
            if await self.run(f"document.body && ({truth})"):
                return
            await asyncio.sleep(0.1)
        raise AssertionError(f"{truth} never came; it says: {await self.run('document.body.innerText')}")

    async def says(self, text: str) -> None:
        await self.until(f"document.body.innerText.includes({json.dumps(text)})")

    async def press(self, text: str) -> None:
        """A button or link, by what it begins with."""
        await self.until(f"!!saying('a, button', {json.dumps(text)})")
        await self.run(f"saying('a, button', {json.dumps(text)}).click()")

    async def fill(self, label: str, value: str) -> None:
        await self.until(f"!!saying('label', {json.dumps(label)})")
        await self.run(
            f"(() => {{ const field = labelled({json.dumps(label)}); field.value = {json.dumps(value)};"
            " field.dispatchEvent(new Event('input', { bubbles: true })) })()"
        )

    async def pick(self, label: str, file: Path) -> None:
        """A file for the field of that label."""
        await self.run(f"labelled({json.dumps(label)}).setAttribute('data-pick', '')")
        root = (await self.send("DOM.getDocument"))["root"]["nodeId"]
        node = (await self.send("DOM.querySelector", nodeId=root, selector="[data-pick]"))["nodeId"]
        await self.send("DOM.setFileInputFiles", nodeId=node, files=[str(file)])

    async def goto(self, url: str) -> None:
        await self.send("Page.navigate", url=url)

    async def picture(self, file: Path) -> None:
        taken = base64.b64decode((await self.send("Page.captureScreenshot"))["data"])
        await asyncio.to_thread(file.write_bytes, taken)

    def kill(self) -> None:
        """As Android does it: without a word, all its processes."""
        os.killpg(self.process.pid, signal.SIGKILL)


@asynccontextmanager
async def old_page(profile: Path, home: str, *, lon: float, lat: float) -> AsyncIterator[OldPage]:
    """A page of 360 x 640 that knows where it is. `home`: the one origin that it may ask."""
    to_read, to_write = os.pipe()
    from_read, from_write = os.pipe()
    process = await asyncio.create_subprocess_exec(
        *("sh", "-c", f'exec "$@" 3</proc/self/fd/{to_read} 4>/proc/self/fd/{from_write}', "sh", str(CHROMIUM)),
        *(*_FLAGS, "--remote-debugging-pipe", f"--user-data-dir={profile}"),
        pass_fds=(to_read, from_write),
        stderr=asyncio.subprocess.DEVNULL,
        start_new_session=True,
    )
    os.close(to_read)
    os.close(from_write)
    reader = asyncio.StreamReader(limit=_LONGEST_MESSAGE)
    answers = os.fdopen(from_read, "rb")
    await asyncio.get_running_loop().connect_read_pipe(lambda: asyncio.StreamReaderProtocol(reader), answers)
    page = OldPage(process, reader, to_write, home)
    listening = asyncio.create_task(page.listen())
    try:
        await _set_up(page, lon, lat)
        yield page
    finally:
        if process.returncode is None:
            page.kill()
        await process.wait()
        listening.cancel()
        await asyncio.gather(listening, return_exceptions=True)
        answers.close()
        os.close(to_write)
    assert page.wrong == []


async def _set_up(page: OldPage, lon: float, lat: float) -> None:
    await page.send("Browser.grantPermissions", origin=page.home, permissions=["geolocation"])
    target = (await page.send("Target.createTarget", url="about:blank"))["targetId"]
    attached = await page.send("Target.attachToTarget", targetId=target, flatten=True)
    page.session = attached["sessionId"]
    for domain in ("Page", "Runtime", "Network"):
        await page.send(f"{domain}.enable")
    await page.send("Emulation.setGeolocationOverride", longitude=lon, latitude=lat, accuracy=12)
    screen = {"width": 360, "height": 640, "deviceScaleFactor": 1, "mobile": True}
    await page.send("Emulation.setDeviceMetricsOverride", **screen)
