"""Gathering: many callers, one set; bounded; answered after the write; a failure reaches those who wait."""

import asyncio

import pytest

from app.kernel.gather import Gatherer
from app.kernel.problems import BUSY, Problem


class Slow:
    """A write that waits until it is let go."""

    def __init__(self) -> None:
        self.sets: list[tuple[str, list[int]]] = []
        self.begun: asyncio.Queue[None] = asyncio.Queue()
        self.go = asyncio.Event()
        self.fails = False
        self.part = 1000
        self.next_part = asyncio.Event()
        self.next_part.set()

    async def write(self, key: str, items: list[int]):
        self.sets.append((key, list(items)))
        self.begun.put_nowait(None)
        await self.go.wait()
        if self.fails:
            raise ConnectionError("gone")
        for start in range(0, len(items), self.part):
            yield [item * 10 for item in items[start : start + self.part]]
            await self.next_part.wait()


async def settle() -> None:
    for _ in range(5):
        await asyncio.sleep(0)


async def test_what_arrives_while_a_set_is_written_becomes_the_next_set():
    slow = Slow()
    gatherer = Gatherer(slow.write, limit=100)
    callers = [asyncio.create_task(gatherer.submit("a", [number])) for number in range(5)]
    await settle()
    assert not any(caller.done() for caller in callers)
    later = asyncio.create_task(gatherer.submit("a", [7, 8]))
    slow.go.set()
    assert [await caller for caller in callers] == [[0], [10], [20], [30], [40]]
    assert await later == [70, 80]
    assert sum(len(items) for _, items in slow.sets) == 7
    assert len(slow.sets) < 5


async def test_a_second_set_does_not_wait_for_the_first_and_a_third_does():
    slow = Slow()
    gatherer = Gatherer(slow.write, limit=100)
    callers = [asyncio.create_task(gatherer.submit("a", [1]))]
    await slow.begun.get()
    callers += [asyncio.create_task(gatherer.submit("a", [number])) for number in (2, 3)]
    await slow.begun.get()
    callers += [asyncio.create_task(gatherer.submit("a", [number])) for number in (4, 5)]
    await asyncio.sleep(0.02)
    assert [items for _, items in slow.sets] == [[1], [2, 3]]
    slow.go.set()
    assert await asyncio.gather(*callers) == [[10], [20], [30], [40], [50]]
    assert [items for _, items in slow.sets][2:] == [[4, 5]]


async def test_each_key_has_its_own_lane():
    slow = Slow()
    gatherer = Gatherer(slow.write, limit=100)
    callers = [asyncio.create_task(gatherer.submit(key, [1])) for key in ("a", "b")]
    await settle()
    assert [key for key, _ in slow.sets] == ["a", "b"]
    slow.go.set()
    await asyncio.gather(*callers)


async def test_a_set_has_a_size_but_no_parcel_is_split():
    slow = Slow()
    slow.go.set()
    gatherer = Gatherer(slow.write, limit=100, set_size=4)
    parcels = [[1, 2, 3], [4, 5], [6], [7, 8, 9, 10, 11]]
    results = await asyncio.gather(*(gatherer.submit("a", parcel) for parcel in parcels))
    assert results == [[item * 10 for item in parcel] for parcel in parcels]
    assert all(len(items) <= 4 or items == parcels[3] for _, items in slow.sets)


async def test_what_is_written_in_parts_is_answered_in_parts():
    slow = Slow()
    slow.go.set()
    slow.part = 3
    slow.next_part.clear()
    gatherer = Gatherer(slow.write, limit=100)
    callers = [asyncio.create_task(gatherer.submit("a", items)) for items in ([1, 2], [3, 4], [5])]
    await settle()
    assert [caller.done() for caller in callers] == [True, False, False]
    slow.next_part.set()
    assert await asyncio.gather(*callers) == [[10, 20], [30, 40], [50]]


async def test_a_full_queue_is_said_at_once_and_empties_again():
    slow = Slow()
    gatherer = Gatherer(slow.write, limit=3)
    waiting = asyncio.create_task(gatherer.submit("a", [1, 2, 3]))
    await settle()
    with pytest.raises(Problem) as refused:
        await gatherer.submit("a", [4])
    assert refused.value.kind is BUSY
    slow.go.set()
    await waiting
    assert await gatherer.submit("a", [4]) == [40]


async def test_a_failed_write_reaches_its_callers_and_no_others():
    slow = Slow()
    gatherer = Gatherer(slow.write, limit=100)
    slow.fails = True
    slow.go.set()
    results = await asyncio.gather(*(gatherer.submit("a", [n]) for n in range(3)), return_exceptions=True)
    assert all(isinstance(result, ConnectionError) for result in results)
    slow.fails = False
    assert await gatherer.submit("a", [1]) == [10]


async def test_a_caller_that_hangs_up_does_not_take_its_item_back():
    slow = Slow()
    gatherer = Gatherer(slow.write, limit=100)
    caller = asyncio.create_task(gatherer.submit("a", [1]))
    await settle()
    caller.cancel()
    other = asyncio.create_task(gatherer.submit("a", [2]))
    slow.go.set()
    assert await other == [20]
    assert ("a", [1]) in slow.sets


async def test_a_writer_that_is_cancelled_leaves_nobody_waiting_and_the_lane_open():
    slow = Slow()
    gatherer = Gatherer(slow.write, limit=3, writers=1)
    caller = asyncio.create_task(gatherer.submit("a", [1, 2, 3]))
    await slow.begun.get()
    (writer,) = gatherer._lanes["a"].writers
    writer.cancel()
    with pytest.raises(Problem) as refused:
        await caller
    assert refused.value.kind is BUSY
    slow.go.set()
    assert await gatherer.submit("a", [4, 5, 6]) == [40, 50, 60]


async def test_fewer_results_than_items_are_a_failure_and_no_endless_wait():
    async def forgetful(_key: str, items: list[int]):
        yield [item * 10 for item in items[:1]]

    gatherer = Gatherer(forgetful, limit=100)
    async with asyncio.timeout(5):
        results = await asyncio.gather(
            gatherer.submit("a", [1]), gatherer.submit("a", [2]), return_exceptions=True
        )
    assert results[0] == [10]
    assert isinstance(results[1], RuntimeError)
