"""The whole application on a database with the small county in it: `api` has one of its own."""

from collections.abc import AsyncIterator

import pytest

from tests.support.cluster import Server
from tests.support.server import Api, running


@pytest.fixture
async def api(county_url: str) -> AsyncIterator[Api]:
    async with running(county_url) as started:
        yield started


@pytest.fixture(scope="module")
async def untouched(server: Server, county_template: str) -> AsyncIterator[Api]:
    """One for all tests of a module that leave it as it is."""
    async with server.database(county_template) as url, running(url) as started:
        yield started
