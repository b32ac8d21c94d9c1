"""The office writes the directory by hand: what it would do is said first, and faults at their fields."""

from collections.abc import AsyncIterator
from typing import Any

import pytest
from sqlalchemy import text

from app.flows.recount import recount_all
from app.worker.schedule import tick
from tests.support import county
from tests.support.cluster import Server
from tests.support.county import (
    A1,
    A2,
    B1,
    COUNTY,
    HELPER_A1,
    HOUSE_A1,
    LEADER_A,
    OFFICE,
    RESIDENT_A2,
    STRANGER,
    Cast,
    centre,
    known_id,
    unit_id,
)
from tests.support.server import Api, after

BASE = f"/v1/counties/{COUNTY}"
TOWNSHIP_OFFICE = Cast("黄小燕", "13900000021", "official", "theatre_a", "office")
NEW = {
    "name": "韦秀兰",
    "phone": "+86 137 0000 0001",
    "category": "helper",
    "unit_id": str(unit_id("squad_a1")),
    "from_date": "2026-11-16",
    "number": "G001",
}


async def begin(api: Api) -> None:
    await tick(api.service, api.clock)
    async with api.database.transaction() as session:
        await county.add_person(session, TOWNSHIP_OFFICE)


@pytest.fixture
async def opened(server: Server, county_template: str) -> AsyncIterator[Api]:
    """The small county with this week's duties, and an office of one township."""
    async with after(server, county_template, begin) as api:
        yield api


async def send(api: Api, method: str, path: str, body: Any = None, who: Cast = OFFICE) -> Any:
    async with await api.as_(who) as console:
        return await console.request(method, BASE + path, json=body)


async def ask(api: Api, statement: str, **values: Any) -> list[Any]:
    async with api.database.transaction() as session:
        return [tuple(row) for row in await session.execute(text(statement), values)]


def errors(reply: Any) -> list[tuple[str, str]]:
    return [(each["pointer"], each["code"]) for each in reply.json()["errors"]]


async def test_a_person_comes_with_a_post_and_what_it_would_do_is_said_first(opened: Api):
    said = await send(opened, "POST", "/people?preview=true", NEW)
    assert said.status_code == 201, said.text
    assert await ask(opened, "SELECT id FROM person WHERE number = 'G001'") == []
    made = await send(opened, "POST", "/people", NEW)
    assert made.json() == said.json() | {"id": made.json()["id"]}
    assert made.json()["new"] == {"people": 1, "posts": 1}
    found = await send(opened, "GET", f"/people/{made.json()['id']}")
    assert found.json()["phone"] == "13700000001"
    assert [post["role"] for post in found.json()["posts"]] == ["cadre"]
    assigned = {"person_id": made.json()["id"], "village_id": A1, "from_date": "2026-11-16"}
    assert (await send(opened, "POST", "/assignments", assigned)).status_code == 201
    changed = NEW | {"category": "resident", "name": "韦秀兰（改）"}
    effect = await send(opened, "PUT", f"/people/{made.json()['id']}", changed)
    assert effect.json()["changed"] == {"people": 1}
    assert effect.json()["duties_changed"] > 0
    assert (await recount_all(opened.database, now=opened.clock(), apply=False)).differences == 0


async def test_faults_are_said_at_their_fields(opened: Api):
    taken = await send(opened, "POST", "/people", NEW | {"phone": HELPER_A1.phone})
    assert (taken.status_code, errors(taken)) == (422, [("/phone", "taken")])
    late = await send(opened, "POST", "/people", NEW | {"until_date": "2026-11-16"})
    assert ("/until_date", "too_early") in errors(late)
    assert errors(await send(opened, "POST", "/people", NEW | {"name": " "}))[0][0] == "/name"
    area = {"name": "专区", "level": "area", "parent_id": str(unit_id("squad_a1"))}
    assert errors(await send(opened, "POST", "/units", area)) == [("/parent_id", "bad_level")]
    away = {"village_id": A1, "head_name": "甲", "position": {"lon": 10, "lat": 20}}
    assert errors(await send(opened, "POST", "/households", away)) == [("/position", "elsewhere")]


async def test_units_are_added_renamed_moved_and_closed(opened: Api):
    area = {"name": "一专区", "level": "area", "parent_id": str(unit_id("theatre_a"))}
    made = (await send(opened, "POST", "/units", area)).json()["id"]
    squad = {"name": "甲一新班", "level": "squad", "parent_id": made}
    moved = await send(opened, "PUT", f"/units/{unit_id('squad_a1')}", squad)
    assert moved.json()["changed"] == {"units": 1}, moved.text
    units = {unit["name"]: unit for unit in (await send(opened, "GET", "/units")).json()["items"]}
    assert units["甲一新班"]["parent_id"] == made
    closed = await send(opened, "PUT", f"/units/{made}", area | {"until_date": "2026-12-01"})
    assert errors(closed) == [("/until_date", "in_use")]
    await send(opened, "PUT", f"/units/{unit_id('squad_a1')}", squad | {"parent_id": str(unit_id("theatre_a"))})
    closed = await send(opened, "PUT", f"/units/{made}", area | {"until_date": "2026-12-01"})
    assert closed.status_code == 200, closed.text


async def test_posts_villages_townships_and_households(opened: Api):
    post = {
        "person_id": str(RESIDENT_A2.id),
        "unit_id": str(unit_id("theatre_a")),
        "role": "inspector",
        "title": "督查员",
        "from_date": "2026-11-18",
    }
    made = (await send(opened, "POST", "/posts", post)).json()["id"]
    ended = await send(opened, "PUT", f"/posts/{made}", post | {"until_date": "2026-11-20"})
    assert ended.json()["changed"] == {"posts": 1}
    named = {"name": "甲一新村", "official_name": "甲一新村委会", "unit_id": str(unit_id("squad_a1"))}
    assert (await send(opened, "PUT", f"/villages/{A1}", named)).status_code == 200
    assert (await send(opened, "PUT", "/townships/451029105", {"name": "新乡"})).json()["new"] == {"townships": 1}
    added = named | {"id": "451029105201", "township_id": "451029105"}
    assert (await send(opened, "POST", "/villages", added)).status_code == 201
    lon, lat = centre(A1)
    house = {"village_id": A1, "head_name": "罗老大", "position": {"lon": lon, "lat": lat}, "number": "H1"}
    kept = (await send(opened, "POST", "/households", house)).json()["id"]
    assert (await send(opened, "PUT", f"/households/{kept}", house | {"head_name": "罗老二"})).status_code == 200
    moved = await send(opened, "PUT", f"/households/{kept}", house | {"village_id": A2})
    assert ("/village_id", "moved") in errors(moved)
    told = await send(
        opened, "PUT", f"/households/{HOUSE_A1}", house | {"number": "H2", "until_date": "2026-11-20"}
    )
    assert errors(told) == [("/until_date", "in_use")]


async def test_each_office_changes_its_own_place_and_nobody_themselves(opened: Api):
    for who, status in ((LEADER_A, 403), (HELPER_A1, 404), (STRANGER, 404)):
        reply = await send(opened, "POST", "/people", NEW, who)
        assert reply.status_code in (status, 403), who.name
    assert (await send(opened, "POST", "/people?preview=true", NEW, TOWNSHIP_OFFICE)).status_code == 201
    elsewhere = NEW | {"unit_id": str(unit_id("squad_b1"))}
    assert (await send(opened, "POST", "/people", elsewhere, TOWNSHIP_OFFICE)).status_code == 404
    area = {"name": "专区", "level": "area", "parent_id": str(unit_id("root"))}
    assert (await send(opened, "POST", "/units", area, TOWNSHIP_OFFICE)).status_code == 404
    assert (await send(opened, "PUT", "/townships/451029105", {"name": "x"}, TOWNSHIP_OFFICE)).status_code == 403
    house = {"village_id": B1, "head_name": "甲"}
    assert (await send(opened, "POST", "/households", house, TOWNSHIP_OFFICE)).status_code == 404
    own = NEW | {"phone": OFFICE.phone, "number": None, "unit_id": str(unit_id("root"))}
    assert (await send(opened, "PUT", f"/people/{OFFICE.id}", own)).status_code == 403
    post = {"person_id": str(HELPER_A1.id), "unit_id": str(unit_id("squad_a1")), "role": "cadre"}
    path = f"/posts/{known_id('nothing')}"
    gone = await send(opened, "PUT", path, post | {"from_date": "2026-11-16"})
    assert gone.status_code == 404


async def test_every_change_is_on_record_with_what_was_before(opened: Api):
    was = {"name": "新名", "phone": HELPER_A1.phone, "category": "helper", "unit_id": str(unit_id("squad_a1"))}
    await send(opened, "PUT", f"/people/{HELPER_A1.id}", was | {"from_date": "2026-01-01"})
    ((actor, detail),) = await ask(
        opened,
        "SELECT actor_id, detail FROM audit_entry WHERE action = 'directory.changed' ORDER BY id DESC LIMIT 1",
    )
    assert actor == OFFICE.id
    assert detail["rows"]["before"]["people"][0]["name"] == HELPER_A1.name
    assert detail["rows"]["after"]["people"][0]["name"] == "新名"
