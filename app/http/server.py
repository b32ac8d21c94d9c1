"""The web server with limits of its own: how large the head of a request may be, and how slow a client.

uvicorn waits for a head, a body and a reader as long as it takes, and keeps as much of a head as comes.
"""

import asyncio
import os
import resource
from collections import Counter
from typing import Any, ClassVar

from uvicorn.middleware.proxy_headers import _TrustedHosts
from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol

MOST_HEAD = 64 * 1024
"""Bytes of a request's line and headers."""
HEAD_S = 30.0
"""From the connection, or from the first byte of a later request, to the end of its head."""
LEAST_BODY = 4 * 1024
"""Bytes of a body that come in each `STALLED_S`, or its end does; a phone in the mountains sends far more."""
STALLED_S = 60.0
"""So long an answer may also wait for somebody to read more of it."""
MOST_CONNECTIONS = 1000
"""Of one address, to one process; a declared proxy has any number. A county's staff may stand behind one."""
PROXIES = os.environ.get("FORWARDED_ALLOW_IPS", "")
"""Proxies whose word on where a request comes from is taken: nobody's, unless declared."""

_SLOW, _LARGE = b"408 Request Timeout", b"431 Request Header Fields Too Large"
_MANY = b"503 Service Unavailable\r\nretry-after: 5"


class LimitedHttp(HttpToolsProtocol):
    """HTTP/1.1 that answers 431, 408 and 503, and hangs up."""

    most_head, head_s = MOST_HEAD, HEAD_S
    least_body, stalled_s = LEAST_BODY, STALLED_S
    most_connections, proxies = MOST_CONNECTIONS, _TrustedHosts(PROXIES)

    _open: ClassVar[Counter[str]] = Counter()  # connections by address
    _address: str | None = None
    _read = 0  # bytes of the head so far, or of the body since it was last looked at
    _in_head = True
    _timer: asyncio.TimerHandle | None = None  # of what comes in
    _unread: asyncio.TimerHandle | None = None  # of what goes out

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        super().connection_made(transport)
        address = self.client[0] if self.client else ""
        if address not in self.proxies:
            self._address = address
            self._open[address] += 1
            if self._open[address] > self.most_connections:
                self._refuse(_MANY)
                return
        self._timer = self.loop.call_later(self.head_s, self._refuse, _SLOW)

    def connection_lost(self, exc: Exception | None) -> None:
        self._stop()
        self._stop_unread()
        if self._address is not None:
            self._open[self._address] -= 1
            if not self._open[self._address]:
                del self._open[self._address]
        super().connection_lost(exc)

    def data_received(self, data: bytes) -> None:
        self._read += len(data)
        if self._in_head:
            self._timer = self._timer or self.loop.call_later(self.head_s, self._refuse, _SLOW)
        super().data_received(data)
        if self._in_head and self._read > self.most_head:
            self._refuse(_LARGE)

    def on_headers_complete(self) -> None:
        self._stop()
        self._in_head, self._read = False, 0
        if len(self.url) + sum(len(name) + len(value) for name, value in self.headers) > self.most_head:
            self._refuse(_LARGE)
            raise ValueError(self.most_head)  # to the parser, which stops there
        self._timer = self.loop.call_later(self.stalled_s, self._look_at_body)
        super().on_headers_complete()

    def on_message_complete(self) -> None:
        self._stop()
        self._in_head, self._read = True, 0
        super().on_message_complete()

    def _look_at_body(self) -> None:
        """Where we are the ones who do not read it, nothing is to be said."""
        if self._read < self.least_body and not self.flow.read_paused:
            self._refuse(_SLOW)
            return
        self._read = 0
        self._timer = self.loop.call_later(self.stalled_s, self._look_at_body)

    def pause_writing(self) -> None:
        super().pause_writing()
        self._expect_reader()

    def resume_writing(self) -> None:
        self._stop_unread()
        super().resume_writing()

    def on_response_complete(self) -> None:
        super().on_response_complete()
        self._expect_reader()

    def _expect_reader(self) -> None:
        """What has been written, and nobody reads, holds the connection even when it has been closed."""
        if waiting := self.transport.get_write_buffer_size():
            self._stop_unread()
            self._unread = self.loop.call_later(self.stalled_s, self._look_at_reader, waiting)

    def _look_at_reader(self, before: int) -> None:
        if self.transport.get_write_buffer_size() >= before:
            self.transport.abort()
        else:
            self._expect_reader()

    def send_400_response(self, msg: str) -> None:
        if not self.transport.is_closing():
            super().send_400_response(msg)

    def _stop(self) -> None:
        if self._timer:
            self._timer.cancel()
            self._timer = None

    def _stop_unread(self) -> None:
        if self._unread:
            self._unread.cancel()
            self._unread = None

    def _refuse(self, status: bytes) -> None:
        self._stop()
        if self.transport.is_closing():
            return
        cycle = self.cycle
        answered = cycle is not None and cycle.response_started and not (self._in_head and cycle.response_complete)
        if not answered:
            self.transport.write(b"HTTP/1.1 " + status + b"\r\ncontent-length: 0\r\nconnection: close\r\n\r\n")
        self.transport.close()
        self._expect_reader()


OPTIONS: dict[str, Any] = {
    "http": LimitedHttp,
    "log_config": None,
    "access_log": False,
    "server_header": False,
    "forwarded_allow_ips": PROXIES,
}
"""For uvicorn, wherever the application is served."""


def allow_connections() -> None:
    """As many open files as the system lets us: each connection is one."""
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    wanted = 65536 if hard == resource.RLIM_INFINITY else min(hard, 65536)
    if soft < wanted:
        resource.setrlimit(resource.RLIMIT_NOFILE, (wanted, hard))
