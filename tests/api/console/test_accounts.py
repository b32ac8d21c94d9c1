"""The office gives people their accounts: a code for one, slips for a unit; and signs out a lost phone."""

import pytest
from sqlalchemy import text

from tests.support import county
from tests.support.county import (
    COUNTY,
    HELPER_A1,
    HELPER_B1,
    LEADER_A,
    OFFICE,
    PASSWORD,
    RESIDENT_A2,
    STRANGER,
    Cast,
    unit_id,
)
from tests.support.server import Api

BASE = f"/v1/counties/{COUNTY}"
PAGE = "https://yefang.example.cn/"
TOWNSHIP_OFFICE = Cast("黄小燕", "13900000021", "official", "theatre_a", "office")


async def send(api: Api, method: str, path: str, who: Cast = OFFICE, body=None, **headers):
    async with await api.as_(who, **headers) as console:
        return await console.request(method, BASE + path, json=body)


async def activate(api: Api, code: str):
    return await api.http.post("/v1/auth/activate", json={"code": code, "password": "a secret of mine"})


async def forget_account(api: Api, *casts: Cast) -> None:
    async with api.database.transaction() as session:
        ids = [cast.id for cast in casts]
        await session.execute(text("DELETE FROM sign_in WHERE person_id = ANY(:ids)"), {"ids": ids})


async def add_township_office(api: Api) -> None:
    async with api.database.transaction() as session:
        await county.add_person(session, TOWNSHIP_OFFICE)


async def test_a_code_for_one_person_opens_their_account(api: Api):
    await forget_account(api, HELPER_A1)
    made = await send(api, "POST", f"/people/{HELPER_A1.id}/activation")
    assert made.status_code == 201, made.text
    assert (await activate(api, made.json()["code"])).json()["person"]["id"] == str(HELPER_A1.id)


async def test_whoever_has_an_account_is_told_of_a_code_for_it(api: Api):
    """With a code somebody else could take the account over."""
    assert (await send(api, "POST", f"/people/{HELPER_A1.id}/activation")).status_code == 201
    async with await api.as_(HELPER_A1) as phone:  # whose password is good until the code is used
        (notice,) = (await phone.get("/v1/me/notices")).json()["items"]
    assert notice["kind"] == "activation_issued"
    assert OFFICE.name in notice["body"]
    async with api.database.transaction() as session:
        actions = (await session.execute(text("SELECT action FROM audit_entry"))).scalars().all()
    assert "activation.issued" in actions


@pytest.mark.parametrize("method_path", [("POST", "/activation"), ("DELETE", "/sessions")])
async def test_only_the_office_manages_accounts_and_only_its_own_peoples(api: Api, method_path):
    method, path = method_path
    await add_township_office(api)

    async def status(who: Cast, of: Cast) -> int:
        return (await send(api, method, f"/people/{of.id}{path}", who)).status_code

    assert await status(LEADER_A, HELPER_A1) == 403
    assert await status(HELPER_A1, HELPER_A1) == 403
    assert await status(HELPER_A1, HELPER_B1) == 404
    assert await status(OFFICE, OFFICE) == 403
    assert await status(OFFICE, STRANGER) == 404
    assert await status(TOWNSHIP_OFFICE, HELPER_B1) == 404
    assert await status(TOWNSHIP_OFFICE, OFFICE) == 404
    assert await status(TOWNSHIP_OFFICE, HELPER_A1) in (200, 201)


async def test_no_code_for_who_has_left_or_an_account_that_many_would_share(api: Api):
    async with api.database.transaction() as session:
        gone = "UPDATE person SET until_date = '2026-11-18' WHERE id = :id"
        await session.execute(text(gone), {"id": RESIDENT_A2.id})
        await session.execute(text("UPDATE person SET name = '乐里镇办公室' WHERE id = :id"), {"id": HELPER_A1.id})
        await session.execute(text("UPDATE person SET phone = '07767212345' WHERE id = :id"), {"id": HELPER_B1.id})
    left = await send(api, "POST", f"/people/{RESIDENT_A2.id}/activation")
    assert left.status_code == 409
    for cast, at in ((HELPER_A1, ("/name", "shared")), (HELPER_B1, ("/phone", "no_mobile"))):
        reply = await send(api, "POST", f"/people/{cast.id}/activation")
        (error,) = reply.json()["errors"]
        assert (reply.status_code, error["pointer"], error["code"]) == (409, *at)


async def test_slips_for_all_of_a_township_who_cannot_sign_in_yet(api: Api):
    await forget_account(api, HELPER_A1, RESIDENT_A2, HELPER_B1)
    body = {"unit": str(unit_id("theatre_a")), "page": PAGE}
    made = await send(api, "POST", "/activations", body=body)
    assert made.status_code == 201, made.text
    slips = {slip["name"]: slip for slip in made.json()["items"]}
    assert slips.keys() == {HELPER_A1.name, RESIDENT_A2.name}
    slip = slips[HELPER_A1.name]
    assert (slip["phone"], slip["unit"]) == ("139****0003", "甲一突击班")
    assert slip["qr"].startswith("M2 2")
    assert slip["qr_size"] > 30
    assert (await activate(api, slip["code"])).status_code == 201
    again = (await send(api, "POST", "/activations", body=body)).json()["items"]
    assert [each["name"] for each in again] == [RESIDENT_A2.name]
    assert (await activate(api, slips[RESIDENT_A2.name]["code"])).json()["errors"][0]["code"] == "replaced"
    assert (await activate(api, again[0]["code"])).status_code == 201
    none = (await send(api, "POST", "/activations", body=body)).json()
    assert none == {"items": [], "expires_at": None, "left_out": []}


async def test_slips_say_who_gets_none_and_why(api: Api):
    await forget_account(api, HELPER_A1)
    async with api.database.transaction() as session:
        await session.execute(text("UPDATE person SET phone = '12' WHERE id = :id"), {"id": HELPER_A1.id})
    body = {"unit": str(unit_id("theatre_a")), "page": PAGE}
    reply = await send(api, "POST", "/activations", body=body, **{"Accept-Language": "en"})
    (left_out,) = reply.json()["left_out"]
    assert left_out["name"] == HELPER_A1.name
    assert "mobile number" in left_out["detail"]


async def test_a_township_office_makes_slips_for_its_own_people_only(api: Api):
    await add_township_office(api)
    await forget_account(api, HELPER_A1, HELPER_B1)
    for unit, status in (("theatre_a", 201), ("theatre_b", 404), ("root", 404)):
        body = {"unit": str(unit_id(unit)), "page": PAGE}
        reply = await send(api, "POST", "/activations", TOWNSHIP_OFFICE, body)
        assert reply.status_code == status, unit
    assert (
        await send(api, "POST", "/activations", LEADER_A, {"unit": str(unit_id("theatre_a")), "page": PAGE})
    ).status_code == 403
    bad = {"unit": str(unit_id("theatre_a")), "page": "javascript:alert(1)"}
    assert (await send(api, "POST", "/activations", body=bad)).json()["errors"][0]["pointer"] == "/page"


async def test_a_lost_phone_is_signed_out_everywhere_and_its_owner_signs_in_again(api: Api):
    lost = await api.sign_in(HELPER_A1, device_id="lost")
    headers = {"Authorization": f"Bearer {lost['access_token']}"}
    key = await api.http.post(
        "/v1/me/client-keys", json={"client": "overland", "device_id": "lost"}, headers=headers
    )
    assert key.status_code == 201
    ended = await send(api, "DELETE", f"/people/{HELPER_A1.id}/sessions")
    assert ended.json() == {"ended": 2}
    assert (await api.http.get("/v1/me", headers=headers)).status_code == 401
    tracked = await api.http.post(
        "/v1/clients/overland", json={"locations": []}, headers={"Authorization": f"Bearer {key.json()['key']}"}
    )
    assert tracked.status_code == 401
    form = {"grant_type": "password", "username": HELPER_A1.phone, "password": PASSWORD}
    assert (await api.http.post("/v1/auth/token", data=form)).status_code == 200
