"""Two records of one person become one, and count as one person who was here from the start."""

import asyncio
import random
from collections.abc import AsyncIterator
from datetime import timedelta
from typing import Any
from uuid import uuid4

import pytest
from sqlalchemy import text

from app.directory.merging import Merge
from app.duties.service import DutyCounty
from app.flows import merge_people
from app.flows.merge_people import Merged
from app.flows.recount import recount_all
from app.kernel.problems import Problem
from app.kernel.tables import tables
from app.worker.schedule import tick
from tests.support.county import A1, B1, COUNTY, HELPER_A1, HELPER_B1, HOUSE_A1, OFFICE, RESIDENT_A2
from tests.support.server import Api, check_in, running

ITS = DutyCounty(COUNTY, "Asia/Shanghai")
INTO_A1 = Merge(HELPER_B1.id, HELPER_A1.id)


@pytest.fixture
async def api(county_url: str) -> AsyncIterator[Api]:
    async with running(county_url) as api:
        yield api


async def merge(api: Api, asked: Merge = INTO_A1) -> Merged:
    async with api.database.transaction() as session:
        return await merge_people.merge(session, ITS, asked, actor_id=OFFICE.id, now=api.clock())


async def ask(api: Api, statement: str, **values: Any) -> list[Any]:
    async with api.database.transaction() as session:
        found = await session.execute(text(statement), values)
        return list(found.all()) if found.returns_rows else []  # type: ignore[attr-defined]


async def differences(api: Api) -> int:
    return (await recount_all(api.service, now=api.clock(), apply=False)).differences


async def owed(api: Api) -> set[tuple[Any, ...]]:
    """What both helpers' records owe, in numbers, but for what is excused as the other's."""
    found = await ask(
        api,
        "SELECT person_id, rule_id, period_start, required, done, pending_review, days_there, status FROM duty"
        " WHERE person_id IN (:a, :b) AND excuse IS DISTINCT FROM 'merged'",
        a=HELPER_A1.id,
        b=HELPER_B1.id,
    )
    return {tuple(row) for row in found}


async def flags(api: Api) -> list[tuple[Any, ...]]:
    found = await ask(
        api,
        "SELECT person_id, status, reason FROM flag WHERE person_id IN (:a, :b) ORDER BY 1, 2",
        a=HELPER_A1.id,
        b=HELPER_B1.id,
    )
    return [tuple(row) for row in found]


async def weeks(api: Api, posted: dict[Any, list[dict[str, Any]]], count: int = 3) -> None:
    """So many weeks until now are opened and closed, with these visits, each posted on its day."""
    now = api.clock.now
    visits = sorted(((v["captured_at"], who, v) for who, own in posted.items() for v in own), key=lambda x: x[0])
    clients = {who: await api.as_(who) for who in posted}
    for week in range(count, -1, -1):
        api.clock.now = now - timedelta(weeks=week)
        await tick(api.service, api.clock)
        upto = (now - timedelta(weeks=week)).isoformat()
        for at, who, body in [each for each in visits if each[0] <= upto]:
            reply = await clients[who].post("/v1/check-ins", json=body)
            assert reply.status_code == 201, (at, reply.text)
        visits = [each for each in visits if each[0] > upto]
    await tick(api.service, api.clock)


def some_visits(rng: random.Random, now: Any) -> list[dict[str, Any]]:
    return [
        check_in(
            rng.choice((A1, B1)),
            at=now - timedelta(days=rng.randrange(0, 22), hours=rng.randrange(0, 3)),
            household_id=rng.choice((None, str(HOUSE_A1))),
        )
        for _ in range(rng.randrange(1, 9))
    ]


@pytest.mark.parametrize("seed", range(3))
async def test_visits_split_at_random_count_as_if_one_person_had_made_them_all(server, county_template, seed: int):
    """The one who made them all has the assignments and posts of both from the start, too."""
    rng = random.Random(seed)
    async with (
        server.database(county_template) as one_url,
        server.database(county_template) as two_url,
        running(one_url) as one,
        running(two_url) as two,
    ):
        made = some_visits(rng, one.clock.now)
        await ask(one, "UPDATE assignment SET person_id = :a WHERE person_id = :b", a=HELPER_A1.id, b=HELPER_B1.id)
        await ask(one, "DELETE FROM post WHERE person_id = :b", b=HELPER_B1.id)
        gone = "UPDATE person SET until_date = from_date, merged_into = :a WHERE id = :b"
        await ask(one, gone, a=HELPER_A1.id, b=HELPER_B1.id)
        await weeks(one, {HELPER_A1: made})
        halves: dict[Any, list[dict[str, Any]]] = {HELPER_A1: [], HELPER_B1: []}
        for visit in made:
            halves[rng.choice((HELPER_A1, HELPER_B1))].append(visit)
        await weeks(two, halves)
        merged = await merge(two)
        await tick(two.database, two.clock)
        assert await differences(two) == 0
        assert await owed(two) == await owed(one)
        assert merged.visits == len(halves[HELPER_B1])
        alive = {(person, status) for person, status, _ in await flags(two) if status != "withdrawn"}
        assert alive == {(person, status) for person, status, _ in await flags(one) if status != "withdrawn"}


async def test_what_was_missed_in_halves_is_withdrawn_with_the_reason(api: Api):
    night = api.clock.now - timedelta(weeks=1)
    await weeks(api, {HELPER_A1: [check_in(A1, at=night)], HELPER_B1: []})
    raised = await flags(api)
    assert [status for person, status, _ in raised if person == HELPER_B1.id]
    said = await merge(api)
    found = await flags(api)
    mine = [(status, reason) for person, status, reason in found if person == HELPER_B1.id]
    assert set(mine) == {("withdrawn", "merged")}
    assert said.flags_withdrawn >= len(mine)
    assert await differences(api) == 0
    told = await ask(api, "SELECT person_id FROM notice WHERE kind = 'flag_withdrawn'")
    assert {row[0] for row in told} == {HELPER_A1.id}


async def test_nothing_names_the_other_but_what_says_so(api: Api):
    phone = await api.as_(HELPER_B1)
    assert (await phone.post("/v1/check-ins", json=check_in(B1))).status_code == 201
    await merge(api)
    named = set()
    for table in tables():
        for key in table.foreign_key_constraints:
            if key.referred_table.name == "person":
                column = key.column_keys[-1]
                rows = await ask(api, f"SELECT 1 FROM {table.name} WHERE {column} = :b", b=HELPER_B1.id)
                named |= {(table.name, column)} if rows else set()
    assert named == {("person_merge", "from_id")}


async def test_the_phone_goes_on_as_who_stays_and_what_it_still_held_comes_in(api: Api):
    tokens = await api.sign_in(HELPER_B1, device_id="phone-b")
    phone = api._client({"Authorization": f"Bearer {tokens['access_token']}"})
    before, queued = check_in(B1), check_in(B1, at=api.clock.now - timedelta(hours=1))
    assert (await phone.post("/v1/check-ins", json=before)).status_code == 201
    await merge(api)
    assert (await phone.post("/v1/check-ins", json=queued)).status_code == 401
    form = {"grant_type": "refresh_token", "refresh_token": tokens["refresh_token"]}
    reply = await api.http.post("/v1/auth/token", data=form)
    assert reply.status_code == 200, reply.text
    phone = api._client({"Authorization": f"Bearer {reply.json()['access_token']}"})
    assert (await phone.get("/v1/me")).json()["person"]["id"] == str(HELPER_A1.id)
    assert (await phone.post("/v1/check-ins", json=queued)).status_code == 201
    again = await phone.post("/v1/check-ins", json=before)
    assert again.status_code == 200, again.text
    held = await ask(api, "SELECT person_id FROM check_in")
    assert [row[0] for row in held] == [HELPER_A1.id] * 2
    assert await differences(api) == 0


async def test_visits_of_both_that_arrive_meanwhile_are_the_one_person_s(api: Api):
    phones = [await api.as_(HELPER_A1), await api.as_(HELPER_B1)]
    bodies = [check_in(A1, id=uuid4(), at=api.clock.now - timedelta(minutes=n)) for n in range(20)]

    async def post(number: int) -> int:
        return (await phones[number % 2].post("/v1/check-ins", json=bodies[number])).status_code

    codes = await asyncio.gather(*(post(n) for n in range(10)), merge(api), *(post(n) for n in range(10, 20)))
    held = await ask(api, "SELECT person_id, count(*) FROM check_in GROUP BY 1")
    assert [tuple(row) for row in held] == [(HELPER_A1.id, codes.count(201))]
    assert set(codes[:10] + codes[11:]) <= {201, 401}
    assert await differences(api) == 0


async def test_two_offices_at_the_same_two_and_chains(api: Api):
    done = await asyncio.gather(merge(api), merge(api), return_exceptions=True)
    assert sorted(type(each) for each in done if isinstance(each, Problem)) == [Problem]
    with pytest.raises(Problem):  # neither may go on from what has gone into another
        await merge(api, Merge(HELPER_A1.id, HELPER_B1.id))
    await merge(api, Merge(HELPER_A1.id, RESIDENT_A2.id))
    found = await ask(api, "SELECT merged_into FROM person WHERE id IN (:a, :b)", a=HELPER_A1.id, b=HELPER_B1.id)
    assert [row[0] for row in found] == [RESIDENT_A2.id] * 2
    assert await differences(api) == 0


async def test_a_gap_between_the_two_is_refused(api: Api):
    await ask(api, "UPDATE person SET until_date = '2026-03-01' WHERE id = :b", b=HELPER_B1.id)
    await ask(api, "UPDATE person SET from_date = '2026-04-01' WHERE id = :a", a=HELPER_A1.id)
    with pytest.raises(Problem) as refused:
        await merge(api)
    assert refused.value.errors[0].values == {"first": "2026-03-01", "next": "2026-04-01"}


async def test_what_was_recorded_stays_provable_and_nobody_else_gets_a_visit(api: Api):
    phone = await api.as_(HELPER_B1)
    body = check_in(B1)
    assert (await phone.post("/v1/check-ins", json=body)).status_code == 201
    with pytest.raises(Exception, match="evidence"):
        await ask(api, "UPDATE check_in SET person_id = :a", a=RESIDENT_A2.id)
    await merge(api)
    (row,) = await ask(api, "SELECT from_id, into_id, was ->> 'phone', check_in_ids FROM person_merge")
    assert tuple(row) == (HELPER_B1.id, HELPER_A1.id, HELPER_B1.phone, [row[3][0]])
    assert str(row[3][0]) == body["id"]
