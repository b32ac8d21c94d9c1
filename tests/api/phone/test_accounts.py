"""Accounts as people have them: a code and a password, a changed password, sessions listed and ended."""

import asyncio
from datetime import timedelta

import pytest
from sqlalchemy import update

from app.access import activations
from app.directory.models import Person
from app.kernel.database import Database
from tests.support.county import COUNTY, HELPER_A1, PASSWORD, STRANGER
from tests.support.server import Api

NEW = "杜鹃花开在三月里"


async def code_for(api: Api, county_url: str, cast=HELPER_A1, county_id: str = COUNTY) -> str:
    database = Database(county_url, pool_size=1)
    async with database.transaction() as session:
        (issued,) = await activations.issue(session, county_id, [cast.id], made_by=None, now=api.clock())
    await database.close()
    return issued.code


async def activate(api: Api, code: str, password: str = NEW, **more):
    return await api.http.post("/v1/auth/activate", json={"code": code, "password": password, **more})


async def sign_in(api: Api, phone: str, password: str):
    form = {"grant_type": "password", "username": phone, "password": password}
    return await api.http.post("/v1/auth/token", data=form)


def bearer(body: dict) -> dict:
    return {"Authorization": f"Bearer {body['access_token']}"}


def field(reply) -> tuple[str, str]:
    (error,) = reply.json()["errors"]
    return error["pointer"], error["code"]


async def test_a_code_sets_the_password_and_signs_in_here_and_nowhere_else(api: Api, county_url: str):
    before = await api.sign_in(HELPER_A1)
    reply = await activate(api, await code_for(api, county_url), device_id="phone-9")
    assert reply.status_code == 201, reply.text
    assert reply.json()["person"]["id"] == str(HELPER_A1.id)
    assert (await api.http.get("/v1/me", headers=bearer(reply.json()))).status_code == 200
    assert (await api.http.get("/v1/me", headers=bearer(before))).status_code == 401
    assert (await sign_in(api, HELPER_A1.phone, PASSWORD)).status_code == 401
    assert (await sign_in(api, HELPER_A1.phone, NEW)).status_code == 200


@pytest.mark.parametrize(
    "spelt",
    [
        str.lower,
        lambda code: code.replace("-", ""),
        lambda code: f" {code.replace('-', ' ')}\n",
        lambda code: code.replace("-", "—").replace("0", "O").replace("1", "l"),
        lambda code: "".join(chr(ord(sign) + 0xFEE0) if sign.isalnum() else sign for sign in code),
    ],
)
async def test_a_code_is_read_as_people_type_it(api: Api, county_url: str, spelt):
    assert (await activate(api, spelt(await code_for(api, county_url)))).status_code == 201


async def test_a_code_is_good_once_until_it_expires_or_another_is_made(api: Api, county_url: str):
    first, second = await code_for(api, county_url), await code_for(api, county_url)
    assert field(await activate(api, first)) == ("/code", "replaced")
    assert (await activate(api, second)).status_code == 201
    assert field(await activate(api, second)) == ("/code", "used")
    late = await code_for(api, county_url)
    api.clock.turn(days=14)
    assert field(await activate(api, late)) == ("/code", "expired")
    for wrong in ("451029-0000-0000-0000", "999999-0000-0000-0000", "4510290000", "", "你好"):
        assert field(await activate(api, wrong)) == ("/code", "unknown"), wrong


async def test_two_who_use_a_code_at_once_get_one_account(api: Api, county_url: str):
    code = await code_for(api, county_url)
    replies = await asyncio.gather(*(activate(api, code, f"{NEW}{number}") for number in range(4)))
    assert sorted(reply.status_code for reply in replies) == [201, 422, 422, 422]
    (won,) = [number for number, reply in enumerate(replies) if reply.status_code == 201]
    assert (await sign_in(api, HELPER_A1.phone, f"{NEW}{won}")).status_code == 200


@pytest.mark.parametrize(
    ("password", "why"),
    [
        ("short", "too_short"),
        ("12345678", "too_simple"),
        ("aaaaaaaaaa", "too_simple"),
        ("Password1", "too_simple"),
        ("１２３４５６７８", "too_simple"),
        (f"x{HELPER_A1.phone}", "own_number"),
    ],
)
async def test_a_weak_password_costs_no_code(api: Api, county_url: str, password: str, why: str):
    code = await code_for(api, county_url)
    assert field(await activate(api, code, password)) == ("/password", why)
    assert (await activate(api, code)).status_code == 201


async def test_a_number_that_signs_in_elsewhere_is_refused_until_its_owner_has_left(api: Api, county_url: str):
    """Numbers are passed on: by who moves to another county, and by the network."""
    database = Database(county_url, pool_size=1)
    try:
        async with database.transaction() as session:
            await session.execute(update(Person).where(Person.id == HELPER_A1.id).values(phone=STRANGER.phone))
        code = await code_for(api, county_url)
        assert field(await activate(api, code)) == ("/phone", "taken")
        async with database.transaction() as session:
            today = (api.clock() - timedelta(days=1)).date()
            await session.execute(update(Person).where(Person.id == STRANGER.id).values(until_date=today))
        reply = await activate(api, code)
        assert reply.json()["person"]["id"] == str(HELPER_A1.id)
        assert (await sign_in(api, STRANGER.phone, PASSWORD)).status_code == 401
    finally:
        await database.close()


async def test_a_password_is_changed_by_who_knows_it(api: Api):
    here, there = await api.sign_in(HELPER_A1, device_id="phone"), await api.sign_in(HELPER_A1, device_id=None)

    async def change(**body):
        return await api.http.post("/v1/auth/password", json=body, headers=bearer(here))

    assert field(await change(old_password="wrong one", new_password=NEW)) == ("/old_password", "wrong")
    assert field(await change(old_password=PASSWORD, new_password="1234")) == ("/new_password", "too_short")
    assert (await change(old_password=PASSWORD, new_password=NEW)).status_code == 204
    assert (await sign_in(api, HELPER_A1.phone, PASSWORD)).status_code == 401
    assert (await api.http.get("/v1/me", headers=bearer(there))).status_code == 200
    reply = await change(old_password=NEW, new_password=NEW + "！", end_other_sessions=True)
    assert reply.status_code == 204
    assert (await api.http.get("/v1/me", headers=bearer(there))).status_code == 401
    assert (await api.http.get("/v1/me", headers=bearer(here))).status_code == 200


async def test_guessing_the_old_password_is_slowed_down_as_signing_in_is(api: Api):
    here = await api.sign_in(HELPER_A1)
    body = {"old_password": "a guess of mine", "new_password": NEW}
    replies = [await api.http.post("/v1/auth/password", json=body, headers=bearer(here)) for _ in range(6)]
    assert [reply.status_code for reply in replies] == [422] * 5 + [429]


async def test_sessions_are_listed_and_ended_one_by_one(api: Api):
    phone, browser = await api.sign_in(HELPER_A1, device_id="phone"), await api.sign_in(HELPER_A1, device_id=None)
    described = {"platform": "android", "model": "Redmi 4A", "app_version": "1.0.0"}
    await api.http.put("/v1/devices/phone", json=described, headers=bearer(phone))
    last, first = (await api.http.get("/v1/me/sessions", headers=bearer(browser))).json()["items"]
    assert (last["current"], last["device_id"], last["model"]) == (True, None, None)
    assert (first["current"], first["device_id"], first["model"]) == (False, "phone", "Redmi 4A")
    path = f"/v1/me/sessions/{first['id']}"
    stranger = await api.sign_in(STRANGER, device_id=None)
    assert (await api.http.delete(path, headers=bearer(stranger))).status_code == 404
    assert (await api.http.delete(path, headers=bearer(browser))).status_code == 204
    assert (await api.http.delete(path, headers=bearer(browser))).status_code == 404
    assert (await api.http.get("/v1/me", headers=bearer(phone))).status_code == 401
    assert len((await api.http.get("/v1/me/sessions", headers=bearer(browser))).json()["items"]) == 1
