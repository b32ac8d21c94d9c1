"""Passwords: Argon2id, with parameters that a two-core server can afford."""

import asyncio

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError

# OWASP's minimum (19 MiB, 2 passes): a county's whole staff signs in on the same Monday morning.
_hasher = PasswordHasher(time_cost=2, memory_cost=19 * 1024, parallelism=1)
_NOBODY = _hasher.hash("nobody has this password")


def hash_password(password: str) -> str:
    return _hasher.hash(password)


async def matches(password: str, password_hash: str | None) -> bool:
    """Whether the password fits; takes as long for an unknown person (`None`) as for a known one."""
    return await asyncio.to_thread(_verify, password, password_hash)


def _verify(password: str, password_hash: str | None) -> bool:
    try:
        return _hasher.verify(password_hash or _NOBODY, password) and password_hash is not None
    except (VerificationError, InvalidHashError):
        return False
