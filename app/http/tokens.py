"""Access tokens: short-lived signed JWTs (HS256) that say who calls, from which session."""

from dataclasses import dataclass
from datetime import datetime
from functools import lru_cache
from uuid import UUID

import jwt

from app.kernel.problems import NOT_SIGNED_IN, Problem


@dataclass(frozen=True, slots=True)
class Caller:
    """Who is calling, as the access token says."""

    county_id: str
    person_id: UUID
    session_id: UUID


@dataclass(frozen=True, slots=True)
class AccessTokens:
    """Makes and reads access tokens. Expiry is judged by the caller's `now`, never by the machine's clock."""

    key: str
    seconds: int
    before: str | None = None  # the key before this one: what it signed is good until it expires

    def issue(self, caller: Caller, now: datetime) -> str:
        return jwt.encode(
            {
                "sub": caller.person_id.hex,
                "county": caller.county_id,
                "sid": caller.session_id.hex,
                "exp": int(now.timestamp()) + self.seconds,
            },
            self.key,
            algorithm="HS256",
        )

    def read(self, token: str, now: datetime) -> Caller:
        """Raises `NOT_SIGNED_IN` when the token is not ours or has expired."""
        caller, expires_at = self._verified(token)
        if expires_at <= now.timestamp():
            raise Problem(NOT_SIGNED_IN)
        return caller

    def _verified(self, token: str) -> tuple[Caller, float]:
        try:
            return _verified(self.key, token)
        except Problem:
            if self.before is None:
                raise
            return _verified(self.before, token)


@lru_cache(maxsize=10_000)
def _verified(key: str, token: str) -> tuple[Caller, float]:
    """Whose token it is and when it expires. Kept, since a phone shows the same one many times.

    Nothing is believed longer for it: expiry is judged anew each time, and whether the session has ended is known
    to the database alone.
    """
    try:
        claims = jwt.decode(
            token,
            key,
            algorithms=["HS256"],
            options={"verify_exp": False, "require": ["sub", "county", "sid", "exp"]},
        )
        return Caller(claims["county"], UUID(hex=claims["sub"]), UUID(hex=claims["sid"])), claims["exp"]
    except (jwt.InvalidTokenError, ValueError):
        raise Problem(NOT_SIGNED_IN) from None
