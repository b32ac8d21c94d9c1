"""Many callers, one set: items that arrive while the database is busy are written together.

A caller is answered after the commit of the set that holds its items. The queue is bounded.
"""

import asyncio
from collections import deque
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass, field
from typing import Generic, TypeVar

from app.kernel.problems import BUSY, Problem

Item = TypeVar("Item")
Result = TypeVar("Result")


@dataclass(slots=True)
class _Lane(Generic[Item, Result]):
    """What waits for one key; at most one set of it is being written."""

    waiting: "deque[tuple[Sequence[Item], asyncio.Future[Sequence[Result]]]]" = field(default_factory=deque)
    writer: "asyncio.Task[None] | None" = None


class Gatherer(Generic[Item, Result]):
    """Writes the items of concurrent callers in sets, one set at a time for each key (a county).

    `write(key, items)` returns one result per item, in order; what it raises, every caller of the set gets.
    """

    def __init__(
        self,
        write: Callable[[str, Sequence[Item]], Awaitable[Sequence[Result]]],
        *,
        limit: int,
        set_size: int = 256,
    ) -> None:
        self._write = write
        self._limit = limit
        self._set_size = set_size
        self._lanes: dict[str, _Lane[Item, Result]] = {}
        self._count = 0

    async def submit(self, key: str, items: Sequence[Item]) -> Sequence[Result]:
        """Park until the set with `items` is committed. Raises `BUSY` at once when too many wait already."""
        if self._count and self._count + len(items) > self._limit:
            raise Problem(BUSY, retry_after_s=2)
        lane = self._lanes.setdefault(key, _Lane())
        result: asyncio.Future[Sequence[Result]] = asyncio.get_running_loop().create_future()
        lane.waiting.append((items, result))
        self._count += len(items)
        if lane.writer is None:
            lane.writer = asyncio.create_task(self._drain(key, lane))
        # A caller that hangs up cancels its own waiting, not the writing: its visit may be on disk already.
        return await result

    async def _drain(self, key: str, lane: _Lane[Item, Result]) -> None:
        while lane.waiting:
            parcels = [lane.waiting.popleft()]
            size = len(parcels[0][0])
            while lane.waiting and size + len(lane.waiting[0][0]) <= self._set_size:
                parcels.append(lane.waiting.popleft())
                size += len(parcels[-1][0])
            await self._write_set(key, parcels)
            self._count -= size
        lane.writer = None
        del self._lanes[key]

    async def _write_set(
        self, key: str, parcels: Sequence[tuple[Sequence[Item], "asyncio.Future[Sequence[Result]]"]]
    ) -> None:
        items = [item for parcel, _ in parcels for item in parcel]
        try:
            results = await self._write(key, items)
        except Exception as error:  # noqa: BLE001 - handed to those who wait for it
            for _, future in parcels:
                if not future.done():
                    future.set_exception(error)
            return
        start = 0
        for parcel, future in parcels:
            if not future.done():
                future.set_result(results[start : start + len(parcel)])
            start += len(parcel)
