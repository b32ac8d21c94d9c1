"""Many callers, one set: items that arrive while the database is busy are written together.

A caller is answered after the commit that holds its items. The queue is bounded. Two sets of one county
may be on their way: while the database writes the one, this process takes in and answers what makes up the other.
"""

import asyncio
from collections import deque
from collections.abc import AsyncIterator, Callable, Sequence
from dataclasses import dataclass, field
from typing import Generic, TypeVar, cast

from app.kernel.problems import BUSY, Problem

Item = TypeVar("Item")
Result = TypeVar("Result")
_Parcel = tuple[Sequence[Item], "asyncio.Future[Sequence[Result]]"]  # what one caller brings, and its answer

# While another set is on its way there is no hurry: what comes within a moment is written together.
_LINGER_S = 0.004


@dataclass(slots=True)
class _Lane(Generic[Item, Result]):
    """What waits for one key, and who writes it."""

    waiting: "deque[_Parcel[Item, Result]]" = field(default_factory=deque)
    writers: "set[asyncio.Task[None]]" = field(default_factory=set)
    on_their_way: int = 0  # sets


class Gatherer(Generic[Item, Result]):
    """Writes the items of concurrent callers in sets, at most `writers` at a time for each key (a county).

    `write(key, items)` gives one result per item, in order and in as many parts as it likes: a caller is answered
    when its own items are through, and gets what is raised before that. Who waits longest is written first, but
    with several writers a later set may be through before an earlier one.
    """

    def __init__(
        self,
        write: Callable[[str, Sequence[Item]], AsyncIterator[Sequence[Result]]],
        *,
        limit: int,
        set_size: int = 256,
        writers: int = 2,
    ) -> None:
        self._write = write
        self._limit = limit
        self._set_size = set_size
        self._writers = writers
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
        if len(lane.writers) < self._writers:
            lane.writers.add(asyncio.create_task(self._drain(key, lane)))
        # A caller that hangs up cancels its own waiting, not the writing: its visit may be on disk already.
        return await result

    async def _drain(self, key: str, lane: _Lane[Item, Result]) -> None:
        try:
            await self._write_all(key, lane)
        finally:  # whatever ends it: the next caller finds a lane with room for a writer
            lane.writers.remove(cast("asyncio.Task[None]", asyncio.current_task()))
            if not lane.writers:
                self._lanes.pop(key, None)

    async def _write_all(self, key: str, lane: _Lane[Item, Result]) -> None:
        while lane.waiting:
            if lane.on_their_way:
                await asyncio.sleep(_LINGER_S)
            parcels = self._next_set(lane)
            lane.on_their_way += 1
            try:
                await self._write_set(key, parcels)
            finally:
                lane.on_their_way -= 1
                self._count -= sum(len(items) for items, _ in parcels)

    def _next_set(self, lane: _Lane[Item, Result]) -> "list[_Parcel[Item, Result]]":
        """The parcels that have waited longest, none of them split; none where the other writer has taken all."""
        parcels: list[_Parcel[Item, Result]] = []
        room = self._set_size
        while lane.waiting and (not parcels or len(lane.waiting[0][0]) <= room):
            parcels.append(lane.waiting.popleft())
            room -= len(parcels[-1][0])
        return parcels

    async def _write_set(self, key: str, parcels: "Sequence[_Parcel[Item, Result]]") -> None:
        if not parcels:
            return
        due, known = deque(parcels), list[Result]()
        try:
            async for part in self._write(key, [item for items, _ in parcels for item in items]):
                known += part
                while due and len(due[0][0]) <= len(known):
                    items, answer = due.popleft()
                    if not answer.done():
                        answer.set_result(known[: len(items)])
                    del known[: len(items)]
            if due:
                raise RuntimeError("a set was written with fewer results than items")  # noqa: TRY301
        except BaseException as error:
            for _, answer in due:
                if not answer.done():  # those who wait hear of it; a cancelled writer would leave them waiting
                    answer.set_exception(error if isinstance(error, Exception) else Problem(BUSY, retry_after_s=2))
            if not isinstance(error, Exception):
                raise
