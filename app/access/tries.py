"""Tries at passwords, counted before the password is looked at, so that those side by side all count.

What is counted stands under a hash: neither numbers that nobody has, nor addresses, can be read from the table.
"""

import hashlib
import ipaddress
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy.ext.asyncio import AsyncSession

from app.access.rules import NETWORK, NUMBER, NUMBER_HERE, Bucket
from app.access.store import tries as store
from app.kernel.problems import TOO_MANY_ATTEMPTS, Problem


@dataclass(frozen=True, slots=True)
class Try:
    """A try that has been counted as a wrong one, until `forget`: the buckets that it fell into, by key."""

    here: bytes
    buckets: Mapping[bytes, Bucket]


async def count(session: AsyncSession, phone: str, *, address: str, own_device: str | None, now: datetime) -> Try:
    """Counts a try at the number, whether anybody has it or not.

    `own_device`: the device that asks, where the number's owner has been signed in on it before.
    Raises `TOO_MANY_ATTEMPTS`, and counts nothing, while a bucket is full.
    """
    network = network_of(address)
    here = _key("number on device", phone, own_device) if own_device else _key("number from", phone, network)
    buckets = {here: NUMBER_HERE}
    if not own_device:
        buckets |= {_key("number", phone): NUMBER, _key("network", network): NETWORK}
    full_for = timedelta(0)
    for row in await store.HOLD.all(session, keys=list(buckets), now=now):
        bucket = buckets[row.key]
        full_for = max(full_for, row.empty_at - now - bucket.every * (bucket.size - 1))
    if full_for > timedelta(0):
        raise Problem(TOO_MANY_ATTEMPTS, retry_after_s=int(full_for.total_seconds()) + 1)
    await _add(session, buckets, times=1)
    return Try(here, buckets)


async def forget(session: AsyncSession, counted: Try, *, now: datetime) -> None:
    """It was the right password: the number starts anew here, and the other buckets lose this one."""
    await store.HOLD.all(session, keys=list(counted.buckets), now=now)  # in the order of those who count
    await _add(session, counted.buckets, times=-1)
    await store.EMPTY.run(session, keys=list(counted.buckets), here=counted.here, now=now)


async def purge(session: AsyncSession, *, now: datetime) -> int:
    """Buckets that are empty go; how many."""
    return await store.PURGE.run(session, now=now)


async def _add(session: AsyncSession, buckets: Mapping[bytes, Bucket], *, times: int) -> None:
    await store.ADD.run(
        session,
        keys=list(buckets),
        seconds=[bucket.every.total_seconds() * times for bucket in buckets.values()],
    )


def network_of(address: str) -> str:
    """An IPv4 address as it is; of IPv6 the /64 that one household or office has whole."""
    try:
        found = ipaddress.ip_address(address)
    except ValueError:  # a socket without one
        return address
    if isinstance(found, ipaddress.IPv6Address):
        found = found.ipv4_mapped or ipaddress.ip_network((found, 64), strict=False).network_address
    return str(found)


def _key(*parts: str) -> bytes:
    return hashlib.sha256("\n".join(parts).encode()).digest()
