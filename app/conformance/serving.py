"""The mock on a port: the standard library's server, since it has to cut lines and wait as no better one would."""

import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from http import HTTPStatus
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

from app.conformance.line import Asked, HangUp, Said
from app.conformance.mock import Mock
from app.conformance.troubles import UnknownTrouble
from app.conformance.watching import seen

# So that an app that runs in a browser may be tried too.
_FOR_BROWSERS = {
    "Access-Control-Allow-Origin": "*",
    "Access-Control-Allow-Headers": "*",
    "Access-Control-Allow-Methods": "*",
    "Access-Control-Expose-Headers": "*",
}


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    wbufsize = -1  # an answer goes out as a whole
    disable_nagle_algorithm = True
    server: "MockServer"

    def log_message(self, *_: Any) -> None:
        """Nothing: `MockServer.watch` is told instead."""

    def _answer(self) -> None:
        body = self.rfile.read(int(self.headers.get("content-length") or 0))
        headers = {name.lower(): value for name, value in self.headers.items()}
        asked = Asked(self.command, self.path, headers, body, self.server.mock.clock())
        try:
            said = self._own(asked) or self.server.mock.answer(asked)
        except HangUp:
            self.server.watch(asked, None)
            self.close_connection = True
            return
        self.server.watch(asked, said)
        time.sleep(said.wait_s)
        self._write(said)

    def _own(self, asked: Asked) -> Said | None:
        """What is asked of the mock itself, and by browsers before they ask."""
        mock = self.server.mock
        match asked.method, asked.path:
            case "OPTIONS", _:
                return Said(204)
            case "GET", "/mock/journal":
                return Said(200, {"exchanges": [each.as_dict() for each in mock.journal]})
            case "GET", "/mock/clauses":
                return Said(200, {"broken": seen(mock.journal)})
            case "PUT", "/mock/trouble":
                try:
                    mock.troubles.add(body := asked.body.decode(errors="replace"))
                except UnknownTrouble as why:
                    return Said(422, {"detail": str(why)})
                return Said(200, {"added": body})
        return None

    def _write(self, said: Said) -> None:
        known = {each.value for each in HTTPStatus}
        self.send_response_only(said.status, None if said.status in known else "Made Up")
        content = said.content
        for name, value in {**said.headers, **_FOR_BROWSERS}.items():
            self.send_header(name, value)
        if said.body is not None or said.status not in {204, 304}:
            self.send_header("Content-Length", str(len(content)))
        self.end_headers()
        self.wfile.write(content)

    do_GET = do_POST = do_PUT = do_DELETE = do_OPTIONS = do_PATCH = do_HEAD = _answer  # noqa: N815


class MockServer(ThreadingHTTPServer):
    """Serves `mock`; `watch` is told of every request and what was answered, None where the line was cut."""

    daemon_threads = True
    request_queue_size = 64

    def __init__(self, mock: Mock, host: str = "127.0.0.1", port: int = 0) -> None:
        super().__init__((host, port), _Handler)
        self.mock = mock
        self.url = f"http://{host}:{self.server_port}"

    def watch(self, asked: Asked, said: Said | None) -> None:
        """For who looks on."""

    def handle_error(self, *_: Any) -> None:
        """A client that is gone in the middle of an answer is what this server is for."""


@contextmanager
def served(mock: Mock) -> Iterator[str]:
    """The URL at which it answers until the block ends."""
    server = MockServer(mock)
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True)
    thread.start()
    try:
        yield server.url
    finally:
        server.shutdown()
        server.server_close()
