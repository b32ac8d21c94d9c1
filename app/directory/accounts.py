"""What phone numbers sign in to, and how wrong passwords in a row are counted."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from app.directory import store
from app.directory.rules import wait_after_failures
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
    row = await store.one(session, store.SIGN_IN_FOR_UPDATE, phone=phone)
    if row is None:
        return None
    if row.last_failure_at:
        wait = row.last_failure_at + wait_after_failures(row.failures) - now
        if wait > timedelta(0):
            raise Problem(TOO_MANY_ATTEMPTS, retry_after_s=int(wait.total_seconds()) + 1)
    await store.set_failures(session, phone=phone, failures=row.failures + 1, at=now)
    return Account(row.phone, row.county_id, row.person_id, row.password_hash)


async def forget_failures(session: AsyncSession, phone: str) -> None:
    """A good password starts anew."""
    await store.set_failures(session, phone=phone, failures=0, at=None)
