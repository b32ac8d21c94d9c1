"""Keys of tracking apps. A key is the token of a device session that neither rotates nor expires.

It reads `<county>.<26 letters and digits>`, 128 bits in base32: short enough to be typed on a phone, in capitals
or not. The database keeps its SHA-256. Revoking it ends the session, so what holds for a signed-out phone holds
for it. A new key for the same app on the same device replaces the old one when it is first used, not before: an
app goes on sending until its owner has put the new key in.

The device is a name that somebody typed. It is kept as the person's own (`phone-1~<person>`), for two people who
both write "phone-1" share no phone.
"""

import base64
import hashlib
import json
import re
import secrets
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Self
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from app.access.client_records import KeyHolder
from app.access.store import client_keys as store
from app.kernel.ids import new_id
from app.kernel.language import Language, Text
from app.kernel.problems import CONFLICT, NOT_FOUND, NOT_SIGNED_IN, Problem
from app.kernel.written import bare

_MOST = 20  # keys of one person that are good at a time
_TOO_MANY = Text("密钥过多，请先停用不再使用的", "Too many keys; revoke those no longer in use")
_KEY = re.compile(r"([0-9]{6})\.([a-z2-7]{26})")

STATUS_TEXTS: dict[str, Text] = {
    "power_saving": Text("手机处于省电模式", "The phone is saving power"),
    "battery_optimised": Text(
        "系统对应用做了电池优化，可能停止后台上报", "Battery optimisation may stop the app in the background"
    ),
    "may_hibernate": Text("应用久未打开时会被系统休眠", "The system puts the app to sleep when it is not opened"),
    "location_denied": Text("应用没有定位权限", "The app may not use the location"),
    "location_in_use_only": Text(
        "应用只在打开时可以定位", "The app may use the location only while it is on the screen"
    ),
    "location_coarse": Text("应用只有大致位置权限", "The app may use the approximate location only"),
    "no_background_refresh": Text("系统关闭了后台刷新", "Background refresh is switched off"),
}


@dataclass(frozen=True, slots=True)
class ClientKey:
    """The secret that a tracking app sends with everything."""

    county_id: str
    secret: str

    def __str__(self) -> str:
        return f"{self.county_id}.{self.secret}"

    @property
    def hash(self) -> bytes:
        return hashlib.sha256(str(self).encode()).digest()

    @classmethod
    def new(cls, county_id: str) -> Self:
        return cls(county_id, base64.b32encode(secrets.token_bytes(16)).decode().rstrip("=").lower())

    @classmethod
    def parse(cls, offered: str) -> Self:
        """Raises `NOT_SIGNED_IN` when it cannot be one of ours."""
        found = _KEY.fullmatch(bare(offered).lower())
        if found is None:
            raise Problem(NOT_SIGNED_IN)
        return cls(*found.groups())


@dataclass(frozen=True, slots=True)
class Issued:
    """A new key, which is shown this once."""

    id: UUID
    client: str
    device_id: str
    key: str
    phone: str


def typed(device_id: str) -> str:
    """A device's name as it was typed, from how it is kept."""
    return device_id.rpartition("~")[0]


async def issue(
    session: AsyncSession,
    *,
    county_id: str,
    person_id: UUID,
    client: str,
    device_id: str,
    issued_by: UUID,
    now: datetime,
) -> Issued:
    """Give a device a key for one of `words.Client`. Raises `CONFLICT` when the person holds too many."""
    key, key_id = ClientKey.new(county_id), new_id()
    issued = await store.ISSUE.run(
        session,
        county_id=county_id,
        id=key_id,
        person_id=person_id,
        device_id=f"{device_id}~{person_id.hex}",
        client=client,
        token_hash=key.hash,
        issued_by=issued_by,
        most=_MOST,
        now=now,
    )
    if not issued:
        raise Problem(CONFLICT, _TOO_MANY)
    phone = await store.PHONE.first(session, county_id=county_id, person_id=person_id)
    return Issued(key_id, client, device_id, str(key), phone or "")


async def of_person(
    session: AsyncSession, *, county_id: str, person_id: UUID, language: Language
) -> list[dict[str, object]]:
    """The keys that are good, the newest first, with what each device last said of itself."""
    found = await store.OF_PERSON.all(session, county_id=county_id, person_id=person_id)
    return [
        {
            "id": row.id,
            "client": row.client,
            "device_id": typed(row.device_id),
            "created_at": row.started_at,
            "last_used_at": row.last_used_at,
            "status": row.status
            and {
                "at": row.status["at"],
                "problems": [
                    {"code": code, "detail": STATUS_TEXTS[code].say(language)} for code in row.status["problems"]
                ],
            },
        }
        for row in found
    ]


async def revoke(session: AsyncSession, *, county_id: str, person_id: UUID, key_id: UUID, now: datetime) -> None:
    """End a key of the person. Raises `NOT_FOUND`."""
    if not await store.REVOKE.run(session, county_id=county_id, person_id=person_id, id=key_id, now=now):
        raise Problem(NOT_FOUND)


def county_of(offered: str) -> str:
    """The county that a key names. Raises `NOT_SIGNED_IN` when it cannot be one of ours."""
    return ClientKey.parse(offered).county_id


async def holder(session: AsyncSession, offered: str, *, client: str, now: datetime) -> KeyHolder:
    """Raises `NOT_SIGNED_IN` unless the key is good, for this app, and of someone who serves today."""
    key = ClientKey.parse(offered)
    found = await store.HOLDER.first(session, county_id=key.county_id, token_hash=key.hash, client=client, now=now)
    if found is None:
        raise Problem(NOT_SIGNED_IN)
    return found


async def heard_from(
    session: AsyncSession, who: KeyHolder, *, problems: Sequence[str] | None, now: datetime
) -> None:
    """Note that the device was in touch; `problems`, if it named any, are of `STATUS_TEXTS`.

    Older keys of the same app on the device end. Raises `NOT_SIGNED_IN` when this one just has.
    """
    status = None if problems is None else json.dumps({"at": now.isoformat(), "problems": list(problems)})
    found = await store.HEARD.first(
        session, county_id=who.county_id, session_id=who.session_id, status=status, now=now
    )
    if found is None:
        raise Problem(NOT_SIGNED_IN)
