"""The real application on a real database, with a clock that tests may turn."""

from collections import defaultdict
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from datetime import datetime, timedelta
from functools import cache
from typing import Any
from uuid import UUID, uuid4
from zoneinfo import ZoneInfo

import httpx
from fastapi import FastAPI

from app.kernel import log
from app.kernel.database import Database
from app.kernel.roles import as_service
from app.main import create_app
from app.settings import Settings
from tests.support import county
from tests.support.cluster import Server
from tests.support.county import Cast

SHANGHAI = ZoneInfo("Asia/Shanghai")
KEY = "for tests only, thirty-two bytes"
WEDNESDAY_NIGHT = datetime(2026, 11, 18, 20, 10, tzinfo=SHANGHAI)


class TurnedClock:
    """A clock that stands still until a test turns it."""

    def __init__(self, now: datetime = WEDNESDAY_NIGHT) -> None:
        self.now = now

    def __call__(self) -> datetime:
        return self.now

    def turn(self, **by: float) -> datetime:
        self.now += timedelta(**by)
        return self.now


class Api:
    """A client of the whole application. `as_` signs a person in and returns their client."""

    def __init__(self, app: FastAPI, clock: TurnedClock, database: Database) -> None:
        """`database` is the owner's, for what tests put there and look at; the application has its own."""
        self.app = app
        self.clock = clock
        self.database = database
        self.service: Database = app.state.services.database
        self.http = self._client({})

    def _client(self, headers: dict[str, str]) -> httpx.AsyncClient:
        transport = httpx.ASGITransport(app=self.app, raise_app_exceptions=False)
        return httpx.AsyncClient(transport=transport, base_url="http://test", headers=headers)

    async def sign_in(self, cast: Cast, *, device_id: str | None = "phone-1") -> dict[str, Any]:
        form = {"grant_type": "password", "username": cast.phone, "password": county.PASSWORD}
        reply = await self.http.post("/v1/auth/token", data=form | ({"device_id": device_id} if device_id else {}))
        assert reply.status_code == 200, reply.text
        body: dict[str, Any] = reply.json()
        return body

    async def as_(self, cast: Cast, **headers: str) -> httpx.AsyncClient:
        tokens = await self.sign_in(cast, device_id=f"phone of {cast.name}".encode().hex())
        return self._client({"Authorization": f"Bearer {tokens['access_token']}"} | headers)


_IDLE: defaultdict[tuple[object, ...], list[FastAPI]] = defaultdict(list)
"""By what they are made with. FastAPI looks into each route of a new one, which is a third of a test's time."""


@asynccontextmanager
async def _application(settings: Settings, clock: TurnedClock) -> AsyncIterator[FastAPI]:
    """One that serves nobody else meanwhile, with services of its own."""
    idle = _IDLE[settings.docs, settings.metrics, settings.photo_bytes]
    app = idle.pop() if idle else create_app(settings, clock)
    app.state.settings, app.state.clock = settings, clock
    async with app.router.lifespan_context(app):
        yield app
    idle.append(app)


@asynccontextmanager
async def running(url: str, *, seeded: bool = True, **settings: Any) -> AsyncIterator[Api]:
    """The application on `url`, with the small county in it, or as it is after the migrations."""
    log.configure("error")
    clock = TurnedClock()
    usual = {"secret_key": KEY, "requests_per_minute": 0, "check_ins_per_day": 0}
    owner = Database(url, pool_size=5)
    try:
        if seeded and not await owner.has_counties():
            async with owner.transaction() as session:
                await county.seed(session)
        given = usual | {"database_url": as_service(url)} | settings
        async with _application(Settings(**given), clock) as app:
            api = Api(app, clock, owner)
            yield api
            await api.http.aclose()
    finally:
        await owner.close()


@asynccontextmanager
async def after(
    server: Server, template: str, happened: Callable[[Api], Awaitable[object]], **settings: Any
) -> AsyncIterator[Api]:
    """The application on a database of its own, a copy of one in which `happened` was run, once a session.

    The clock stands where `happened` left it.
    """
    lived = await server.prepared(template, _on_its_own(happened))
    async with server.database(lived) as url, running(url, **settings) as api:
        api.clock.now = _LEFT_AT[happened]
        yield api


_LEFT_AT: dict[Callable[[Api], Awaitable[object]], datetime] = {}


@cache
def _on_its_own(happened: Callable[[Api], Awaitable[object]]) -> Callable[[str], Awaitable[object]]:
    async def happen(url: str) -> None:
        async with running(url) as api:
            await happened(api)
            _LEFT_AT[happened] = api.clock.now

    return happen


def check_in(
    village: str | None = county.A1, *, at: datetime = WEDNESDAY_NIGHT, id: UUID | None = None, **changes: Any
) -> dict[str, Any]:
    """A check-in posted from the middle of `village`; `changes` replace members (`position` partly)."""
    position = changes.pop("position", {})
    lon, lat = county.centre(village) if village else (0.0, 0.0)
    return {
        "id": str(id or uuid4()),
        "captured_at": at.isoformat(),
        "position": position if position is None else {"lon": lon, "lat": lat, "accuracy_m": 12.0} | position,
        "purpose": "household_visit",
        **changes,
    }
