"""The inbox: told once an occasion, newest first, read by oneself only."""

from datetime import timedelta

import pytest

from app.kernel.problems import Problem
from app.notices import service as notices
from app.notices.service import NewNotice
from tests.store.duties.builder import Facts, built
from tests.store.duties.cast import COUNTY, HELPER, LEADER, MONDAY


@pytest.fixture
async def database(database_url):
    async with built(database_url, Facts(people=[HELPER, LEADER])) as database:
        yield database


async def tell(database, *occasions, person=HELPER, now=MONDAY):
    told = [NewNotice(person.id, "check_in_held", occasion, {"check_in_id": occasion}) for occasion in occasions]
    async with database.transaction() as session:
        await notices.tell(session, county_id=COUNTY.id, now=now, notices=told)


async def inbox(database, *, person=HELPER, unread=False, cursor=None, limit=50):
    async with database.transaction() as session:
        return await notices.inbox(
            session,
            county_id=COUNTY.id,
            person_id=person.id,
            unread=unread,
            cursor=cursor,
            limit=limit,
            language="en",
        )


def occasions(page):
    return [item["about"]["check_in_id"] for item in page["items"]]


async def test_one_occasion_is_told_once_to_each(database):
    await tell(database, "a", "b")
    await tell(database, "b", "c", now=MONDAY + timedelta(hours=1))
    await tell(database, "b", person=LEADER)
    assert sorted(occasions(await inbox(database))) == ["a", "b", "c"]
    assert occasions(await inbox(database, person=LEADER)) == ["b"]


async def test_nothing_to_tell_is_nothing(database):
    await tell(database)
    assert (await inbox(database)) == {"items": [], "next_cursor": None}


async def test_pages_are_newest_first_and_miss_none(database):
    for number in range(5):
        await tell(database, f"{number}", now=MONDAY + timedelta(days=number // 2))
    first = await inbox(database, limit=2)
    second = await inbox(database, limit=2, cursor=first["next_cursor"])
    third = await inbox(database, limit=2, cursor=second["next_cursor"])
    assert occasions(first) + occasions(second) + occasions(third) == ["4", "3", "2", "1", "0"]
    assert third["next_cursor"] is None


async def test_read_keeps_its_first_time_and_leaves_the_unread(database):
    await tell(database, "a", "b")
    item = (await inbox(database))["items"][0]
    assert (item["kind"], item["read_at"]) == ("check_in_held", None)
    for later in (0, 5):
        async with database.transaction() as session:
            await notices.mark_read(
                session,
                county_id=COUNTY.id,
                person_id=HELPER.id,
                notice_id=item["id"],
                now=MONDAY + timedelta(minutes=later),
            )
    assert len((await inbox(database, unread=True))["items"]) == 1
    (read,) = [each for each in (await inbox(database))["items"] if each["read_at"]]
    assert (read["id"], read["read_at"]) == (item["id"], MONDAY)


async def test_another_persons_notice_is_not_found(database):
    await tell(database, "a")
    (item,) = (await inbox(database))["items"]
    with pytest.raises(Problem, match="not-found"):
        async with database.transaction() as session:
            await notices.mark_read(
                session, county_id=COUNTY.id, person_id=LEADER.id, notice_id=item["id"], now=MONDAY
            )
