"""隔离: what a tracking app sent and nobody can take, kept to be seen by its owner and the office.

It stands beside the device sessions because all that is certain of such a record is which device sent it: it is
neither a check-in nor a fix. A record that comes again is only counted. On one day a device adds at most
`MOST_A_DAY` records; what comes above that is counted in one record (`too_many`) and not kept.
"""

import hashlib
from collections.abc import Sequence
from datetime import datetime, time
from typing import Protocol
from uuid import UUID
from zoneinfo import ZoneInfo

from sqlalchemy.ext.asyncio import AsyncSession

from app.access.client_keys import typed
from app.access.client_records import KeyHolder, Refused
from app.access.store import quarantine as store
from app.access.words import Client
from app.kernel.ids import new_id
from app.kernel.language import Language, Text
from app.kernel.paging import decode_cursor, page


class Quarantined(Protocol):
    """What is shown of a record; each statement has its own row."""

    @property
    def id(self) -> UUID: ...
    @property
    def client(self) -> Client: ...
    @property
    def device_id(self) -> str: ...
    @property
    def received_at(self) -> datetime: ...
    @property
    def last_seen_at(self) -> datetime: ...
    @property
    def times_seen(self) -> int: ...
    @property
    def reason(self) -> str: ...
    @property
    def size(self) -> int: ...
    @property
    def body(self) -> str: ...


MOST_A_DAY = 200
KEPT_BYTES = 16 * 1024
_SHOWN = 1000  # characters in a list
_LISTING = "my-quarantine"

REASONS: dict[str, Text] = {
    "not_json": Text("不是合法的 JSON", "Not valid JSON"),
    "unknown_shape": Text("内容的结构无法识别", "Not of a known shape"),
    "bad_coordinates": Text("坐标缺失或超出范围", "The coordinates are missing or out of range"),
    "unset_coordinates": Text(
        "没有定位：坐标为 0 或未设置的值", "No position: the coordinates are zeros, or stand for none"
    ),
    "bad_time": Text("定位时间缺失、无法识别或不可信", "The time is missing, unreadable or beyond belief"),
    "encrypted": Text(
        "内容已加密，服务器无法读取；请在应用中清除加密密码",
        "Encrypted, which the server cannot read; clear the encryption key in the app",
    ),
    "too_large": Text("一次发送的内容过大", "Too much in one request"),
    "refused": Text("签到被拒绝", "Refused as a check-in"),
    "internal": Text("服务器未能处理，请告知县办公室", "The server failed on it; tell the county office"),
    "too_many": Text("当日无法接收的内容过多，其余只计数", "Too many on this day; the rest is only counted"),
}


async def put(session: AsyncSession, who: KeyHolder, refused: Sequence[Refused], *, now: datetime) -> None:
    """Keep what was refused, within the device's share of the day."""
    if not refused:
        return
    left_out = await _put(session, who, refused, most=MOST_A_DAY, now=now)
    if left_out:
        day = now.astimezone(ZoneInfo(who.timezone)).date()
        rest = [Refused("too_many", f"too_many {day}".encode())] * left_out
        await _put(session, who, rest, most=2 * MOST_A_DAY, now=now)  # this one always finds room


async def _put(
    session: AsyncSession, who: KeyHolder, refused: Sequence[Refused], *, most: int, now: datetime
) -> int:
    """How many found no room."""
    by_digest: dict[bytes, list[Refused]] = {}
    for record in refused:
        by_digest.setdefault(hashlib.sha256(record.body).digest(), []).append(record)
    firsts = [same[0] for same in by_digest.values()]
    zone = ZoneInfo(who.timezone)
    return await store.PUT.one(
        session,
        county_id=who.county_id,
        person_id=who.person_id,
        session_id=who.session_id,
        ids=[new_id() for _ in firsts],
        reasons=[first.reason for first in firsts],
        bodies=[_storable(first.body) for first in firsts],
        sizes=[len(first.body) for first in firsts],
        digests=list(by_digest),
        times=[len(same) for same in by_digest.values()],
        since=datetime.combine(now.astimezone(zone).date(), time(), zone),
        most=most,
        now=now,
    )


def _storable(body: bytes) -> str:
    """Its beginning as text that PostgreSQL can hold."""
    return body[:KEPT_BYTES].decode(errors="replace").replace("\x00", "�")


async def of_person(
    session: AsyncSession, *, county_id: str, person_id: UUID, cursor: str | None, limit: int, language: Language
) -> dict[str, object]:
    """What the person's own apps sent in vain, the newest first."""
    (last,) = decode_cursor(_LISTING, cursor, UUID) or (None,)
    found = await store.OF_PERSON.all(session, county_id=county_id, person_id=person_id, id=last, limit=limit + 1)
    return page(_LISTING, [view(row, language) for row in found], limit, [(row.id,) for row in found])


def view(row: Quarantined, language: Language) -> dict[str, object]:
    return {
        "id": row.id,
        "client": row.client,
        "device_id": typed(row.device_id),
        "received_at": row.received_at,
        "last_seen_at": row.last_seen_at,
        "times_seen": row.times_seen,
        "reason": {"code": row.reason, "detail": REASONS[row.reason].say(language)},
        "size": row.size,
        "body": row.body[:_SHOWN],
    }
