"""The doors of off-the-shelf tracking apps: one address each, in the app's own words.

An app sends its oldest record again until it is answered with success, and nothing behind it gets through. So:
success for everything that can never be taken (it goes into quarantine), 401 for a bad key only, 503 for "come
back later". Keys are in headers, bodies and, for Traccar Client, in addresses: nothing here logs them.
"""

import base64
import binascii
from contextlib import suppress
from dataclasses import replace

from fastapi import APIRouter, Request
from fastapi.responses import Response
from fastapi.security.utils import get_authorization_scheme_param

from app.access.client_records import ClientRecord, KeyHolder, Refused
from app.clients import osmand, overland, owntracks
from app.directory.phone_numbers import phone_number
from app.directory.rights import Ability
from app.flows import take_client_records as flow
from app.flows.take_client_records import Sent
from app.http.abilities import needs
from app.http.errors import RESPONSES, answer
from app.http.services import services
from app.kernel.problems import NOT_SIGNED_IN, Problem

MOST_BYTES = 4 * 1024 * 1024
_MOST_DRAINED = 64 * 1024 * 1024

router = APIRouter(
    prefix="/v1/clients", tags=["tracking apps"], responses=RESPONSES, max_body_size=2 * _MOST_DRAINED
)
_BASIC = 'Basic realm="Yefang", charset="UTF-8"'


@router.post("/owntracks", summary="OwnTracks in HTTP mode: user = phone number, password = client key")
@router.post("/owntracks/", include_in_schema=False)
@needs(Ability.BY_CLIENT_KEY)
async def take_owntracks(request: Request) -> Response:
    """A location with `t: "u"` is a check-in. The answer is always `[]`."""
    try:
        user, key = _basic(request)
        who = _same_person(user, await _holder(request, key, "owntracks"))
        body, whole = await _body(request)
        await _take(request, who, owntracks.read(body) if whole else _too_large(body), body)
    except Problem as problem:
        return _refusal(request, problem, _BASIC)
    return Response(b"[]", media_type="application/json")


@router.get("/osmand", summary="Traccar Client (OsmAnd protocol): id = client key")
@router.post("/osmand", summary="Traccar Client (OsmAnd protocol): id = client key, in query, form or JSON")
@router.get("/osmand/", include_in_schema=False)
@router.post("/osmand/", include_in_schema=False)
@needs(Ability.BY_CLIENT_KEY)
async def take_osmand(request: Request) -> Response:
    """Tracks only; `alarm=sos` is told to the leaders. The answer is empty."""
    body, whole = await _body(request, drained=False)  # it may hold the key
    query = request.scope["query_string"].decode(errors="replace")
    envelope = osmand.open_envelope(query, request.headers.get("content-type", ""), body)
    try:
        who = await _holder(request, envelope.key, "traccar")
        await _drain(request)
        said = osmand.read(envelope, who.timezone, services(request).clock())
        await _take(request, who, said if whole else _too_large(body), body or query.encode(), envelope.key)
    except Problem as problem:
        return _refusal(request, problem, "Bearer")
    return Response()


@router.post("/overland", summary="Overland: Bearer client key")
@router.post("/overland/", include_in_schema=False)
@needs(Ability.BY_CLIENT_KEY)
async def take_overland(request: Request) -> Response:
    """Batches of GeoJSON features; any other answer keeps the batch on the phone."""
    try:
        who = await _holder(request, _bearer(request), "overland")
        body, whole = await _body(request)
        await _take(request, who, overland.read(body, who.timezone) if whole else _too_large(body), body)
    except Problem as problem:
        return _refusal(request, problem, "Bearer")
    return Response(b'{"result":"ok"}', media_type="application/json")


async def _body(request: Request, *, drained: bool = True) -> tuple[bytes, bool]:
    """The body, and whether that is all of it: of one that is too large the beginning, and the rest `drained`."""
    body, whole = bytearray(), True
    async for chunk in request.stream():
        if not (whole := len(body) + len(chunk) <= MOST_BYTES):
            break
        body += chunk
    if drained and not whole:
        await _drain(request)
    return bytes(body), whole


async def _drain(request: Request) -> None:
    """What is left of a body that is too large: an app reads no answer before it has sent all of it."""
    drained = 0
    with suppress(RuntimeError):  # there is nothing left
        async for chunk in request.stream():
            if (drained := drained + len(chunk)) > _MOST_DRAINED:
                break


async def _holder(request: Request, key: str, client: str) -> KeyHolder:
    handed = services(request)
    return await flow.holder_of(handed.database, key, client=client, now=handed.clock())


async def _take(
    request: Request, who: KeyHolder, said: list[ClientRecord | Refused], body: bytes, key: str = ""
) -> None:
    handed = services(request)
    sent = Sent([_without(key, record) for record in said], _hidden(key, body), _app_version(request))
    await flow.take(handed.database, handed.visits, who, sent, now=handed.clock())


def _too_large(body: bytes) -> list[ClientRecord | Refused]:
    return [Refused("too_large", body)]


def _without(key: str, record: ClientRecord | Refused) -> ClientRecord | Refused:
    return replace(record, body=_hidden(key, record.body)) if isinstance(record, Refused) else record


def _hidden(key: str, body: bytes) -> bytes:
    """What is kept of a request does not hold the key to send another."""
    return body.replace(key.encode(), b"***") if key else body


def _basic(request: Request) -> tuple[str, str]:
    """User and password. Raises `NOT_SIGNED_IN`."""
    scheme, credentials = get_authorization_scheme_param(request.headers.get("authorization"))
    try:
        pair = base64.b64decode(credentials.replace("-", "+").replace("_", "/") + "==")
    except (binascii.Error, ValueError):
        raise Problem(NOT_SIGNED_IN) from None
    user, colon, password = pair.decode(errors="replace").partition(":")
    if scheme.lower() != "basic" or not colon:
        raise Problem(NOT_SIGNED_IN)
    return user, password


def _same_person(user: str, who: KeyHolder) -> KeyHolder:
    """A key put into a phone set up for another would count that person's visits as its owner's."""
    if phone_number(user) != phone_number(who.phone):
        raise Problem(NOT_SIGNED_IN)
    return who


def _bearer(request: Request) -> str:
    """Raises `NOT_SIGNED_IN`."""
    scheme, key = get_authorization_scheme_param(request.headers.get("authorization"))
    if scheme.lower() != "bearer":
        raise Problem(NOT_SIGNED_IN)
    return key


def _app_version(request: Request) -> str | None:
    return request.headers.get("user-agent", "").replace("\x00", "")[:50] or None


def _refusal(request: Request, problem: Problem, scheme: str) -> Response:
    response = answer(request, problem)
    if "www-authenticate" in response.headers:
        response.headers["www-authenticate"] = scheme
    return response
