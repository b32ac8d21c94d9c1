"""Check-ins per second through the API, beside pgbench writing the same rows one by one on the same cluster."""

import asyncio
from collections.abc import Coroutine, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

import uvloop

from app.kernel.cluster import Cluster
from bench import county, load, yardstick
from bench.load import Answered
from bench.phones import Phones
from bench.report import Row, percentiles, say
from bench.server import cpu_seconds, fresh, serving

BATCH = 100
POISON_EVERY = 100
_FLUSHING = 16  # phones that send a batch at once
# More than any part can use up: rendering requests while the clock runs would slow down what is measured.
_MOST_SINGLES, _MOST_BATCHES = 6000, 200
# A row that the database refuses and no validation foresees. The trigger stands in every part alike.
_POISON = """
CREATE FUNCTION refuse_poison() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN RAISE EXCEPTION 'poison' USING ERRCODE = '22000'; END $$;
CREATE TRIGGER poison BEFORE INSERT ON check_in FOR EACH ROW WHEN (NEW.note = 'poison')
EXECUTE FUNCTION refuse_poison()
"""


@dataclass
class Bench:
    """One run: the cluster, the people, and the length of each part."""

    cluster: Cluster
    url: str
    phones: Phones
    seconds: float
    connections: int

    def pgbench(self, name: str, script: str) -> Row:
        say(f"{name}, {self.connections} clients")
        self._refresh()
        measured = yardstick.run(
            script, self.url, clients=self.connections, seconds=self.seconds, cpu_s=self._database_cpu
        )
        return Row(
            name,
            None,
            measured.per_second,
            None,
            *percentiles(measured.latencies_ms),
            None,
            measured.cpu_s / len(measured.latencies_ms) * 1e6,
        )

    def closed(self, name: str, server: "Server", requests: list[bytes], size: int = 1) -> Row:
        """As fast as the server answers."""
        connections = self.connections if size == 1 else _FLUSHING
        going = load.closed(server.port, requests, connections=connections, seconds=self.seconds)
        return self._row(name, server, going, size)

    def scheduled(self, name: str, server: "Server", rate: float, *, poison_every: int = 0) -> Row:
        """At a fixed rate, whatever the server does."""
        requests = self.phones.singles(round(rate * self.seconds), poison_every=poison_every)
        return self._row(
            name, server, load.scheduled(server.port, requests, connections=2 * self.connections, rate=rate), 1
        )

    def _row(self, name: str, server: "Server", going: Coroutine[Any, Any, Answered], size: int) -> Row:
        say(f"{name}, {server.processes} API process(es)")
        self._refresh()
        before = self._database_cpu(), cpu_seconds(server.pid)
        answered = uvloop.run(going)
        database, api = self._database_cpu() - before[0], cpu_seconds(server.pid) - before[1]
        recorded = len(answered.latencies_ms) * size
        self._check(answered, recorded)
        return Row(
            name,
            server.processes,
            recorded / answered.seconds,
            None,
            *percentiles(answered.latencies_ms),
            api / recorded * 1e6,
            database / recorded * 1e6,
        )

    def _check(self, answered: Answered, recorded: int) -> None:
        """Nothing but acceptance and refused poison was answered, and what was accepted is on disk."""
        if set(answered.statuses) - {200, 201, 422}:
            raise SystemExit(f"the server answered {dict(answered.statuses)}")
        on_disk, counted = uvloop.run(county.recorded(self.url))
        if not recorded == on_disk == counted:
            raise SystemExit(f"{recorded} check-ins were acknowledged, {on_disk} are on disk, {counted} count")

    def _refresh(self) -> None:
        uvloop.run(county.refresh(self.url))

    def _database_cpu(self) -> float:
        return cpu_seconds(int((self.cluster.home / "data" / "postmaster.pid").read_text().split()[0]))


@dataclass
class Server:
    """The API under test."""

    port: int
    pid: int
    processes: int


def run(seconds: float, connections: int) -> list[Row]:
    """All rows, pgbench's first."""
    with _bench(seconds, connections) as bench:
        alone = bench.pgbench("pgbench: insert only", yardstick.INSERT_ONLY)
        rows = [bench.pgbench("pgbench: insert + recount", yardstick.INSERT_AND_RECOUNT)]
        rows += _measure(bench, 1, poisoned=True)
        rows += _measure(bench, 2, poisoned=False)
        rows.append(bench.pgbench("pgbench: insert + recount, again", yardstick.INSERT_AND_RECOUNT))
    # Between the first and the last measurement the machine may have changed its pace.
    pace = (rows[0].per_second + rows[-1].per_second) / 2
    rows = [alone, rows[0], rows[-1], *rows[1:-1]]
    for row in rows:
        row.against_pgbench = row.per_second / pace
    return rows


def _measure(bench: Bench, processes: int, *, poisoned: bool) -> list[Row]:
    with serving(bench.url, processes, bench.cluster.home / "server.log") as (port, pid):
        server = Server(port, pid, processes)
        singles = round(_MOST_SINGLES * bench.seconds)
        rows = [bench.closed("single posts", server, bench.phones.singles(singles))]
        half = rows[0].per_second / 2
        rows.append(bench.scheduled("single posts, half load", server, half))
        if poisoned:
            spoilt = bench.phones.singles(singles, poison_every=POISON_EVERY)
            rows.append(bench.closed(f"single posts, 1 in {POISON_EVERY} poisoned", server, spoilt))
            rows.append(
                bench.scheduled(
                    f"half load, 1 in {POISON_EVERY} poisoned", server, half, poison_every=POISON_EVERY
                )
            )
        batches = bench.phones.batches(round(_MOST_BATCHES * bench.seconds), BATCH)
        rows.append(bench.closed(f"batches of {BATCH}", server, batches, BATCH))
    return rows


@contextmanager
def _bench(seconds: float, connections: int) -> Iterator[Bench]:
    """A cluster of its own, seeded; destroyed at the end."""
    with fresh("bench") as (cluster, url):
        asyncio.run(county.seed(url))
        asyncio.run(county.execute(url, _POISON))
        yield Bench(cluster, url, Phones(), seconds, connections)
