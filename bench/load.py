"""A cheap load generator: keep-alive connections that send prepared bytes and look at every status.

Closed loop: each connection sends the next request when its answer is there; that finds the highest rate.
Open loop: requests are due at moments fixed beforehand, as independent phones make them, and wait for a free
connection if need be. A latency is counted from the moment due, so a server that stalls cannot hide it.
"""

import asyncio
import gc
import random
import time
from collections import Counter, deque
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any

_PATIENCE_S = 60  # after the last request is sent


@dataclass
class Answered:
    """What came back; latencies of accepted posts only."""

    latencies_ms: list[float] = field(default_factory=list)
    statuses: Counter[int] = field(default_factory=Counter)
    seconds: float = 0.0

    def note(self, status: int, seconds: float) -> None:
        self.statuses[status] += 1
        if status in {200, 201}:
            self.latencies_ms.append(seconds * 1000)


class _Connection(asyncio.Protocol):
    """One request at a time; `on_answer(connection, status)` when it is answered in full."""

    def __init__(self, on_answer: Callable[["_Connection", int], None]) -> None:
        self._on_answer = on_answer
        self._transport: Any = None
        self._received = b""
        self.due = 0.0

    def connection_made(self, transport: Any) -> None:
        self._transport = transport

    def send(self, request: bytes, due: float) -> None:
        self.due = due
        self._transport.write(request)

    def data_received(self, data: bytes) -> None:
        self._received += data
        head = self._received.find(b"\r\n\r\n")
        if head < 0:
            return
        length = self._received.lower().index(b"content-length:", 0, head) + 15
        if len(self._received) < head + 4 + int(self._received[length : self._received.index(b"\r", length)]):
            return
        status = int(self._received[9:12])
        self._received = b""
        self._on_answer(self, status)

    def close(self) -> None:
        self._transport.close()


async def closed(port: int, requests: Sequence[bytes], *, connections: int, seconds: float) -> Answered:
    """As fast as the server answers, until the time or the requests are over."""
    answered, waiting, ends = Answered(), iter(requests), 0.0
    done, busy = asyncio.Event(), connections

    def next_one(connection: _Connection) -> None:
        nonlocal busy
        now = time.perf_counter()
        request = next(waiting, None) if now < ends else None
        if request is None:
            busy -= 1
            if not busy:
                done.set()
        else:
            connection.send(request, now)

    def on_answer(connection: _Connection, status: int) -> None:
        answered.note(status, time.perf_counter() - connection.due)
        next_one(connection)

    with _quiet():
        lines = await _connect(port, connections, on_answer)
        started = time.perf_counter()
        ends = started + seconds
        for line in lines:
            next_one(line)
        async with asyncio.timeout(seconds + _PATIENCE_S):
            await done.wait()
        answered.seconds = time.perf_counter() - started
    _close(lines)
    return answered


async def scheduled(port: int, requests: Sequence[bytes], *, connections: int, rate: float) -> Answered:
    """At `rate` a second on average, at random moments (Poisson) that are the same in every run."""
    answered, waiting = Answered(), deque[tuple[float, bytes]]()
    free = deque[_Connection]()  # each in turn: a server closes one that has been silent for some seconds
    done = asyncio.Event()

    def on_answer(connection: _Connection, status: int) -> None:
        answered.note(status, time.perf_counter() - connection.due)
        free.append(connection)
        serve()
        if answered.statuses.total() == len(requests):
            done.set()

    def serve() -> None:
        while waiting and free:
            due, request = waiting.popleft()
            free.popleft().send(request, due)

    with _quiet():
        lines = await _connect(port, connections, on_answer)
        free += lines
        started = time.perf_counter()
        for due, request in zip(_arrivals(started, rate), requests, strict=False):
            if (wait := due - time.perf_counter()) > 0:
                await asyncio.sleep(wait)
            waiting.append((due, request))
            serve()
        async with asyncio.timeout(_PATIENCE_S):
            await done.wait()
        answered.seconds = time.perf_counter() - started
    _close(lines)
    return answered


def _arrivals(started: float, rate: float) -> Iterator[float]:
    gaps, due = random.Random(1), started
    while True:
        due += gaps.expovariate(rate)
        yield due


async def _connect(
    port: int, connections: int, on_answer: Callable[[_Connection, int], None]
) -> list[_Connection]:
    loop = asyncio.get_running_loop()
    return [
        (await loop.create_connection(lambda: _Connection(on_answer), "127.0.0.1", port))[1]
        for _ in range(connections)
    ]


def _close(lines: Sequence[_Connection]) -> None:
    for line in lines:
        line.close()


class _quiet:  # noqa: N801 - used as a statement
    """No garbage collection of our own while latencies are measured."""

    def __enter__(self) -> None:
        gc.collect()
        gc.disable()

    def __exit__(self, *_: object) -> None:
        gc.enable()
