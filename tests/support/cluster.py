"""The server that tests use: a private cluster under `var/test`, or the one that YEFANG_TEST_DATABASE_URL names.

The cluster is left running for the next session (`make stop` ends it) and may be used by several sessions at once.
Its data is never forced to disk; after a crash it is made anew.
"""

import asyncio
import hashlib
import os
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import AsyncExitStack, asynccontextmanager
from itertools import count
from pathlib import Path

import asyncpg
from sqlalchemy import URL, make_url

from app.cli import migrate_database
from app.kernel.cluster import Cluster
from app.kernel.roles import as_service

ROOT = Path(__file__).parents[2]
_BUILDING = 0x7965_6661_6E67  # one session at a time makes the template


class Server:
    """Makes and drops databases over one connection. A template is the name of a database to be copied."""

    def __init__(self, url: URL, connection: asyncpg.Connection, *, private: bool) -> None:
        self._url = url
        self._connection = connection
        self._private = private
        self._numbers = count()
        self._prepared: dict[tuple[str, Callable[[str], Awaitable[object]]], str] = {}
        self._stack = AsyncExitStack()

    @asynccontextmanager
    async def database(self, template: str = "template1") -> AsyncIterator[str]:
        """The URL of a new database, a copy of `template`; it is dropped at the end."""
        name = f"test_{os.getpid()}_{next(self._numbers)}"
        await self._connection.execute(f"CREATE DATABASE {name} TEMPLATE {template} STRATEGY FILE_COPY")
        try:
            yield self._url_of(name)
        finally:
            await self._drop(name)

    async def template(self) -> str:
        """The name of a migrated database, made when the migrations have changed. Nobody can connect to it."""
        name = f"yefang_template_{_digest_of_migrations()}"
        await self._connection.execute("SELECT pg_advisory_lock($1)", _BUILDING)
        try:
            await self._drop_leftovers()
            if not await self._names(name):
                await self._drop("yefang_building")
                await self._connection.execute("CREATE DATABASE yefang_building")
                url = self._url_of("yefang_building")
                await asyncio.to_thread(migrate_database, url, service_url=as_service(url))
                # A copy can be made only while nobody is connected.
                await self._connection.execute("ALTER DATABASE yefang_building ALLOW_CONNECTIONS false")
                await self._connection.execute(f"ALTER DATABASE yefang_building RENAME TO {name}")
        finally:
            await self._connection.execute("SELECT pg_advisory_unlock($1)", _BUILDING)
        return name

    async def prepared(self, template: str, prepare: Callable[[str], Awaitable[object]]) -> str:
        """A template, made once a session: a copy of `template`, in which `prepare` was given its URL to work."""
        if (template, prepare) not in self._prepared:
            url = await self._stack.enter_async_context(self.database(template))
            await prepare(url)
            self._prepared[template, prepare] = str(make_url(url).database)
        return self._prepared[template, prepare]

    async def close(self) -> None:
        await self._stack.aclose()
        await self._connection.close()

    async def _drop_leftovers(self) -> None:
        """Databases of sessions that were killed."""
        for name in await self._names("test_%") if self._private else []:
            if not _is_running(name.split("_")[1]):
                await self._drop(name)

    async def _names(self, pattern: str) -> list[str]:
        found = await self._connection.fetch("SELECT datname FROM pg_database WHERE datname LIKE $1", pattern)
        return [row["datname"] for row in found]

    async def _drop(self, name: str) -> None:
        await self._connection.execute(f"DROP DATABASE IF EXISTS {name} WITH (FORCE)")

    def _url_of(self, name: str) -> str:
        return self._url.set(database=name).render_as_string(hide_password=False)


@asynccontextmanager
async def server_for_tests() -> AsyncIterator[Server]:
    given = os.environ.get("YEFANG_TEST_DATABASE_URL")
    if not given:
        cluster = Cluster(ROOT / "var" / "test", durable=False)
        await asyncio.to_thread(cluster.ensure_running)
    url = make_url(given or cluster.url()).set(drivername="postgresql+asyncpg")
    connection = await asyncpg.connect(url.set(drivername="postgresql").render_as_string(hide_password=False))
    server = Server(url, connection, private=not given)
    yield server
    await server.close()


def _digest_of_migrations() -> str:
    digest = hashlib.sha256()
    folder = ROOT / "migrations"
    granted = [*ROOT.glob("app/*/models.py"), *ROOT.glob("app/kernel/*.py")]
    for path in sorted([*folder.rglob("*.py"), *folder.rglob("*.sql"), *granted]):
        digest.update(path.as_posix().encode() + path.read_bytes())
    return digest.hexdigest()[:12]


def _is_running(process: str) -> bool:
    return Path("/proc", process).exists()
