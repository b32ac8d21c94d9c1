"""The worker's round: every county has its turn, whatever happens in another, and nothing ends it."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import suppress
from typing import Any, cast

import pytest
from sqlalchemy import text
from structlog.testing import capture_logs

from app import cli, worker
from app.flows.delete_expired import Old
from app.flows.deliver_notices import Dispatcher
from app.kernel.clock import Clock
from app.kernel.database import Database
from app.worker import schedule
from tests.api.clients.conftest import app_of
from tests.support.county import COUNTY, HELPER_A1, OTHER_COUNTY, STRANGER
from tests.support.server import Api, running


@pytest.fixture
async def api(county_url: str) -> AsyncIterator[Api]:
    async with running(county_url) as started:
        yield started


async def kept(api: Api) -> list[str]:
    async with api.database.transaction() as session:
        return list((await session.execute(text("SELECT county_id FROM quarantine ORDER BY 1"))).scalars())


async def put_away(api: Api) -> None:
    """Something of a tracking app's that nobody could take, in each county; only the first has rules of duties."""
    for who in (HELPER_A1, STRANGER):
        phone = await app_of(api, "owntracks", who)
        assert (await phone.send(b"no JSON")).status_code == 200
    api.clock.turn(days=31)


async def test_a_county_without_rules_of_duties_keeps_nothing_beyond_its_time_either(api: Api):
    await put_away(api)
    assert await kept(api) == [OTHER_COUNTY, COUNTY]
    await worker.tick(api.service, api.clock)
    assert await kept(api) == []


async def test_any_exception_in_one_county_leaves_the_other_counties_and_jobs_alone(
    api: Api, monkeypatch: pytest.MonkeyPatch
):
    await put_away(api)
    delete = schedule.delete_expired.delete

    async def delete_or_break(database: Database, old: Old, clock: Clock) -> int:
        if (old.county_id, old.table_name) == (COUNTY, "quarantine"):
            raise ZeroDivisionError
        return await delete(database, old, clock)

    async def breaks(*_: Any) -> Any:
        raise KeyError("a bug")

    monkeypatch.setattr(schedule.delete_expired, "delete", delete_or_break)
    monkeypatch.setattr(schedule, "remind_due", breaks)
    with capture_logs() as logs:
        await worker.tick(api.service, api.clock)
    failed = {(line["job"], line["county_id"]) for line in logs if line["event"] == "job_failed"}
    assert failed == {("retention of quarantine", COUNTY), ("reminders", COUNTY)}
    assert await kept(api) == [COUNTY]


async def test_no_exception_ends_the_worker(api: Api, monkeypatch: pytest.MonkeyPatch):
    stop, rounds = asyncio.Event(), 0

    async def breaks(*_: Any) -> None:
        nonlocal rounds
        rounds += 1
        if rounds == 3:
            stop.set()
        raise ZeroDivisionError

    monkeypatch.setattr(schedule, "tick", breaks)
    await worker.run(api.service, api.clock, stop, every_s=0.001)
    assert rounds == 3


async def test_no_exception_ends_the_dispatch():
    stop, asked = asyncio.Event(), 0

    class Breaking:
        async def due(self) -> list[Any]:
            nonlocal asked
            asked += 1
            if asked == 3:
                stop.set()
            raise KeyError("a bug")

    await worker.dispatch(cast("Dispatcher", Breaking()), stop, every_s=0.001)
    assert asked == 3


def test_a_worker_takes_as_many_connections_as_it_is_told(monkeypatch: pytest.MonkeyPatch):
    sizes: list[int] = []

    async def work(_settings: object, database: Database, _stop: object) -> None:
        sizes.append(cast("Any", database.engine.pool).size())

    monkeypatch.setenv("YEFANG_DATABASE_URL", "postgresql+asyncpg://nobody@127.0.0.1:1/none")
    monkeypatch.setenv("YEFANG_POOL_SIZE", "3")
    monkeypatch.setattr(cli, "_work", work)
    monkeypatch.setattr(cli.os, "nice", lambda _: None)
    monkeypatch.setattr(cli, "collect_rarely", lambda: None)
    with suppress(SystemExit):
        cli.run_worker()
    assert sizes == [3]
