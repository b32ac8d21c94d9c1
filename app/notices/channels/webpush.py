"""Web Push (RFC 8030, 8291, 8292): browsers and installed web apps, by whichever push service their maker runs."""

import asyncio
import base64
import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import aiohttp
from aiohttp.abc import ResolveResult
from aiohttp.resolver import ThreadedResolver
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat
from py_vapid import Vapid02
from pywebpush import WebPusher, WebPushException

from app.kernel.first_use import made_once
from app.notices.channels.base import Later, Message, Never, Outcome, Sent, retry_after_s
from app.notices.channels.outbound import Outbound

TIMEOUT_S = 20
_KEPT_S = 24 * 3600  # how long a push service keeps it for a browser that is away
_AT_ONCE = 50
_PUBLIC = Outbound()


class WebPushChannel:
    """Signs with the private key in `key`, which is made where there is none; `subject` says whom to write to."""

    batch = 200

    def __init__(self, key: Path, subject: str, *, local: bool = False) -> None:
        """`local` lets it reach this machine and its network, which no subscription may make it do otherwise."""
        self._vapid = _key(key)
        self._subject = subject
        self._local = local
        self._at_once = asyncio.Semaphore(_AT_ONCE)
        self._http: aiohttp.ClientSession | None = None

    @property
    def public_key(self) -> str:
        """What a browser subscribes with (`applicationServerKey`)."""
        return public_key(self._vapid)

    async def send(self, messages: Sequence[Message]) -> list[Outcome]:
        """One request for each message."""
        if self._http is None:  # a session belongs to the event loop in which it is made
            resolver = None if self._local else _PublicResolver()
            self._http = aiohttp.ClientSession(
                connector=aiohttp.TCPConnector(limit=_AT_ONCE, resolver=resolver),
                timeout=aiohttp.ClientTimeout(total=TIMEOUT_S),
            )
        return list(await asyncio.gather(*(self._send(self._http, message) for message in messages)))

    async def _send(self, http: aiohttp.ClientSession, message: Message) -> Outcome:
        subscription = (message.push or {}).get("subscription")
        try:
            endpoint = _endpoint(subscription, local=self._local)
            async with self._at_once:
                # Elliptic curves: about a millisecond, which the event loop has better use for.
                body, headers = await asyncio.to_thread(self._seal, subscription, endpoint, message)
                async with http.post(endpoint, data=body, headers=headers, allow_redirects=False) as response:
                    return _outcome(response)
        except aiohttp.InvalidURL:
            return Never("bad_subscription", gone=True)
        except (aiohttp.ClientError, TimeoutError, OSError):
            # Before ValueError, which the errors of certificates are too: that a push service's is not trusted
            # here says nothing of the subscription.
            return Later("unreachable")
        except (ValueError, TypeError, KeyError, AttributeError, WebPushException):
            return Never("bad_subscription", gone=True)

    def _seal(self, subscription: object, endpoint: str, message: Message) -> tuple[bytes, dict[str, str]]:
        said = {
            "notice_id": str(message.notice_id),
            "kind": message.kind,
            "title": message.title,
            "body": message.short_body,
        }
        sealed: bytes = WebPusher(subscription).encode(json.dumps(said, ensure_ascii=False).encode())["body"]
        url = urlsplit(endpoint)
        signed = self._vapid.sign({"sub": self._subject, "aud": f"{url.scheme}://{url.netloc}"})
        return sealed, signed | {
            "Content-Encoding": "aes128gcm",
            "TTL": str(_KEPT_S),
            "Urgency": "high" if message.urgent else "normal",
            "Topic": message.notice_id.hex,  # one that waits at the push service is replaced by its repetition
        }

    async def close(self) -> None:
        if self._http:
            await self._http.close()


def vapid_public_key(key: Path) -> str:
    """The public half of the key in the file, which is made where there is none."""
    return public_key(_key(key))


def public_key(vapid: Vapid02) -> str:
    """As browsers want it: the uncompressed point, in base64url."""
    point = vapid.public_key.public_bytes(Encoding.X962, PublicFormat.UncompressedPoint)
    return base64.urlsafe_b64encode(point).rstrip(b"=").decode()


def _key(path: Path) -> Vapid02:
    made_once(path, _fresh_key)
    return Vapid02.from_file(str(path))


def _fresh_key() -> bytes:
    fresh = Vapid02()
    fresh.generate_keys()
    private: bytes = fresh.private_pem()
    return private


def _endpoint(subscription: Any, *, local: bool) -> str:
    """Raises ValueError, KeyError or TypeError: a browser said it, or somebody who was none."""
    endpoint: str = subscription["endpoint"]
    url = urlsplit(endpoint)
    if not url.hostname or (url.scheme != "https" and not local):
        raise ValueError(endpoint)
    if not (local or _PUBLIC.admits_host(url.hostname)):
        raise ValueError(endpoint)
    return endpoint


class _PublicResolver(ThreadedResolver):
    """No name may lead into our own network."""

    async def resolve(self, host: str, port: int = 0, family: Any = 0) -> list[ResolveResult]:
        found = await super().resolve(host, port, family)
        public = [each for each in found if _PUBLIC.admits(each["host"])]
        if not public:
            raise OSError(f"{host} is not on the public network")
        return public


def _outcome(response: aiohttp.ClientResponse) -> Outcome:
    match response.status:
        case 200 | 201 | 202 | 204:
            return Sent(response.headers.get("Location"))
        case 404 | 410:
            return Never(f"unregistered: {response.status}", gone=True)
        case 401 | 403:  # subscribed with another key: it may be ours that is the wrong one
            return Never(f"other_key: {response.status}")
        case 408 | 429 | 500 | 502 | 503 | 504:
            return Later(f"unavailable: {response.status}", retry_after_s(response.headers))
        case _:
            return Never(f"refused: {response.status}")
