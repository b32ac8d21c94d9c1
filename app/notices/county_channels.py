"""渠道与偏好: by which channels a county reaches its people, and how each of them wants to be reached."""

import json
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any
from urllib.parse import urlsplit
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from app.kernel import audit
from app.kernel.ids import new_id
from app.kernel.language import Language, Text
from app.kernel.problems import NOT_FOUND, Problem, invalid
from app.notices import service
from app.notices.channels.gateways import problem_with
from app.notices.channels.outbound import Outbound
from app.notices.service import NewNotice
from app.notices.store import channels as store_channels
from app.notices.store.deliveries import RESEND

_NOT_SET_UP = Text(
    "登记已保存，但服务器未配置该推送渠道，暂不会有推送；消息仍在应用内",
    "Kept, but this server has not set up that channel: nothing is pushed yet, notices are in the app",
)
_NOT_USED = Text(
    "登记已保存，但本县未启用该推送渠道；消息仍在应用内",
    "Kept, but the county does not use that channel: notices are in the app",
)
_NO_URL = Text("新渠道须填写地址", "A new channel needs an address")
_NOT_BY_URL = Text("该渠道没有地址可填", "This channel takes no address")
_NO_CHANNEL = Text("没有“{name}”渠道", "There is no channel {name}")
_TWICE = Text("不能重复", "Named twice")
_NO_ADDRESS = Text("该渠道须填写您的地址", "This channel needs your address")


@dataclass(frozen=True, slots=True)
class CountyChannel:
    """A county's channel, as its office and its people may see it: the URL is a secret."""

    name: str
    kind: str
    position: int
    enabled: bool
    url: str | None
    for_group: bool
    per_minute: int | None
    paused_until: datetime | None
    paused_reason: str | None

    @property
    def needs_address(self) -> bool:
        return self.url is not None and "{address}" in self.url

    @property
    def masked(self) -> str | None:
        return self.url and f"{urlsplit(self.url).scheme}://…"


@dataclass(frozen=True, slots=True)
class Preference:
    """How a person wants to be told; no channels: the county's, in its order. `summary_at`: see the settings."""

    language: Language = "zh-CN"
    channels: tuple[str, ...] | None = None
    addresses: Mapping[str, str] | None = None
    summary_at: int | None = None


async def ways(session: AsyncSession, county_id: str) -> list[CountyChannel]:
    """The county's channels in their order."""
    found = await store_channels.CHANNELS.all(session, county_id=county_id)
    return [CountyChannel(*(getattr(row, name) for name in CountyChannel.__slots__)) for row in found]


async def why_not_pushed(
    session: AsyncSession, county_id: str, push: Mapping[str, object] | None, *, set_up: Collection[str]
) -> tuple[str, Text] | None:
    """Why nothing goes out to a device that is registered so: a code and words. None where it does, or none is."""
    if push is None:
        return None
    if push["channel"] not in set_up:
        return "not_set_up", _NOT_SET_UP
    used = any(way.enabled and way.kind == push["channel"] for way in await ways(session, county_id))
    return None if used else ("switched_off", _NOT_USED)


async def put(
    session: AsyncSession,
    *,
    county_id: str,
    name: str,
    url: str | None,
    terms: Mapping[str, object],
    outbound: Outbound,
    actor_id: UUID,
    now: datetime,
) -> None:
    """Change a channel, or make a new one by a URL of Apprise's. Raises `INVALID` at `/url`.

    `terms`: position, enabled, for_group, per_minute.
    """
    known = {way.name: way for way in await ways(session, county_id)}
    if url is None and name not in known:
        raise invalid("/url", "missing", _NO_URL)
    if url is not None:
        wrong = problem_with(url, outbound) if name not in known or known[name].kind == "apprise" else _NOT_BY_URL
        if wrong:
            raise invalid("/url", "bad_url", wrong)
    statement = store_channels.CHANGE_CHANNEL if name in known else store_channels.NEW_CHANNEL
    await statement.run(session, county_id=county_id, name=name, url=url, **terms)
    await _record(session, county_id, name, "changed", actor_id, now, {**terms, "new_url": url is not None})


async def resume(session: AsyncSession, *, county_id: str, name: str, actor_id: UUID, now: datetime) -> None:
    """Try it again at once. Raises `NOT_FOUND`."""
    if not await store_channels.RESUME.run(session, county_id=county_id, name=name):
        raise Problem(NOT_FOUND)
    await _record(session, county_id, name, "resumed", actor_id, now, {})


async def test(session: AsyncSession, *, county_id: str, name: str, reader_id: UUID, now: datetime) -> bool:
    """Tell the reader something by this channel only; False where they cannot be reached by it."""
    told = NewNotice(reader_id, "channel_test", f"channel_test:{name}:{new_id()}", {"channel": name})
    return await service.tell(session, county_id=county_id, now=now, notices=[told], channel=name) > 0


async def resend(
    session: AsyncSession,
    *,
    county_id: str,
    actor_id: UUID,
    now: datetime,
    delivery_id: UUID | None = None,
    channel: str | None = None,
) -> int:
    """Send dead letters again: one, or all of a channel. How many."""
    sent = await RESEND.all(session, county_id=county_id, id=delivery_id, channel=channel, now=now)
    if sent:
        await audit.record(
            session,
            county_id=county_id,
            at=now,
            actor_id=actor_id,
            action="delivery.resent",
            subject=f"delivery:{delivery_id}" if delivery_id else f"notice_channel:{channel}",
            detail={"deliveries": len(sent)},
        )
    return len(sent)


async def preference(session: AsyncSession, county_id: str, person_id: UUID) -> Preference:
    row = await store_channels.PREFERENCE.first(session, county_id=county_id, person_id=person_id)
    if row is None:
        return Preference()
    channels = None if row.channels is None else tuple(row.channels)
    return Preference(row.language, channels, row.addresses, row.summary_at)


async def prefer(session: AsyncSession, county_id: str, person_id: UUID, said: Mapping[str, object]) -> None:
    """What is said of a `Preference`; the rest stays as far as the county's channels allow.

    Raises `INVALID` at the channel or address at fault.
    """
    known = {way.name: way for way in await ways(session, county_id) if way.enabled}
    before = await preference(session, county_id, person_id)
    able = {name for name, way in known.items() if way.needs_address}
    kept: dict[str, Any] = {
        "channels": tuple(name for name in before.channels or () if name in known) or None,
        "addresses": {name: to for name, to in (before.addresses or {}).items() if name in able},
    }
    wanted = replace(before, **kept | dict(said))
    addresses = dict(wanted.addresses or {})
    for at, name in enumerate(wanted.channels or ()):
        _check(f"/channels/{at}", name, known, wanted.channels or (), addresses)
    for name in addresses:
        if name not in known or not known[name].needs_address:
            raise invalid(f"/addresses/{name}", "unknown_channel", _NO_CHANNEL, name=name)
    await store_channels.PUT_PREFERENCE.run(
        session,
        county_id=county_id,
        person_id=person_id,
        language=wanted.language,
        channels=None if wanted.channels is None else list(wanted.channels),
        addresses=json.dumps(addresses, ensure_ascii=False),
        summary_at=wanted.summary_at,
    )


def _check(
    pointer: str,
    name: str,
    known: Mapping[str, CountyChannel],
    chosen: Sequence[str],
    addresses: Mapping[str, str],
) -> None:
    if name not in known:
        raise invalid(pointer, "unknown_channel", _NO_CHANNEL, name=name)
    if chosen.count(name) > 1:
        raise invalid(pointer, "repeated", _TWICE)
    if known[name].needs_address and not addresses.get(name):
        raise invalid(f"/addresses/{name}", "missing", _NO_ADDRESS)


async def _record(
    session: AsyncSession,
    county_id: str,
    name: str,
    what: str,
    actor_id: UUID,
    now: datetime,
    detail: Mapping[str, object],
) -> None:
    await audit.record(
        session,
        county_id=county_id,
        at=now,
        actor_id=actor_id,
        action=f"notice_channel.{what}",
        subject=f"notice_channel:{name}",
        detail=detail,
    )
