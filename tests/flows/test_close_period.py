"""The worker's round over a county: what is due is opened and closed, once, in order, whoever does it."""

import asyncio
from datetime import date, timedelta

import pytest

from app import worker
from app.duties import service as duties
from app.flows.close_period import Done, close_due, open_due
from app.kernel.database import Database, rows
from tests.store.duties.builder import Assigned, Facts, Post, Visit, add, built
from tests.store.duties.cast import COUNTY, HELPER, LEADER, NIGHTS, Person, at, rule

SINCE = date(2026, 11, 2)
VISITS, NIGHT = rule(since=SINCE), rule("nights", since=SINCE, **NIGHTS)


@pytest.fixture
async def database(database_url):
    async with built(
        database_url,
        Facts(
            people=[HELPER, LEADER],
            posts=[Post(LEADER, "a")],
            assigned=[Assigned(HELPER)],
            rules=[VISITS, NIGHT],
        ),
    ) as database:
        yield database


async def ask(database, statement):
    async with database.transaction() as session:
        return [tuple(row) for row in await rows(session, statement)]


async def pass_over(database, now):
    return await open_due(database, COUNTY, now) + await close_due(database, COUNTY, now)


# By a notice of its own, or with the daily summary of who leads.
TOLD = "(SELECT kind FROM notice UNION ALL SELECT kind FROM deferred_notice) AS told"
STANDING = "SELECT to_char(period_start, 'MM-DD'), status, count(*) FROM duty GROUP BY 1, 2 ORDER BY 1, 2"


async def test_a_period_is_opened_for_everyone_who_owes_and_closed_when_its_grace_is_over(database):
    assert await pass_over(database, at("2026-11-02 00:00")) == Done(opened=2)
    assert await ask(database, STANDING) == [("11-02", "open", 2)]
    assert await pass_over(database, at("2026-11-09 23:59")) == Done(opened=2)
    assert await pass_over(database, at("2026-11-10 00:00")) == Done(opened=2, closed=1, flags=1)
    assert await pass_over(database, at("2026-11-10 04:59")) == Done()
    assert await pass_over(database, at("2026-11-10 05:00")) == Done(closed=1, flags=1)
    assert await ask(database, STANDING) == [("11-02", "missed", 2), ("11-09", "open", 2)]
    assert await ask(database, f"SELECT kind, count(*) FROM {TOLD} GROUP BY 1") == [("duty_missed", 2)]
    assert await ask(database, "SELECT count(*) FROM flag_recipient") == [(1,)]


async def test_another_pass_changes_nothing(database):
    now = at("2026-11-23 12:00")
    await pass_over(database, now)
    before = await ask(database, "SELECT * FROM duty ORDER BY id")
    assert await pass_over(database, now + timedelta(minutes=5)) == Done()
    assert await ask(database, "SELECT * FROM duty ORDER BY id") == before


async def test_a_worker_that_was_down_for_three_weeks_makes_them_up_in_order(database):
    await pass_over(database, at("2026-11-02 08:00"))
    async with database.transaction() as session:
        await add(session, Facts(visits=[Visit(HELPER, at("2026-11-11 10:00"))]))
    done = await pass_over(database, at("2026-11-25 08:00"))
    assert done == Done(opened=6, closed=6, flags=5)
    visits = f"WHERE duty.rule_id = '{VISITS.id}' ORDER BY period_start"
    assert await ask(database, f"SELECT status FROM duty {visits}") == [
        ("missed",),
        ("met",),
        ("missed",),
        ("open",),
    ]
    misses = "SELECT flag.misses FROM flag JOIN duty ON duty.id = flag.duty_id"
    assert await ask(database, f"{misses} {visits}") == [(1,), (1,)]
    nights = f"WHERE duty.rule_id = '{NIGHT.id}' ORDER BY period_start"
    assert await ask(database, f"{misses} {nights}") == [(1,), (2,), (3,)]


async def test_two_workers_at_once_raise_each_flag_once(database):
    now = at("2026-11-25 08:00")
    await open_due(database, COUNTY, now)
    done = await asyncio.gather(*(close_due(database, COUNTY, now) for _ in range(3)))
    assert sum(each.flags for each in done) == 6
    assert await ask(database, "SELECT count(*), count(DISTINCT duty_id) FROM flag") == [(6, 6)]
    assert await ask(database, f"SELECT count(*) FROM {TOLD} WHERE kind = 'duty_missed'") == [(6,)]


async def test_what_waits_for_review_is_passed_over_round_after_round_until_the_wait_is_over(database):
    """And whoever else owes in its period is closed in time."""
    await open_due(database, COUNTY, at("2026-11-02 08:00"))
    waiting = Visit(HELPER, at("2026-11-04 10:00"), standing="held")
    async with database.transaction() as session:
        await add(session, Facts(visits=[waiting]))
        touched = [(HELPER.id, waiting.captured_at)]
        now = at("2026-11-04 10:00")
        await duties.recount(session, county_id=COUNTY.id, timezone=COUNTY.timezone, touched=touched, now=now)
    of_helper = f"SELECT status, review_due_at FROM duty WHERE person_id = '{HELPER.id}'"
    due = at("2026-11-20 00:00")
    assert await close_due(database, COUNTY, at("2026-11-10 05:00")) == Done(closed=1, flags=1)  # the leader's
    for now in (at("2026-11-10 05:01"), at("2026-11-19 23:59")):
        assert await close_due(database, COUNTY, now) == Done()
        assert await ask(database, of_helper) == [("open", due)]
    done = await asyncio.gather(*(close_due(database, COUNTY, due) for _ in range(3)))
    assert sum(each.flags for each in done) == 1
    assert await ask(database, of_helper) == [("missed", due)]
    assert await close_due(database, COUNTY, due + timedelta(seconds=30)) == Done()


async def test_a_review_and_the_end_of_the_wait_come_to_one_result(database):
    """Whichever is first, the duty is met and no flag stands."""
    await open_due(database, COUNTY, at("2026-11-02 08:00"))
    waiting = Visit(HELPER, at("2026-11-04 10:00"), standing="held")
    now = at("2026-11-20 00:00")

    async def recounted(session):
        touched = [(HELPER.id, waiting.captured_at)]
        await duties.recount(session, county_id=COUNTY.id, timezone=COUNTY.timezone, touched=touched, now=now)

    async def review():
        async with database.transaction() as session:
            await rows(session, f"SELECT id FROM person WHERE id = '{HELPER.id}' FOR NO KEY UPDATE")
            await rows(session, "UPDATE check_in SET standing = 'counted' RETURNING id")
            await recounted(session)

    async with database.transaction() as session:
        await add(session, Facts(visits=[waiting]))
        await recounted(session)
    await asyncio.gather(close_due(database, COUNTY, now), review())
    of_helper = f"duty.person_id = '{HELPER.id}' AND period_start = '2026-11-02'"
    assert await ask(database, f"SELECT status FROM duty WHERE {of_helper}") == [("met",)]
    flags = await ask(
        database, f"SELECT flag.status FROM flag JOIN duty ON duty.id = flag.duty_id WHERE {of_helper}"
    )
    assert flags in ([], [("withdrawn",)])


async def test_who_joins_the_roster_after_the_opening_has_a_duty_the_next_day(database):
    await pass_over(database, at("2026-11-16 00:00"))
    joined = Person("joined")
    async with database.transaction() as session:
        await add(session, Facts(people=[joined], assigned=[Assigned(joined)]))
    owed = f"SELECT count(*) FROM duty WHERE person_id = '{joined.id}' AND period_start = '2026-11-16'"
    await pass_over(database, at("2026-11-16 23:59"))
    assert await ask(database, owed) == [(0,)]
    await pass_over(database, at("2026-11-17 00:00"))
    assert await ask(database, owed) == [(1,)]


async def test_who_was_never_opened_is_closed_with_the_others(database):
    await pass_over(database, at("2026-11-16 00:00"))
    forgotten = Person("forgotten")
    async with database.transaction() as session:
        await add(session, Facts(people=[forgotten], assigned=[Assigned(forgotten)]))
    await close_due(database, COUNTY, at("2026-11-25 08:00"))
    status = f"SELECT status FROM duty WHERE person_id = '{forgotten.id}' AND period_start = '2026-11-16'"
    assert await ask(database, status) == [("missed",)]


async def test_a_check_in_waits_for_the_closing_and_then_counts_late(database):
    """Both write the helper's duty: the second sees what the first has done."""
    await open_due(database, COUNTY, at("2026-11-16 00:00"))
    now = at("2026-11-24 00:00")
    late = Visit(HELPER, at("2026-11-20 10:00"), received_at=now)

    async def upload():
        async with database.transaction() as session:
            await rows(session, f"SELECT id FROM person WHERE id = '{HELPER.id}' FOR NO KEY UPDATE")
            await add(session, Facts(visits=[late]))
            touched = [(HELPER.id, late.captured_at)]
            await duties.recount(session, county_id=COUNTY.id, timezone=COUNTY.timezone, touched=touched, now=now)

    await asyncio.gather(close_due(database, COUNTY, now), upload())
    of_helper = f"WHERE person_id = '{HELPER.id}' AND period_start = '2026-11-16'"
    assert await ask(database, f"SELECT status, done FROM duty {of_helper}") == [("met_late", 1)]
    of_flag = f"WHERE duty.person_id = '{HELPER.id}' AND period_start = '2026-11-16'"
    flags = await ask(database, f"SELECT flag.status FROM flag JOIN duty ON duty.id = flag.duty_id {of_flag}")
    assert flags in ([], [("withdrawn",)])


async def turns_true(condition):
    """Wait for something that another task does."""
    async with asyncio.timeout(20):
        while not await condition():  # noqa: ASYNC110 - the database has no event to wait for
            await asyncio.sleep(0.01)


async def test_the_worker_makes_its_first_round_at_once_and_stops_when_told(database):
    async def flagged():
        return await ask(database, "SELECT count(*) FROM flag") == [(2,)]

    stop = asyncio.Event()
    running = asyncio.create_task(worker.run(database, lambda: at("2026-11-10 06:00"), stop, every_s=600))
    await turns_true(flagged)
    stop.set()
    async with asyncio.timeout(20):
        await running


class Away(Database):
    """Where nothing listens; counts how often it was tried."""

    tried = 0

    def transaction(self, county_id=None, **how):
        self.tried += 1
        return super().transaction(county_id, **how)


async def test_the_worker_outlives_a_database_that_is_away():
    away = Away("postgresql+asyncpg://postgres@127.0.0.1:1/none")

    async def tried_again():
        return away.tried > 2

    stop = asyncio.Event()
    running = asyncio.create_task(worker.run(away, lambda: at("2026-11-10 06:00"), stop, every_s=0.001))
    await turns_true(tried_again)
    stop.set()
    await running
    await away.close()
