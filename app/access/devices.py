"""Phones and browsers in people's hands: what they say of themselves, and by which of them somebody is told.

A registration for pushes (an app's token, a browser's endpoint) has one owner, the last to say it, whatever the
county: who holds the phone is told only what is theirs.
"""

import json
from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any, NamedTuple
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from app.access.store import contacts
from app.access.store import devices as store
from app.access.store.devices import DeviceRow
from app.directory.scope import Scope
from app.kernel.database import within
from app.kernel.problems import OVER_QUOTA, Problem

_MOST_A_DAY = 20
_SAID = ("platform", "model", "app_version", "waiting", "oldest_waiting_at")


class DeviceContact(NamedTuple):
    """A phone is in touch; `waiting` None where it does not say what it holds."""

    person_id: UUID
    device_id: str
    at: datetime
    waiting: int | None = None
    oldest_waiting_at: datetime | None = None


async def put(
    session: AsyncSession, own: Scope, *, device_id: str, said: Mapping[str, Any], now: datetime
) -> DeviceRow:
    """Remember what is `said` of the device, which the person holds; what is not said stays. All that is known.

    Raises `OVER_QUOTA` where they have held more devices in a day than anybody does.
    """
    of = {"county_id": own.county_id, "person_id": own.person_id, "device_id": device_id}
    if await store.OTHERS_SINCE.one(session, **of, since=now - timedelta(days=1)) >= _MOST_A_DAY:
        raise Problem(OVER_QUOTA, retry_after_s=3600)
    push = json.dumps(said["push"]) if said.get("push") else None
    if push:
        await _claim(session, own, device_id, push)
    met = DeviceContact(own.person_id, device_id, now, said.get("waiting"), said.get("oldest_waiting_at"))
    await in_touch(session, own.county_id, met)
    return await store.PUT_DEVICE.one(
        session,
        county_id=own.county_id,
        person_id=own.person_id,
        device_id=device_id,
        **{name: said.get(name) for name in _SAID},
        push=push,
        said=list(said),
        says_oldest="oldest_waiting_at" in said,
        now=now,
    )


async def _claim(session: AsyncSession, own: Scope, device_id: str, push: str) -> None:
    of = {"county_id": own.county_id, "person_id": own.person_id, "device_id": device_id}
    before = await store.CLAIM_PUSH.one(session, **of, push=push)
    owner = {"county_id": before.county_id, "person_id": before.person_id, "device_id": before.device_id}
    if owner != of:
        async with within(session, before.county_id):  # a phone may have come from another
            await store.LOSE_PUSH.run(session, **owner, key=before.key)
        await store.OWN_PUSH.run(session, **of, key=before.key)


async def in_touch(session: AsyncSession, county_id: str, *met: DeviceContact) -> None:
    """These phones were in touch, none twice at one moment."""
    columns = zip(*met, strict=True)
    await contacts.NOTE.run(
        session, county_id=county_id, **dict(zip(DeviceContact._fields, map(list, columns), strict=True))
    )


async def in_touch_by_session(
    session: AsyncSession,
    *,
    county_id: str,
    person_id: UUID,
    session_id: UUID,
    now: datetime,
    waiting: int | None = None,
    oldest_waiting_at: datetime | None = None,
) -> None:
    """The same of the session's device; nothing where it has none."""
    await contacts.NOTE_OF_SESSION.run(
        session,
        county_id=county_id,
        person_id=person_id,
        session_id=session_id,
        now=now,
        waiting=waiting,
        oldest_waiting_at=oldest_waiting_at if waiting else None,
    )


async def handed_over(
    session: AsyncSession, *, county_id: str, person_ids: Sequence[UUID], device_ids: Sequence[str | None]
) -> None:
    """These people hold these devices now: nobody else is told by them."""
    await store.HAND_OVER.run(
        session, county_id=county_id, person_ids=list(person_ids), device_ids=list(device_ids)
    )


async def forget_push(
    session: AsyncSession, *, county_id: str, gone: Sequence[tuple[UUID, str, Mapping[str, Any]]]
) -> None:
    """Forget these (person, device, registration), unless the phone has registered anew meanwhile."""
    await store.FORGET_PUSH.run(
        session,
        county_id=county_id,
        person_ids=[person_id for person_id, _, _ in gone],
        device_ids=[device_id for _, device_id, _ in gone],
        pushes=[json.dumps(push) for _, _, push in gone],
    )


async def say_waiting(
    session: AsyncSession,
    *,
    county_id: str,
    person_id: UUID,
    session_id: UUID,
    waiting: int,
    oldest_waiting_at: datetime | None,
    beside: bool,
    now: datetime,
) -> None:
    """Remember how many check-ins the phone of this session still holds, and when the oldest was made.

    `beside`: it holds others too, which could not be taken just now.
    """
    who = {"county_id": county_id, "person_id": person_id, "session_id": session_id}
    await in_touch_by_session(
        session,
        county_id=county_id,
        person_id=person_id,
        session_id=session_id,
        now=now,
        waiting=max(waiting, 1) if beside else waiting,
        oldest_waiting_at=None if beside else oldest_waiting_at,
    )
    await store.PUT_WAITING.run(
        session, **who, waiting=waiting, oldest_waiting_at=oldest_waiting_at, says_oldest=True, now=now
    )
