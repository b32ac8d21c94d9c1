"""Passwords: Argon2id, with parameters that a two-core server can afford."""

import asyncio
import os
import unicodedata
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from typing import TypeVar

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError

from app.kernel.language import Text
from app.kernel.problems import BUSY, Problem, invalid

T = TypeVar("T")

LONGEST = 200
_SHORTEST = 8
_FEWEST_SIGNS = 4  # different ones
# What people in China choose first, of eight characters and more.
# fmt: off
_COMMON = frozenset((
    "password", "passw0rd", "password1", "qwertyui", "qwerty123", "1qaz2wsx", "1q2w3e4r", "a1234567",
    "a12345678", "abc12345", "abcd1234", "aa123456", "asdf1234", "asdfghjk", "woaini1314", "woaini520",
    "5201314520", "13145201", "iloveyou", "admin123", "admin888", "12345678", "87654321", "123456789",
    "987654321", "1234567890", "0123456789", "11223344", "123123123", "147258369", "12341234", "qq123456",
    "zxcvbnm1",
))
# fmt: on
_TOO_SHORT = Text("密码至少 {shortest} 位", "A password has at least {shortest} characters")
_TOO_SIMPLE = Text(
    "密码太简单，容易被人猜到；换一个别人想不到的", "This password is easily guessed; choose another"
)
_OWN_NUMBER = Text("密码中不要有自己的手机号", "A password does not contain one's own phone number")

# OWASP's minimum (19 MiB, 2 passes): a county's whole staff signs in on the same Monday morning.
_hasher = PasswordHasher(time_cost=2, memory_cost=19 * 1024, parallelism=1)
_NOBODY = _hasher.hash("nobody has this password")

# Each hash takes a core and 19 MiB: no more at once than there are cores, and no longer a queue than is worth
# waiting in (some ten seconds).
_workers = ThreadPoolExecutor(max_workers=os.cpu_count() or 2, thread_name_prefix="password")
_MOST_WAITING = 100 * (os.cpu_count() or 2)
_waiting: set[object] = set()


@contextmanager
def place_in_queue() -> Iterator[None]:
    """Around what is going to hash. Raises `BUSY` before anything is counted, where too many wait already."""
    if len(_waiting) >= _MOST_WAITING:
        raise Problem(BUSY, retry_after_s=10)
    place = object()
    _waiting.add(place)
    try:
        yield
    finally:
        _waiting.discard(place)


def refuse_weak(password: str, *, phone: str, pointer: str = "/password") -> None:
    """Raises `INVALID` for what is guessed at once (NIST SP 800-63B: length and known ones, no rules of signs)."""
    plain = unicodedata.normalize("NFKC", password).casefold()
    if len(password) < _SHORTEST:
        raise invalid(pointer, "too_short", _TOO_SHORT, shortest=_SHORTEST)
    if phone and phone in plain:
        raise invalid(pointer, "own_number", _OWN_NUMBER)
    if plain in _COMMON or len(set(plain)) < _FEWEST_SIGNS:
        raise invalid(pointer, "too_simple", _TOO_SIMPLE)


async def hashed(password: str) -> str:
    """Beside the event loop: it takes tens of milliseconds by design."""
    return await _beside(hash_password, password)


def hash_password(password: str) -> str:
    return _hasher.hash(password)


async def matches(password: str, password_hash: str | None) -> bool:
    """Whether the password fits; takes as long for an unknown person (`None`) as for a known one."""
    return await _beside(_verify, password, password_hash)


async def _beside(work: Callable[..., T], *of: object) -> T:
    return await asyncio.get_running_loop().run_in_executor(_workers, work, *of)


def _verify(password: str, password_hash: str | None) -> bool:
    try:
        return _hasher.verify(password_hash or _NOBODY, password) and password_hash is not None
    except (VerificationError, InvalidHashError):
        return False
