"""Firebase Cloud Messaging, by Google's own SDK: pushes to Android, iOS and browsers registered with Firebase."""

import asyncio
import warnings
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import aiohttp
import firebase_admin
import google.auth.exceptions
import google.auth.transport.requests
import httpx
from firebase_admin import exceptions, messaging

from app.kernel.masking import masked
from app.notices.channels.base import Later, Message, Never, Outcome, Sent, retry_after_s

TIMEOUT_S = 20
_REASON_CHARS = 200

# Whoever meets one of these need not try the next message.
_CODES = {
    exceptions.RESOURCE_EXHAUSTED: "quota_exceeded",
    exceptions.UNAUTHENTICATED: "unauthenticated",
    exceptions.PERMISSION_DENIED: "unauthenticated",
    exceptions.NOT_FOUND: "no_such_project",
}


class FcmChannel:
    """One Firebase project. Raises ValueError or OSError for a service account file that is none."""

    batch = 500  # as many as `send_each_async` takes

    def __init__(self, credentials: Path, url: str | None = None, *, timeout_s: float = TIMEOUT_S) -> None:
        """`url` is the base of a relay to Google's API, where Google itself is out of reach."""
        self._app = firebase_admin.initialize_app(
            firebase_admin.credentials.Certificate(str(credentials)),
            {"httpTimeout": timeout_s},
            name=f"yefang-{credentials}-{id(self)}",
        )
        self._credential = self._app.credential.get_credential()
        service: Any = messaging._get_messaging_service(self._app)  # noqa: SLF001 - the SDK has no setting for these
        service._async_client = self._client = _Client(self._credential, timeout_s)  # noqa: SLF001
        if url:
            service._fcm_url = f"{url.rstrip('/')}/v1/projects/{self._app.project_id}/messages:send"  # noqa: SLF001

    async def send(self, messages: Sequence[Message]) -> list[Outcome]:
        """One request for each message, all at once."""
        try:
            await self._sign_in()
        except google.auth.exceptions.TransportError as error:
            return [Later(_reason("unreachable", error))] * len(messages)
        except google.auth.exceptions.GoogleAuthError as error:
            return [Later(_reason("unauthenticated", error), pause=True)] * len(messages)
        tried = [_message(message) for message in messages]
        answer = await messaging.send_each_async([each for each in tried if each], app=self._app)
        if any(isinstance(each.exception, exceptions.UnauthenticatedError) for each in answer.responses):
            self._credential.token = None
        responses = iter(answer.responses)
        return [_outcome(next(responses)) if each else Never("no_token", gone=True) for each in tried]

    async def _sign_in(self) -> None:
        """Fetch an access token, by the blocking calls that Google's library has for it."""
        if not self._credential.valid:
            request = google.auth.transport.requests.Request()
            await asyncio.to_thread(self._credential.refresh, request)

    async def close(self) -> None:
        await self._client.aclose()
        await asyncio.to_thread(firebase_admin.delete_app, self._app)  # which runs an event loop of its own


class _Client:
    """What the SDK sends by, in place of its own.

    Its own repeats what fails, for longer than a dispatcher may be at it, and forgets it on a crash: that is for
    the outbox to do. Nor does this one block to fetch a token. By aiohttp a message takes a tenth of the time;
    answers and errors are given as httpx has them, which is what the SDK reads.
    """

    def __init__(self, credential: Any, timeout_s: float) -> None:
        self._credential = credential
        self._timeout = aiohttp.ClientTimeout(total=timeout_s)
        self._http: aiohttp.ClientSession | None = None

    async def request(self, method: str, url: str, headers: dict[str, str], json: object) -> httpx.Response:
        headers["Authorization"] = f"Bearer {self._credential.token}"
        if self._http is None:  # which wants the event loop to run
            self._http = aiohttp.ClientSession(timeout=self._timeout)
        try:
            async with self._http.request(method, url, headers=headers, json=json) as answer:
                content = await answer.read()
        except (aiohttp.ClientError, TimeoutError) as error:
            kind = httpx.TimeoutException if isinstance(error, TimeoutError) else httpx.TransportError
            raise kind(str(error) or type(error).__name__) from error
        response = httpx.Response(answer.status, headers=answer.headers, content=content)
        if not response.is_success:
            request = httpx.Request(method, url)
            raise httpx.HTTPStatusError(f"status {answer.status}", request=request, response=response)
        return response

    async def aclose(self) -> None:
        if self._http:
            await self._http.close()


def _message(message: Message) -> messaging.Message | None:
    """The notice's id replaces what the phone showed of the same notice before."""
    push, same = message.push or {}, str(message.notice_id)
    to = {"fid": push["fid"]} if push.get("fid") else {"token": push.get("token")}
    if not all(isinstance(value, str) and value for value in to.values()):
        return None
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", DeprecationWarning)  # tokens, which phones in the field will long have
        return messaging.Message(
            **to,
            notification=messaging.Notification(message.title, message.short_body),
            data={"notice_id": same, "kind": message.kind},
            android=messaging.AndroidConfig(
                priority="high" if message.urgent else "normal",
                notification=messaging.AndroidNotification(tag=same),
            ),
            apns=messaging.APNSConfig(
                headers={"apns-collapse-id": same, "apns-priority": "10" if message.urgent else "5"}
            ),
            webpush=messaging.WebpushConfig(notification=messaging.WebpushNotification(tag=same)),
        )


def _outcome(response: messaging.SendResponse) -> Outcome:
    if response.success:
        return Sent(response.message_id)
    error = response.exception
    match error:
        case messaging.UnregisteredError():
            return Never(_reason("unregistered", error), gone=True)
        case messaging.SenderIdMismatchError():  # registered with another project: it may be ours that is wrong
            return Never(_reason("other_key", error))
        case exceptions.InvalidArgumentError():
            return Never(_reason("invalid_argument", error), gone="registration token" in str(error).lower())
        case exceptions.FirebaseError():
            code, after_s = _CODES.get(error.code, str(error.code).lower()), _after_s(error)
            return Later(_reason(code, error), after_s, pause=error.code in _CODES)
        case _:
            return Later("no_message_id")


def _after_s(error: exceptions.FirebaseError) -> float | None:
    return None if error.http_response is None else retry_after_s(error.http_response.headers)


def _reason(code: str, error: Exception) -> str:
    return f"{code}: {masked(str(error))}"[:_REASON_CHARS]
