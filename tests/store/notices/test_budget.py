"""A person and a day have a budget, whoever tells: what is over it, or need not come singly, waits."""

import asyncio
from datetime import timedelta

import pytest

from app.kernel.database import rows
from app.notices import service as notices
from app.notices.rules import SUMMARY
from app.notices.service import NewNotice
from tests.store.duties.builder import Facts, Post, built
from tests.store.duties.cast import COUNTY, HELPER, LEADER, Person, at

BOSS = Person("boss", "official", unit="a")
NINE = at("2026-11-23 09:00")


@pytest.fixture
async def database(database_url):
    async with built(database_url, Facts(people=[HELPER, LEADER, BOSS], posts=[Post(BOSS, "a")])) as database:
        yield database


async def tell(database, *occasions, person=HELPER, now=NINE, kind="check_in_held", today=False):
    told = [NewNotice(person.id, kind, occasion, {}, today=today) for occasion in occasions]
    async with database.transaction() as session:
        await notices.tell(session, county_id=COUNTY.id, now=now, notices=told)


async def singly(database, person=HELPER):
    return await _occasions(database, "notice", person)


async def put_off(database, person=HELPER):
    return await _occasions(database, "deferred_notice", person)


async def _occasions(database, table, person):
    async with database.transaction() as session:
        found = await rows(
            session, f"SELECT occasion FROM {table} WHERE person_id = :id ORDER BY occasion", id=person.id
        )
    return "".join(row.occasion for row in found)


async def set_budget(database, written):
    async with database.transaction() as session:
        settings = f'{{"notices_per_day": {written}}}'
        await rows(
            session, "UPDATE county SET settings = CAST(:settings AS jsonb) RETURNING id", settings=settings
        )


async def test_the_first_are_told_and_a_place_is_kept_for_the_summary(database):
    await tell(database, *"abc")
    await tell(database, *"def", now=NINE + timedelta(hours=1))
    assert (await singly(database), await put_off(database)) == ("abcd", "ef")
    await tell(database, "S", kind=SUMMARY)
    await tell(database, "g")
    assert (await singly(database), await put_off(database)) == ("Sabcd", "efg")


async def test_once_the_summary_is_there_its_place_is_not_kept_twice(database):
    await tell(database, "S", kind=SUMMARY)
    await tell(database, *"abcde")
    assert (await singly(database), await put_off(database)) == ("Sabcd", "e")


async def test_the_day_is_the_county_s(database):
    """At midnight in Shanghai it is 16:00 of the day before in Greenwich."""
    await tell(database, *"abcde", now=at("2026-11-23 23:59"))
    await tell(database, *"fg", now=at("2026-11-24 00:00"))
    assert (await singly(database), await put_off(database)) == ("abcdfg", "e")


async def test_a_budget_is_each_one_s_own(database):
    told = [NewNotice(person.id, "check_in_held", each, {}) for each in "abcde" for person in (HELPER, LEADER)]
    async with database.transaction() as session:
        await notices.tell(session, county_id=COUNTY.id, now=NINE, notices=told)
    for person in (HELPER, LEADER):
        assert (await singly(database, person), await put_off(database, person)) == ("abcd", "e")


async def test_a_call_for_help_is_always_told_and_takes_nothing_from_it(database):
    await tell(database, *"uvwxyz", kind="sos")
    await tell(database, *"abcde")
    await tell(database, "t", kind="sos", person=BOSS)
    assert (await singly(database), await put_off(database)) == ("abcduvwxyz", "e")
    assert await singly(database, BOSS) == "t"


async def test_several_who_tell_one_person_at_once_keep_to_it(database):
    await asyncio.gather(*(tell(database, each) for each in "abcdefgh"))
    assert len(await singly(database)) == 4
    assert sorted(await singly(database) + await put_off(database)) == list("abcdefgh")


async def test_who_leads_is_told_singly_of_what_must_be_acted_on_today(database):
    await tell(database, *"ab", person=BOSS)
    await tell(database, *"cd", person=BOSS, today=True)
    assert (await singly(database, BOSS), await put_off(database, BOSS)) == ("cd", "ab")
    await tell(database, *"efgh", person=BOSS, today=True)  # nor do they get more of that than others
    assert (await singly(database, BOSS), await put_off(database, BOSS)) == ("cdef", "abgh")


async def test_what_was_told_or_put_off_is_not_told_again(database):
    for _ in range(2):
        await tell(database, *"abcde")
    await tell(database, *"ef", now=NINE + timedelta(days=1))
    assert (await singly(database), await put_off(database)) == ("abcdf", "e")


async def test_nothing_goes_out_of_what_is_put_off(database):
    async with database.transaction() as session:
        await rows(
            session,
            "INSERT INTO notice_channel (county_id, name, kind, position, url)"
            " VALUES (:county_id, 'sms', 'apprise', 1, 'json\\://g') RETURNING name",
            county_id=COUNTY.id,
        )
    await tell(database, *"abcdef")
    async with database.transaction() as session:
        (sent,) = await rows(session, "SELECT count(*) AS n FROM delivery")
    assert sent.n == 4


@pytest.mark.parametrize(
    ("written", "most"),
    [("1", 0), ("2", 1), ("9", 8), ("0", 4), ("-1", 4), ('"many"', 4), ("null", 4), ("2.5", 4)],
)
async def test_what_the_county_sets_and_what_cannot_be_read_is_as_usual(database, written, most):
    await set_budget(database, written)
    await tell(database, *"abcdefghij")
    assert len(await singly(database)) == most
    assert len(await put_off(database)) == 10 - most
