"""A line to PostgreSQL that breaks at the worst moment: after the server has committed, before it could say so."""

import asyncio
import tempfile
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from pathlib import Path

from sqlalchemy import make_url


class LossyLine:
    """Passes everything on, but the answers to the next `lose` commits: it drops those, and the connections.

    While it `refuses`, new connections end at once.
    """

    def __init__(self, host: str, port: int) -> None:
        self._host = host
        self._port = port
        self.lose = 0
        self.lost = 0
        self.refuses = False

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        if self.refuses:
            writer.close()
            return
        if self._host.startswith("/"):
            there = await asyncio.open_unix_connection(f"{self._host}/.s.PGSQL.{self._port}")
        else:
            there = await asyncio.open_connection(self._host, self._port)
        committing = asyncio.Event()
        pumps = [
            asyncio.create_task(self._ask(reader, there[1], committing)),
            asyncio.create_task(self._answer(there[0], writer, committing)),
        ]
        await asyncio.wait(pumps, return_when=asyncio.FIRST_COMPLETED)
        for pump in pumps:
            pump.cancel()
        for end in (writer, there[1]):
            end.close()

    async def _ask(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter, committing: asyncio.Event):
        while data := await reader.read(65536):
            if b"COMMIT" in data and self.lose:
                self.lose -= 1
                committing.set()
            writer.write(data)
            await writer.drain()

    async def _answer(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter, committing: asyncio.Event):
        while data := await reader.read(65536):
            if committing.is_set():
                self.lost += 1
                return
            writer.write(data)
            await writer.drain()


@asynccontextmanager
async def lossy(url: str) -> AsyncIterator[tuple[LossyLine, str]]:
    """A line to the database, and the URL by which it is reached that way."""
    real = make_url(url)
    host, port = real.host or str(real.query["host"]), int(real.port or real.query.get("port", 5432))
    line = LossyLine(host, port)
    with tempfile.TemporaryDirectory(prefix="yefang-") as folder:
        server = await asyncio.start_unix_server(line.serve, Path(folder, f".s.PGSQL.{port}"))
        by_line = real.set(host=None, port=None, query={"host": folder, "port": str(port)})
        yield line, by_line.render_as_string(hide_password=False)
        server.close()
        with suppress(asyncio.CancelledError):
            await asyncio.sleep(0)
