"""Phones and browsers in people's hands: what they say of themselves, and by which of them somebody is told.

A registration for pushes (an app's token, a browser's endpoint) has one owner, the last to say it, whatever the
county: who holds the phone is told only what is theirs.
"""

import json
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from app.directory import store, store_devices
from app.directory import store_contacts as contacts
from app.directory.scope import Scope
from app.directory.store_contacts import Met

__all__ = ["Met", "forget_push", "handed_over", "in_touch", "put", "say_waiting"]

_SAID = ("platform", "model", "app_version", "waiting", "oldest_waiting_at")


async def put(
    session: AsyncSession, own: Scope, *, device_id: str, said: Mapping[str, Any], now: datetime
) -> dict[str, Any]:
    """Remember what is `said` of the device, which the person holds; what is not said stays. All that is known."""
    of: dict[str, Any] = {"county_id": own.county_id, "person_id": own.person_id, "device_id": device_id}
    push = json.dumps(said["push"]) if said.get("push") else None
    if push:
        await _claim(session, of, push)
    met = Met(own.person_id, device_id, now, said.get("waiting"), said.get("oldest_waiting_at"))
    await contacts.note(session, own.county_id, met)
    row = await store.one(
        session,
        store_devices.PUT_DEVICE,
        **of,
        **{name: said.get(name) for name in _SAID},
        push=push,
        said=list(said),
        says_oldest="oldest_waiting_at" in said,
        now=now,
    )
    return dict(row._mapping) if row else {}  # noqa: SLF001 - SQLAlchemy's public name for it


async def _claim(session: AsyncSession, of: Mapping[str, Any], push: str) -> None:
    before = await store.one(session, store_devices.CLAIM_PUSH, **of, push=push)
    owner = before and {name: getattr(before, name) for name in of}
    if before and owner and owner != of:
        await store.many(session, store_devices.LOSE_PUSH, **owner, key=before.key)
        await store.many(session, store_devices.OWN_PUSH, **of, key=before.key)


async def forget_contacts(session: AsyncSession, *, county_id: str, before: datetime) -> int:
    """When the county's phones were in touch before then is deleted: how many times."""
    return await contacts.purge(session, county_id=county_id, before=before)


async def in_touch(session: AsyncSession, county_id: str, *met: Met) -> None:
    """These phones were in touch; see `Met`."""
    await contacts.note(session, county_id, *met)


async def handed_over(
    session: AsyncSession, *, county_id: str, person_ids: Sequence[UUID], device_ids: Sequence[str | None]
) -> None:
    """These people hold these devices now: nobody else is told by them."""
    await store.many(
        session,
        store_devices.HAND_OVER,
        county_id=county_id,
        person_ids=list(person_ids),
        device_ids=list(device_ids),
    )


async def forget_push(
    session: AsyncSession, *, county_id: str, gone: Sequence[tuple[UUID, str, Mapping[str, Any]]]
) -> None:
    """Forget these (person, device, registration), unless the phone has registered anew meanwhile."""
    await store.many(
        session,
        store_devices.FORGET_PUSH,
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
    await contacts.note_of_session(
        session,
        county_id=county_id,
        person_id=person_id,
        session_id=session_id,
        now=now,
        waiting=max(waiting, 1) if beside else waiting,
        oldest_waiting_at=None if beside else oldest_waiting_at,
    )
    await store.many(
        session,
        store_devices.PUT_WAITING,
        county_id=county_id,
        person_id=person_id,
        session_id=session_id,
        waiting=waiting,
        oldest_waiting_at=oldest_waiting_at,
        says_oldest=True,
        now=now,
    )
