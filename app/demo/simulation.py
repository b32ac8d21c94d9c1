"""Plays what people do on their phones against a running server, through its real HTTP API, and turns its clock.

The clock goes forward with them, and stops at every hour until all of the hour's requests are answered; at
five, eight and nine in the morning of every day the worker makes its round, as it would have.
"""

import asyncio
from collections.abc import Awaitable, Callable, Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from functools import partial
from http import HTTPStatus
from typing import Any
from urllib.parse import urlencode
from uuid import UUID

import aiohttp
from pydantic_core import from_json, to_json

from app.demo.errands import Errand
from app.demo.queues import Upload
from app.demo.snapshots import snapshot

PASSWORD = "yefang-demo"  # noqa: S105 - printed for everyone who runs the demo
_IN_FLIGHT = 200
_HOUR = timedelta(hours=1)
_ROUNDS_AT = (5, 8, 9)  # o'clock: a week's last night has closed; digests; reminders
_TRIES, _PATIENCE_S = 20, 0.5


Deed = Upload | Errand


class SimulationError(Exception):
    """The server answered what no phone expects."""


@dataclass(frozen=True, slots=True)
class World:
    """What the simulation turns: the server's clock, and the worker that goes by it."""

    turn: Callable[[datetime], None]
    work: Callable[[], Awaitable[object]]


@dataclass(slots=True)
class Tally:
    """What has been sent, and what became of it."""

    requests: int = 0
    recorded: int = 0
    repeated: int = 0
    signed_in: int = 0
    standings: dict[str, int] = field(default_factory=dict)

    def note(self, check_in: Mapping[str, Any], *, new: bool) -> None:
        if not new:
            self.repeated += 1
            return
        self.recorded += 1
        self.standings[check_in["standing"]] = self.standings.get(check_in["standing"], 0) + 1


class Phone:
    """One person's app: keeps its tokens, and does one thing at a time."""

    def __init__(self, http: aiohttp.ClientSession, first: Deed, refresh_token: str | None) -> None:
        self._http = http
        self._person = first.person
        self._handset = first.handset
        self._refresh_token = refresh_token
        self._headers: dict[str, str] = {}
        self._good_until: datetime | None = None
        self._busy = asyncio.Lock()

    async def do(self, deed: Deed, tally: Tally) -> None:
        async with self._busy:
            if self._good_until is None or deed.at >= self._good_until:
                await self._sign_in(deed.at, tally)
            if isinstance(deed, Upload):
                await self._send(deed, tally)
            else:
                await deed.run(partial(self._ask, tally))

    async def _ask(self, tally: Tally, method: str, path: str, body: Mapping[str, Any] | None = None) -> Any:
        """An errand's request: its answer's body."""
        tally.requests += 1
        if method == "GET" and body:
            path, body = f"{path}?{urlencode(body)}", None
        _, answer = await self._call(method, path, body)
        return answer

    async def _send(self, upload: Upload, tally: Tally) -> None:
        tally.requests += 1
        if len(upload.check_ins) == 1:
            status, body = await self._call("POST", "/v1/check-ins", upload.check_ins[0])
            tally.note(body, new=status == HTTPStatus.CREATED)
        else:
            await self._send_queue(upload.check_ins, tally)
        await self._send_photos(upload, tally)

    async def _send_queue(self, waiting: Sequence[Mapping[str, Any]], tally: Tally) -> None:
        """What the server defers stays in the queue and is sent again."""
        for _ in range(_TRIES):
            _, body = await self._call("POST", "/v1/check-ins/batch", {"check_ins": waiting})
            deferred = []
            for check_in, result in zip(waiting, body["results"], strict=True):
                if result["check_in"]:
                    tally.note(result["check_in"], new=result["status"] == "recorded")
                elif result["status"] in ("invalid", "conflict"):
                    raise SimulationError(f"{self._person.phone}: {result}")
                else:
                    deferred.append(check_in)
            if not deferred:
                return
            waiting = deferred
            await asyncio.sleep(_PATIENCE_S)
        raise SimulationError(f"{self._person.phone}: the server deferred {len(waiting)} check-ins for too long")

    async def _send_photos(self, upload: Upload, tally: Tally) -> None:
        for check_in in upload.check_ins:
            for photo_id in check_in.get("photo_ids", ()):
                tally.requests += 1
                photo = snapshot(UUID(photo_id), datetime.fromisoformat(check_in["captured_at"]))
                await self._call("PUT", f"/v1/photos/{photo_id}", photo)

    async def _sign_in(self, now: datetime, tally: Tally) -> None:
        """By refresh token where there is one; else by password, after which the new phone describes itself."""
        form = {"device_id": self._handset.device_id} | (
            {"grant_type": "refresh_token", "refresh_token": self._refresh_token}
            if self._refresh_token
            else {"grant_type": "password", "username": self._person.phone, "password": PASSWORD}
        )
        self._headers = {}
        _, tokens = await self._call("POST", "/v1/auth/token", form=form)
        self._refresh_token = tokens["refresh_token"]
        self._good_until = now + timedelta(seconds=tokens["expires_in"]) - _HOUR  # the clock may be ahead of us
        self._headers = {"Authorization": f"Bearer {tokens['access_token']}"}
        tally.signed_in += 1
        if form["grant_type"] == "password":
            await self._call("PUT", f"/v1/devices/{self._handset.device_id}", self._handset.described())

    async def _call(
        self, method: str, path: str, body: Any = None, *, form: Mapping[str, str] | None = None
    ) -> tuple[int, Any]:
        """The answer's status and body. While there is none, or the server is busy, tries again, as phones do.

        A body of bytes is a photo, any other JSON.
        """
        kind = "image/jpeg" if isinstance(body, bytes) else "application/json"
        data = form or (body if isinstance(body, bytes) else to_json(body))
        headers = self._headers if form else self._headers | {"Content-Type": kind}
        for _ in range(_TRIES):
            with suppress(aiohttp.ClientConnectionError):
                async with self._http.request(method, path, data=data, headers=headers) as answer:
                    text = await answer.read()
                    if answer.ok:
                        return answer.status, from_json(text) if text else None
                    if answer.status != HTTPStatus.SERVICE_UNAVAILABLE:
                        raise SimulationError(f"{method} {path}: {answer.status} {text.decode()}")
            await asyncio.sleep(_PATIENCE_S)
        raise SimulationError(f"{method} {path}: the server stayed busy or silent")


async def play(
    base_url: str,
    deeds: Sequence[Deed],
    tokens: Mapping[UUID, str],
    world: World,
    watch: Callable[[datetime, Tally], None],
) -> Tally:
    """Do all `deeds`, which are in order of time. `tokens` are refresh tokens of people signed in already.

    `watch` is told the simulated time and the tally after every hour. Raises `SimulationError`.
    """
    tally = Tally()
    phones: dict[UUID, Phone] = {}
    connector = aiohttp.TCPConnector(limit=_IN_FLIGHT)
    async with aiohttp.ClientSession(base_url, connector=connector) as http:

        async def run(queue: Iterator[Deed]) -> None:
            for deed in queue:
                who = deed.person.id
                phone = phones.get(who) or phones.setdefault(who, Phone(http, deed, tokens.get(who)))
                world.turn(deed.at)
                await phone.do(deed, tally)

        for hour, of_hour in _by_hour(deeds):
            world.turn(hour)
            if hour.hour in _ROUNDS_AT:
                await world.work()
            queue = iter(of_hour)
            try:
                async with asyncio.TaskGroup() as group:
                    for _ in range(min(_IN_FLIGHT, len(of_hour))):
                        group.create_task(run(queue))
            except ExceptionGroup as failed:
                raise failed.exceptions[0] from None
            watch(hour + _HOUR, tally)
    return tally


def _by_hour(deeds: Sequence[Deed]) -> Iterator[tuple[datetime, Sequence[Deed]]]:
    """Every hour from the first deed to the last, empty ones too."""
    place, hour = 0, deeds[0].at.replace(minute=0, second=0, microsecond=0)
    while place < len(deeds):
        end = place
        while end < len(deeds) and deeds[end].at < hour + _HOUR:
            end += 1
        yield hour, deeds[place:end]
        place, hour = end, hour + _HOUR
