"""The `api` fixture: the whole application on a fresh database with the small county in it."""

from collections.abc import AsyncIterator

import pytest

from tests.support.server import Api, running


@pytest.fixture
async def api(county_url: str) -> AsyncIterator[Api]:
    async with running(county_url) as started:
        yield started
