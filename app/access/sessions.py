"""Signed-in devices: a chain of refresh tokens for each.

The newest is good, and the one before it until the newest has been used.

A refresh token is `<county>.<session id, hex>.<secret>`; the database keeps the secret's SHA-256 only. Each secret
follows from the one before and a key of the server's: whoever asks again with the same token, because the reply
was lost or because two asked at once, is given the same successor.
"""

import base64
import hashlib
import hmac
import secrets
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from app.kernel.problems import SESSION_ENDED, Problem


@dataclass(frozen=True, slots=True)
class Lifetime:
    """How long a device stays signed in: while it is used now and then, and however often it is used."""

    unused: timedelta
    most: timedelta

    def ends(self, started_at: datetime, now: datetime) -> datetime:
        """When a session that is used now ends, unless it is used again."""
        return min(now + self.unused, started_at + self.most)


@dataclass(frozen=True, slots=True)
class RefreshToken:
    """One link of a session's chain."""

    county_id: str
    session_id: UUID
    secret: str

    def __str__(self) -> str:
        return f"{self.county_id}.{self.session_id.hex}.{self.secret}"

    @property
    def hash(self) -> bytes:
        return hashlib.sha256(self.secret.encode()).digest()

    def successor(self, key: bytes) -> "RefreshToken":
        """The next link, always the same one; nobody can tell it from this one without the server's key."""
        secret = hmac.digest(key, str(self).encode(), "sha256")
        return RefreshToken(self.county_id, self.session_id, base64.urlsafe_b64encode(secret).decode())

    @classmethod
    def first_of(cls, county_id: str, session_id: UUID) -> "RefreshToken":
        return cls(county_id, session_id, secrets.token_urlsafe(32))

    @classmethod
    def parse(cls, token: str) -> "RefreshToken":
        """Raises `SESSION_ENDED` when the token is none of ours."""
        county_id, _, rest = token.partition(".")
        session_id, _, secret = rest.partition(".")
        try:
            return cls(county_id, UUID(hex=session_id), secret)
        except ValueError:
            raise Problem(SESSION_ENDED) from None
