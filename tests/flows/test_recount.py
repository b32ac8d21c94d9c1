"""A full recount: nothing differs in health, what was tampered with is found, and can be put right."""

import pytest

from app.flows.close_period import close_due, open_due
from app.flows.recount import recount_all
from app.kernel.database import rows
from tests.store.duties.builder import Assigned, Facts, Visit, add, built, night
from tests.store.duties.cast import COUNTY, HELPER, LEADER, NIGHTS, at, rule

NOW = at("2026-11-25 08:00")


@pytest.fixture
async def database(database_url):
    """Four weeks of two rules, opened and closed, with a few visits."""
    facts = Facts(
        people=[HELPER, LEADER],
        assigned=[Assigned(HELPER)],
        visits=[
            Visit(HELPER, at("2026-11-11 10:00")),
            night("2026-11-05 20:00"),
            night("2026-11-16 00:20"),
            night("2026-11-18 20:00", standing="held"),
        ],
        rules=[rule(), rule("nights", **NIGHTS)],
    )
    async with built(database_url, facts) as database:
        await open_due(database, COUNTY, NOW)
        await close_due(database, COUNTY, NOW)
        yield database


async def ask(database, statement):
    async with database.transaction() as session:
        return [tuple(row) for row in await rows(session, statement)]


async def test_nothing_differs_in_health(database):
    report = await recount_all(database, now=NOW, apply=False)
    assert (report.duties, report.differences) == (10, 0)
    assert report.as_dict() == {
        "counties": [{"county_id": COUNTY.id, "duties": 10, "differences": 0, "changes": []}],
        "duties": 10,
        "differences": 0,
        "applied": False,
    }


async def test_a_changed_and_a_lost_row_are_found_and_only_put_right_when_asked(database):
    missed = "SELECT id FROM duty WHERE status = 'missed' ORDER BY period_start, id LIMIT 1"
    ((changed,),) = await ask(database, missed)
    await ask(database, f"UPDATE duty SET done = 1, status = 'met' WHERE id = '{changed}' RETURNING id")
    await ask(database, "DELETE FROM duty WHERE status = 'open' AND period_start = '2026-11-23' RETURNING id")

    report = await recount_all(database, now=NOW, apply=False)
    (county,) = report.as_dict()["counties"]
    assert report.differences == county["differences"] == 3
    first, *lost = county["changes"]
    assert (first["duty_id"], first["changes"]) == (changed, {"done": [1, 0], "status": ["met", "missed"]})
    assert [each["duty_id"] for each in lost] == [None, None]
    assert len(list(report.lines())) == 3
    assert await ask(database, f"SELECT done FROM duty WHERE id = '{changed}'") == [(1,)]

    assert (await recount_all(database, now=NOW, apply=True)).applied
    assert await ask(database, f"SELECT done, status FROM duty WHERE id = '{changed}'") == [(0, "missed")]
    assert (await recount_all(database, now=NOW, apply=False)).differences == 0


async def test_a_check_in_that_nobody_counted_is_found(database):
    async with database.transaction() as session:
        await add(session, Facts(visits=[Visit(HELPER, at("2026-11-18 10:00"), received_at=NOW)]))
    report = await recount_all(database, now=NOW, apply=False)
    (change,) = report.as_dict()["counties"][0]["changes"]
    assert change["person_id"] == HELPER.id
    assert change["changes"]["status"] == ["missed", "met_late"]
