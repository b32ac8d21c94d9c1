"""What access does for the doors and flows: sessions, and whose data somebody may see."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from app.access import devices
from app.access.sessions import Lifetime, RefreshToken
from app.access.store import sessions as store
from app.access.store.sessions import OpenSession as OpenSession
from app.directory import service as directory
from app.directory.rights import Ability, roles
from app.directory.rules import UPLOAD_AFTER_SERVICE
from app.directory.scope import Held, Scope, scope_of
from app.directory.service import Person
from app.kernel.ids import new_id
from app.kernel.problems import NOT_FOUND, SECOND_FACTOR_MISSING, SERVICE_ENDED, SESSION_ENDED, Problem


async def scope(
    session: AsyncSession,
    *,
    county_id: str,
    person_id: UUID,
    session_id: UUID,
    now: datetime,
    may_have_left: bool = False,
    own_only: bool = False,
) -> Scope:
    """Whose data the person may see today: of who has left, their own, where that is enough (`may_have_left`).

    `own_only`: for what is done by no post. Raises `SESSION_ENDED`; `SERVICE_ENDED` for who has left and may only
    upload what was captured in service; `SECOND_FACTOR_MISSING` for an office without one where it is wanted.
    """
    found = await store.POSTS.all(
        session,
        county_id=county_id,
        person_id=person_id,
        session_id=session_id,
        left_days=UPLOAD_AFTER_SERVICE.days,
        secured=list(roles(Ability.MANAGE_ACCOUNTS)),
        now=now,
    )
    if not found:
        raise Problem(SESSION_ENDED)
    if not (found[0].serving or may_have_left):
        raise Problem(SERVICE_ENDED)
    if any(row.unsecured for row in found) and not own_only:
        raise Problem(SECOND_FACTOR_MISSING)
    posts = [held for row in found if (held := _held(row))]
    return scope_of(county_id, person_id, posts, found[0].home, found[0].opened_by)


async def opened_by(session: AsyncSession, county_id: str, person_id: UUID) -> frozenset[UUID]:
    """Who may know the way into the person's account; see `Scope.opened_by`."""
    return frozenset(await store.OPENED_BY.one(session, county_id=county_id, person_id=person_id))


def _held(row: store.PostRow) -> Held | None:
    """The post; None where the person has none."""
    if not (row.post_id and row.role and row.unit_id and row.unit_level and row.path):
        return None
    return Held(row.post_id, row.role, row.title or "", row.unit_id, row.unit_name or "", row.unit_level, row.path)


async def open_session(
    session: AsyncSession, who: Person, *, device_id: str | None, now: datetime, lifetime: Lifetime
) -> tuple[UUID, RefreshToken]:
    """Sign a device in; older sessions of the person on it end."""
    holders = [(who.id, device_id)]
    (token,) = await open_sessions(session, county_id=who.county_id, holders=holders, now=now, lifetime=lifetime)
    await devices.handed_over(session, county_id=who.county_id, person_ids=[who.id], device_ids=[device_id])
    await directory.heard_from(session, county_id=who.county_id, person_id=who.id, now=now)
    if device_id is not None:
        await devices.in_touch(session, who.county_id, devices.DeviceContact(who.id, device_id, now))
    return token.session_id, token


async def open_sessions(
    session: AsyncSession,
    *,
    county_id: str,
    holders: Sequence[tuple[UUID, str | None]],
    now: datetime,
    lifetime: Lifetime,
) -> list[RefreshToken]:
    """Open a session for each (person, device), with a refresh token; in order."""
    tokens = [RefreshToken.first_of(county_id, new_id()) for _ in holders]
    who = {"person_ids": [person_id for person_id, _ in holders], "device_ids": [device for _, device in holders]}
    await store.END_OLDER.run(session, county_id=county_id, now=now, **who)
    await store.OPEN.run(
        session,
        county_id=county_id,
        ids=[token.session_id for token in tokens],
        token_hashes=[token.hash for token in tokens],
        now=now,
        expires_at=lifetime.ends(now, now),
        **who,
    )
    return tokens


@dataclass(frozen=True, slots=True)
class Rotated:
    """The next link of a session's chain, and whose it is."""

    person_id: UUID
    token: RefreshToken


async def rotate(
    session: AsyncSession,
    offered: RefreshToken,
    *,
    key: bytes,
    now: datetime,
    lifetime: Lifetime,
    steady: timedelta = timedelta(0),
) -> Rotated | None:
    """The successor of a refresh token, also when asked again; None when the token is not good.

    One whose successor has been used is in two hands: it ends the session. The newest has no successor while it is
    `steady`.
    """
    of = {"county_id": offered.county_id, "session_id": offered.session_id}
    found = await store.LOCK.first(session, **of)
    if found is None or found.ended_at or found.expires_at <= now:
        return None
    if offered.hash not in (found.token_hash, found.previous_hash):
        await store.END.run(session, **of, now=now, reason="reuse")
        return None
    if offered.hash == found.token_hash and found.expires_at - lifetime.unused > now - steady:
        return Rotated(found.person_id, offered)
    following = offered.successor(key)
    await store.ROTATE.run(
        session,
        **of,
        token_hash=following.hash,
        previous_hash=offered.hash,
        expires_at=lifetime.ends(found.started_at, now),
    )
    await directory.heard_from(session, county_id=offered.county_id, person_id=found.person_id, now=now)
    await devices.in_touch_by_session(
        session,
        county_id=offered.county_id,
        person_id=found.person_id,
        session_id=offered.session_id,
        now=now,
    )
    return Rotated(found.person_id, following)


async def is_good(session: AsyncSession, offered: RefreshToken, *, now: datetime) -> bool:
    """Whether a refresh token may be exchanged; its session is held."""
    found = await store.LOCK.first(session, county_id=offered.county_id, session_id=offered.session_id)
    if found is None or found.ended_at or found.expires_at <= now:
        return False
    return offered.hash in (found.token_hash, found.previous_hash)


async def end_others(
    session: AsyncSession,
    county_id: str,
    person_id: UUID,
    *,
    reason: str,
    now: datetime,
    but: UUID | None = None,
    keys_too: bool = False,
) -> int:
    """End the person's sessions, all but one; those of tracking apps where `keys_too`. How many."""
    return await store.END_ALL.run(
        session, county_id=county_id, person_id=person_id, but=but, keys_too=keys_too, reason=reason, now=now
    )


async def sessions_of(
    session: AsyncSession, county_id: str, person_id: UUID, *, now: datetime
) -> list[OpenSession]:
    """Where the person is signed in, the latest first; tracking apps by their own list."""
    return await store.OF_PERSON.all(session, county_id=county_id, person_id=person_id, now=now)


async def has_signed_in(session: AsyncSession, county_id: str, person_id: UUID) -> bool:
    """Whether the person ever was signed in, as far as is known."""
    return await store.EVER.one(session, county_id=county_id, person_id=person_id)


async def device_of(session: AsyncSession, own: Scope, session_id: UUID) -> str | None:
    """On which device the caller's session is; None for a browser."""
    return await store.DEVICE.first(session, county_id=own.county_id, session_id=session_id)


async def end_own(
    session: AsyncSession, county_id: str, person_id: UUID, session_id: UUID, *, now: datetime
) -> None:
    """End one of the person's sessions. Raises `NOT_FOUND`."""
    ended = await store.END_OWN.run(
        session, county_id=county_id, person_id=person_id, session_id=session_id, now=now
    )
    if not ended:
        raise Problem(NOT_FOUND)


async def sign_out(session: AsyncSession, *, county_id: str, session_id: UUID, now: datetime) -> None:
    """End the session."""
    await store.END.run(session, county_id=county_id, session_id=session_id, now=now, reason="signed_out")
