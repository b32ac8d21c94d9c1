"""The sample client against the real server: what it does when tokens expire, items are bad and nobody answers."""

import asyncio
import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest

from tests.support.county import HELPER_A1, PASSWORD
from tests.support.sample_client import phone_queue
from tests.support.server import Api, check_in


@pytest.fixture
def phone(api: Api, tmp_path: Path) -> Iterator[Any]:
    return Line(api, tmp_path / "queue.json")


class Line:
    """The client, whose requests go to the application; `lose` replies are lost after the server has answered."""

    def __init__(self, api: Api, file: Path) -> None:
        self.api, self.file, self.lose, self.asked = api, file, 0, 0

    async def run(self, command: str, *arguments: Any) -> dict[str, Any]:
        """In a process's life of its own: only what is in the file is known to the next."""
        loop = asyncio.get_running_loop()
        client = phone_queue.Phone("http://test", self.file)

        def ask(path: str, body: bytes, headers: dict[str, str], method: str = "POST") -> tuple[int, Any]:
            form = {} if headers else {"Content-Type": "application/x-www-form-urlencoded"}
            sent = self.api.http.request(method, path, content=body, headers=headers | form)
            reply: httpx.Response = asyncio.run_coroutine_threadsafe(sent, loop).result()
            self.asked += 1
            if self.lose:
                self.lose -= 1
                raise phone_queue.Later
            if reply.status_code in {408, 429} or reply.status_code >= 500:
                raise phone_queue.Later
            return reply.status_code, reply.json()

        client._ask = ask
        await asyncio.to_thread(getattr(client, command), *arguments)
        return json.loads(self.file.read_text())


async def signed_in(phone: Line) -> None:
    await phone.run("sign_in", HELPER_A1.phone, PASSWORD)


async def recorded(api: Api) -> set[str]:
    helper = await api.as_(HELPER_A1)
    return {item["id"] for item in (await helper.get("/v1/me/check-ins")).json()["items"]}


async def test_a_bad_item_is_kept_to_mend_and_the_rest_arrives(api: Api, phone: Line):
    await signed_in(phone)
    bad, *good = check_in(purpose="nonsense"), check_in(), check_in(position={"crs": "gcj02"})
    for each in (bad, *good):
        await phone.run("keep", each)
    state = await phone.run("send")
    assert state["waiting"] == []
    assert [each["check_in"]["id"] for each in state["to_mend"]] == [bad["id"]]
    assert await recorded(api) == {each["id"] for each in good}


async def test_lost_replies_cost_neither_a_visit_nor_the_session(
    api: Api, phone: Line, monkeypatch: pytest.MonkeyPatch
):
    """The token has expired: the reply to the refresh is lost, then the one to the batch."""
    await signed_in(phone)
    sent = check_in()
    await phone.run("keep", sent)
    api.clock.turn(days=2)
    before = (await phone.run("store"))["tokens"]
    patched_token = phone_queue.Phone._token

    def lost(self: Any, **form: str) -> None:
        phone.lose = 1
        patched_token(self, **form)

    monkeypatch.setattr(phone_queue.Phone, "_token", lost)
    with pytest.raises(phone_queue.Later):
        await phone.run("send")
    monkeypatch.undo()
    assert (await phone.run("store"))["tokens"] == before
    assert (await phone.run("send"))["waiting"] == []
    await phone.run("keep", sent)  # as if the reply to the batch had been lost
    assert (await phone.run("send"))["waiting"] == []
    assert await recorded(api) == {sent["id"]}


async def test_nobody_there_keeps_everything(tmp_path: Path):
    file = tmp_path / "queue.json"
    phone = phone_queue.Phone("http://127.0.0.1:1", file)
    phone.state["tokens"] = {"access_token": "x", "refresh_token": "y"}
    phone.keep(check_in())
    with pytest.raises(phone_queue.Later):
        phone.send()
    assert len(json.loads(file.read_text())["waiting"]) == 1
