"""A stand-in of Google: its token endpoint and FCM v1, over real HTTP. Strict, and as cheap as it can be.

A registration token says what becomes of a message: it begins with a word, such as `gone-1` (see `_ANSWERS`).
`python -m tests.support.google --port 9099 --credentials key.json` serves; `GET /seen` counts requests by notice.
"""

import argparse
import asyncio
import json
from collections import Counter
from collections.abc import Callable
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs

import jwt
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import rsa

PROJECT = "yefang-test"
_AUDIENCE = "https://oauth2.googleapis.com/token"  # wherever the assertion is sent
_SCOPE = "https://www.googleapis.com/auth/cloud-platform"
_MEMBERS = {
    "message": {"token", "fid", "notification", "data", "android", "apns", "webpush"},
    "notification": {"title", "body"},
}

Answer = tuple[int, dict[str, Any] | bytes, dict[str, str]]


def write_credentials(path: Path, port: int) -> None:
    """A service account file whose tokens come from the stand-in on `port`."""
    key = rsa.generate_private_key(public_exponent=65537, key_size=2048)
    pem = key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )
    path.write_text(
        json.dumps(
            {
                "type": "service_account",
                "project_id": PROJECT,
                "private_key_id": "1",
                "private_key": pem.decode(),
                "client_email": f"yefang@{PROJECT}.iam.gserviceaccount.com",
                "client_id": "1",
                "token_uri": f"http://127.0.0.1:{port}/token",
            }
        )
    )


def _error(status: int, word: str, message: str, fcm: str | None = None) -> dict[str, Any]:
    details = [{"@type": "type.googleapis.com/google.firebase.fcm.v1.FcmError", "errorCode": fcm}] if fcm else []
    return {"error": {"code": status, "status": word, "message": message, "details": details}}


def _quota(retry_after: str) -> Answer:
    body = _error(429, "RESOURCE_EXHAUSTED", "Sending quota exceeded.", "QUOTA_EXCEEDED")
    return 429, body, {"Retry-After": retry_after, "Date": "Wed, 18 Nov 2026 12:00:00 GMT"}


_ANSWERS: dict[str, Answer] = {
    "gone": (404, _error(404, "NOT_FOUND", "Requested entity was not found.", "UNREGISTERED"), {}),
    "stranger": (403, _error(403, "PERMISSION_DENIED", "SenderId mismatch", "SENDER_ID_MISMATCH"), {}),
    "malformed": (
        400,
        _error(400, "INVALID_ARGUMENT", "The registration token is not a valid FCM registration token"),
        {},
    ),
    "toolong": (400, _error(400, "INVALID_ARGUMENT", "Android message is too big", "INVALID_ARGUMENT"), {}),
    "quota": _quota("600"),
    "quotadate": _quota("Wed, 18 Nov 2026 12:10:00 GMT"),
    "broken": (500, _error(500, "INTERNAL", "Internal error encountered."), {}),
    "busy": (503, _error(503, "UNAVAILABLE", "The service is unavailable."), {"Retry-After": "90"}),
    "nonsense": (200, b"<html>", {}),
}


class Google:
    """What it was asked, and the clients it knows. `hang` and `torn` never get an answer in full."""

    def __init__(self, credentials: Path | None = None) -> None:
        self.credentials = credentials
        self.bearers: set[str] = set()
        self.signed_in = 0
        self.messages: list[dict[str, Any]] = []
        self.seen: Counter[str] = Counter()
        self.keep = True
        self.flaky: Counter[str] = Counter()

    def answer(self, method: str, path: str, headers: str, body: bytes) -> Answer | str:
        """An answer, or `hang` or `torn`."""
        if path == "/seen":
            return 200, dict(self.seen), {}
        if path == "/token":
            return self._token(body)
        if method != "POST" or path != f"/v1/projects/{PROJECT}/messages:send":
            return 404, _error(404, "NOT_FOUND", path), {}
        bearer = next(
            (line[7:] for line in headers.split("\r\n") if line.lower().startswith("authorization:")), ""
        )
        if headers.partition("uthorization: Bearer ")[2].partition("\r\n")[0] not in self.bearers:
            return 401, _error(401, "UNAUTHENTICATED", f"bad bearer {bearer}"), {}
        return self._send(json.loads(body))

    def _token(self, body: bytes) -> Answer:
        assert self.credentials is not None
        account = json.loads(self.credentials.read_text())
        private = serialization.load_pem_private_key(account["private_key"].encode(), None)
        (assertion,) = parse_qs(body.decode())["assertion"]
        try:
            claims = jwt.decode(assertion, private.public_key(), algorithms=["RS256"], audience=_AUDIENCE)
        except jwt.InvalidTokenError as error:
            return 400, {"error": "invalid_grant", "error_description": str(error)}, {}
        if claims["iss"] != account["client_email"] or _SCOPE not in claims["scope"]:
            return 400, {"error": "invalid_scope"}, {}
        self.signed_in += 1
        self.bearers.add(f"bearer-{self.signed_in}")
        return 200, {"access_token": f"bearer-{self.signed_in}", "expires_in": 3600, "token_type": "Bearer"}, {}

    def _send(self, request: dict[str, Any]) -> Answer | str:
        message = request["message"]
        wrong = (set(request) - {"message", "validate_only"}) | (set(message) - _MEMBERS["message"])
        wrong |= set(message["notification"]) - _MEMBERS["notification"]
        wrong |= {name for name, value in message["data"].items() if not isinstance(value, str)}
        if wrong or ("token" in message) == ("fid" in message):
            return 400, _error(400, "INVALID_ARGUMENT", f"Unknown names {wrong}"), {}
        notice_id = message["data"]["notice_id"]
        self.seen[notice_id] += 1
        if self.keep:
            self.messages.append(message)
        word = message.get("token", message.get("fid")).partition("-")[0]
        if word in {"hang", "torn"}:
            return word
        if word == "flaky":
            self.flaky[notice_id] += 1
            if self.flaky[notice_id] == 1:
                return _ANSWERS["broken"]
        return _ANSWERS.get(word) or (200, {"name": f"projects/{PROJECT}/messages/{notice_id}"}, {})


class _Connection(asyncio.Protocol):
    def __init__(self, google: Google) -> None:
        self._google = google
        self._received = b""

    def connection_made(self, transport: Any) -> None:
        self._transport = transport

    def data_received(self, data: bytes) -> None:
        self._received += data
        while (head := self._received.find(b"\r\n\r\n")) >= 0:
            headers = self._received[:head].decode("latin-1")
            at = headers.lower().find("content-length:")
            length = int(headers[at + 15 :].partition("\r")[0]) if at >= 0 else 0
            if len(self._received) < head + 4 + length:
                return
            body = self._received[head + 4 : head + 4 + length]
            self._received = self._received[head + 4 + length :]
            method, path, _ = headers.split(" ", 2)
            self._say(self._google.answer(method, path, headers, body))

    def _say(self, answer: Answer | str) -> None:
        if answer == "hang":
            return
        if isinstance(answer, str):
            self._transport.write(
                b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: 90\r\n\r\n{"
            )
            self._transport.close()
            return
        status, content, more = answer
        body = content if isinstance(content, bytes) else json.dumps(content).encode()
        lines = "".join(f"{name}: {value}\r\n" for name, value in more.items())
        self._transport.write(
            f"HTTP/1.1 {status} X\r\nContent-Type: application/json\r\n{lines}"
            f"Content-Length: {len(body)}\r\n\r\n".encode()
            + body
        )


@asynccontextmanager
async def serving(folder: Path):
    """The stand-in on a free port, and its service account file: `(google, credentials, url)`."""
    google = Google(folder / "service-account.json")
    server = await _serve(google, 0)
    port = server.sockets[0].getsockname()[1]
    write_credentials(google.credentials, port)
    try:
        yield google, google.credentials, f"http://127.0.0.1:{port}"
    finally:
        server.close()


async def _serve(google: Google, port: int) -> asyncio.Server:
    make: Callable[[], asyncio.Protocol] = lambda: _Connection(google)  # noqa: E731
    return await asyncio.get_running_loop().create_server(make, "127.0.0.1", port)


async def _main(port: int, credentials: Path) -> None:
    google = Google(credentials)
    google.keep = False
    async with await _serve(google, port) as server:
        await server.serve_forever()


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--port", type=int, required=True)
    parser.add_argument("--credentials", type=Path, required=True, help="written where there is none yet")
    asked = parser.parse_args()
    if not asked.credentials.exists():
        write_credentials(asked.credentials, asked.port)
    asyncio.run(_main(asked.port, asked.credentials))
