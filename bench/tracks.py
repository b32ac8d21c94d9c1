"""Tracks: fixes per second into their table beside COPY of the same rows, and from there into stays.

`python -m bench.tracks`. A hundred people walk about their villages for a day, with a fix each half minute.
"""

import asyncio
import math
import random
import time
from collections.abc import Iterator
from dataclasses import astuple, dataclass
from datetime import UTC, datetime, timedelta

import asyncpg

from app.directory.fences import Fences
from app.flows.compute_stays import compute_due
from app.kernel import log
from app.kernel.database import Database
from app.tracks import service as tracks
from app.tracks.service import NewFix
from bench import county
from bench.report import say, table, write
from bench.server import fresh

PEOPLE, EVERY_S = 100, 30
NOW = datetime(2026, 11, 23, 1, tzinfo=UTC)
MIDNIGHT = datetime(2026, 11, 21, 16, tzinfo=UTC)  # in China


@dataclass
class TrackRow:
    """One line: what was done, and how often a second; `against_copy` is the share of the yardstick's speed."""

    name: str
    fixes_per_second: float
    against_copy: float | None


def walks() -> list[NewFix]:
    """In and out of the village every few hours, with the noise of a phone, now and then far off."""
    chance = random.Random(3)
    return [
        NewFix(
            person_id=county.person_id(person),
            session_id=county.person_id(person),
            fixed_at=MIDNIGHT + timedelta(seconds=second),
            lon=county.middle(person)[0] + 0.03 * math.sin(second / 7000) + chance.gauss(0, 1e-4),
            lat=county.middle(person)[1] + (1 if chance.random() < 0.01 else chance.gauss(0, 1e-4)),
            accuracy_m=chance.uniform(3, 60),
            altitude_m=900.0,
            speed_mps=1.0,
            heading_deg=None,
            battery=0.5,
            key=chance.randbytes(32),
        )
        for person in range(1, PEOPLE + 1)
        for second in range(0, 86_400, EVERY_S)
    ]


def sets(fixes: list[NewFix], size: int) -> Iterator[list[NewFix]]:
    return (fixes[start : start + size] for start in range(0, len(fixes), size))


async def copy(url: str, fixes: list[NewFix]) -> TrackRow:
    connection = await asyncpg.connect(url.replace("+asyncpg", ""))
    await connection.execute("CREATE TABLE plain (LIKE track_fix INCLUDING INDEXES)")
    columns = [*NewFix.__dataclass_fields__, "county_id", "received_at"]
    records = [(*astuple(fix), county.COUNTY, NOW) for fix in fixes]
    started = time.perf_counter()
    await connection.copy_records_to_table("plain", records=records, columns=columns)
    spent = time.perf_counter() - started
    await connection.close()
    return TrackRow("COPY of everything at once", len(fixes) / spent, None)


async def upload(url: str, fixes: list[NewFix], size: int, yardstick: TrackRow) -> TrackRow:
    """Each set in a transaction of its own, as a phone's upload is."""
    await county.execute(url, "TRUNCATE track_fix, track_day, stay")
    database = Database(url, pool_size=2)
    started = time.perf_counter()
    for some in sets(fixes, size):
        async with database.transaction() as session:
            await tracks.add(session, county_id=county.COUNTY, fixes=some, now=NOW)
    speed = len(fixes) / (time.perf_counter() - started)
    await database.close()
    return TrackRow(f"uploads of {size}, one after another", speed, speed / yardstick.fixes_per_second)


async def stays(url: str, fixes: list[NewFix]) -> TrackRow:
    database, fences = Database(url, pool_size=2), Fences()
    await compute_due(database, fences, county.COUNTY, NOW)
    await county.execute(url, "UPDATE track_day SET computed = 0, computed_at = NULL")
    started = time.perf_counter()
    days = await compute_due(database, fences, county.COUNTY, NOW)
    spent = time.perf_counter() - started
    await database.close()
    return TrackRow(f"stays of {days} days, {spent / days * 1e3:.1f} ms each", len(fixes) / spent, None)


async def measure(url: str) -> list[TrackRow]:
    await county.seed(url)
    await county.execute(url, """UPDATE county SET settings = '{"tracks": true}'""")
    fixes = walks()
    say(f"{len(fixes):,} fixes of {PEOPLE} people")
    rows = [await copy(url, fixes)]
    rows += [await upload(url, fixes, size, rows[0]) for size in (100, 1000)]
    return [*rows, await stays(url, fixes)]


def main() -> None:
    log.configure("error")
    with fresh("bench-tracks") as (_, url):
        rows = asyncio.run(measure(url))
    write("tracks", {"people": PEOPLE, "every_s": EVERY_S}, rows)
    print(table(rows))


if __name__ == "__main__":
    main()
