"""The API and its database, killed again and again under load, and phones that believe the contract.

`python -m tests.support.torture 40` is the long form: it makes a cluster of its own, and prints what became of it.
"""

import asyncio
import json
import os
import random
import signal
import socket
import sys
import tempfile
from collections.abc import Awaitable, Callable, Iterator
from contextlib import asynccontextmanager, contextmanager, suppress
from dataclasses import asdict, dataclass, field
from datetime import timedelta
from pathlib import Path
from typing import Any
from uuid import UUID, uuid4

import aiohttp
import uvicorn

from app.cli import migrate_database
from app.flows.recount import recount_all
from app.kernel import log
from app.kernel.cluster import Cluster
from app.kernel.database import Database, rows
from app.kernel.roles import as_service
from app.main import create_app
from app.settings import Settings
from tests.support import county
from tests.support.county import Cast
from tests.support.server import KEY, WEDNESDAY_NIGHT, check_in

PHONES = 16
BATCH = 20
BETWEEN_KILLS = 120  # visits acknowledged
PATIENCE_S = 120
DATABASE = "torture"


@dataclass
class Report:
    """What phones were told, and what lies in the database in the end."""

    kills: dict[str, int] = field(default_factory=dict)
    made: int = 0
    acknowledged: int = 0
    lost: int = 0
    doubled: int = 0
    given_up: list[str] = field(default_factory=list)
    recount_differs: int = 0
    told_to_come_back: int = 0  # 503
    unanswered: int = 0
    deferred: int = 0


class Tortured:
    """One API process on one cluster, and the ways in which they may die."""

    def __init__(self, cluster: Cluster, folder: Path) -> None:
        self._cluster = cluster
        self._folder = folder
        self._api: asyncio.subprocess.Process | None = None
        self.url = cluster.url(DATABASE)
        with socket.create_server(("127.0.0.1", 0)) as free:
            self.port = free.getsockname()[1]

    async def start(self) -> None:
        self._api = await asyncio.create_subprocess_exec(
            *(sys.executable, "-m", "tests.support.torture", "serve", self.url, str(self.port), str(self._folder)),
            cwd=Path(__file__).parents[2],
            stdout=asyncio.subprocess.PIPE,
        )
        assert self._api.stdout
        async with asyncio.timeout(PATIENCE_S):
            assert await self._api.stdout.readline() == b"ready\n"

    async def stop(self) -> None:
        if self._api and self._api.returncode is None:
            self._api.kill()
            await self._api.wait()

    async def kill_api(self) -> None:
        await self.stop()
        await self.start()

    async def kill_server(self) -> None:
        """As the out-of-memory killer would: the postmaster is gone, and somebody starts it again."""
        postmaster = int((self._cluster.home / "data" / "postmaster.pid").read_text().split("\n", 1)[0])
        os.kill(postmaster, signal.SIGKILL)
        await asyncio.to_thread(self._up_again)

    async def kill_backend(self) -> None:
        """One of its processes: the server throws out all others, and recovers by itself."""
        database = Database(self.url, pool_size=1)
        try:
            async with database.transaction() as session:
                found = await rows(
                    session,
                    "SELECT pid FROM pg_stat_activity WHERE backend_type = 'client backend'"
                    " AND pid <> pg_backend_pid() AND datname = current_database() LIMIT 1",
                )
        finally:
            await database.close()
        for row in found:
            os.kill(row.pid, signal.SIGKILL)

    def _up_again(self) -> None:
        self._cluster.ensure_running()


class Phone:
    """Keeps every visit until it is acknowledged; drops what it is told to, and tells on whoever told it."""

    def __init__(self, http: aiohttp.ClientSession, token: str, report: Report, heard: asyncio.Event) -> None:
        self._http = http
        self._headers = {"Authorization": f"Bearer {token}"}
        self._report = report
        self._heard = heard
        self._waiting: list[dict[str, Any]] = []
        self.acknowledged: set[UUID] = set()

    async def live(self, over: asyncio.Event, rng: random.Random) -> None:
        """Make visits and send them until it is over, then send what is left."""
        while self._waiting or not over.is_set():
            if not over.is_set() and len(self._waiting) < BATCH:
                self._waiting += [self._visit(rng) for _ in range(rng.choice((1, 1, 1, 5, BATCH)))]
            sent = self._waiting[:BATCH]
            if not await self._send(sent):
                await asyncio.sleep(rng.uniform(0.05, 0.2))  # a phone waits before it tries again

    def _visit(self, rng: random.Random) -> dict[str, Any]:
        self._report.made += 1
        at = WEDNESDAY_NIGHT - timedelta(seconds=rng.randrange(3600 * 24 * 14))
        return check_in(at=at, id=uuid4(), note=uuid4().hex)

    async def _send(self, sent: list[dict[str, Any]]) -> bool:
        """Whether the server took anything."""
        path, body = ("", sent[0]) if len(sent) == 1 else ("/batch", {"check_ins": sent})
        try:
            async with self._http.post(f"/v1/check-ins{path}", json=body, headers=self._headers) as answer:
                status, text = answer.status, await answer.text()
        except (aiohttp.ClientError, TimeoutError, OSError):
            self._report.unanswered += 1
            return False
        if status == 503:
            assert int(answer.headers["Retry-After"]) > 0
            self._report.told_to_come_back += 1
            return False
        if status not in (200, 201):
            self._report.given_up += [f"{status} {text}"] * len(sent)
            self._drop(sent)
            return True
        if len(sent) == 1:
            self._acknowledge(sent[0])
            return True
        return self._read(sent, json.loads(text)["results"])

    def _read(self, sent: list[dict[str, Any]], results: list[dict[str, Any]]) -> bool:
        deferred = [result for result in results if result["status"] == "deferred"]
        self._report.deferred += len(deferred)
        for visit, result in zip(sent, results, strict=True):
            if result["status"] in ("recorded", "duplicate"):
                self._acknowledge(visit)
            elif result["status"] != "deferred":
                self._report.given_up.append(json.dumps(result))
                self._drop([visit])
        return len(deferred) < len(sent)

    def _acknowledge(self, visit: dict[str, Any]) -> None:
        self._drop([visit])
        self.acknowledged.add(UUID(visit["id"]))
        self._heard.set()

    def _drop(self, sent: list[dict[str, Any]]) -> None:
        gone = {visit["id"] for visit in sent}
        self._waiting = [visit for visit in self._waiting if visit["id"] not in gone]


async def torture(cluster: Cluster, kills: int, seed: int = 1) -> Report:
    """So many kills, of the API and of the server in turn; then everybody is left in peace, and counted."""
    report, rng = Report(), random.Random(seed)
    await asyncio.to_thread(_prepare, cluster)
    with tempfile.TemporaryDirectory() as folder:
        tortured = Tortured(cluster, Path(folder))
        people = await _seed(tortured.url)
        await tortured.start()
        try:
            async with _phones(tortured.port, people, report) as (phones, heard):
                over = asyncio.Event()
                async with asyncio.timeout(PATIENCE_S + 30 * kills), asyncio.TaskGroup() as lives:
                    for number, phone in enumerate(phones):
                        lives.create_task(phone.live(over, random.Random(f"{seed} {number}")))
                    await _kill(tortured, phones, heard, kills, rng, report)
                    over.set()
                acknowledged = set[UUID]().union(*(phone.acknowledged for phone in phones))
        finally:
            await tortured.stop()
        report.acknowledged = len(acknowledged)
        await _count(tortured.url, acknowledged, report)
    return report


async def _kill(
    tortured: Tortured, phones: list[Phone], heard: asyncio.Event, kills: int, rng: random.Random, report: Report
) -> None:
    ways: list[Callable[[], Awaitable[None]]] = [tortured.kill_backend, tortured.kill_api, tortured.kill_server]
    for number in range(kills):
        enough = sum(len(phone.acknowledged) for phone in phones) + BETWEEN_KILLS
        while sum(len(phone.acknowledged) for phone in phones) < enough:
            heard.clear()
            await heard.wait()
        await asyncio.sleep(rng.uniform(0, 0.05))  # anywhere in what goes on, not just after an answer
        way = ways[number % len(ways)]
        await way()
        report.kills[way.__name__] = report.kills.get(way.__name__, 0) + 1


def _prepare(cluster: Cluster) -> None:
    cluster.ensure_running()
    cluster.drop_database(DATABASE)
    cluster.create_database(DATABASE)
    migrate_database(cluster.url(DATABASE))


async def _seed(url: str) -> list[Cast]:
    people = [
        Cast(f"帮扶{number}", f"1380001{number:04}", "helper", "squad_a1", "cadre", (county.A1,))
        for number in range(PHONES)
    ]
    database = Database(url, pool_size=1)
    async with database.transaction() as session:
        await county.seed(session)
        for cast in people:
            await county.add_person(session, cast)
    await database.close()
    return people


@asynccontextmanager
async def _phones(port: int, people: list[Cast], report: Report):
    heard = asyncio.Event()
    timeout = aiohttp.ClientTimeout(total=20)
    async with aiohttp.ClientSession(f"http://127.0.0.1:{port}", timeout=timeout) as http:
        phones = []
        for cast in people:
            form = {"grant_type": "password", "username": cast.phone, "password": county.PASSWORD}
            async with http.post("/v1/auth/token", data=form | {"device_id": cast.phone}) as answer:
                token = (await answer.json())["access_token"]
            phones.append(Phone(http, token, report, heard))
        yield phones, heard


async def _count(url: str, acknowledged: set[UUID], report: Report) -> None:
    """Every note is another visit: the same one twice would be a visit doubled, whatever its id."""
    database = Database(url, pool_size=2)
    async with database.transaction(county.COUNTY) as session:
        stored = await rows(session, "SELECT id, note FROM check_in")
    counted = await recount_all(database, now=WEDNESDAY_NIGHT, apply=False)
    await database.close()
    report.lost = len(acknowledged - {row.id for row in stored})
    report.doubled = len(stored) - len({row.note for row in stored})
    report.recount_differs = sum(
        difference.duty_id is not None for each in counted.counties for difference in each.differences
    )


def _serve(url: str, port: int, folder: str) -> None:
    """The API in a process of its own, with a clock that stands still; says when it can be reached."""
    log.configure("critical")
    app = create_app(
        Settings(database_url=as_service(url), secret_key=KEY, var=Path(folder)), lambda: WEDNESDAY_NIGHT
    )
    listener = socket.create_server(("127.0.0.1", port), reuse_port=True)
    os.write(sys.stdout.fileno(), b"ready\n")
    uvicorn.Server(uvicorn.Config(app, log_config=None, access_log=False)).run(sockets=[listener])


@contextmanager
def own_cluster() -> Iterator[Cluster]:
    """A server to be killed, under `var/`, and nothing left of it in the end."""
    var = Path(__file__).parents[2] / "var"
    cluster = Cluster(var / f"torture-{os.getpid()}")
    try:
        yield cluster
    finally:
        cluster.destroy()
        (var / f".{cluster.directory.name}.lock").unlink(missing_ok=True)


if __name__ == "__main__":
    if sys.argv[1] == "serve":
        with suppress(KeyboardInterrupt):
            _serve(sys.argv[2], int(sys.argv[3]), sys.argv[4])
    else:
        with own_cluster() as to_be_killed:
            said = asdict(asyncio.run(torture(to_be_killed, int(sys.argv[1]))))
        sys.stdout.write(json.dumps(said, ensure_ascii=False, indent=1) + "\n")
