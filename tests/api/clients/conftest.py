"""The `api` fixture, and a phone with a tracking app on it: a key, and the app's own way to send."""

import base64
import json
from collections.abc import AsyncIterator
from dataclasses import dataclass
from typing import Any

import httpx
import pytest
from sqlalchemy import text

from tests.support.county import COUNTY, HELPER_A1, Cast
from tests.support.server import Api, running

OWNTRACKS, OSMAND, OVERLAND = "/v1/clients/owntracks", "/v1/clients/osmand", "/v1/clients/overland"


@pytest.fixture
async def api(county_url: str) -> AsyncIterator[Api]:
    async with running(county_url) as started:
        yield started


@pytest.fixture
async def tracked(api: Api) -> Api:
    """The county keeps tracks."""
    async with api.database.transaction() as session:
        await session.execute(
            text("UPDATE county SET settings = jsonb_build_object('tracks', true) WHERE id = :id"), {"id": COUNTY}
        )
    return api


@dataclass
class App:
    """A tracking app on somebody's phone, set up with a key."""

    api: Api
    who: Cast
    client: str
    issued: dict[str, Any]

    @property
    def key(self) -> str:
        return str(self.issued["key"])

    async def send(self, message: Any, **headers: str) -> httpx.Response:
        """As JSON, signed in the app's way; bytes are sent as they are."""
        raw = message if isinstance(message, bytes) else json.dumps(message, ensure_ascii=False).encode()
        if self.client == "owntracks":
            pair = base64.b64encode(f"{self.who.phone}:{self.key}".encode()).decode()
            signed = {
                "Authorization": f"Basic {pair}",
                "X-Limit-U": self.who.phone,
                "X-Limit-D": "phone-1",
                "User-Agent": "Owntracks-Android/gms/420600000",
            }
        else:
            signed = {"Authorization": f"Bearer {self.key}"}
        path = OWNTRACKS if self.client == "owntracks" else OVERLAND
        return await self.api.http.post(
            path, content=raw, headers={"Content-Type": "application/json; charset=utf-8"} | signed | headers
        )

    async def ask(
        self, query: str = "", *, form: dict[str, str] | None = None, method: str = "POST"
    ) -> httpx.Response:
        """Traccar Client's way: the key is the `id`."""
        if form is not None:
            return await self.api.http.post(OSMAND, data={"id": self.key} | form)
        return await self.api.http.request(method, f"{OSMAND}?id={self.key}&{query}")


async def app_of(api: Api, client: str, who: Cast = HELPER_A1, device_id: str = "phone-1") -> App:
    phone = await api.as_(who)
    reply = await phone.post("/v1/me/client-keys", json={"client": client, "device_id": device_id})
    assert reply.status_code == 201, reply.text
    return App(api, who, client, reply.json())


async def rows(api: Api, statement: str, **values: Any) -> list[Any]:
    async with api.database.transaction() as session:
        return list((await session.execute(text(statement), values)).all())


async def check_ins(api: Api, who: Cast = HELPER_A1) -> list[dict[str, Any]]:
    items: list[dict[str, Any]] = (await (await api.as_(who)).get("/v1/me/check-ins")).json()["items"]
    return items


async def quarantined(api: Api, who: Cast = HELPER_A1) -> list[dict[str, Any]]:
    items: list[dict[str, Any]] = (await (await api.as_(who)).get("/v1/me/quarantine")).json()["items"]
    return items
