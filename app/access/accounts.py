"""What phone numbers sign in to."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from app.access.store import accounts as store
from app.directory import service as directory
from app.directory.phone_numbers import phone_number
from app.kernel.database import within
from app.kernel.language import Text
from app.kernel.problems import CONFLICT, FieldError, Problem

_ELSEWHERE = Text(
    "这个手机号已在另一个县登录使用", "Somebody who serves in another county signs in with this number"
)


@dataclass(frozen=True, slots=True)
class Account:
    """What a phone number signs in to."""

    phone: str
    county_id: str
    person_id: UUID
    password_hash: str


async def of_number(session: AsyncSession, phone: str) -> Account | None:
    """What the number signs in to, in whatever county."""
    found = await store.OF_NUMBER.first(session, phone=phone)
    return found and Account(*found)


async def own_device(
    session: AsyncSession, account: Account | None, *, device_id: str | None, session_id: UUID | None
) -> str | None:
    """The device that asks, if the account's owner has been signed in on it; asked also where there is no account.

    `session_id`: of an earlier session, which only the browser that had it knows.
    """
    return await store.OWN_DEVICE.first(
        session,
        county_id=account and account.county_id,
        person_id=account and account.person_id,
        device_id=device_id,
        session_id=session_id,
    )


async def of_person(session: AsyncSession, county_id: str, person_id: UUID) -> Account | None:
    """What the person signs in with, if they have an account."""
    found = await store.OF_PERSON.first(session, county_id=county_id, person_id=person_id)
    return found and Account(*found)


async def set_password(session: AsyncSession, account: Account, *, now: datetime) -> None:
    """The person signs in so from now on; whoever had the number before and serves no more does not.

    Raises `CONFLICT` where somebody who serves in another county signs in with the number.
    """
    held = await store.LOCK.first(session, phone=account.phone)
    if held and (held.county_id, held.person_id) != (account.county_id, account.person_id):
        async with within(session, held.county_id):
            serves = await directory.serves(session, county_id=held.county_id, person_id=held.person_id, now=now)
        if serves:
            raise Problem(CONFLICT, errors=(FieldError("/phone", "taken", _ELSEWHERE),))
        await store.TAKE.all(session, county_id=held.county_id, person_ids=[held.person_id])
    await store.TAKE.all(session, county_id=account.county_id, person_ids=[account.person_id])
    await put(session, account.county_id, [account])


async def renumber(session: AsyncSession, county_id: str, phones: Mapping[UUID, str]) -> None:
    """People sign in with another number, and their password as before; who had it and has left does so no more.

    The caller has seen to it that a number is one person's at a time in the county. Raises `CONFLICT` for one that
    signs in somebody in another county.
    """
    taken = await store.TAKE.all(session, county_id=county_id, person_ids=list(phones))
    moved = [Account(phones[old.person_id], county_id, old.person_id, old.password_hash) for old in taken]
    await store.TAKE_NUMBERS.all(session, county_id=county_id, phones=[account.phone for account in moved])
    await put(session, county_id, moved)


async def put(session: AsyncSession, county_id: str, accounts: Sequence[Account]) -> None:
    """People who have none get these."""
    await store.PUT.run(
        session,
        county_id=county_id,
        phones=[phone_number(account.phone) for account in accounts],
        person_ids=[account.person_id for account in accounts],
        password_hashes=[account.password_hash for account in accounts],
    )
