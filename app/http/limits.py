"""What one person, or one address that nobody has signed in from, may ask at once and in a minute. Pure ASGI.

Whoever holds connections open, by sending slowly or by not reading, holds their own places and nobody else's. And
who calls is known before a body is read: strangers send none to what is not open to them.
"""

from dataclasses import dataclass
from uuid import UUID

from fastapi import Request
from fastapi.security.utils import get_authorization_scheme_param
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from app.access import service as access
from app.access.tries import network_of
from app.directory.rights import Ability
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
        headers = {name: value for name, value in scope["headers"] if name in _READ}
        who = _caller(handed, headers.get(b"authorization", b""))
        key: UUID | str
        if who:
            key, requests, at_once = who.person_id, handed.limits.by_person, handed.limits.at_once_by_person
        else:
            key = network_of(scope["client"][0] if scope["client"] else "")
            requests, at_once = handed.limits.by_address, handed.limits.at_once_by_address
        try:
            requests.check(key)
            place = at_once.take(key)
        except Problem as problem:
            await answer(Request(scope), problem)(scope, receive, send)
            return
        requests.spend(key)
        with place:
            await self.app(scope, _Known(handed, scope, receive, who, headers).receive, send)


_READ = {b"authorization", b"content-length"}


def _caller(handed: Services, authorization: bytes) -> Caller | None:
    """Whose good token it is, if it is one; whether the session has ended is not asked."""
    scheme, token = get_authorization_scheme_param(authorization.decode("latin-1"))
    if scheme.lower() != "bearer":
        return None
    try:
        return handed.tokens.read(token, handed.clock())
    except Problem:
        return None


@dataclass(slots=True)
class _Known:
    """Hands on the body of a request once it is known that its caller may send one."""

    handed: Services
    scope: Scope
    rest: Receive
    who: Caller | None
    headers: dict[bytes, bytes]
    asked: bool = False

    async def receive(self) -> Message:
        """Raises `NOT_SIGNED_IN` and what `access.scope` raises, to whoever reads the body."""
        if not self.asked:
            await self._ask()
            self.asked = True
        return await self.rest()

    async def _ask(self) -> None:
        ability: Ability | None = getattr(self.scope.get("endpoint"), "ability", None)
        if self.scope["method"] not in _WITH_BODY or ability in _OPEN:
            return
        if self.who is None:
            raise Problem(NOT_SIGNED_IN)
        declared = self.headers.get(b"content-length", b"")
        if declared.isdigit() and int(declared) <= _SMALL:
            return  # the route itself asks, and it costs nothing to have read that much
        async with self.handed.database.transaction() as session:
            await access.scope(
                session,
                county_id=self.who.county_id,
                person_id=self.who.person_id,
                session_id=self.who.session_id,
                now=self.handed.clock(),
                may_have_left=ability is Ability.OWN_AFTERWARDS,
                own_only=True,
            )
