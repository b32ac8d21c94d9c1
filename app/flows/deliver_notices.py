"""Notices go out: take what is due on a channel, send it, keep what became of it.

Nothing is held in the database while the channel is at it. A dispatcher that dies between sending and keeping has
its messages sent again by another one: at least once to the phone, and exactly once in the inbox.
"""

import asyncio
import random
from collections.abc import Callable, Sequence

import structlog

from app.access import devices
from app.kernel.clock import Clock
from app.kernel.database import Database
from app.notices import delivering
from app.notices.channels.base import Channel, Channels, Later, Never, Outcome
from app.notices.delivering import LEASE, ClaimedDelivery, DueChannel

log = structlog.get_logger()

_AT_ONCE = 8  # batches, over all counties


class Dispatcher:
    """Sends what is due, in every county. Any number of them may run."""

    def __init__(
        self,
        database: Database,
        clock: Clock,
        channels: Channels,
        jitter: Callable[[], float] = random.random,
    ) -> None:
        self._database = database
        self._clock = clock
        self._channels = channels
        self._jitter = jitter
        self._turns = asyncio.Semaphore(_AT_ONCE)  # first come, first served: a batch for each, however many wait

    async def deliver_due(self) -> int:
        """Send until nothing is due; how many deliveries were settled, whichever way."""
        return sum(await asyncio.gather(*(self.drain(channel) for channel in await self.due())))

    async def due(self) -> list[DueChannel]:
        """Every county's channels that have something to send."""
        async with self._database.transaction(None) as session:
            return await delivering.with_due(session, self._clock())

    async def drain(self, channel: DueChannel, stop: asyncio.Event | None = None) -> int:
        """Send until nothing is due on the channel, or `stop` is set; how many deliveries were settled."""
        total = 0
        while not (stop and stop.is_set()) and (settled := await self._batch(channel)):
            total += settled
        return total

    async def _batch(self, channel: DueChannel) -> int:
        """The most urgent and oldest that are due: how many."""
        by = self._channels.get(channel.kind)
        async with self._turns:
            async with self._database.transaction(channel.county_id) as session:
                claimed = await delivering.claim(session, channel, most=by.batch if by else 500, now=self._clock())
            if claimed:
                outcomes = await self._send(by, channel, claimed)
                await self._keep(channel, claimed, outcomes)
            return len(claimed)

    async def _keep(
        self, channel: DueChannel, claimed: Sequence[ClaimedDelivery], outcomes: Sequence[Outcome]
    ) -> None:
        async with self._database.transaction(channel.county_id) as session:
            both = list(zip(claimed, outcomes, strict=True))
            await delivering.settle(session, channel, both, now=self._clock(), jitter=self._jitter)
            gone = [
                (each.person_id, each.device_id, each.message.push)
                for each, outcome in both
                if isinstance(outcome, Never) and outcome.gone and each.message and each.message.push
            ]
            if gone:
                await devices.forget_push(session, county_id=channel.county_id, gone=gone)

    async def _send(
        self, by: Channel | None, channel: DueChannel, claimed: Sequence[ClaimedDelivery]
    ) -> list[Outcome]:
        """One outcome for each, in order, whatever happens. Done well before another dispatcher takes them."""
        if by is None:
            return [Never("not_set_up")] * len(claimed)
        messages = [each.message for each in claimed if each.message]
        try:
            async with asyncio.timeout(LEASE.total_seconds() / 2):
                said = iter(await by.send(messages) if messages else ())
        except Exception as error:  # noqa: BLE001 - a channel may raise anything; its messages are tried again
            log.warning(
                "channel_failed", county_id=channel.county_id, channel=channel.name, error=type(error).__name__
            )
            said = iter([Later(type(error).__name__)] * len(messages))
        return [next(said) if each.message else Never(each.void or "switched_off") for each in claimed]
