"""Who is reminded of what awaits review: the nearest leaders, then those one level up; never for what is fresh."""

from datetime import timedelta

import pytest

from app.duties import service as duties
from app.kernel.database import rows
from app.reads.reviews_due import Waiting, reviews_due
from tests.store.duties.builder import Assigned, Facts, Post, Visit, add, built
from tests.store.duties.cast import COUNTY, HELPER, Person, at, rule

OTHER = Person("other")
NEAR, ABOVE, OFFICE = (Person(name, "official", unit="root") for name in ("near", "above", "office"))
RECEIVED = at("2026-11-18 10:00")


@pytest.fixture
async def database(database_url):
    async with built(
        database_url,
        Facts(
            people=[HELPER, OTHER, NEAR, ABOVE, OFFICE],
            posts=[Post(NEAR, "a1"), Post(ABOVE, "a"), Post(OFFICE, "root", role="office")],
            assigned=[Assigned(HELPER), Assigned(OTHER)],
            rules=[rule()],
        ),
    ) as database:
        yield database


async def hold(database, *visits):
    async with database.transaction() as session:
        await add(session, Facts(visits=list(visits)))
        touched = [(visit.person.id, visit.captured_at) for visit in visits]
        await duties.recount(session, county_id=COUNTY.id, timezone=COUNTY.timezone, touched=touched, now=RECEIVED)


async def due(database, now):
    async with database.transaction() as session:
        return await reviews_due(session, county_id=COUNTY.id, now=now)


async def test_the_reviewer_is_reminded_after_two_days_and_the_level_above_after_five(database):
    await hold(
        database,
        Visit(HELPER, RECEIVED, standing="held"),
        Visit(HELPER, RECEIVED + timedelta(days=1), standing="held"),
        Visit(OTHER, RECEIVED, standing="held"),
        Visit(OTHER, RECEIVED, standing="outside", place="outside", found=None),
    )
    assert await due(database, RECEIVED + timedelta(days=2, seconds=-1)) == {}
    reminded = await due(database, RECEIVED + timedelta(days=2))
    assert list(reminded) == [NEAR.id]
    assert (reminded[NEAR.id].own, reminded[NEAR.id].below) == (Waiting(2, 2, RECEIVED.date(), 2), None)

    later = await due(database, RECEIVED + timedelta(days=5))
    assert later.keys() == {NEAR.id, ABOVE.id}
    assert later[NEAR.id].own == Waiting(3, 2, RECEIVED.date(), 2)
    assert (later[ABOVE.id].own, later[ABOVE.id].below) == (None, Waiting(2, 2, RECEIVED.date(), 2))
    assert later[ABOVE.id].left_by == ("near",)
    assert later[ABOVE.id].lines("zh-CN") == [
        "2 次签到下级逾期未核实（near），涉及 2 人，最早的自11月18日起，2 项任务因此未能定论"
    ]
    assert later[NEAR.id].lines("en") == [
        "3 check-ins of 2 people await your review, the oldest since 18 November; duties that wait for it: 2"
    ]


async def test_a_review_ends_the_reminding(database):
    await hold(database, Visit(HELPER, RECEIVED, standing="held"))
    async with database.transaction() as session:
        await rows(session, "UPDATE check_in SET standing = 'refused' RETURNING id")
    assert await due(database, RECEIVED + timedelta(days=9)) == {}


async def test_where_nobody_stands_above_the_office_is_told(database):
    alone = Person("alone", unit="b1")
    async with database.transaction() as session:
        head = Person("head", "official", unit="b1")
        await add(session, Facts(people=[alone, head], posts=[Post(head, "b1")], assigned=[Assigned(alone)]))
    await hold(database, Visit(alone, RECEIVED, standing="held"))
    assert (await due(database, RECEIVED + timedelta(days=2))).keys() == {head.id}
    assert (await due(database, RECEIVED + timedelta(days=5))).keys() == {head.id, OFFICE.id}


async def test_a_county_sets_the_days(database):
    await hold(database, Visit(HELPER, RECEIVED, standing="held"))
    async with database.transaction() as session:
        settings = """'{"review_remind_days": 4, "review_escalate_days": "soon"}'"""
        await rows(session, f"UPDATE county SET settings = {settings} RETURNING id")
    assert await due(database, RECEIVED + timedelta(days=3)) == {}
    assert (await due(database, RECEIVED + timedelta(days=4))).keys() == {NEAR.id}
    assert (await due(database, RECEIVED + timedelta(days=5))).keys() == {NEAR.id, ABOVE.id}


async def test_what_was_judged_anew_has_waited_since_then(database):
    await hold(database, Visit(HELPER, RECEIVED, standing="held", held_again=RECEIVED + timedelta(days=30)))
    assert await due(database, RECEIVED + timedelta(days=31)) == {}
    (reminded,) = (await due(database, RECEIVED + timedelta(days=32))).values()
    assert reminded.own == Waiting(1, 1, (RECEIVED + timedelta(days=30)).date(), 1)
