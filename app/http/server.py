"""The web server with limits of its own: how large the head of a request may be, and how long it may take.

uvicorn waits for a head as long as it takes, and keeps as much of it as comes.
"""

import asyncio
from typing import Any

from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol

MOST_HEAD = 64 * 1024
"""Bytes of a request's line and headers."""
HEAD_S = 30.0
"""From the connection, or from the first byte of a later request, to the end of its head."""


class LimitedHttp(HttpToolsProtocol):
    """HTTP/1.1 that answers 431 and 408, and hangs up."""

    most_head, head_s = MOST_HEAD, HEAD_S

    _read: int | None = 0  # bytes of the head so far; None: it is complete, and what comes is the body
    _timer: asyncio.TimerHandle | None = None

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        super().connection_made(transport)
        self._timer = self.loop.call_later(self.head_s, self._refuse, b"408 Request Timeout")

    def connection_lost(self, exc: Exception | None) -> None:
        self._stop()
        super().connection_lost(exc)

    def data_received(self, data: bytes) -> None:
        if self._read is not None:
            self._read += len(data)
            self._timer = self._timer or self.loop.call_later(self.head_s, self._refuse, b"408 Request Timeout")
        super().data_received(data)
        if self._read is not None and self._read > self.most_head:
            self._refuse(b"431 Request Header Fields Too Large")

    def on_headers_complete(self) -> None:
        self._stop()
        self._read = None
        if len(self.url) + sum(len(name) + len(value) for name, value in self.headers) > self.most_head:
            self._refuse(b"431 Request Header Fields Too Large")
            raise ValueError(self.most_head)  # to the parser, which stops there
        super().on_headers_complete()

    def on_message_complete(self) -> None:
        self._read = 0
        super().on_message_complete()

    def send_400_response(self, msg: str) -> None:
        if not self.transport.is_closing():
            super().send_400_response(msg)

    def _stop(self) -> None:
        if self._timer:
            self._timer.cancel()
            self._timer = None

    def _refuse(self, status: bytes) -> None:
        self._stop()
        if not self.transport.is_closing():
            self.transport.write(b"HTTP/1.1 " + status + b"\r\ncontent-length: 0\r\nconnection: close\r\n\r\n")
            self.transport.close()


OPTIONS: dict[str, Any] = {"http": LimitedHttp, "log_config": None, "access_log": False, "server_header": False}
"""For uvicorn, wherever the application is served."""
