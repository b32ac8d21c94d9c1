"""登录记录: who signed in, or tried to, when and from where; for the owner and the office."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from app.access.store import sign_ins as store
from app.access.store.sign_ins import SignInEventRow
from app.access.words import SignInResult
from app.kernel.ids import new_id
from app.kernel.paging import cut, decode_cursor

_LISTING = "sign-ins"


@dataclass(frozen=True, slots=True)
class Origin:
    """Where a try comes from: an address, and what the device or browser says of itself."""

    address: str
    device_id: str | None
    agent: str | None
    session_id: UUID | None = None  # of the session before, as its browser was told


@dataclass(frozen=True, slots=True)
class SignIns:
    """A page of a person's sign-ins."""

    items: Sequence[SignInEventRow]
    next_cursor: str | None


async def tried(session: AsyncSession, phone: str, origin: Origin, *, now: datetime) -> UUID:
    """A try at a number counts as a wrong one until `became`. Of numbers that nobody has, nothing is kept."""
    event_id = new_id()
    await store.TRIED.run(
        session,
        id=event_id,
        phone=phone,
        at=now,
        result=SignInResult.WRONG_PASSWORD,
        address=origin.address,
        device_id=origin.device_id,
        agent=origin.agent,
    )
    return event_id


async def became(session: AsyncSession, county_id: str, event_id: UUID, result: SignInResult) -> None:
    """What the try was after all."""
    await store.BECAME.run(session, county_id=county_id, id=event_id, result=result)


async def of_person(
    session: AsyncSession, county_id: str, person_id: UUID, *, cursor: str | None, limit: int
) -> SignIns:
    """A page, the latest first."""
    (before,) = decode_cursor(_LISTING, cursor, UUID) or (None,)
    found = await store.OF_PERSON.all(
        session, county_id=county_id, person_id=person_id, before=before, limit=limit + 1
    )
    return SignIns(*cut(_LISTING, found, limit, lambda row: (row.id,)))
