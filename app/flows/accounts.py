"""Accounts: the office hands out codes, people choose passwords with them, and sessions end."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from app.access import accounts, activations, passwords, second_factor, sign_ins, tries
from app.access import service as access
from app.access.accounts import Account
from app.access.activations import ActivationCode, Issued, PersonRow
from app.access.sessions import Lifetime
from app.access.sign_ins import Origin
from app.access.words import SignInResult
from app.directory import service as directory
from app.directory.leaders import reaching_beyond
from app.directory.scope import Scope
from app.flows.sign_in import SignedIn, open_for, prove
from app.kernel import audit
from app.kernel.database import Database
from app.kernel.language import Text
from app.kernel.problems import CONFLICT, NOT_FOUND, FieldError, Problem, invalid
from app.notices import service as notices
from app.notices.service import NewNotice

_WRONG = Text("原密码不对", "This is not the present password")
_LEFT = Text("此人今天不在任", "The person does not serve today")
_BEYOND = FieldError(
    "/posts",
    "beyond",
    Text(
        "还有管辖范围以外的任职，由上级办公室发放",
        "Holds a post beyond your units: an office above makes it",
    ),
)


@dataclass(frozen=True, slots=True)
class Slip:
    """激活条: a code and whose it is."""

    person: PersonRow
    issued: Issued


@dataclass(frozen=True, slots=True)
class Slips:
    """Those that were made, and who gets none, with the reason."""

    made: Sequence[Slip]
    left_out: Sequence[tuple[PersonRow, FieldError]]


async def issue_for(session: AsyncSession, office: Scope, person_id: UUID, *, now: datetime) -> Issued:
    """A code for one person, whether they have an account yet or not. Raises `NOT_FOUND`, `CONFLICT`.

    Until the code is used, the password that they have stays good.
    """
    found = await activations.people(session, office.county_id, [person_id])
    if not found:
        raise Problem(NOT_FOUND)
    (person,) = found
    activations.refuse_unfit(person.name, person.phone)
    if not await directory.serves(session, county_id=office.county_id, person_id=person_id, now=now):
        raise Problem(CONFLICT, _LEFT)
    (issued,) = await _issue(session, office, [person_id], now)
    if person.has_account:
        await _tell(session, office, person_id, now)
    return issued


async def slips(
    session: AsyncSession, office: Scope, paths: Sequence[str], *, managed: Sequence[str], now: datetime
) -> Slips:
    """Codes for everybody below these units who cannot sign in yet, and has no power beyond those `managed`."""
    found = await activations.without_account(session, office.county_id, paths, now=now)
    county = await directory.county(session, office.county_id)
    beyond = await reaching_beyond(
        session,
        county_id=county.id,
        person_ids=[person.id for person in found],
        paths=managed,
        today=county.day(now),
    )
    asked = [
        (person, _BEYOND if person.id in beyond else activations.unfit(person.name, person.phone))
        for person in found
    ]
    people = [person for person, error in asked if error is None]
    issued = await _issue(session, office, [person.id for person in people], now)
    return Slips(
        [Slip(person, code) for person, code in zip(people, issued, strict=True)],
        [(person, error) for person, error in asked if error],
    )


async def activate(
    database: Database, *, code: str, password: str, origin: Origin, now: datetime, lifetime: Lifetime
) -> SignedIn:
    """The person chooses a password and is signed in; sessions on other devices end. The code is good once.

    Raises `INVALID` at `/code` or `/password`, `CONFLICT` at `/phone`, `SESSION_ENDED` for who has left.
    """
    offered = ActivationCode.parse(code)
    async with database.transaction(offered.county_id) as session:
        phone = (await activations.holder(session, offered, now=now)).phone
    passwords.refuse_weak(password, phone=phone)
    with passwords.place_in_queue():
        password_hash = await passwords.hashed(password)  # outside any transaction: it takes a while by design
    async with database.transaction(offered.county_id) as session:
        held = await activations.holder(session, offered, now=now)
        account = Account(held.phone, offered.county_id, held.person_id, password_hash)
        await accounts.set_password(session, account, now=now)
        await activations.spend(session, offered.county_id, held.id, now=now)
        await access.end_others(session, offered.county_id, held.person_id, reason="activated", now=now)
        await _record(session, offered.county_id, held.person_id, "account.activated", held.person_id, now)
        event_id = await sign_ins.tried(session, account.phone, origin, now=now)
        await sign_ins.became(session, account.county_id, event_id, SignInResult.ACTIVATED)
        await second_factor.remove(session, account.county_id, held.person_id)  # the way back from a lost phone
        return await open_for(session, account, device_id=origin.device_id, now=now, lifetime=lifetime)


async def change_password(
    database: Database,
    own: Scope,
    session_id: UUID,
    *,
    old: str,
    new: str,
    end_others: bool,
    origin: Origin,
    now: datetime,
) -> None:
    """Raises `INVALID` at `/old_password` or `/new_password`, `TOO_MANY_ATTEMPTS` as signing in does."""
    async with database.transaction(own.county_id) as session:
        held = await accounts.of_person(session, own.county_id, own.person_id)
    if held is None:
        raise invalid("/old_password", "wrong", _WRONG)
    proof = await prove(database, phone=held.phone, password=old, origin=origin, now=now)
    account = proof.account
    if account is None:
        raise invalid("/old_password", "wrong", _WRONG)
    passwords.refuse_weak(new, phone=account.phone, pointer="/new_password")
    with passwords.place_in_queue():
        password_hash = await passwords.hashed(new)
    changed = Account(account.phone, account.county_id, account.person_id, password_hash)
    async with database.transaction(own.county_id) as session:
        await tries.forget(session, proof.counted, now=now)
        await sign_ins.became(session, account.county_id, proof.event_id, SignInResult.PASSWORD_CHANGED)
        await accounts.set_password(session, changed, now=now)
        if end_others:
            await access.end_others(
                session, own.county_id, own.person_id, but=session_id, reason="password_changed", now=now
            )
        await _record(session, own.county_id, own.person_id, "account.password_changed", own.person_id, now)


async def make_second_factor(
    database: Database, own: Scope, *, password: str, origin: Origin, now: datetime
) -> second_factor.Made:
    """By the password, lest a phone that lies about be enough. Raises `INVALID` at `/password`, `CONFLICT`."""
    async with database.transaction(own.county_id) as session:
        held = await accounts.of_person(session, own.county_id, own.person_id)
    if held is None:
        raise invalid("/password", "wrong", _WRONG)
    proof = await prove(database, phone=held.phone, password=password, origin=origin, now=now)
    if proof.account is None:
        raise invalid("/password", "wrong", _WRONG)
    async with database.transaction(own.county_id) as session:
        await tries.forget(session, proof.counted, now=now)
        await sign_ins.became(session, own.county_id, proof.event_id, SignInResult.SIGNED_IN)
        return await second_factor.make(session, own.county_id, own.person_id, name=held.phone, now=now)


async def confirm_second_factor(session: AsyncSession, own: Scope, *, code: str, now: datetime) -> None:
    """Raises `INVALID` at `/code`."""
    await second_factor.confirm(session, own.county_id, own.person_id, code=code, now=now)
    await _record(session, own.county_id, own.person_id, "account.second_factor_on", own.person_id, now)


async def remove_second_factor(session: AsyncSession, own: Scope, *, code: str, now: datetime) -> None:
    """Raises `SECOND_FACTOR_WRONG`."""
    if wrong := await second_factor.missing(session, own.county_id, own.person_id, code=code, now=now):
        raise Problem(wrong)
    await second_factor.remove(session, own.county_id, own.person_id)
    await _record(session, own.county_id, own.person_id, "account.second_factor_off", own.person_id, now)


async def end_sessions_of(session: AsyncSession, office: Scope, person_id: UUID, *, now: datetime) -> int:
    """A phone was lost: all of the person's sessions end, those of tracking apps too. How many."""
    ended = await access.end_others(
        session, office.county_id, person_id, reason="ended_by_office", keys_too=True, now=now
    )
    await _record(session, office.county_id, office.person_id, "account.sessions_ended", person_id, now)
    return ended


async def _issue(session: AsyncSession, office: Scope, person_ids: Sequence[UUID], now: datetime) -> list[Issued]:
    issued = await activations.issue(session, office.county_id, person_ids, made_by=office.person_id, now=now)
    await audit.record(
        session,
        county_id=office.county_id,
        at=now,
        actor_id=office.person_id,
        action="activation.issued",
        subject=f"person:{person_ids[0]}" if len(person_ids) == 1 else f"county:{office.county_id}",
        detail={"person_ids": list(person_ids)},
    )
    return issued


async def _tell(session: AsyncSession, office: Scope, person_id: UUID, now: datetime) -> None:
    """Whoever holds a code for an account can take it over: its owner hears of it."""
    issuer = await directory.person(session, county_id=office.county_id, person_id=office.person_id, now=now)
    about: dict[str, object] = {"issuer": {"id": issuer.id, "name": issuer.name}}
    occasion = f"activation_issued:{now.isoformat()}"
    await notices.tell(
        session,
        county_id=office.county_id,
        now=now,
        notices=[NewNotice(person_id, "activation_issued", occasion, about, today=True)],
    )


async def _record(
    session: AsyncSession, county_id: str, actor_id: UUID, action: str, person_id: UUID, now: datetime
) -> None:
    await audit.record(
        session, county_id=county_id, at=now, actor_id=actor_id, action=action, subject=f"person:{person_id}"
    )
