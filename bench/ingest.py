"""Check-ins per second through the API, beside pgbench writing the same rows one by one on the same cluster.

Run it with `make bench`. The machine's own speed cancels out in the ratios; results go to bench/results/.
"""

import argparse
import asyncio
import json
import os
import re
import statistics
import subprocess
import sys
import tempfile
import time
import urllib.request
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from pathlib import Path
from uuid import uuid4

import aiohttp

from app.asgi.tokens import AccessTokens, Caller
from app.cli import migrate_database
from app.kernel.cluster import Cluster, find_postgresql
from bench import county

KEY = "bench only: thirty-two bytes or more"
PORT = 8765
BASE = f"http://127.0.0.1:{PORT}"
RESULTS = Path(__file__).parent / "results" / "ingest.json"

# The row that the API writes, judged beforehand: the database's share of the work, one statement a transaction.
PGBENCH = f"""
\\set person random(1, {county.HELPERS})
INSERT INTO check_in (county_id, id, person_id, device_id, captured_at, fixed_at, received_at, crs, raw_lon,
  raw_lat, accuracy_m, purpose, note, photo_ids, content_hash, position, village_id, geofence_version,
  found_in_village_id, place, distance_m, confidence, standing, reasons)
SELECT p.county_id, gen_random_uuid(), p.id, 'phone', now(), now(), now(), 'wgs84', 106.2, 24.3, 12,
  'household_visit', '', '{{}}', decode(repeat('00', 32), 'hex'), ST_SetSRID(ST_MakePoint(106.2, 24.3), 4326),
  '{county.COUNTY}100200', 1, '{county.COUNTY}100200', 'inside', 0, 0.99, 'counted', '[]'
FROM person p WHERE p.county_id = '{county.COUNTY}' AND p.phone = (19000000000 + :person)::text;
"""


@dataclass
class Row:
    """One line of the table."""

    name: str
    per_second: float
    against_pgbench: float
    p50_ms: float
    p99_ms: float


def main() -> None:
    options = argparse.ArgumentParser(description=__doc__)
    options.add_argument("--seconds", type=float, default=10, help="length of each part (default 10)")
    options.add_argument("--connections", type=int, default=32, help="phones posting at once (default 32)")
    asyncio.run(run(options.parse_args()))


async def run(options: argparse.Namespace) -> None:
    cluster = Cluster(Path("var/bench"))
    cluster.ensure_running()
    cluster.drop_database("yefang_bench")
    cluster.create_database("yefang_bench")
    url = cluster.url("yefang_bench")
    say("migrate and seed")
    await asyncio.to_thread(migrate_database, url)
    await county.seed(url)
    server = await start_server(url)
    try:
        rows = [pgbench(url, options)]
        await county.analyze(url)
        for name, size in (("single posts", 1), ("batches of 100", 100)):
            rows.append(await post(name, size, options, rows[0].per_second))
    finally:
        server.terminate()
        server.wait()
        cluster.stop()
    report(rows, options)


async def start_server(url: str) -> "subprocess.Popen[bytes]":
    say("start the server")
    environment = os.environ | {
        "YEFANG_DATABASE_URL": url,
        "YEFANG_SECRET_KEY": KEY,
        "YEFANG_PORT": str(PORT),
        "YEFANG_LOG_LEVEL": "warning",
    }
    server = subprocess.Popen([sys.executable, "-m", "app", "serve"], env=environment)
    for _ in range(200):
        await asyncio.sleep(0.1)
        try:
            await asyncio.to_thread(urllib.request.urlopen, f"{BASE}/readyz")
        except OSError:
            continue
        return server
    server.terminate()
    raise SystemExit("the server did not start")


def pgbench(url: str, options: argparse.Namespace) -> Row:
    say(f"pgbench, row by row, {options.connections} clients")
    with tempfile.NamedTemporaryFile("w", suffix=".sql") as script:
        script.write(PGBENCH)
        script.flush()
        done = subprocess.run(
            [
                *(
                    str(find_postgresql() / "pgbench"),
                    "-n",
                    "-M",
                    "prepared",
                    "-c",
                    str(options.connections),
                    "-j",
                    "2",
                ),
                *("-T", str(int(options.seconds)), "-l", "--log-prefix", f"{script.name}.log"),
                *("-f", script.name, url.replace("+asyncpg", "")),
            ],
            capture_output=True,
            text=True,
            check=True,
        )
    logs = list(Path(script.name).parent.glob(f"{Path(script.name).name}.log*"))
    latencies = [int(line.split()[2]) / 1000 for log in logs for line in log.read_text().splitlines()]
    for log in logs:
        log.unlink()
    found = re.search(r"tps = ([\d.]+)", done.stdout)
    return row("pgbench, row by row", float(found[1]) if found else 0.0, latencies, None)


async def post(name: str, size: int, options: argparse.Namespace, yardstick: float) -> Row:
    say(f"{name}, {options.connections} connections")
    tokens = AccessTokens(KEY, 3600)
    callers = [Caller(county.COUNTY, who, who) for who in map(county.person_id, range(county.HELPERS))]
    bearers = [f"Bearer {tokens.issue(caller, datetime.now(UTC))}" for caller in callers]
    latencies: list[float] = []
    ends = time.perf_counter() + options.seconds

    async def phone(first: int, session: aiohttp.ClientSession) -> None:
        number = first
        while time.perf_counter() < ends:
            number = (number + options.connections) % county.HELPERS
            check_ins = [check_in(number) for _ in range(size)]
            body = check_ins[0] if size == 1 else {"check_ins": check_ins}
            path = "/v1/check-ins" if size == 1 else "/v1/check-ins/batch"
            started = time.perf_counter()
            async with session.post(BASE + path, json=body, headers={"Authorization": bearers[number]}) as reply:
                assert reply.status in {200, 201}, await reply.text()
                await reply.read()
            latencies.append((time.perf_counter() - started) * 1000)

    connector = aiohttp.TCPConnector(limit=options.connections)
    async with aiohttp.ClientSession(connector=connector) as session:
        started = time.perf_counter()
        await asyncio.gather(*(phone(first, session) for first in range(options.connections)))
        seconds = time.perf_counter() - started
    return row(name, len(latencies) * size / seconds, latencies, yardstick)


def check_in(number: int) -> dict[str, object]:
    lon, lat = county.middle(number)
    return {
        "id": str(uuid4()),
        "captured_at": datetime.now(UTC).isoformat(),
        "position": {"lon": lon, "lat": lat, "accuracy_m": 12.0},
        "purpose": "household_visit",
    }


def row(name: str, per_second: float, latencies: list[float], yardstick: float | None) -> Row:
    cuts = statistics.quantiles(latencies, n=100)
    return Row(name, per_second, per_second / (yardstick or per_second), cuts[49], cuts[98])


def report(rows: list[Row], options: argparse.Namespace) -> None:
    print(f"\n{'':24}{'check-ins/s':>12}{'x pgbench':>11}{'p50 ms':>9}{'p99 ms':>9}")
    for line in rows:
        print(
            f"{line.name:24}{line.per_second:12,.0f}{line.against_pgbench:11.2f}"
            f"{line.p50_ms:9.1f}{line.p99_ms:9.1f}"
        )
    RESULTS.parent.mkdir(exist_ok=True)
    RESULTS.write_text(
        json.dumps({"options": vars(options), "rows": [asdict(line) for line in rows]}, indent=2) + "\n"
    )
    say(f"written to {RESULTS}")


def say(what: str) -> None:
    print(f"bench: {what}", file=sys.stderr)


if __name__ == "__main__":
    main()
