"""Scripted phones that visit a server, and what they expect of its answers."""

import json
import os
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from functools import cached_property
from typing import Any
from uuid import UUID

import httpx
from pydantic_core import to_json

from app.conformance.cases import Broken, Skipped, expect
from app.kernel import ids
from app.kernel.clock import Clock, system_clock

DEVICE = "yefang-conformance"
_SECONDS = 30.0
_BY_TIME = 7
_SHOWN = 300  # characters of a body, in the reason why a clause is broken


@dataclass(frozen=True)
class Account:
    """Somebody who may sign in at the server that is tried."""

    username: str
    password: str


def new_id(version: int = 4) -> str:
    """As phones make them."""
    return str(ids.new_id() if version == _BY_TIME else UUID(bytes=os.urandom(16), version=4))


@dataclass
class Phone:
    """One that is signed in. `replies` has all that the server has answered to any of the visitor's phones."""

    http: httpx.Client
    tokens: dict[str, Any]
    replies: list[httpx.Response]

    def ask(self, method: str, path: str, body: Any = None, **headers: str) -> httpx.Response:
        """`body`: bytes as they are, or anything that JSON can say."""
        content = body if isinstance(body, bytes) else b"" if body is None else to_json(body)
        sent = {"Authorization": f"Bearer {self.tokens['access_token']}", "Content-Type": "application/json"}
        sent |= {name.replace("_", "-"): value for name, value in headers.items()}
        reply = self.http.request(method, path, content=content, headers=sent)
        self.replies.append(reply)
        return reply

    def get(self, path: str, **headers: str) -> httpx.Response:
        return self.ask("GET", path, **headers)

    def post(self, check_in: Any, **headers: str) -> httpx.Response:
        return self.ask("POST", "/v1/check-ins", check_in, **headers)

    def batch(self, *check_ins: Any, **beside: Any) -> httpx.Response:
        return self.ask("POST", "/v1/check-ins/batch", {"check_ins": check_ins, **beside})

    def stored(self, check_in_id: str) -> httpx.Response:
        return self.get(f"/v1/me/check-ins/{check_in_id}")


@dataclass
class Visitor:
    """Who tries a server. Raises httpx's errors where nobody answers, and `Broken` where a sign-in fails."""

    url: str
    account: Account
    other: Account | None = None
    clock: Clock = system_clock
    transport: httpx.BaseTransport | None = None
    replies: list[httpx.Response] = field(default_factory=list)

    @cached_property
    def http(self) -> httpx.Client:
        return httpx.Client(base_url=self.url, timeout=_SECONDS, transport=self.transport)

    @cached_property
    def phone(self) -> Phone:
        """The one that most cases use."""
        return self.signed_in(self.account, DEVICE)

    @cached_property
    def stranger(self) -> Phone:
        """Somebody else's. Raises `Skipped` where nobody else may sign in."""
        if self.other is None:
            raise Skipped("a second person is needed: --other-username, --other-password")
        return self.signed_in(self.other, DEVICE)

    def signed_in(self, account: Account, device_id: str) -> Phone:
        reply = self.sign_in(account.username, account.password, device_id)
        status(reply, 200)
        return Phone(self.http, reply.json(), self.replies)

    def sign_in(self, username: str, password: str, device_id: str) -> httpx.Response:
        return self.token(grant_type="password", username=username, password=password, device_id=device_id)

    def refresh(self, refresh_token: str) -> httpx.Response:
        return self.token(grant_type="refresh_token", refresh_token=refresh_token)

    def token(self, **form: str) -> httpx.Response:
        reply = self.http.post("/v1/auth/token", data=form)
        self.replies.append(reply)
        return reply

    @cached_property
    def place(self) -> tuple[float, float]:
        """The middle of the corners of a village where one may check in; longitude, latitude."""
        features = self.phone.get("/v1/me/villages").json().get("features", [])
        shapes = [each["geometry"] for each in features if each.get("geometry")]
        if not shapes:
            return 106.22484, 24.2973
        ring = shapes[0]["coordinates"][0]
        ring = ring[0] if shapes[0]["type"] == "MultiPolygon" else ring
        return sum(corner[0] for corner in ring) / len(ring), sum(corner[1] for corner in ring) / len(ring)

    def visit(self, **members: Any) -> dict[str, Any]:
        """A check-in of a minute ago, in that village; `members` take the place of its own."""
        lon, lat = self.place
        return {
            "id": new_id(),
            "captured_at": self.ago(minutes=1).isoformat(timespec="seconds"),
            "position": {"lon": round(lon, 6), "lat": round(lat, 6), "crs": "wgs84", "accuracy_m": 12.0},
            "purpose": "household_visit",
            "note": "yefang conformance",
            **members,
        }

    def ago(self, **by: float) -> datetime:
        """In the offset of the villages."""
        return (self.clock() - timedelta(**by)).astimezone(_HERE)


_HERE = datetime.fromisoformat("2026-01-01T00:00:00+08:00").tzinfo


def status(reply: httpx.Response, *wanted: int, problem: str | None = None) -> None:
    """Raises `Broken` unless it is answered so; `problem` is the end of a problem's `type`."""
    said = (
        f"{reply.request.method} {reply.request.url.path} was answered {reply.status_code} {reply.text[:_SHOWN]}"
    )
    expect(reply.status_code in wanted, f"{said}; expected {' or '.join(map(str, wanted))}")
    if problem:
        kind = json_of(reply).get("type")
        expect(kind == f"/problems/{problem}", f"{said}; expected the type /problems/{problem}")


def json_of(reply: httpx.Response) -> Any:
    """Raises `Broken` where the answer is no JSON object."""
    try:
        found = reply.json()
    except (json.JSONDecodeError, UnicodeDecodeError):
        found = None
    if not isinstance(found, dict):
        raise Broken(
            f"{reply.request.method} {reply.request.url.path}: no JSON object but {reply.text[:_SHOWN]!r}"
        )
    return found


def results(reply: httpx.Response) -> list[dict[str, Any]]:
    """Of a batch."""
    status(reply, 200)
    found = json_of(reply).get("results")
    expect(isinstance(found, list), f"a batch was answered without results: {reply.text[:_SHOWN]}")
    listed: list[dict[str, Any]] = found
    return listed


def statuses(reply: httpx.Response) -> list[str]:
    return [str(each.get("status")) for each in results(reply)]


def moment(value: object) -> datetime:
    """Raises `Broken`."""
    try:
        return datetime.fromisoformat(str(value))
    except ValueError:
        raise Broken(f"{value!r} is no time") from None


def pages(fetch: Callable[[str], httpx.Response], path: str, most: int) -> list[dict[str, Any]]:
    """All rows of a list, page by page; no more than `most` pages are asked for."""
    rows: list[dict[str, Any]] = []
    cursor = ""
    for _ in range(most):
        reply = fetch(path + (f"&cursor={cursor}" if cursor else ""))
        status(reply, 200)
        rows += json_of(reply)["items"]
        cursor = json_of(reply).get("next_cursor") or ""
        if not cursor:
            return rows
    return rows
