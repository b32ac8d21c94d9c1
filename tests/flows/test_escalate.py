"""The ladder of flags: higher with each miss in a row, and with the time for which nobody acknowledges."""

import asyncio
from datetime import timedelta

import pytest

from app import worker
from app.duties import flags
from app.duties import service as duties
from app.duties.rules import Period
from app.flows.escalate import escalate_due
from app.kernel.database import rows
from app.notices.templates import words
from tests.store.duties.builder import Assigned, Facts, Post, Visit, add, built
from tests.store.duties.cast import COUNTY, Person, at, rule
from tests.support.periods import close_period

NEAR, MIDDLE, TOP, OFFICE, SENDER = (
    Person(name, "official", unit) for name, unit in zip("nmtos", ("a1", "a", "root", "root", "d"), strict=True)
)
WHO = {person.id: person.name for person in (NEAR, MIDDLE, TOP, OFFICE, SENDER)}
HELPER = Person("helper", department="d")
RULE = rule()
CLOSED = at("2026-11-24 00:00")


@pytest.fixture
async def database(database_url):
    async with built(
        database_url,
        Facts(
            people=[HELPER, NEAR, MIDDLE, TOP, OFFICE, SENDER],
            posts=[
                Post(NEAR, "a1"),
                Post(MIDDLE, "a"),
                Post(TOP, "root"),
                Post(OFFICE, "root", role="office"),
                Post(SENDER, "d"),
            ],
            assigned=[Assigned(HELPER)],
            rules=[RULE],
        ),
    ) as database:
        yield database


async def ask(database, statement, **values):
    async with database.transaction() as session:
        return [tuple(row) for row in await rows(session, statement, **values)]


async def close(database, number, now=CLOSED):
    async with database.transaction() as session:
        of = duties.RulePeriod(RULE.id, Period.parse(f"2026-W{number}").start)
        return await close_period(session, COUNTY, of, now)


async def visit(database, written):
    async with database.transaction() as session:
        await add(session, Facts(visits=[Visit(HELPER, at(written))]))


async def told(database, number):
    found = await ask(
        database,
        "SELECT recipient.person_id FROM flag_recipient AS recipient"
        " JOIN flag ON flag.id = recipient.flag_id JOIN duty ON duty.id = flag.duty_id"
        " WHERE duty.period_start = :start",
        start=Period.parse(f"2026-W{number}").start,
    )
    return "".join(sorted(WHO[person_id] for (person_id,) in found))


LEVELS = "SELECT flag.misses, flag.level FROM flag JOIN duty ON duty.id = flag.duty_id ORDER BY duty.period_start"


async def test_each_miss_in_a_row_reaches_further_up_on_both_lines(database):
    for number in (44, 45, 46, 47):
        await close(database, number)
    assert await ask(database, LEVELS) == [(1, 1), (2, 2), (3, 3), (4, 3)]
    assert await told(database, 44) == "ns"
    assert await told(database, 45) == "mnst"  # of the department the next level is the county's leader
    assert await told(database, 46) == "mnost"
    assert await told(database, 47) == "mnost"


async def test_a_met_week_begins_anew_and_an_excused_one_does_not(database):
    await visit(database, "2026-11-04 10:00")  # W45
    for number in (44, 45, 46):
        await close(database, number)
    assert await ask(database, LEVELS) == [(1, 1), (1, 1)]
    await ask(
        database,
        "INSERT INTO duty_waiver (county_id, person_id, rule_id, period_start, at)"
        " VALUES (:c, :p, :r, '2026-11-16', '2026-11-24T00:00Z') RETURNING at",
        c=COUNTY.id,
        p=HELPER.id,
        r=RULE.id,
    )
    await close(database, 47)
    await close(database, 48, at("2026-12-01 00:00"))
    assert await ask(database, LEVELS) == [(1, 1), (1, 1), (2, 2)]
    assert await ask(database, "SELECT status, excuse FROM duty WHERE period_start = '2026-11-16'") == [
        ("excused", "appeal")
    ]


async def test_what_nobody_acknowledges_goes_up_a_step_at_a_time_and_stops_at_the_top(database):
    await close(database, 47)
    assert await escalate_due(database, COUNTY.id, CLOSED + timedelta(hours=71, minutes=59)) == 0
    second = CLOSED + timedelta(hours=72)
    assert await escalate_due(database, COUNTY.id, second) == 1
    assert await told(database, 47) == "mnst"
    assert await escalate_due(database, COUNTY.id, second) == 0
    assert await ask(database, LEVELS) == [(1, 2)]
    # The worker was down for a month: those who are told next have their full time all the same.
    third = second + timedelta(days=30)
    assert await escalate_due(database, COUNTY.id, third) == 1
    assert await told(database, 47) == "mnost"
    assert await escalate_due(database, COUNTY.id, third + timedelta(days=30)) == 0
    trace = await ask(database, "SELECT action, at, detail ->> 'level' FROM audit_entry ORDER BY at")
    assert trace == [
        ("flag.raised", CLOSED, "1"),
        ("flag.escalated", second, "2"),
        ("flag.escalated", third, "3"),
    ]
    kinds = await ask(database, "SELECT kind, count(*) FROM notice GROUP BY 1 ORDER BY 1")
    assert kinds == [("duty_missed", 1), ("flag_escalated", 2)]  # the person; leaders have their summaries
    (about,) = await ask(
        database, "SELECT about FROM notice WHERE kind = 'flag_escalated' ORDER BY created_at DESC LIMIT 1"
    )
    assert words("flag_escalated", about[0], "zh-CN").body.endswith("已提交县级。")


async def test_the_worker_does_it_on_its_round(database):
    await close(database, 47)
    now = CLOSED + timedelta(hours=72)
    await worker.tick(database, lambda: now)
    await worker.tick(database, lambda: now)
    level = "SELECT level FROM flag JOIN duty ON duty.id = duty_id WHERE period_start = '2026-11-16'"
    assert await ask(database, level) == [(2,)]


async def test_an_acknowledged_cleared_or_withdrawn_flag_stays_where_it_is(database):
    await close(database, 47)
    for status in ("acknowledged", "cleared", "withdrawn"):
        await ask(database, "UPDATE flag SET status = :status RETURNING id", status=status)
        assert await escalate_due(database, COUNTY.id, CLOSED + timedelta(days=9)) == 0


async def test_workers_at_once_put_each_flag_up_once(database):
    others = [Person(f"h{number}") for number in range(20)]
    async with database.transaction() as session:
        await add(session, Facts(people=others, assigned=[Assigned(other) for other in others]))
    await close(database, 47)
    now = CLOSED + timedelta(days=4)
    done = await asyncio.gather(*(escalate_due(database, COUNTY.id, now) for _ in range(3)))
    assert sum(done) == 21
    assert await ask(database, "SELECT DISTINCT level FROM flag") == [(2,)]
    assert await ask(database, "SELECT count(*) FROM audit_entry WHERE action = 'flag.escalated'") == [(21,)]
    again = await ask(
        database, "SELECT max(n) FROM (SELECT count(*) AS n FROM notice GROUP BY occasion, person_id) x"
    )
    assert again == [(1,)]


async def test_a_flag_that_somebody_is_at_is_passed_over_until_the_next_round(database):
    await close(database, 47)
    now = CLOSED + timedelta(days=4)
    async with database.transaction() as session:
        await rows(session, "SELECT id FROM flag FOR UPDATE")
        assert await escalate_due(database, COUNTY.id, now) == 0
    assert await escalate_due(database, COUNTY.id, now) == 1


async def test_a_flag_raised_again_starts_where_its_misses_put_it(database):
    await close(database, 47)
    await escalate_due(database, COUNTY.id, CLOSED + timedelta(days=4))
    later = CLOSED + timedelta(days=5)
    for status in ("refused", "counted", "refused"):
        later += timedelta(hours=1)
        async with database.transaction() as session:
            if not await rows(session, "UPDATE check_in SET standing = :s RETURNING id", s=status):
                await add(session, Facts(visits=[Visit(HELPER, at("2026-11-18 10:00"), standing=status)]))
            touched = [(HELPER.id, at("2026-11-18 10:00"))]
            await duties.recount(
                session, county_id=COUNTY.id, timezone=COUNTY.timezone, touched=touched, now=later
            )
    found = await ask(database, "SELECT status, level, raised_at, opened_at, told_at FROM flag")
    assert found == [("open", 1, CLOSED, later, later)]
    assert await escalate_due(database, COUNTY.id, later + timedelta(hours=71)) == 0
    acts = await ask(database, "SELECT action FROM audit_entry ORDER BY at")
    assert [act for (act,) in acts] == [
        "flag.raised",
        "flag.escalated",
        "flag.withdrawn",
        "flag.raised_again",
    ]


async def test_where_no_leader_is_left_the_office_answers(database):
    boss = Person("boss", "helper", unit="root")
    async with database.transaction() as session:
        await add(session, Facts(people=[boss], posts=[Post(boss, "root")], assigned=[Assigned(boss)]))
    await ask(database, "DELETE FROM post WHERE person_id = :top RETURNING id", top=TOP.id)
    await close(database, 47)
    found = await ask(
        database,
        "SELECT recipient.person_id FROM flag_recipient AS recipient JOIN flag ON flag.id = recipient.flag_id"
        " WHERE flag.person_id = :boss",
        boss=boss.id,
    )
    assert found == [(OFFICE.id,)]


async def test_a_setting_that_cannot_be_read_leaves_the_usual_ladder(database):
    await ask(database, """UPDATE county SET settings = '{"escalation": "high"}' RETURNING id""")
    assert await close(database, 47) == 1
    assert await told(database, 47) == "ns"


async def test_a_county_with_a_shorter_ladder_and_time(database):
    await ask(
        database,
        """UPDATE county SET settings = jsonb_build_object('escalate_after_h', 1, 'escalation', jsonb_build_array(
          jsonb_build_object('misses', 1, 'levels', 'county'))) RETURNING id""",
    )
    await close(database, 47)
    assert await told(database, 47) == "mnost"
    assert await escalate_due(database, COUNTY.id, CLOSED + timedelta(days=4)) == 0
    async with database.transaction() as session:
        assert await flags.escalate(session, COUNTY.id, CLOSED, limit=1) == 0
