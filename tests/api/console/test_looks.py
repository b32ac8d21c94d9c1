"""A look at another person's places, notices, leave or duties names the person, and the office sees who looked."""

from datetime import timedelta
from typing import Any, get_args

from fastapi.routing import iter_route_contexts
from pydantic import BaseModel
from sqlalchemy import text

from app.directory.rights import Ability
from app.http.abilities import ability_of
from app.reads.answers.named import PersonRef
from app.worker import seal_all
from tests.support.county import COUNTY, HELPER_A1, HELPER_B1, LEADER_A, OFFICE, VISIT_RULE, unit_id
from tests.support.server import Api, check_in

BASE = f"/v1/counties/{COUNTY}"
# What answers name people for, and is none of their places, notices, leave reasons or duties ...
DIRECTORY = {
    *("/villages/{village_id}/households", "/households/{household_id}", "/villages/{village_id}/assignments"),
}
# ... or notes it by itself, because it is opened of one person.
OPENED = {
    *("/check-ins/{check_in_id}", "/duties/{duty_id}", "/appeals/{appeal_id}"),
    "/people/{person_id}/sheet",
}


def names_people(kind: Any) -> bool:
    """Whether an answer of this type has a person in it."""
    if isinstance(kind, type) and issubclass(kind, BaseModel):
        return kind is PersonRef or any(names_people(field.annotation) for field in kind.model_fields.values())
    return any(names_people(each) for each in get_args(kind))


def test_every_route_that_names_people_says_what_it_shows_of_them(api: Api):
    unsaid = {
        route.path.removeprefix("/v1/counties/{county_id}")
        for route in iter_route_contexts(api.app.routes)
        if "/counties/" in route.path
        and ability_of(route.endpoint) == Ability.READ
        and names_people(route.endpoint.__annotations__.get("return"))
        and "shows" not in route.endpoint.__dict__
    }
    assert unsaid == DIRECTORY | OPENED


async def looks(api: Api, **asked: Any) -> list[tuple[str, str, str]]:
    async with await api.as_(OFFICE) as office:
        reply = await office.get(f"{BASE}/looks", params=asked)
    assert reply.status_code == 200, reply.text
    return [(each["by"]["name"], each["person"]["name"], each["what"]) for each in reply.json()["items"]]


async def test_lists_maps_and_exports_name_each_person_once_an_hour(api: Api):
    helper, leader = await api.as_(HELPER_A1), await api.as_(LEADER_A)
    visit = check_in()
    assert (await helper.post("/v1/check-ins", json=visit)).status_code == 201
    leave = {"kind": "filed_duty", "from_date": "2026-11-19", "until_date": "2026-11-19", "reason": "县里培训"}
    assert (await helper.post("/v1/me/leave", json={"id": visit["id"], **leave})).status_code == 201
    of_helper = []
    for path, what in (
        ("/check-ins", "check_ins"),
        (f"/duties?rule={VISIT_RULE}", "duties"),
        ("/leave", "leave"),
        (f"/people/{HELPER_A1.id}/notices", "notices"),
        ("/coverage", "coverage"),
        ("/exports/leave.csv", "leave"),
        ("/tiles/check_ins/9/407/220.mvt", "map"),
    ):
        for _ in range(2):
            reply = await leader.get(f"{BASE}{path}")
            assert reply.status_code == 200, (path, reply.text)
        of_helper.append((LEADER_A.name, HELPER_A1.name, what))
        assert of_helper[-1] in await looks(api, person=HELPER_A1.id), path
    (wanted, found) = (sorted(set(of_helper)), sorted(await looks(api, person=HELPER_A1.id)))
    assert found == wanted
    api.clock.turn(hours=1)
    await (await api.as_(LEADER_A)).get(f"{BASE}/leave")
    assert len(await looks(api, person=HELPER_A1.id)) == len(wanted) + 1
    mine = (await (await api.as_(HELPER_A1)).get("/v1/me/seen-by")).json()["items"]
    assert {each["what"] for each in mine} == {what for _, _, what in of_helper}
    day = (api.clock.now + timedelta(days=1)).date()
    assert await looks(api, by=HELPER_B1.id) == await looks(api, day=day) == []
    assert len(await looks(api, by=LEADER_A.id, day="2026-11-18")) >= len(wanted)
    assert (await (await api.as_(LEADER_A)).get(f"{BASE}/looks")).status_code == 403
    cut = {unit: await looks(api, unit=unit_id(unit)) for unit in ("squad_a1", "theatre_b")}
    assert cut["squad_a1"] == await looks(api, person=HELPER_A1.id) != []
    assert HELPER_A1.name not in {person for _, person, _ in cut["theatre_b"]}
    (first,) = await looks(api, limit=1)
    assert first in await looks(api)


async def test_nobody_is_told_of_looks_at_oneself(api: Api):
    await (await api.as_(LEADER_A)).get(f"{BASE}/duties")
    await (await api.as_(HELPER_A1)).get(f"{BASE}/duties")
    assert (LEADER_A.name, LEADER_A.name, "duties") not in await looks(api)
    assert await looks(api, by=HELPER_A1.id) == []


async def test_the_office_has_the_head_of_the_chain(api: Api):
    office = await api.as_(OFFICE)
    before = (await office.get(f"{BASE}/seals/head")).json()
    assert (before["number"], before["hash"]) == (None, None)
    assert before["waiting"] > 0
    await seal_all(api.service, api.clock)
    after = (await office.get(f"{BASE}/seals/head")).json()
    async with api.database.transaction() as session:
        kept = (await session.execute(text("SELECT encode(hash, 'hex') FROM seal WHERE number = 1"))).scalar_one()
    assert (after["number"], after["hash"], after["waiting"]) == (1, kept, 0)
    assert (await (await api.as_(LEADER_A)).get(f"{BASE}/seals/head")).status_code == 403
