"""What every test may ask for: a database of its own on a real server."""

import hypothesis
import pytest

from tests.support import county
from tests.support.cluster import server_for_tests
from tests.support.statements import check_rows

check_rows()

# How long an example takes says how busy the machine is, and nothing of the code.
hypothesis.settings.register_profile("house", deadline=None)
hypothesis.settings.load_profile("house")


def pytest_make_parametrize_id(val: object, argname: str) -> str | None:
    """Files are no names: they have hours in them, by which processes of a run would not agree on their tests."""
    return argname if isinstance(val, bytes) else None


@pytest.fixture(scope="session")
async def server():
    async with server_for_tests() as server:
        yield server


@pytest.fixture(scope="session")
async def template(server):
    return await server.template()


@pytest.fixture
async def database_url(server, template):
    """The URL of a fresh, migrated database."""
    async with server.database(template) as url:
        yield url


@pytest.fixture(scope="session")
async def county_template(server, template):
    """The small county (tests/support/county.py), put into a database once and copied for each test."""
    return await server.prepared(template, county.seed_database)


@pytest.fixture
async def county_url(server, county_template):
    """The URL of a fresh database with the small county in it."""
    async with server.database(county_template) as url:
        yield url


@pytest.fixture
async def empty_database_url(server):
    """The URL of a fresh database with nothing in it."""
    async with server.database() as url:
        yield url
