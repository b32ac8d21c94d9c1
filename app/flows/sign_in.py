"""Sign in and refresh. A try is committed as a failed one before its password is looked at."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID
from zoneinfo import ZoneInfo

from sqlalchemy.ext.asyncio import AsyncSession

from app.access import accounts, passwords, second_factor, sign_ins, tries
from app.access import service as access
from app.access.accounts import Account
from app.access.sessions import Lifetime, RefreshToken
from app.access.settings import AccessSettings
from app.access.sign_ins import Origin
from app.access.tries import Try
from app.access.words import SignInResult
from app.directory import service as directory
from app.directory.service import Person
from app.kernel.database import Database, within
from app.kernel.problems import BAD_CREDENTIALS, SESSION_ENDED, Problem
from app.notices import service as notices
from app.notices.service import NewNotice


@dataclass(frozen=True, slots=True)
class SignedIn:
    """A session that is good now, with the refresh token to hand out."""

    person: Person
    session_id: UUID
    refresh_token: str


async def sign_in(
    database: Database,
    *,
    phone: str,
    password: str,
    code: str | None,
    origin: Origin,
    now: datetime,
    lifetime: Lifetime,
) -> SignedIn:
    """`code`: of the second factor, where the person has one.

    Raises `BAD_CREDENTIALS`, `SECOND_FACTOR_NEEDED`, `SECOND_FACTOR_WRONG`, `TOO_MANY_ATTEMPTS`
    (`access/rules.py`), and `BUSY` when too many ask at once.
    """
    proof = await prove(database, phone=phone, password=password, origin=origin, now=now)
    account = proof.account
    if account is None:
        raise Problem(BAD_CREDENTIALS)
    async with database.transaction(account.county_id) as session:
        missing = await second_factor.missing(session, account.county_id, account.person_id, code=code, now=now)
        if missing:
            await sign_ins.became(session, account.county_id, proof.event_id, SignInResult.SECOND_FACTOR)
        else:
            await tries.forget(session, proof.counted, now=now)
    if missing:
        raise Problem(missing)
    async with database.transaction(account.county_id) as session:
        await sign_ins.became(session, account.county_id, proof.event_id, SignInResult.SIGNED_IN)
        if proof.own_device is None:
            await _tell_owner(session, account, origin, now)
        return await open_for(session, account, device_id=origin.device_id, now=now, lifetime=lifetime)


async def _tell_owner(session: AsyncSession, account: Account, origin: Origin, now: datetime) -> None:
    """Of a device that is new to an account in use: whoever has the password may be somebody else."""
    county = await directory.county(session, account.county_id)
    if not county.setting(AccessSettings).new_device_notice:
        return
    if await access.has_signed_in(session, account.county_id, account.person_id):
        at = f"{now.astimezone(ZoneInfo(county.timezone)):%Y-%m-%d %H:%M}"
        about: dict[str, object] = {"at": at, "client": _PHONE if origin.device_id else _BROWSER}
        occasion = f"new_device:{now.isoformat()}"
        notice = NewNotice(account.person_id, "new_device", occasion, about, today=True)
        await notices.tell(session, county_id=account.county_id, now=now, notices=[notice])


_PHONE = {"name": "手机", "name_en": "a phone"}
_BROWSER = {"name": "浏览器", "name_en": "a browser"}


@dataclass(frozen=True, slots=True)
class Proof:
    """What a number and a password open, if they do; and the try, which counts as a wrong one until forgotten."""

    account: Account | None
    own_device: str | None  # that asks, if the number's owner has been signed in on it before
    counted: Try
    event_id: UUID


async def prove(database: Database, *, phone: str, password: str, origin: Origin, now: datetime) -> Proof:
    """Raises `TOO_MANY_ATTEMPTS` and `BUSY`. A number that nobody has takes as long, and is refused as often."""
    with passwords.place_in_queue():
        async with database.transaction(None) as session:
            account = await accounts.of_number(session, phone)
            async with within(session, account.county_id if account else None):
                own_device = await accounts.own_device(
                    session, account, device_id=origin.device_id, session_id=origin.session_id
                )
                counted = await tries.count(session, phone, address=origin.address, own_device=own_device, now=now)
                event_id = await sign_ins.tried(session, phone, origin, now=now)
        # Outside any transaction: the check takes tens of milliseconds by design.
        good = await passwords.matches(password, account.password_hash if account else None)
        return Proof(account if good else None, own_device, counted, event_id)


_STEADY = timedelta(minutes=5)
"""A page asks whenever it is loaded, and browsers write cookies to the disk half a minute late: one that dies
comes back with the token before, which must not be two behind."""


async def refresh(
    database: Database, *, token: str, key: bytes, now: datetime, lifetime: Lifetime, by_page: bool = False
) -> SignedIn:
    """Exchange a refresh token for its successor, which follows from it by `key`. Raises `SESSION_ENDED`."""
    steady = _STEADY if by_page else timedelta(0)
    offered = RefreshToken.parse(token)
    async with database.transaction(offered.county_id) as session:
        following = await access.rotate(session, offered, key=key, now=now, lifetime=lifetime, steady=steady)
        if following:
            who = await directory.person(
                session, county_id=offered.county_id, person_id=following.person_id, now=now, may_have_left=True
            )
            return SignedIn(who, offered.session_id, str(following.token))
    raise Problem(SESSION_ENDED)


async def sign_out(database: Database, *, token: str, now: datetime) -> None:
    """End the session of a refresh token that is good; of any other nothing is said."""
    try:
        offered = RefreshToken.parse(token)
    except Problem:
        return
    async with database.transaction(offered.county_id) as session:
        if await access.is_good(session, offered, now=now):
            await access.sign_out(session, county_id=offered.county_id, session_id=offered.session_id, now=now)


async def open_for(
    session: AsyncSession, account: Account, *, device_id: str | None, now: datetime, lifetime: Lifetime
) -> SignedIn:
    """Sign the account's owner in on a device. Raises `SESSION_ENDED` for who left long ago."""
    who = await directory.person(
        session, county_id=account.county_id, person_id=account.person_id, now=now, may_have_left=True
    )
    session_id, token = await access.open_session(session, who, device_id=device_id, now=now, lifetime=lifetime)
    return SignedIn(who, session_id, str(token))
