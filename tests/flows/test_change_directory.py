"""The directory changes by a set: all of it or nothing, said beforehand, with what people owe, and taken back."""

import random
from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import date, timedelta
from typing import Any
from uuid import UUID

import pytest
from shapely import Point
from sqlalchemy import text

from app.directory.changes import Changes
from app.directory.rows import Assignment, Household, Person, Post, Unit, Village
from app.directory.store import bulk
from app.duties.service import DutyCounty
from app.flows import change_directory
from app.flows.recount import recount_all
from app.kernel.problems import Problem
from app.worker.schedule import tick
from tests.support.cluster import Server
from tests.support.county import (
    A1,
    A2,
    B1,
    COUNTY,
    HELPER_A1,
    HELPER_B1,
    HOUSE_A1,
    LEADER_A,
    NIGHT_RULE,
    OFFICE,
    PASSWORD,
    RESIDENT_A2,
    SINCE,
    centre,
    known_id,
    unit_id,
)
from tests.support.server import Api, after, check_in

ITS = DutyCounty(COUNTY, "Asia/Shanghai")
MONDAY = date(2026, 11, 16)


async def use(api: Api) -> None:
    """From now on there are this week's and last week's duties, and a visit."""
    api.clock.turn(days=-7)
    await tick(api.service, api.clock)
    api.clock.turn(days=7)
    await tick(api.service, api.clock)
    async with await api.as_(HELPER_A1) as phone:
        assert (await phone.post("/v1/check-ins", json=check_in())).status_code == 201


@pytest.fixture
async def api(server: Server, county_template: str) -> AsyncIterator[Api]:
    async with after(server, county_template, use) as api:
        yield api


@pytest.fixture(scope="module")
async def untouched(server: Server, county_template: str) -> AsyncIterator[Api]:
    """One for all tests that change nothing."""
    async with after(server, county_template, use) as api:
        yield api


async def apply(api: Api, changes: Changes) -> change_directory.Effect:
    async with api.database.transaction() as session:
        _, effect = await change_directory.apply(
            session, ITS, changes, actor_id=OFFICE.id, now=api.clock(), source="by_hand"
        )
        return effect


async def preview(api: Api, changes: Changes) -> change_directory.Effect:
    async with api.database.transaction() as session:
        return await change_directory.preview(session, ITS, changes, actor_id=OFFICE.id, now=api.clock())


async def ask(api: Api, statement: str, **values: Any) -> list[Any]:
    async with api.database.transaction() as session:
        return list((await session.execute(text(statement), values)).all())


async def stand(api: Api) -> dict[str, list[str]]:
    """The directory and what is owed, as the database writes it, without what only says when."""
    found = {}
    for table in ("unit", "village", "household", "person", "post", "assignment", "sign_in"):
        rows = await ask(api, f"SELECT CAST(to_jsonb(t) - 'last_contact_at' AS text) FROM {table} AS t")
        found[table] = sorted(row[0] for row in rows)
    owed = "SELECT concat_ws(' ', person_id, rule_id, period_start, required, done, status) FROM duty"
    found["duty"] = sorted(row[0] for row in await ask(api, owed))
    found["flag"] = sorted(row[0] for row in await ask(api, "SELECT concat_ws(' ', person_id, status) FROM flag"))
    return found


async def differences(api: Api) -> int:
    return (await recount_all(api.service, now=api.clock(), apply=False)).differences


async def person(api: Api, cast) -> Person:
    async with api.database.transaction() as session:
        return await bulk.PEOPLE.one(session, county_id=COUNTY, ids=[cast.id])


async def units(api: Api) -> dict[str, Unit]:
    async with api.database.transaction() as session:
        return {unit.code: unit for unit in await bulk.UNITS.all(session, county_id=COUNTY)}


def newcomer(nth: int = 1, **changes: Any) -> Person:
    made = Person(
        id=known_id(f"newcomer {nth}"),
        name=f"罗新{nth}",
        phone=f"137{nth:08}",
        category="helper",
        unit_id=unit_id("squad_a1"),
        department_id=None,
        from_date=MONDAY,
        number=f"G{nth:03}",
    )
    return replace(made, **changes)


def answers(who: Person, village: str, house: UUID | None = None, **changes: Any) -> Assignment:
    made = Assignment(known_id(f"a {who.id} {village} {house}"), who.id, village, house, MONDAY)
    return replace(made, **changes)


def house(number: int = 1, **changes: Any) -> Household:
    made = Household(known_id(f"house {number}"), A1, f"户主{number}", "", Point(centre(A1)), number=f"H{number}")
    return replace(made, **changes)


async def test_newcomers_owe_from_the_day_they_come_and_it_is_said_before(api: Api):
    who = newcomer(phone=" +86 137-0000 0001")
    changes = Changes(people=[who], households=[house()], assignments=[answers(who, A1, known_id("house 1"))])
    before = await stand(api)
    said = await preview(api, changes)
    assert await stand(api) == before
    done = await apply(api, changes)
    assert done == said
    assert (done.new, done.changed) == ({"households": 1, "people": 1, "assignments": 1}, {})
    assert done.duties_new > 0
    owed = await ask(api, "SELECT required FROM duty WHERE person_id = :id AND required > 0", id=who.id)
    assert owed
    assert (await person(api, who)).phone == "13700000001"
    assert await differences(api) == 0
    again = await apply(api, changes)  # is as it shall be already
    assert (again.new, again.changed, again.duties_counted) == ({}, {}, 0)


async def test_a_whole_set_is_the_same_as_its_rows_one_by_one(api: Api):
    """Whatever the order of the people: what is left is the same, duties and flags included."""
    lot = random.Random("one set or many")
    people = [newcomer(number, category=lot.choice(["helper", "resident"])) for number in range(1, 9)]
    changed = [replace(await person(api, RESIDENT_A2), name="改名", category="first_secretary")]
    leaver = [replace(await person(api, HELPER_B1), until_date=MONDAY + timedelta(days=1))]
    homes = [house(number) for number in range(1, 9)]
    posts = [Post(known_id(f"post {p.id}"), p.id, unit_id("squad_a1"), "cadre", "", MONDAY) for p in people]
    told = [
        answers(p, lot.choice([A1, A2, B1]), from_date=SINCE + timedelta(days=lot.randrange(330))) for p in people
    ]
    told += [answers(p, A1, home.id) for p, home in zip(people, homes, strict=True)]
    whole = Changes(people=[*people, *changed, *leaver], households=homes, posts=posts, assignments=told)
    before = await stand(api)
    async with api.database.transaction() as session:
        applied, effect = await change_directory.apply(
            session, ITS, whole, actor_id=OFFICE.id, now=api.clock(), source="by_hand"
        )
    at_once = await stand(api)
    assert effect.duties_changed > 0
    assert await differences(api) == 0
    async with api.database.transaction() as session:
        await change_directory.take_back(
            session, ITS, applied, actor_id=OFFICE.id, now=api.clock(), source="by_hand"
        )
    taken_back = await stand(api)
    assert taken_back == before
    for row in [*people, *changed, *leaver]:
        await apply(api, Changes(people=[row]))
    for row in homes:
        await apply(api, Changes(households=[row]))
    for row in posts:
        await apply(api, Changes(posts=[row]))
    for row in told:
        await apply(api, Changes(assignments=[row]))
    assert await stand(api) == at_once
    assert await differences(api) == 0


async def test_whoever_owed_nothing_that_week_has_the_flag_withdrawn(api: Api):
    """The leader missed last week's night; it turns out that they came only this Monday."""
    flags = await ask(api, "SELECT id FROM flag WHERE person_id = :id AND status = 'open'", id=LEADER_A.id)
    assert flags
    late = replace(await person(api, LEADER_A), from_date=MONDAY)
    said = await preview(api, Changes(people=[late]))
    assert said.flags_withdrawn == len(flags)
    await apply(api, Changes(people=[late]))
    assert not await ask(api, "SELECT id FROM flag WHERE person_id = :id AND status = 'open'", id=LEADER_A.id)
    assert await differences(api) == 0


async def test_a_unit_moves_with_all_that_stands_below_it(api: Api):
    known = await units(api)
    area = Unit(known_id("area"), unit_id("theatre_b"), "area_b", "专区", "area", "")
    squad = replace(known["squad_a1"], parent_id=area.id, name="甲一新突击班")
    await ask(api, "UPDATE duty_rule SET counts_in = 'unit' WHERE id = :id RETURNING id", id=NIGHT_RULE)
    await ask(api, "UPDATE duty SET done = done RETURNING id")
    await recount_all(api.service, now=api.clock(), apply=True)
    done = await apply(api, Changes(units=[area, squad]))
    assert (done.new, done.changed) == ({"units": 1}, {"units": 1})
    moved = await units(api)
    assert moved["squad_a1"].path == "root.theatre_b.area_b.squad_a1" or moved["squad_a1"].path.endswith(
        "theatre_b.area_b.squad_a1"
    )
    below = await apply(api, Changes(units=[replace(moved["area_b"], parent_id=unit_id("theatre_a"))]))
    assert below.changed == {"units": 2}
    assert (await units(api))["squad_a1"].path.endswith("theatre_a.area_b.squad_a1")
    assert await differences(api) == 0


async def test_a_number_that_changes_takes_the_sign_in_with_it(api: Api):
    other = replace(await person(api, HELPER_A1), phone="０１３８－００００－０００９"[1:])
    await apply(api, Changes(people=[other]))
    form = {"grant_type": "password", "username": "13800000009", "password": PASSWORD}
    assert (await api.http.post("/v1/auth/token", data=form)).status_code == 200
    old = form | {"username": HELPER_A1.phone}
    assert (await api.http.post("/v1/auth/token", data=old)).status_code == 401
    assert await ask(api, "SELECT id FROM check_in WHERE person_id = :id", id=HELPER_A1.id)


async def test_what_has_been_built_on_is_not_taken_back(api: Api):
    who = newcomer()
    async with api.database.transaction() as session:
        applied, _ = await change_directory.apply(
            session, ITS, Changes(people=[who]), actor_id=OFFICE.id, now=api.clock(), source="by_hand"
        )
    await apply(api, Changes(assignments=[answers(who, A1)]))
    before = await stand(api)
    with pytest.raises(Problem) as caught:
        async with api.database.transaction() as session:
            await change_directory.take_back(
                session, ITS, applied, actor_id=OFFICE.id, now=api.clock(), source="by_hand"
            )
    assert "结对" in caught.value.as_dict("zh-CN")["detail"]
    assert await stand(api) == before


def villages(**changes: Any) -> Village:
    return replace(Village("451029100203", "甲三村", "甲三村", "451029100", unit_id("squad_a1")), **changes)


def post(**changes: Any) -> Post:
    made = Post(known_id("another post"), HELPER_A1.id, unit_id("squad_a1"), "cadre", "", MONDAY)
    return replace(made, **changes)


AREA = Unit(known_id("area"), unit_id("theatre_a"), "area_a", "专区", "area", "")
WRONG = [
    (Changes(people=[newcomer(phone=HELPER_A1.phone)]), "/people/0/phone", "taken"),
    (Changes(people=[newcomer(1), newcomer(2, phone="13700000001")]), "/people/1/phone", "twice"),
    (Changes(people=[newcomer(1), newcomer(2, number="G001")]), "/people/1/number", "twice"),
    (Changes(people=[newcomer(phone="无")]), "/people/0/phone", "no_phone"),
    (Changes(people=[newcomer(name=" ")]), "/people/0/name", "missing"),
    (Changes(people=[newcomer(unit_id=known_id("x"))]), "/people/0/unit_id", "unknown"),
    (Changes(people=[newcomer(department_id=known_id("x"))]), "/people/0/department_id", "unknown"),
    (Changes(people=[newcomer(until_date=MONDAY)]), "/people/0/until_date", "too_early"),
    (Changes(assignments=[answers(newcomer(), A1)]), "/assignments/0/person_id", "unknown"),
    (
        Changes(people=[newcomer()], assignments=[answers(newcomer(), "451029999999")]),
        "/assignments/0/village_id",
        "unknown",
    ),
    (
        Changes(people=[newcomer()], assignments=[answers(newcomer(), A2, HOUSE_A1)]),
        "/assignments/0/household_id",
        "unknown",
    ),
    (
        Changes(
            people=[newcomer()],
            assignments=[answers(newcomer(), A1), answers(newcomer(), A1, id=known_id("again"))],
        ),
        "/assignments/1/from_date",
        "overlap",
    ),
    (Changes(posts=[post(from_date=SINCE)]), "/posts/0/from_date", "overlap"),
    (Changes(posts=[post(until_date=MONDAY)]), "/posts/0/until_date", "too_early"),
    (Changes(households=[house(village_id="451029999999")]), "/households/0/village_id", "unknown"),
    (Changes(households=[house(radius_m=0)]), "/households/0/radius_m", "bad_radius"),
    (Changes(households=[house(position=Point(0, 0))]), "/households/0/position", "elsewhere"),
    (Changes(households=[house(id=HOUSE_A1, village_id=A2)]), "/households/0/village_id", "moved"),
    (Changes(villages=[villages(id="45102910020")]), "/villages/0/id", "bad_format"),
    (Changes(villages=[villages(township_id="9")]), "/villages/0/township_id", "unknown"),
    (Changes(units=[replace(AREA, code="squad_a1")]), "/units/0/code", "taken"),
    (Changes(units=[replace(AREA, code="专区")]), "/units/0/code", "bad_format"),
    (Changes(units=[replace(AREA, parent_id=known_id("x"))]), "/units/0/parent_id", "unknown"),
    (Changes(units=[replace(AREA, parent_id=None)]), "/units/0/parent_id", "root"),
    (Changes(units=[replace(AREA, parent_id=unit_id("squad_a1"))]), "/units/0/parent_id", "bad_level"),
    (Changes(units=[replace(AREA, until_date=MONDAY, id=unit_id("squad_a1"), code="squad_a1", level="squad")]),
     "/units/0/until_date", "in_use"),
    (Changes(households=[house(id=HOUSE_A1, until_date=MONDAY)]), "/households/0/until_date", "in_use"),
]  # fmt: skip


@pytest.mark.parametrize(("changes", "pointer", "code"), WRONG)
async def test_what_does_not_fit_is_said_at_its_field_and_nothing_is_written(
    untouched: Api, changes: Changes, pointer: str, code: str
):
    before = await stand(untouched)
    with pytest.raises(Problem) as caught:
        await apply(untouched, changes)
    assert (pointer, code) in [(error.pointer, error.code) for error in caught.value.errors]
    for error in caught.value.errors:
        assert error.text.say("zh-CN", **error.values) != error.text.say("en", **error.values)
    assert await stand(untouched) == before


async def test_a_unit_cannot_come_to_stand_below_itself(api: Api):
    known = await units(api)
    below = Unit(known_id("below"), unit_id("squad_a1"), "team_1", "小队", "team", "")
    await apply(api, Changes(units=[below]))
    for parent in (below.id, unit_id("squad_a1")):
        with pytest.raises(Problem) as caught:
            await apply(api, Changes(units=[replace(known["squad_a1"], parent_id=parent)]))
        assert [error.code for error in caught.value.errors] == ["cycle"]


async def test_a_household_that_has_ended_is_nobodys_to_visit_any_more(api: Api):
    await apply(api, Changes(households=[house(1), house(2)]))
    tomorrow, base = MONDAY + timedelta(days=3), f"/v1/counties/{COUNTY}"
    await apply(api, Changes(households=[house(1, until_date=MONDAY), house(2, until_date=tomorrow)]))
    async with await api.as_(HELPER_A1) as phone, await api.as_(OFFICE) as office:
        mine = (await phone.get("/v1/me/households")).json()["items"]
        covered = (await office.get(f"{base}/coverage?village={A1}&not_visited_for_days=30")).json()["items"]
    assert {each["id"] for each in mine} == {str(HOUSE_A1), str(known_id("house 2"))}
    assert {each["household"]["id"] for each in covered} == {str(HOUSE_A1), str(known_id("house 2"))}


async def test_numbers_and_codes_change_hands_within_one_set(api: Api):
    """Two people swap, three go round, and codes of units likewise; their passwords go with them."""
    a, b, c = [await person(api, cast) for cast in (HELPER_A1, RESIDENT_A2, HELPER_B1)]
    round_of_three = [replace(a, phone=b.phone), replace(b, phone=c.phone), replace(c, phone=a.phone)]
    async with api.database.transaction() as session:
        applied, effect = await change_directory.apply(
            session, ITS, Changes(people=round_of_three), actor_id=OFFICE.id, now=api.clock(), source="by_hand"
        )
    assert effect.changed == {"people": 3}
    signs_in = "SELECT phone FROM sign_in WHERE person_id = :id"
    assert (await ask(api, signs_in, id=a.id))[0].phone == b.phone
    async with api.database.transaction() as session:
        await change_directory.take_back(
            session, ITS, applied, actor_id=OFFICE.id, now=api.clock(), source="by_hand"
        )
    assert (await person(api, HELPER_A1)).phone == a.phone
    await apply(api, Changes(people=[replace(a, phone=b.phone), replace(b, phone=a.phone)]))
    assert (await ask(api, signs_in, id=b.id))[0].phone == a.phone
    known = await units(api)
    one, two = known["squad_a1"], known["squad_a2"]
    await apply(api, Changes(units=[replace(one, code=two.code), replace(two, code=one.code)]))
    assert (await units(api))[two.code].id == one.id
    with pytest.raises(Problem) as caught:
        await apply(api, Changes(people=[replace(a, phone=LEADER_A.phone)]))
    assert (caught.value.errors[0].pointer, caught.value.errors[0].code) == ("/people/0/phone", "taken")


async def test_a_number_passes_to_who_comes_after(api: Api):
    """History keeps it with who had it; from the successor's first code on it signs in nobody else."""
    leaver = replace(await person(api, HELPER_B1), until_date=MONDAY + timedelta(days=1))
    too_soon = newcomer(phone=HELPER_B1.phone)
    with pytest.raises(Problem) as caught:
        await apply(api, Changes(people=[leaver, too_soon]))
    assert (caught.value.errors[0].pointer, caught.value.errors[0].code) == ("/people/1/phone", "twice")
    successor = replace(too_soon, from_date=MONDAY + timedelta(days=1))
    await apply(api, Changes(people=[leaver]))
    await apply(api, Changes(people=[successor]))
    assert (await person(api, HELPER_B1)).phone == HELPER_B1.phone
    api.clock.turn(days=1)
    async with await api.as_(OFFICE) as console:
        made = await console.post(f"/v1/counties/{COUNTY}/people/{successor.id}/activation")
    body = {"code": made.json()["code"], "password": "a secret of mine"}
    assert (await api.http.post("/v1/auth/activate", json=body)).status_code == 201
    for password, answer in ((PASSWORD, 401), ("a secret of mine", 200)):
        said = {"grant_type": "password", "username": HELPER_B1.phone, "password": password}
        assert (await api.http.post("/v1/auth/token", data=said)).status_code == answer
    back = replace(leaver, until_date=None)  # the number is another's
    with pytest.raises(Problem) as caught:
        await apply(api, Changes(people=[back]))
    assert caught.value.errors[0].code == "taken"


async def test_who_takes_over_the_number_of_somebody_gone_signs_in_with_it(api: Api):
    """Somebody who serves is given the number of who has left: the sign-in goes over."""
    await apply(api, Changes(people=[replace(await person(api, HELPER_B1), until_date=MONDAY)]))
    taker = replace(await person(api, HELPER_A1), phone=HELPER_B1.phone, from_date=MONDAY)
    await apply(api, Changes(people=[taker]))
    (signed_in,) = await ask(api, "SELECT person_id FROM sign_in WHERE phone = :p", p=HELPER_B1.phone)
    assert signed_in.person_id == HELPER_A1.id
