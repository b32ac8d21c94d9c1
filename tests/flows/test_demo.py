"""The demo on the real application: its database's states, and a small simulation over HTTP."""

import asyncio
import os
import signal
import sys
from collections import Counter
from contextlib import suppress
from dataclasses import replace
from datetime import datetime, timedelta
from functools import partial
from pathlib import Path

import aiohttp
import pytest
from sqlalchemy import text

from app import worker
from app.access.passwords import hash_password
from app.demo import build as demo
from app.demo import store
from app.demo.build import Span, State, load, state_of
from app.demo.counties import PLANS, TIMEZONE, build
from app.demo.errands import errands
from app.demo.queues import uploads
from app.demo.server import TurnedServer
from app.demo.simulation import PASSWORD, Phone, SimulationError, Tally, World, play
from app.flows.recount import recount_all
from app.kernel.database import Database, rows
from app.kernel.roles import as_service
from app.main import create_app
from app.settings import Settings
from tests.support import county as small_county

pytestmark = [pytest.mark.xdist_group("demo"), pytest.mark.timeout(900)]  # weeks of a township take a while
YONGFU = next(plan for plan in PLANS if plan.code == "450326")
TOWNSHIP = "450326202"  # the smallest
NOW = datetime(2026, 11, 18, 16, tzinfo=TIMEZONE)  # a Wednesday: the week before has closed


@pytest.fixture
async def database(database_url):
    database = Database(database_url, pool_size=2)
    yield database
    await database.close()


async def ask(database, statement):
    async with database.transaction() as session:
        return [tuple(row) for row in await rows(session, statement)]


async def state_after(database, *marks):
    for mark in marks:
        await demo._mark(database, mark, NOW)
    return await state_of(database)


async def test_an_empty_database_is_empty(database):
    assert await state_of(database) is State.EMPTY


async def test_a_demo_is_finished_when_it_says_so(database):
    assert await state_after(database, store.STARTED) is State.UNFINISHED
    assert await state_after(database, store.FINISHED) is State.FINISHED


async def test_a_county_that_the_demo_did_not_make_is_foreign(database):
    async with database.transaction() as session:
        await small_county.seed(session)
    assert await state_of(database) is State.FOREIGN


@pytest.fixture(scope="module")
def span():
    return Span.ending(NOW, weeks=1)


@pytest.fixture(scope="module")
def yongfu(span):
    return build(YONGFU, span.mondays[0].replace(month=1, day=1), hash_password(PASSWORD))


@pytest.fixture(scope="module")
def sent(yongfu, span):
    """What the phones of one township send in a week and a half."""
    villages = {v.unit_id for v in yongfu.roster.villages if v.township_id == TOWNSHIP}
    return [u for u in uploads(yongfu, span.mondays, span.until, frozenset()) if u.person.unit_id in villages]


def delayed(sent, until):
    """The same, but for one helper whose only visit of the first week is not sent before `until`."""
    counted = Counter(upload.person.id for upload in sent)
    late = next(
        upload
        for upload in sent
        if upload.person.category == "helper"
        and counted[upload.person.id] == 1
        and len(upload.check_ins) == 1
        and upload.handset.trick == "none"
        and upload.check_ins[0]["position"]
    )
    return late.person, sorted(
        [replace(upload, at=until) if upload is late else upload for upload in sent], key=lambda upload: upload.at
    )


async def simulate(database, url, county, span, sent, var):
    tokens = await load(database, county, span)
    seen = []
    make_app = partial(create_app, Settings(database_url=as_service(url), secret_key="k" * 32, var=var))
    with TurnedServer(make_app, span.start) as server:
        world = World(server.clock.turn, partial(worker.tick, database, server.clock))
        tally = await play(server.base_url, sent, tokens, world, lambda at, tally: seen.append(at))
        world.turn(span.until)
        await world.work()
    return tally, seen


async def test_a_township_lives_through_a_week(database, database_url, yongfu, span, sent, tmp_path):
    late, sent = delayed(sent, datetime(2026, 11, 17, 6, tzinfo=TIMEZONE))  # an hour after the week has closed
    tally, seen = await simulate(database, database_url, yongfu, span, sent, tmp_path)
    ids = {body["id"] for upload in sent for body in upload.check_ins}

    # Every visit is recorded once, however often it was sent.
    assert tally.recorded == len(ids) > 100
    assert tally.repeated == sum(len(upload.check_ins) for upload in sent) - len(ids) > 0
    assert {str(found) for (found,) in await ask(database, "SELECT id FROM check_in")} == ids
    assert sum(tally.standings.values()) == tally.recorded
    assert tally.standings["counted"] > 0.9 * tally.recorded

    # The server's clock was where the phones' time was.
    arrived = {str(id_): at for id_, at in await ask(database, "SELECT id, received_at FROM check_in")}
    for upload in sent:
        for body in upload.check_ins:
            assert arrived[body["id"]] < upload.at + timedelta(hours=1)
    assert min(arrived.values()) >= span.start
    assert seen == sorted(seen)

    # Periods opened and closed as they would have; who was late is told from who was not.
    by_week = {monday: Counter() for monday in span.mondays}
    for start, status, number in await ask(
        database, "SELECT period_start, status, count(*) FROM duty GROUP BY 1, 2"
    ):
        by_week[start][status] += number
    first, current = by_week.values()
    assert first["met"] > 50
    assert first["missed"] > 0
    assert current["open"] > 0
    unsettled = "SELECT DISTINCT period_start, pending_review > 0 FROM duty WHERE status = 'open' ORDER BY 1"
    assert (span.mondays[0], False) not in await ask(database, unsettled)  # what awaits a review stays open
    assert await ask(database, "SELECT count(*) FROM flag WHERE status <> 'withdrawn'") == [(first["missed"],)]
    assert (await recount_all(database, now=span.until, apply=False)).differences == 0

    turned = await ask(
        database,
        f"SELECT duty.status, flag.status, flag.reason FROM duty JOIN flag ON flag.duty_id = duty.id"
        f" WHERE duty.person_id = '{late.id}' AND period_start = '{span.mondays[0]}'",
    )
    assert turned == [("met_late", "withdrawn", "met_late")]

    # Who was behind was told in time, at nine; leaders had their week on Monday at eight.
    told = "SELECT DISTINCT kind, CAST(created_at AT TIME ZONE 'Asia/Shanghai' AS time) FROM notice"
    hours = {(kind, at.hour) for kind, at in await ask(database, told)}
    assert {each for each in hours if each[0] in ("duty_reminder", "weekly_digest")} == {
        ("duty_reminder", 9),
        ("weekly_digest", 8),
    }

    # Access tokens ran out and were renewed, and no refresh token was ever spent twice.
    assert tally.signed_in > len({upload.person.id for upload in sent})
    assert await ask(database, "SELECT count(*) FROM device_session WHERE ended_at IS NOT NULL") == [(0,)]


A_DAY = """
SELECT person_id, CAST(created_at AT TIME ZONE 'Asia/Shanghai' AS date) AS day, count(*) AS told,
  count(*) FILTER (WHERE kind <> 'daily_summary') AS singly
FROM notice WHERE kind <> 'sos' GROUP BY 1, 2
"""
# Of everyone who leads, also of whom nobody had anything to tell.
A_LEADER_S_WEEK = f"""
SELECT percentile_cont(0.5) WITHIN GROUP (ORDER BY coalesce(singly, 0)) FROM (
  SELECT leader.person_id, week.monday, sum(singly) AS singly
  FROM (SELECT DISTINCT person_id FROM post WHERE role IN ('leader', 'office')) AS leader
  CROSS JOIN (SELECT DISTINCT period_start AS monday FROM duty) AS week
  LEFT JOIN ({A_DAY}) AS a_day
    ON a_day.person_id = leader.person_id AND a_day.day BETWEEN week.monday AND week.monday + 6
  GROUP BY 1, 2
) AS told
"""


async def nobody_is_flooded(database):
    """A whole county that is behind: what people get, and how much of it there would have been."""
    ((most,),) = await ask(database, f"SELECT max(told) FROM ({A_DAY}) AS a_day")
    assert most <= 5
    ((median,),) = await ask(database, A_LEADER_S_WEEK)
    assert median <= 3
    ((flags, put_before),) = await ask(database, "SELECT count(DISTINCT flag_id), count(*) FROM flag_recipient")
    ((summaries, readers, summed),) = await ask(
        database,
        "SELECT count(*), count(DISTINCT person_id), sum(CAST(about ->> 'raised' AS int))"
        " FROM notice WHERE kind = 'daily_summary'",
    )
    assert flags > 3000
    assert put_before > 5000
    assert readers > 100
    assert summaries < put_before / 5 < summed
    ((told,),) = await ask(
        database,
        "SELECT count(*) FROM notice WHERE kind LIKE 'flag_%' AND person_id NOT IN (SELECT person_id FROM flag)",
    )
    assert told == 0


async def test_the_county_asks_for_leave_appeals_and_decides(database, database_url, yongfu, sent, tmp_path):
    """Three weeks in which only one township makes visits, and in the first of them: the others are flagged."""
    weeks = Span.ending(NOW + timedelta(days=14), weeks=3)
    done = errands(yongfu, weeks.mondays, weeks.until, frozenset())
    deeds = sorted([*sent, *done], key=lambda deed: deed.at)
    await simulate(database, database_url, yongfu, weeks, deeds, tmp_path)
    await nobody_is_flooded(database)
    statuses = dict(await ask(database, "SELECT status, count(*) FROM leave GROUP BY 1"))
    assert statuses["approved"] > 20
    assert statuses["refused"] > 1
    ((back, not_back),) = await ask(
        database,
        "SELECT count(returned_at), count(*) - count(returned_at) FROM leave WHERE status = 'approved'",
    )
    assert back > not_back > 0
    appeals = dict(await ask(database, "SELECT status, count(*) FROM appeal GROUP BY 1"))
    assert {"open", "upheld", "overturned"} <= set(appeals)
    reviews = dict(await ask(database, "SELECT decision, count(*) FROM review GROUP BY 1"))
    assert reviews["count"] > 0
    assert (await recount_all(database, now=weeks.until, apply=False)).differences == 0


@pytest.fixture
async def phone(database, database_url, yongfu, span, sent, tmp_path):
    """The phone of somebody who is signed in, what it sends first, and the server's clock."""
    first = next(upload for upload in sent if len(upload.check_ins) == 1)
    tokens = await load(database, yongfu, span)
    make_app = partial(create_app, Settings(database_url=database_url, secret_key="k" * 32, var=tmp_path))
    with TurnedServer(make_app, first.at) as server:
        async with aiohttp.ClientSession(server.base_url) as http:
            yield Phone(http, first, tokens[first.person.id], Tally()), first, server.clock


async def test_a_phone_whose_token_runs_out_on_the_way_renews_it(database, phone):
    phone, first, clock = phone
    await phone.do(first)
    clock.turn(first.at + timedelta(minutes=31))  # by the phone's own clock its token is good for long
    await phone.do(replace(first, at=first.at + timedelta(minutes=1)))
    assert (phone._tally.recorded, phone._tally.repeated, phone._tally.signed_in) == (1, 1, 2)
    assert await ask(database, "SELECT count(*) FROM device_session WHERE ended_at IS NOT NULL") == [(0,)]


async def test_a_phone_whose_session_has_ended_signs_in_by_password(database, phone):
    phone, first, clock = phone
    await phone.do(first)
    async with database.transaction() as session:
        await session.execute(
            text("UPDATE device_session SET ended_at = :now, end_reason = 'signed_out'"), {"now": clock()}
        )
    await phone.do(first)
    assert (phone._tally.recorded, phone._tally.repeated, phone._tally.signed_in) == (1, 1, 2)


async def test_a_phone_that_nothing_lets_in_ends_the_simulation(database, phone):
    phone, first, _ = phone
    async with database.transaction() as session:
        await session.execute(text("UPDATE device_session SET token_hash = 'another'"))
        await session.execute(text("UPDATE sign_in SET password_hash = 'none'"))
    with pytest.raises(SimulationError, match="password is refused"):
        await phone.do(first)


async def test_an_answer_that_no_phone_expects_ends_the_simulation(
    database, database_url, yongfu, span, sent, tmp_path
):
    stranger = [replace(sent[0], check_ins=({},))]
    with pytest.raises(SimulationError, match="422"):
        await simulate(database, database_url, yongfu, span, stranger, tmp_path)


async def run_demo(url, *arguments):
    return await asyncio.create_subprocess_exec(
        sys.executable,
        "-m",
        "app",
        "demo",
        *arguments,
        env=os.environ | {"YEFANG_DATABASE_URL": url, "YEFANG_PORT": "0"},
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.STDOUT,
        start_new_session=True,
    )


async def test_the_demo_leaves_other_counties_alone(database, database_url):
    async with database.transaction() as session:
        await small_county.seed(session)
    process = await run_demo(database_url, "--reset")
    said, _ = await process.communicate()
    assert process.returncode == 1
    assert "YEFANG_DATABASE_URL" in said.decode()
    assert (await ask(database, "SELECT count(*) FROM person"))[0][0] > 0


def living(group):
    """The processes of a group, but for dead ones that nobody has asked after yet."""
    found = []
    for process in Path("/proc").glob("[0-9]*"):
        with suppress(OSError):
            state, _, its_group, *_ = (process / "stat").read_text().rpartition(")")[2].split()
            if int(its_group) == group and state != "Z":
                found.append(process.name)
    return found


async def test_a_demo_that_is_stopped_halfway_leaves_no_process_and_is_begun_anew(database, database_url):
    process = await run_demo(database_url)
    while not await ask(database, "SELECT 1 FROM check_in LIMIT 1"):
        assert process.returncode is None
        await asyncio.sleep(0.2)
    process.send_signal(signal.SIGTERM)
    said, _ = await process.communicate()
    assert process.returncode == 130, said.decode()
    assert "Traceback" not in said.decode()
    while living(process.pid):  # noqa: ASYNC110 - nothing tells of it
        await asyncio.sleep(0.1)
    assert await state_of(database) is State.UNFINISHED
