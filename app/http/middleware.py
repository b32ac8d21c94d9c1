"""Around every request: an id, one log line, the counters of /metrics, and security headers. Pure ASGI."""

import re
import time
from collections.abc import MutableMapping
from functools import lru_cache
from typing import Any

import structlog
from prometheus_client import Counter, Histogram
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from app.kernel.ids import new_id

log = structlog.get_logger()

_REQUESTS = Counter("yefang_requests_total", "Requests answered", ["method", "route", "status"])
_SECONDS = Histogram("yefang_request_seconds", "Time from the first byte to the reply", ["route"])
_SANE_ID = re.compile(rb"[A-Za-z0-9_-]{1,64}")
_HEADERS = (
    (b"x-content-type-options", b"nosniff"),
    (b"referrer-policy", b"same-origin"),
    (b"x-frame-options", b"DENY"),
)
_BY_TLS = (b"strict-transport-security", b"max-age=31536000")
_NOT_KEPT = (b"cache-control", b"no-store")  # by browsers and proxies: answers hold names and places


class Observed:
    """Wraps the application; what a route does with the request is none of its business."""

    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        request_id = _request_id(scope)
        structlog.contextvars.clear_contextvars()
        structlog.contextvars.bind_contextvars(request_id=request_id)
        headers = [(b"x-request-id", request_id.encode()), *_HEADERS]
        if scope["scheme"] == "https":
            headers.append(_BY_TLS)
        api = scope["path"].startswith("/v1/")
        started = time.perf_counter()
        status = 500

        async def observed_send(message: Message) -> None:
            nonlocal status
            if message["type"] == "http.response.start":
                status = message["status"]
                message["headers"] = [*message["headers"], *headers]
                if api and not any(name == b"cache-control" for name, _ in message["headers"]):
                    message["headers"].append(_NOT_KEPT)
            await send(message)

        try:
            await self.app(scope, receive, observed_send)
        finally:
            seconds = time.perf_counter() - started
            method, route = scope["method"], _route(scope)
            requests, durations = _metrics(method, route, status)
            requests.inc()
            durations.observe(seconds)
            log.info("request", method=method, route=route, status=status, ms=round(seconds * 1000, 1))


def _request_id(scope: MutableMapping[str, Any]) -> str:
    """The caller's, where it is one, else a new one."""
    for name, value in scope["headers"]:
        if name == b"x-request-id" and _SANE_ID.fullmatch(value):
            return str(value, "ascii")
    return new_id().hex


@lru_cache(maxsize=1000)
def _metrics(method: str, route: str, status: int) -> tuple[Counter, Histogram]:
    """Looked up by label once; the library takes a lock and builds keys each time."""
    return _REQUESTS.labels(method, route, status), _SECONDS.labels(route)


def _route(scope: MutableMapping[str, object]) -> str:
    """The path with its parameters still in braces, so that no id lands in a label."""
    return str(getattr(scope.get("route"), "path", "-"))
