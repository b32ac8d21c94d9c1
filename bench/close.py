"""Closing a week in a whole province, as the worker does it, beside one plain statement over the same rows.

`python -m bench --only close`. The plain statement counts each person's check-ins of the week and inserts as many
rows into a table like `duty`: no rules, leave or assignments, no lock, no flag, nobody told.
"""

import asyncio
import statistics
import time
from collections.abc import Awaitable
from dataclasses import dataclass
from datetime import timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncSession

from app.duties import service as duties
from app.duties.service import DutyCounty
from app.duties.store.duties import RECOUNT_MOMENTS
from app.flows.close_period import close_due
from app.flows.recount import recount_county
from app.kernel.cluster import Cluster
from app.kernel.database import Database, rows
from app.worker.schedule import AT_ONCE
from bench import province
from bench.province import CLOSING, MONDAY, Size
from bench.report import say
from bench.server import cpu_seconds, fresh

PEOPLE = 500_000
_ASKED = 300  # people recounted one by one
_PLAIN = f"""
INSERT INTO plain (county_id, id, rule_id, rule_version, person_id, period_start, period_end, closes_at,
  required, done, pending_review, status, closed_at)
SELECT county_id, gen_random_uuid(), rule_id, rule_version, person_id, period_start, period_end, closes_at,
  required, coalesce(visits.done, 0), 0, CASE WHEN visits.done >= required THEN 'met' ELSE 'missed' END, closes_at
FROM duty LEFT JOIN (
  SELECT county_id, person_id, CAST(count(*) AS int) AS done FROM check_in
  WHERE captured_at >= '{MONDAY}' AND captured_at < '{MONDAY + timedelta(days=7)}' AND standing = 'counted'
  GROUP BY county_id, person_id
) AS visits USING (county_id, person_id)
WHERE period_start = '{MONDAY:%Y-%m-%d}'
"""
_CHECKED = f"""
SELECT count(*) AS duties, count(*) FILTER (WHERE closed_at IS NULL AND review_due_at IS NULL) AS unclosed,
  count(*) FILTER (WHERE status = 'missed') AS missed,
  (SELECT count(*) FROM flag) AS flags, (SELECT count(*) FROM notice) AS notices
FROM duty WHERE period_start = '{MONDAY:%Y-%m-%d}'
"""


@dataclass
class CloseRow:
    """One line; processor seconds are of all processors together, `worker_cpu_s` of the worker's process."""

    name: str
    duties: int
    seconds: float
    duties_per_second: float
    against_plain: float | None
    database_cpu_s: float
    worker_cpu_s: float | None
    flags: int | None
    notices: int | None


@dataclass
class RecountRow:
    """Database time of counting one person's duties anew, as a check-in's transaction does."""

    name: str
    p50_ms: float
    p99_ms: float


def run(people: int) -> tuple[list[CloseRow], list[RecountRow]]:
    """A province of so many people in a cluster of its own; destroyed at the end."""
    with fresh("bench-close") as (cluster, url):
        size = Size.of(people)
        say(f"a province: {size.counties} counties of {size.people:,} people, and their week")
        asyncio.run(province.fill(url, size))
        return asyncio.run(_Closing(cluster, url).measure())


class _Closing:
    """One run over a filled database."""

    def __init__(self, cluster: Cluster, url: str) -> None:
        self.database = Database(url, pool_size=8)  # as `yefang worker` has it
        self._server = int((cluster.home / "data" / "postmaster.pid").read_text().split()[0])

    async def measure(self) -> tuple[list[CloseRow], list[RecountRow]]:
        try:
            first = await self._plain("one plain statement")
            closed = await self._close()
            again = await self._plain("one plain statement, again")
            pace = (first.duties_per_second + again.duties_per_second) / 2
            lines = [first, again, closed]
            for row in lines:
                row.against_plain = row.duties_per_second / pace
            return lines, [await self._recounts()]
        finally:
            await self.database.close()

    async def _plain(self, name: str) -> CloseRow:
        say(name)
        await self._do("DROP TABLE IF EXISTS plain")
        await self._do("CREATE TABLE plain (LIKE duty INCLUDING ALL)")
        seconds, database, _ = await self._timed(self._do(_PLAIN))
        (found,) = await self._ask("SELECT count(*) AS n FROM plain")
        return CloseRow(name, found.n, seconds, found.n / seconds, None, database, None, None, None)

    async def _close(self) -> CloseRow:
        say("the worker closes the week")
        seconds, database, own = await self._timed(self._close_everywhere())
        (found,) = await self._ask(_CHECKED)
        if found.unclosed or found.flags != found.missed:
            raise SystemExit(f"the week is not closed: {found}")
        await self._compare()
        return CloseRow(
            "the worker closes the week",
            found.duties,
            seconds,
            found.duties / seconds,
            None,
            database,
            own,
            found.flags,
            found.notices,
        )

    async def _close_everywhere(self) -> None:
        """What a round of the worker does for periods, in as many counties at once; nothing is to be opened."""
        async with self.database.transaction() as session:
            counties = await duties.counties(session)
        turn = asyncio.Semaphore(AT_ONCE)

        async def close(county: DutyCounty) -> None:
            async with turn:
                await close_due(self.database, county, CLOSING)

        await asyncio.gather(*map(close, counties))

    async def _compare(self) -> None:
        """What was closed is what a recount says; of one county, which is as good as any."""
        async with self.database.transaction() as session:
            county, *_ = await duties.counties(session)
        report = await recount_county(self.database, county, now=CLOSING, apply=False)
        if wrong := [each for each in report.differences if each.of.start == MONDAY.date()]:
            raise SystemExit(f"a recount differs from what was closed: {wrong[:3]}")

    async def _recounts(self) -> RecountRow:
        """Each person once, in their own week's Wednesday; what PostgreSQL says the statement took."""
        say("people recounted one by one")
        found = await self._ask(
            f"SELECT person_id FROM duty WHERE county_id = '{province.FIRST}' ORDER BY id LIMIT {_ASKED}"
        )
        async with self.database.transaction() as session:
            taken = [await self._recount(session, row.person_id) for row in found]
        cuts = statistics.quantiles(taken, n=100)
        return RecountRow("recount of one person", cuts[49], cuts[98])

    async def _recount(self, session: AsyncSession, person_id: UUID) -> float:
        """Milliseconds, planning left out: a server's connection has its plan."""
        (found,) = await rows(
            session,
            f"EXPLAIN (ANALYZE, TIMING OFF, FORMAT JSON) {RECOUNT_MOMENTS.sql}",
            county_id=str(province.FIRST),
            timezone="Asia/Shanghai",
            now=MONDAY + timedelta(days=2),
            closing=False,
            person_ids=[person_id],
            moments=[MONDAY + timedelta(days=2)],
        )
        took: float = found[0][0]["Execution Time"]
        return took

    async def _timed(self, doing: Awaitable[object]) -> tuple[float, float, float]:
        """Seconds, and processor seconds of the database and of this process."""
        before = time.perf_counter(), cpu_seconds(self._server), time.process_time()
        await doing
        return (
            time.perf_counter() - before[0],
            cpu_seconds(self._server) - before[1],
            time.process_time() - before[2],
        )

    async def _do(self, statement: str) -> None:
        async with self.database.transaction() as session:
            await session.execute(text(statement))

    async def _ask(self, statement: str) -> list[Any]:
        async with self.database.transaction() as session:
            return await rows(session, statement)
