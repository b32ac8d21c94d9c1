"""Workers that race, and workers that are killed as they close: in the end it is as if one had worked in peace."""

import asyncio
import random
from datetime import date

import pytest

from app.flows.recount import recount_all
from app.kernel.database import Database, rows
from tests.store.duties.builder import Assigned, Facts, Post, Visit, add, build
from tests.store.duties.cast import LEADER, NIGHTS, Person, at, rule
from tests.support.rounds import make_rounds, start_worker

SINCE = date(2026, 11, 9)
NOW = at("2026-11-25 08:00")  # W46 and W47 are to be closed, W48 is running
HELPERS = [Person(f"h{number:02}") for number in range(60)]
AT_A_TIME = 20
DUTIES = 2 * (len(HELPERS) + 1)  # of the two weeks that are to be closed
END = 3 * (len(HELPERS) + 1) + DUTIES  # of duties opened and closed

# Everything that a closing leaves behind, by what it is about and not by ids. The daily summary is another job's:
# it tells of what it finds, be that before another worker's closing or after it.
STATE = """
WITH named AS (
  SELECT flag.*, person.name, duty.period_start FROM flag
  JOIN person ON person.id = flag.person_id JOIN duty ON duty.id = flag.duty_id
)
SELECT 'duty' AS of, concat_ws(' ', person.name, rule_id, period_start, status, required, done, closed_at) AS what
FROM duty JOIN person ON person.id = duty.person_id
UNION ALL
SELECT 'flag', concat_ws(' ', name, period_start, status, misses, level, raised_at) FROM named
UNION ALL
SELECT 'recipient', concat_ws(' ', named.name, period_start, person.name) FROM named
JOIN flag_recipient ON flag_id = named.id JOIN person ON person.id = flag_recipient.person_id
UNION ALL
SELECT 'notice', concat_ws(' ', person.name, kind, about #>> '{person,name}', about #>> '{period,id}', created_at)
FROM notice JOIN person ON person.id = notice.person_id WHERE kind <> 'daily_summary'
UNION ALL
SELECT 'trace', concat_ws(' ', action, name, period_start, at)
FROM audit_entry JOIN named ON subject = 'flag:' || named.id
UNION ALL
SELECT 'period', concat_ws(' ', rule_id, start, opened_on) FROM duty_period
ORDER BY 1, 2
"""


@pytest.fixture
async def two_databases(server, template):
    """Two counties alike that no worker has looked at for a fortnight; a third of the helpers came in W46."""
    async with server.database(template) as url, server.database(template) as other:
        for each in (url, other):
            await put(each)
        yield url, other


async def put(url):
    database = Database(url, pool_size=1)
    visits = [Visit(helper, at("2026-11-11 10:00")) for helper in HELPERS[::3]]
    async with database.transaction() as session:
        await build(session)
        await add(
            session,
            Facts(
                people=[*HELPERS, LEADER],
                posts=[Post(LEADER, "a")],
                assigned=[Assigned(helper) for helper in HELPERS],
                rules=[rule(since=SINCE), rule("nights", since=SINCE, **NIGHTS)],
                visits=visits,
            ),
        )
    await database.close()


async def state(url):
    database = Database(url, pool_size=1)
    async with database.transaction() as session:
        found = [tuple(row) for row in await rows(session, STATE)]
    await database.close()
    return found


async def ended(processes):
    await asyncio.to_thread(lambda: [process.join(60) for process in processes])
    return [process.exitcode for process in processes]


async def assert_as_in_peace(url, other):
    await make_rounds(other, NOW)
    peace = await state(other)
    assert sum(of == "flag" for of, _ in peace) == DUTIES - len(HELPERS[::3])
    assert await state(url) == peace
    database = Database(url, pool_size=2)
    report = await recount_all(database, now=NOW, apply=False)
    await database.close()
    assert (report.duties, report.differences) == (DUTIES // 2 * 3, 0)


async def test_workers_that_race_close_each_period_once_and_tell_everyone_once(two_databases):
    url, other = two_databases
    assert await ended([start_worker(url, NOW, at_a_time=AT_A_TIME) for _ in range(4)]) == [0] * 4
    await assert_as_in_peace(url, other)


async def test_killed_again_and_again_while_it_closes_it_ends_as_if_never_killed(two_databases):
    url, other = two_databases
    chance, done, kills = random.Random(4), 0, 0
    while done < END - 2 * AT_A_TIME:
        process = start_worker(url, NOW, at_a_time=AT_A_TIME)
        done = await killed_after(process, url, more_than=done, late_s=chance.uniform(0, 0.05))
        kills += 1
    assert kills >= 3
    assert await ended([start_worker(url, NOW, at_a_time=AT_A_TIME)]) == [0]
    await assert_as_in_peace(url, other)


async def killed_after(process, url, *, more_than, late_s):
    """Kill the worker soon after it has opened or closed some more duties; how many that has been so far."""
    progress = "SELECT count(*) + count(closed_at) FROM duty"
    database = Database(url, pool_size=1)
    async with asyncio.timeout(60):
        while await one(database, progress) <= more_than:  # noqa: ASYNC110 - the database has no event to wait for
            await asyncio.sleep(0.002)
    await asyncio.sleep(late_s)
    process.kill()
    await ended([process])
    done = await one(database, progress)
    await database.close()
    return done


async def one(database, statement):
    async with database.transaction() as session:
        ((found,),) = await rows(session, statement)
    return found
