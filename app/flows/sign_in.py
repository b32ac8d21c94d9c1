"""Sign in and refresh. A try is committed as a failed one before its password is looked at."""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from app.access import accounts, passwords
from app.access import service as access
from app.access.accounts import Account
from app.access.sessions import RefreshToken
from app.directory import service as directory
from app.directory.service import Person
from app.kernel.database import Database
from app.kernel.problems import BAD_CREDENTIALS, SESSION_ENDED, Problem


@dataclass(frozen=True, slots=True)
class SignedIn:
    """A session that is good now, with the refresh token to hand out."""

    person: Person
    session_id: UUID
    refresh_token: str


async def sign_in(
    database: Database, *, phone: str, password: str, device_id: str | None, now: datetime, days: int
) -> SignedIn:
    """Raises `BAD_CREDENTIALS`, and `TOO_MANY_ATTEMPTS` after five wrong passwords in a row."""
    async with database.transaction() as session:
        account = await accounts.try_account(session, phone, now=now)
    # Outside any transaction: the check takes tens of milliseconds by design.
    good = await passwords.matches(password, account.password_hash if account else None)
    if account is None or not good:
        raise Problem(BAD_CREDENTIALS)
    async with database.transaction() as session:
        await accounts.forget_failures(session, account.phone)
    async with database.transaction() as session:
        return await open_for(session, account, device_id=device_id, now=now, days=days)


async def refresh(database: Database, *, token: str, key: bytes, now: datetime, days: int) -> SignedIn:
    """Exchange a refresh token for its successor, which follows from it by `key`. Raises `SESSION_ENDED`."""
    offered = RefreshToken.parse(token)
    async with database.transaction() as session:
        following = await access.rotate(session, offered, key=key, now=now, days=days)
        if following:
            who = await directory.person(
                session, county_id=offered.county_id, person_id=following.person_id, now=now, may_have_left=True
            )
            return SignedIn(who, offered.session_id, str(following.token))
    raise Problem(SESSION_ENDED)


async def open_for(
    session: AsyncSession, account: Account, *, device_id: str | None, now: datetime, days: int
) -> SignedIn:
    """Sign the account's owner in on a device. Raises `SESSION_ENDED` for who left long ago."""
    who = await directory.person(
        session, county_id=account.county_id, person_id=account.person_id, now=now, may_have_left=True
    )
    session_id, token = await access.open_session(session, who, device_id=device_id, now=now, days=days)
    return SignedIn(who, session_id, str(token))
