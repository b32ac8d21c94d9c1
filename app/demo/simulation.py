"""Plays what people do on their phones against a running server, through its real HTTP API, and turns its clock.

The clock goes forward with them, and stops at every hour until all of the hour's requests are answered; at
five, eight and nine in the morning of every day the worker makes its round, as it would have.
"""

import asyncio
from collections.abc import Awaitable, Callable, Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import datetime, timedelta
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

    def __init__(self, http: aiohttp.ClientSession, first: Deed, refresh_token: str | None, tally: Tally) -> None:
        self._http = http
        self._person = first.person
        self._handset = first.handset
        self._refresh_token = refresh_token
        self._tally = tally
        self._access_token = ""
        self._good_until = self._now = first.at
        self._described = refresh_token is not None
        self._busy = asyncio.Lock()

    async def do(self, deed: Deed) -> None:
        async with self._busy:
            self._now = deed.at
            if deed.at >= self._good_until:
                await self._refresh()
            if not self._described:
                await self._describe()
            if isinstance(deed, Upload):
                await self._send(deed)
            else:
                await deed.run(self._ask)

    async def _ask(self, method: str, path: str, body: Mapping[str, object] | None = None) -> object:
        """An errand's request: its answer's body."""
        self._tally.requests += 1
        if method == "GET" and body:
            path, body = f"{path}?{urlencode(body)}", None
        _, answer = await self._call(method, path, body)
        return answer

    async def _send(self, upload: Upload) -> None:
        self._tally.requests += 1
        if len(upload.check_ins) == 1:
            status, body = await self._call("POST", "/v1/check-ins", upload.check_ins[0])
            self._tally.note(body, new=status == HTTPStatus.CREATED)
        else:
            await self._send_queue(upload.check_ins)
        await self._send_photos(upload)

    async def _send_queue(self, waiting: Sequence[Mapping[str, object]]) -> None:
        """What the server defers stays in the queue and is sent again."""
        for _ in range(_TRIES):
            _, body = await self._call("POST", "/v1/check-ins/batch", {"check_ins": waiting})
            deferred = []
            for check_in, result in zip(waiting, body["results"], strict=True):
                if result["check_in"]:
                    self._tally.note(result["check_in"], new=result["status"] == "recorded")
                elif result["status"] in ("invalid", "conflict"):
                    raise SimulationError(f"{self._person.phone}: {result}")
                else:
                    deferred.append(check_in)
            if not deferred:
                return
            waiting = deferred
            await asyncio.sleep(_PATIENCE_S)
        raise SimulationError(f"{self._person.phone}: the server deferred {len(waiting)} check-ins for too long")

    async def _send_photos(self, upload: Upload) -> None:
        for check_in in upload.check_ins:
            for photo_id in check_in.get("photo_ids", ()):
                self._tally.requests += 1
                photo = snapshot(UUID(photo_id), datetime.fromisoformat(check_in["captured_at"]))
                await self._call("PUT", f"/v1/photos/{photo_id}", photo)

    async def _refresh(self) -> None:
        """By refresh token; by password where there is none, or its session has ended."""
        if self._refresh_token:
            form = {"grant_type": "refresh_token", "refresh_token": self._refresh_token}
            if await self._take_tokens(form) != HTTPStatus.UNAUTHORIZED:
                return
        await self._sign_in()

    async def _sign_in(self) -> None:
        form = {"grant_type": "password", "username": self._person.phone, "password": PASSWORD}
        if await self._take_tokens(form) == HTTPStatus.UNAUTHORIZED:
            raise SimulationError(f"{self._person.phone}: the password is refused")

    async def _describe(self) -> None:
        await self._call("PUT", f"/v1/devices/{self._handset.device_id}", self._handset.described())
        self._described = True

    async def _take_tokens(self, form: Mapping[str, str]) -> int:
        path, data = "/v1/auth/token", {"device_id": self._handset.device_id, **form}
        status, text = await self._answer("POST", path, data, {})
        if status != HTTPStatus.UNAUTHORIZED:
            tokens = _content("POST", path, status, text)
            self._access_token, self._refresh_token = tokens["access_token"], tokens["refresh_token"]
            self._good_until = self._now + timedelta(seconds=tokens["expires_in"])
            self._tally.signed_in += 1
        return status

    async def _call(self, method: str, path: str, body: object = None) -> tuple[int, Any]:
        """The answer's status and body. A body of bytes is a photo, any other JSON.

        A token may run out on the way, for the server's clock goes on: then the phone refreshes it, and if that
        did not help, signs in anew.
        """
        kind = "image/jpeg" if isinstance(body, bytes) else "application/json"
        data = body if isinstance(body, bytes) else to_json(body)

        async def once() -> tuple[int, bytes]:
            headers = {"Content-Type": kind, "Authorization": f"Bearer {self._access_token}"}
            return await self._answer(method, path, data, headers)

        status, text = await once()
        for renew in (self._refresh, self._sign_in):
            if status == HTTPStatus.UNAUTHORIZED:
                await renew()
                status, text = await once()
        return status, _content(method, path, status, text)

    async def _answer(
        self, method: str, path: str, data: bytes | Mapping[str, str], headers: Mapping[str, str]
    ) -> tuple[int, bytes]:
        """While there is no answer, or the server is busy, tries again, as phones do."""
        for _ in range(_TRIES):
            with suppress(aiohttp.ClientConnectionError):
                async with self._http.request(method, path, data=data, headers=headers) as answer:
                    text = await answer.read()
                    if answer.status != HTTPStatus.SERVICE_UNAVAILABLE:
                        return answer.status, text
            await asyncio.sleep(_PATIENCE_S)
        raise SimulationError(f"{method} {path}: the server stayed busy or silent")


def _content(method: str, path: str, status: int, text: bytes) -> Any:
    if status >= HTTPStatus.BAD_REQUEST:
        raise SimulationError(f"{method} {path}: {status} {text.decode()}")
    return from_json(text) if text else None


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
                phone = phones.get(who) or phones.setdefault(who, Phone(http, deed, tokens.get(who), tally))
                world.turn(deed.at)
                await phone.do(deed)

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
