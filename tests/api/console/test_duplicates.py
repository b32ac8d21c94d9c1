"""Who was entered twice is found with reasons, merged by the county's office alone, and found no more."""

from datetime import timedelta
from typing import Any
from uuid import uuid4

import pytest
from sqlalchemy import text

from tests.support.county import A1, COUNTY, HELPER_A1, HELPER_B1, LEADER_A, OFFICE, RESIDENT_A2, Cast, add_person
from tests.support.server import Api, check_in

URL = f"/v1/counties/{COUNTY}"
TWIN = Cast(HELPER_A1.name, "13900000063", "helper", "squad_a1", "cadre", (A1,))  # one digit from helper A1's


@pytest.fixture
async def twin(api: Api) -> Api:
    async with api.database.transaction() as session:
        await add_person(session, TWIN)
    return api


async def found(api: Api) -> list[dict[str, Any]]:
    office = await api.as_(OFFICE)
    reply = await office.get(f"{URL}/duplicates")
    assert reply.status_code == 200, reply.text
    items: list[dict[str, Any]] = reply.json()["items"]
    return items


async def test_a_twin_is_found_with_every_reason_and_who_made_more_visits_is_to_stay(twin: Api):
    phone = await twin.as_(TWIN)
    assert (await phone.post("/v1/check-ins", json=check_in(A1))).status_code == 201
    (pair,) = await found(twin)
    assert pair["stays"]["id"] == str(TWIN.id)
    assert pair["other"]["id"] == str(HELPER_A1.id)
    assert pair["reasons"] == ["near_phone", "same_village", "same_unit", "same_township"]
    assert pair["confidence"] == 0.99
    assert pair["stays"]["visits"] == 1


async def test_without_an_account_it_is_the_other_that_stays(twin: Api):
    async with twin.database.transaction() as session:
        await session.execute(text("DELETE FROM sign_in WHERE person_id = :id"), {"id": TWIN.id})
    (pair,) = await found(twin)
    assert pair["stays"]["id"] == str(HELPER_A1.id)


async def test_numbers_written_differently_and_names_alike_are_found(api: Api):
    async with api.database.transaction() as session:
        for cast, number in ((HELPER_A1, "G-007"), (RESIDENT_A2, "g07"), (HELPER_B1, "G8")):
            await session.execute(
                text("UPDATE person SET number = :number WHERE id = :id"), {"number": number, "id": cast.id}
            )
        await session.execute(
            text("UPDATE person SET phone = '+86 ' || :phone WHERE id = :id"),
            {"phone": HELPER_B1.phone, "id": LEADER_A.id},
        )
    assert {(each["reasons"][0], each["confidence"]) for each in await found(api)} == {("same_phone", 0.95)}


@pytest.mark.parametrize(("turns", "offered"), [("aabb", False), ("abab", True)])
async def test_a_phone_that_goes_back_and_forth_is_one_person_s(api: Api, turns: str, offered: bool):
    at = api.clock.now - timedelta(hours=8)
    for who in turns:
        cast = HELPER_A1 if who == "a" else RESIDENT_A2
        tokens = await api.sign_in(cast, device_id="one phone")
        client = api._client({"Authorization": f"Bearer {tokens['access_token']}"})
        at += timedelta(hours=1)
        assert (await client.post("/v1/check-ins", json=check_in(A1, at=at))).status_code == 201
    assert bool(await found(api)) is offered


async def test_merging_says_before_what_it_does_and_old_links_lead_on(twin: Api):
    phone = await twin.as_(TWIN)
    assert (await phone.post("/v1/check-ins", json=check_in(A1))).status_code == 201
    office = await twin.as_(OFFICE)
    ask = {"url": f"{URL}/people/{HELPER_A1.id}/merges", "json": {"from_id": str(TWIN.id)}}
    said = await office.post(**ask, params={"preview": True})
    assert said.status_code == 200, said.text
    assert len(await found(twin)) == 1
    office = await twin.as_(OFFICE)
    done = await office.post(**ask)
    assert done.json() == said.json()
    assert (said.json()["visits"], said.json()["sessions"]) == (1, 1)
    assert await found(twin) == []
    office = await twin.as_(OFFICE)
    assert (await office.get(f"{URL}/people/{TWIN.id}")).json()["id"] == str(HELPER_A1.id)
    listed = (await office.get(f"{URL}/people", params={"q": TWIN.name})).json()["items"]
    assert [each["id"] for each in listed] == [str(HELPER_A1.id)]
    again = await office.post(**ask)
    assert again.status_code == 409
    assert "已经合并" in again.json()["detail"]
    async with twin.database.transaction() as session:
        (entry,) = (await session.execute(text("SELECT * FROM audit_entry WHERE action = 'person.merged'"))).all()
    assert (entry.actor_id, entry.subject) == (OFFICE.id, f"person:{HELPER_A1.id}")
    assert entry.detail["from_id"] == str(TWIN.id)


async def test_two_people_are_not_offered_again(twin: Api):
    office = await twin.as_(OFFICE)
    body = {"one_id": str(TWIN.id), "other_id": str(HELPER_A1.id)}
    assert (await office.post(f"{URL}/two-people", json=body)).status_code == 204
    assert (await office.post(f"{URL}/two-people", json=body)).status_code == 204
    assert await found(twin) == []


async def test_only_the_county_s_office_and_not_about_itself(twin: Api):
    leader = await twin.as_(LEADER_A)
    for reply in (
        await leader.get(f"{URL}/duplicates"),
        await leader.post(f"{URL}/people/{HELPER_A1.id}/merges", json={"from_id": str(TWIN.id)}),
        await leader.post(f"{URL}/two-people", json={"one_id": str(TWIN.id), "other_id": str(HELPER_A1.id)}),
    ):
        assert reply.status_code == 403
    office = await twin.as_(OFFICE)
    own = await office.post(f"{URL}/people/{HELPER_A1.id}/merges", json={"from_id": str(OFFICE.id)})
    assert own.status_code == 403
    same = await office.post(f"{URL}/people/{TWIN.id}/merges", json={"from_id": str(TWIN.id)})
    assert [each["code"] for each in same.json()["errors"]] == ["same"]
    for other, code in ((TWIN.id, "same"), (uuid4(), "unknown")):
        reply = await office.post(f"{URL}/two-people", json={"one_id": str(TWIN.id), "other_id": str(other)})
        assert [each["code"] for each in reply.json()["errors"]] == [code], reply.text
    gone = await office.post(f"{URL}/people/{TWIN.id}/merges", json={"from_id": str(uuid4())})
    assert gone.status_code == 404
