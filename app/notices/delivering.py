"""Taking what is due on a channel, and what became of it: the two transactions around each sending."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from urllib.parse import quote
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from app.notices.channels.base import Later, Message, Never, Outcome, Sent
from app.notices.rules import MOST_ATTEMPTS, NoticeSettings, QuietHours, wait
from app.notices.store import deliveries as store
from app.notices.store.deliveries import TakenRow
from app.notices.templates import lock_screen, own_words
from app.notices.words import DEVICE_KINDS

LEASE = timedelta(minutes=2)
"""So long a dispatcher may be at what it took; after that others take it, since it must have died."""


@dataclass(frozen=True, slots=True)
class DueChannel:
    """A county's channel that has something to send."""

    county_id: str
    name: str
    kind: str
    timezone: str
    quiet: QuietHours


@dataclass(frozen=True, slots=True)
class ClaimedDelivery:
    """A delivery that this dispatcher is at. `void`: why there is no message to send any more."""

    id: UUID
    notice_id: UUID
    person_id: UUID
    device_id: str
    attempts: int
    message: Message | None
    void: str | None = None


async def with_due(session: AsyncSession, now: datetime) -> list[DueChannel]:
    """Every county's channels that have something to send, or will have once the night is over."""
    found = await store.WITH_DUE.all(session, now=now)
    return [
        DueChannel(row.county_id, row.name, row.kind, row.timezone, NoticeSettings.lenient(row.settings).quiet)
        for row in found
    ]


async def claim(session: AsyncSession, channel: DueChannel, *, most: int, now: datetime) -> list[ClaimedDelivery]:
    """At most so many deliveries that are due on the channel, for as long as `LEASE`."""
    found = await store.TAKE.all(
        session,
        county_id=channel.county_id,
        channel=channel.name,
        quiet=channel.quiet.cover(now, channel.timezone),
        most=most,
        now=now,
        again_at=now + LEASE,
    )
    return [
        ClaimedDelivery(
            row.id, row.notice_id, row.person_id, row.device_id, row.attempts, _message(row), _void(row)
        )
        for row in found
    ]


async def settle(
    session: AsyncSession,
    channel: DueChannel,
    outcomes: Sequence[tuple[ClaimedDelivery, Outcome]],
    *,
    now: datetime,
    jitter: Callable[[], float],
) -> None:
    """Keep what became of these; what failed for good goes by the reader's next channel."""
    settled = [_settled(claimed, outcome, now, jitter()) for claimed, outcome in outcomes]
    failed = [row for row in settled if row.status == "failed"]
    about = {"county_id": channel.county_id, "now": now}
    if failed:
        await store.LOCK_NOTICES.all(session, county_id=channel.county_id, ids=[row.notice_id for row in failed])
    await store.SETTLE.all(
        session,
        **about,
        ids=[row.id for row in settled],
        statuses=[row.status for row in settled],
        due_ats=[row.due_at for row in settled],
        reasons=[row.reason for row in settled],
        replies=[row.reply for row in settled],
    )
    if failed:
        await store.PASS_ON.run(session, **about, ids=[row.id for row in failed])
    pauses = [outcome for _, outcome in outcomes if isinstance(outcome, Later) and outcome.pause]
    if pauses:
        longest = max(pauses, key=lambda pause: pause.after_s or 0)
        until = now + timedelta(seconds=longest.after_s or LEASE.total_seconds())
        await store.PAUSE.run(
            session,
            county_id=channel.county_id,
            channel=channel.name,
            until=until,
            reason=longest.reason,
        )


async def put_usual_channels(session: AsyncSession, county_id: str, *, enabled: bool = False) -> None:
    """What a new county begins with: pushes to phones and browsers, which its office has to switch on.

    They go by servers abroad (Google, Apple, Mozilla), which is for the county to allow.
    """
    await store.PUT_USUAL_CHANNELS.run(session, county_id=county_id, kinds=list(DEVICE_KINDS), enabled=enabled)


@dataclass(frozen=True, slots=True)
class _Settled:
    id: UUID
    notice_id: UUID
    status: str
    due_at: datetime | None = None
    reason: str | None = None
    reply: str | None = None


def _settled(claimed: ClaimedDelivery, outcome: Outcome, now: datetime, jitter: float) -> _Settled:
    match outcome:
        case Sent():
            return _Settled(claimed.id, claimed.notice_id, "sent", reply=outcome.reply)
        case Never() | Later() if isinstance(outcome, Never) or claimed.attempts >= MOST_ATTEMPTS:
            return _Settled(claimed.id, claimed.notice_id, "failed", reason=outcome.reason)
        case Later():
            pause = wait(claimed.attempts, jitter)
            if outcome.after_s is not None:  # never before the channel wants it, nor all of it at that moment
                pause = timedelta(seconds=outcome.after_s) + pause * jitter
            return _Settled(claimed.id, claimed.notice_id, "waiting", due_at=now + pause, reason=outcome.reason)


def _void(row: TakenRow) -> str | None:
    """Why it is not to be sent any more: since it was told, the channel or the phone has become another's."""
    if not row.enabled:
        return "switched_off"
    passed_on = row.phone is None and "{phone}" in (row.url or "")
    return "signed_out" if passed_on or (row.device_id and row.push is None) else None


def _message(row: TakenRow) -> Message | None:
    if _void(row):
        return None
    title, body = lock_screen(row.kind, row.about, row.language, own_words(row.title, row.body))
    if row.for_group:
        title, body = f"{row.person_name}：{title}", ""
    return Message(
        notice_id=row.notice_id,
        kind=row.kind,
        title=title,
        body=body,
        urgent=row.urgent,
        push=row.push,
        url=row.url and _complete(row.url, row.phone or "", row.address),
    )


def _complete(url: str, phone: str, address: str | None) -> str:
    return url.replace("{phone}", quote(phone, safe="")).replace("{address}", quote(address or "", safe=""))
