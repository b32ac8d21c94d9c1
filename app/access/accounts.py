"""What phone numbers sign in to, and how wrong passwords in a row are counted."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from app.access.rules import wait_after_failures
from app.access.store import accounts as store
from app.directory.phone_numbers import phone_number
from app.kernel.problems import TOO_MANY_ATTEMPTS, Problem


@dataclass(frozen=True, slots=True)
class Account:
    """What a phone number signs in to."""

    phone: str
    county_id: str
    person_id: UUID
    password_hash: str


async def try_account(session: AsyncSession, phone: str, *, now: datetime) -> Account | None:
    """The account. The try counts as a failure until `forget_failures`, so that those side by side all count.

    Raises `TOO_MANY_ATTEMPTS`, and counts nothing, while the failures before are to be waited for.
    """
    found = await store.HOLD.first(session, phone=phone)
    if found is None:
        return None
    if found.last_failure_at:
        wait = found.last_failure_at + wait_after_failures(found.failures) - now
        if wait > timedelta(0):
            raise Problem(TOO_MANY_ATTEMPTS, retry_after_s=int(wait.total_seconds()) + 1)
    await store.SET_FAILURES.run(session, phone=phone, failures=found.failures + 1, at=now)
    return Account(found.phone, found.county_id, found.person_id, found.password_hash)


async def forget_failures(session: AsyncSession, phone: str) -> None:
    """A good password starts anew."""
    await store.SET_FAILURES.run(session, phone=phone, failures=0, at=None)


async def put(session: AsyncSession, county_id: str, accounts: Sequence[Account]) -> None:
    """People who have none get these."""
    await store.PUT.run(
        session,
        county_id=county_id,
        phones=[phone_number(account.phone) for account in accounts],
        person_ids=[account.person_id for account in accounts],
        password_hashes=[account.password_hash for account in accounts],
    )
