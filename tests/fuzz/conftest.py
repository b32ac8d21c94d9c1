"""The `api` fixture, and `drive`: Hypothesis is not asynchronous, the application is."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from typing import Any

import pytest

from tests.support.server import Api, running

Wait = Callable[[Any], Any]
Drive = Callable[[Callable[[Wait], None]], Awaitable[None]]


@pytest.fixture
async def api(county_url: str) -> AsyncIterator[Api]:
    async with running(county_url) as started:
        yield started


@pytest.fixture
async def drive() -> Drive:
    """`await drive(fuzz)` runs `fuzz(wait)` in a thread; there `wait(coroutine)` gives what the coroutine does."""
    loop = asyncio.get_running_loop()

    def wait(coroutine: Any) -> Any:
        return asyncio.run_coroutine_threadsafe(coroutine, loop).result()

    async def driven(fuzz: Callable[[Wait], None]) -> None:
        await asyncio.to_thread(fuzz, wait)

    return driven
