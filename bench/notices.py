"""Notices to a county's phones: how fast workers send them, and whether check-ins notice.

`python -m bench --only notices`. Google is the stand-in of the tests, in a process of its own on the same machine,
and answers at once. Beside the workers two loops send to it that have no database and nothing to render: Google's
SDK as it comes, and our channel.
"""

import os
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Awaitable, Callable, Iterator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import firebase_admin
import uvloop
from firebase_admin import messaging

from app.kernel.clock import system_clock
from app.kernel.cluster import Cluster
from app.kernel.database import Database, rows
from app.kernel.ids import new_id
from app.kernel.roles import as_service
from app.notices import service as notices
from app.notices.channels.base import Message, Sent
from app.notices.channels.fcm import FcmChannel
from app.notices.own_words import EXAMPLE
from app.notices.service import NewNotice
from bench import county, load
from bench.load import Answered
from bench.phones import Phones
from bench.report import percentiles, say
from bench.server import cpu_seconds, free_port, fresh, serving
from tests.support.google import PROJECT

NOTICES = 100_000
_BATCH = 500  # as many as the SDK takes
_BY_SDK = 4000  # it is slow
_SLICE = 5000  # told by one statement
_CONNECTIONS = 64
_MOST_SINGLES = 4000  # a second
# Every helper has the app on one phone, nights are not quiet, and nothing waits for a summary.
_PHONES = f"""
UPDATE county SET settings = settings || '{{"quiet_from": 0, "quiet_until": 0, "notices_per_day": 9999}}';
INSERT INTO notice_channel (county_id, name, kind, position) VALUES ('{county.COUNTY}', 'fcm', 'fcm', 1);
INSERT INTO device (county_id, id, person_id, push, last_seen_at)
SELECT county_id, device_id, person_id, jsonb_build_object('channel', 'fcm', 'token', 'ok-' || device_id), now()
FROM device_session
"""
_STATE = """
SELECT count(*) FILTER (WHERE status = 'waiting') AS waiting, count(*) FILTER (WHERE status = 'sent') AS sent,
  count(*) AS told
FROM delivery
"""


async def seed(url: str) -> None:
    """Fill an empty, migrated database."""
    await county.seed(url)
    await county.execute(url, _PHONES)


async def tell(url: str, count: int) -> None:
    """Reminders, to everyone in turn; none goes out before all are told and the database has counted them."""
    await county.execute(url, "UPDATE notice_channel SET paused_until = 'infinity'")
    database = Database(url, pool_size=1)
    for begin in range(0, count, _SLICE):
        told = [_reminder(number) for number in range(begin, min(begin + _SLICE, count))]
        async with database.transaction() as session:
            await notices.tell(session, county_id=county.COUNTY, now=system_clock(), notices=told)
    await database.close()
    await county.execute(url, "ANALYZE notice, delivery")
    await county.execute(url, "UPDATE notice_channel SET paused_until = NULL")


def _reminder(number: int) -> NewNotice:
    person = county.person_id(number % county.HELPERS)
    return NewNotice(person, "duty_reminder", f"bench {number}", EXAMPLE)


@dataclass
class SendRow:
    """One line about sending. CPU times are microseconds for each notice, of all processors together."""

    name: str
    notices: int
    per_second: float
    against_sdk: float | None
    sender_us: float
    stand_in_us: float
    database_us: float | None


@dataclass
class MeanwhileRow:
    """One line about single check-ins at half the highest rate of one API process."""

    name: str
    check_ins_per_second: float
    p50_ms: float
    p99_ms: float
    against_alone: float | None  # the p99, beside that of check-ins alone
    notices_per_second: float | None


@dataclass(frozen=True)
class _Google:
    """The stand-in: where it is, and the service account file that it knows."""

    credentials: Path
    url: str
    pid: int


def run(count: int, seconds: float) -> tuple[list[SendRow], list[MeanwhileRow]]:
    """`count` notices, by one worker and by two; then check-ins for `seconds` a part while one worker sends."""
    with (
        fresh("bench-notices") as (cluster, url),
        tempfile.TemporaryDirectory() as folder,
        _google(Path(folder)) as google,
    ):
        uvloop.run(seed(url))
        bench = _Bench(cluster, url, google, count)
        sent = [bench.by_sdk(), bench.by_channel(), bench.by_workers(1), bench.by_workers(2)]
        for row in sent:
            row.against_sdk = row.per_second / sent[0].per_second
        return sent, bench.meanwhile(seconds)


@dataclass
class _Bench:
    """One run, on a county that has been seeded."""

    cluster: Cluster
    url: str
    google: _Google
    count: int

    def by_sdk(self) -> SendRow:
        message = messaging.Message(
            fid="ok", notification=messaging.Notification("t", "b"), data={"notice_id": str(new_id())}
        )
        credentials = firebase_admin.credentials.Certificate(str(self.google.credentials))
        app = firebase_admin.initialize_app(credentials, name="bench")
        service: Any = messaging._get_messaging_service(app)  # noqa: SLF001 - it has no setting for this
        service._fcm_url = f"{self.google.url}/v1/projects/{PROJECT}/messages:send"  # noqa: SLF001

        async def send() -> bool:
            answer = await messaging.send_each_async([message] * _BATCH, app=app)
            return answer.failure_count == 0

        return self._loop("SDK as it comes, no database", min(self.count, _BY_SDK), send)

    def by_channel(self) -> SendRow:
        channel = FcmChannel(self.google.credentials, self.google.url)
        message = Message(new_id(), "duty_reminder", "t", "b", urgent=False, push={"token": "ok"})

        async def send() -> bool:
            return all(isinstance(each, Sent) for each in await channel.send([message] * _BATCH))

        return self._loop("our channel, no database", self.count, send, channel.close)

    def _loop(
        self,
        name: str,
        count: int,
        send: Callable[[], Awaitable[bool]],
        close: Callable[[], Awaitable[None]] | None = None,
    ) -> SendRow:
        """A batch after the other, the first one aside: it signs in and connects."""
        say(name)

        async def going() -> tuple[float, float, float]:
            await send()
            before = time.perf_counter(), time.process_time(), cpu_seconds(self.google.pid)
            for _ in range(max(count // _BATCH, 1)):
                if not await send():
                    raise SystemExit(f"{name}: not everything was sent")
            after = time.perf_counter(), time.process_time(), cpu_seconds(self.google.pid)
            if close:
                await close()
            took, own, google = (late - early for early, late in zip(before, after, strict=True))
            return took, own, google

        took, own, google = uvloop.run(going())
        count = max(count // _BATCH, 1) * _BATCH
        return SendRow(name, count, count / took, None, own / count * 1e6, google / count * 1e6, None)

    def by_workers(self, number: int) -> SendRow:
        """From when all that was told is due until none of it waits."""
        say(f"{number} worker(s)")
        uvloop.run(county.refresh(self.url))
        with self._workers(number) as pids:
            uvloop.run(tell(self.url, self.count))
            started, before = time.perf_counter(), self._cpu(pids)
            while (state := uvloop.run(self._state())).waiting:
                time.sleep(0.2)
            took = time.perf_counter() - started
            after = self._cpu(pids)
        if not state.sent == state.told == self.count:
            raise SystemExit(f"of {self.count} notices {state.told} were told and {state.sent} sent")
        each = [(late - early) / self.count * 1e6 for early, late in zip(before, after, strict=True)]
        return SendRow(f"yefang worker, {number}", self.count, self.count / took, None, *each)

    def meanwhile(self, seconds: float) -> list[MeanwhileRow]:
        """Half the highest rate; with nothing to send, while notices are sent, and with nothing to send again."""
        phones = Phones()
        with serving(self.url, 1, self.cluster.home / "server.log") as (port, _), self._workers(1):

            def part(name: str, going: Callable[[], Any], *, told: int = 0) -> MeanwhileRow:
                say(name)
                uvloop.run(county.refresh(self.url))
                uvloop.run(tell(self.url, told))
                before = uvloop.run(self._state())
                answered: Answered = uvloop.run(going())
                after = uvloop.run(self._state())
                if set(answered.statuses) - {200, 201}:
                    raise SystemExit(f"the server answered {dict(answered.statuses)}")
                if told and not after.waiting:
                    raise SystemExit("the notices did not last: measure for less time, or tell more")
                sent = (after.sent - before.sent) / answered.seconds if told else None
                rate = len(answered.latencies_ms) / answered.seconds
                return MeanwhileRow(name, rate, *percentiles(answered.latencies_ms), None, sent)

            singles = phones.singles(round(_MOST_SINGLES * seconds))
            full = part(
                "check-ins, highest rate",
                lambda: load.closed(port, singles, connections=_CONNECTIONS, seconds=seconds),
            )
            rate = full.check_ins_per_second / 2

            def half() -> Any:
                requests = phones.singles(round(rate * seconds))
                return load.scheduled(port, requests, connections=2 * _CONNECTIONS, rate=rate)

            first = part("half of it", half)
            while_sending = part("half of it, while one worker sends", half, told=self.count)
            again = part("half of it, again", half)
        alone = (first.p99_ms + again.p99_ms) / 2
        measured = [first, again, while_sending]
        for row in measured:
            row.against_alone = row.p99_ms / alone
        return [full, *measured]

    async def _state(self) -> Any:
        database = Database(self.url, pool_size=1)
        async with database.transaction() as session:
            (state,) = await rows(session, _STATE)
        await database.close()
        return state

    def _cpu(self, workers: Sequence[int]) -> list[float]:
        """Processor seconds of the workers, the stand-in and the database so far."""
        postmaster = int((self.cluster.home / "data" / "postmaster.pid").read_text().split()[0])
        return [sum(map(cpu_seconds, workers)), cpu_seconds(self.google.pid), cpu_seconds(postmaster)]

    @contextmanager
    def _workers(self, number: int) -> Iterator[list[int]]:
        """The ids of so many processes of `yefang worker`, which have started."""
        environment = os.environ | {
            "YEFANG_DATABASE_URL": as_service(self.url),
            "YEFANG_VAR": str(self.google.credentials.parent),
            "YEFANG_FCM_CREDENTIALS": str(self.google.credentials),
            "YEFANG_FCM_URL": self.google.url,
        }
        with ExitStack() as stack:
            logs = [self.google.credentials.parent / f"worker-{each}.log" for each in range(number)]
            command = [sys.executable, "-m", "app", "worker"]
            pids = [stack.enter_context(_process(command, environment, log)) for log in logs]
            _await(lambda: all("worker_started" in log.read_text() for log in logs), "a worker")
            yield pids


@contextmanager
def _process(command: list[str], environment: dict[str, str], log: Path) -> Iterator[int]:
    with log.open("wb") as lines:
        process = subprocess.Popen(command, env=environment, stderr=lines)
    try:
        yield process.pid
    finally:
        process.send_signal(signal.SIGTERM)
        process.wait()


@contextmanager
def _google(folder: Path) -> Iterator[_Google]:
    port, credentials = free_port(), folder / "account.json"
    command = [sys.executable, "-m", "tests.support.google"]
    command += ["--port", str(port), "--credentials", str(credentials)]
    with _process(command, dict(os.environ), folder / "google.log") as pid:
        _await(lambda: credentials.exists() and credentials.read_text().endswith("}"), "the stand-in")
        yield _Google(credentials, f"http://127.0.0.1:{port}", pid)


def _await(ready: Callable[[], bool], what: str) -> None:
    for _ in range(300):
        if ready():
            time.sleep(1)  # for what it does at once after saying so
            return
        time.sleep(0.1)
    raise SystemExit(f"{what} did not start")
