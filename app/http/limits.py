"""What one person, or one address that nobody has signed in from, may ask at once and in a minute. Pure ASGI.

Whoever holds connections open, by sending slowly or by not reading, holds their own places and nobody else's. And
who calls is known before a body is read: strangers send none to what is not open to them.
"""

from uuid import UUID

from fastapi import Request
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from app.access.tries import network_of
from app.directory.rights import Ability
from app.http.caller import refuse_ended
from app.http.errors import answer
from app.http.services import Services
from app.http.tokens import Caller
from app.kernel.problems import NOT_SIGNED_IN, Problem

_OPEN = {None, Ability.PUBLIC, Ability.BY_CLIENT_KEY}
_WITH_BODY = {"POST", "PUT", "PATCH", "DELETE"}
_SMALL = 64 * 1024
"""Bytes of a body for which the database is not asked beforehand whether the session is still open."""


class Limited:
    """Wraps the application, inside of what counts and logs."""

    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        handed: Services = scope["app"].state.services
        limits, who = handed.limits, _caller(handed, scope)
        key: UUID | str
        if who:
            key, requests, places = who.person_id, limits.by_person, limits.at_once_by_person
        else:
            key = network_of(scope["client"][0] if scope["client"] else "")
            requests, places = limits.by_address, limits.at_once_by_address
        try:
            requests.take(key)
            places.take(key)
        except Problem as problem:
            await answer(Request(scope), problem)(scope, receive, send)
            return
        try:
            await self.app(scope, _once_known(handed, scope, receive, who), send)
        finally:
            places.leave(key)


def _said(scope: Scope, name: bytes) -> bytes:
    for each, value in scope["headers"]:
        if each == name:
            return bytes(value)
    return b""


def _caller(handed: Services, scope: Scope) -> Caller | None:
    """Whose good token it is, if it is one; whether the session has ended is not asked."""
    scheme, _, token = _said(scope, b"authorization").partition(b" ")
    if scheme.lower() != b"bearer":
        return None
    try:
        return handed.tokens.read(token.decode("latin-1"), handed.clock())
    except Problem:
        return None


def _once_known(handed: Services, scope: Scope, receive: Receive, who: Caller | None) -> Receive:
    """Hands on the body of a request once it is known that its caller may send one.

    Whoever reads it is raised `NOT_SIGNED_IN`, and what `access.scope` raises.
    """
    if scope["method"] not in _WITH_BODY:
        return receive
    known = False

    async def receive_known() -> Message:
        nonlocal known
        if not known:
            await _refuse_strangers(handed, scope, who)
            known = True
        return await receive()

    return receive_known


async def _refuse_strangers(handed: Services, scope: Scope, who: Caller | None) -> None:
    ability: Ability | None = getattr(scope.get("endpoint"), "ability", None)
    if ability in _OPEN:
        return
    if who is None:
        raise Problem(NOT_SIGNED_IN)
    declared = _said(scope, b"content-length")
    if declared.isdigit() and int(declared) <= _SMALL:
        return  # the route itself asks, and it costs nothing to have read that much
    await refuse_ended(handed, who, may_have_left=ability is Ability.OWN_AFTERWARDS)
