"""A second factor: turned on by its owner, asked for at sign-in, wanted of offices where the county says so."""

from typing import Any

import httpx
import pyotp
import pytest

from tests.api.phone.test_accounts import activate, code_for
from tests.support.county import COUNTY, HELPER_A1, OFFICE, PASSWORD, Cast
from tests.support.server import Api

RULES = f"/v1/counties/{COUNTY}/rules"


async def token(api: Api, cast: Cast = HELPER_A1, password: str = PASSWORD, **more: str) -> httpx.Response:
    form = {"grant_type": "password", "username": cast.phone, "password": password, **more}
    return await api.http.post("/v1/auth/token", data=form)


def code_now(api: Api, secret: str, *, astray: int = 0) -> str:
    return pyotp.TOTP(secret).generate_otp(int(api.clock().timestamp()) // 30 + astray)


async def turned_on(api: Api, cast: Cast = HELPER_A1, *, confirmed: bool = True) -> str:
    """The secret, confirmed with the code of the half minute before, so that the present one is still good."""
    tokens = await api.sign_in(cast, device_id="another phone")
    headers = {"Authorization": f"Bearer {tokens['access_token']}"}
    async with httpx.AsyncClient(transport=httpx.ASGITransport(app=api.app), base_url="http://test") as own:
        own.headers.update(headers)
        made = await own.post("/v1/me/second-factor", json={"password": PASSWORD})
        assert made.status_code == 201, made.text
        secret: str = made.json()["secret"]
        assert f"secret={secret}" in made.json()["uri"]
        assert (await own.get("/v1/me/second-factor")).json()["enabled"] is False
        if not confirmed:
            return secret
        reply = await own.post("/v1/me/second-factor/confirm", json={"code": code_now(api, secret, astray=-1)})
        assert reply.status_code == 204, reply.text
        assert (await own.get("/v1/me/second-factor")).json()["enabled"] is True
    return secret


def kind(reply: httpx.Response) -> tuple[int, Any]:
    return reply.status_code, reply.json().get("type")


async def test_it_is_asked_for_once_confirmed_and_each_code_is_good_once(api: Api):
    secret = await turned_on(api)
    assert kind(await token(api)) == (401, "/problems/second-factor-needed")
    assert kind(await token(api, otp="000000")) == (401, "/problems/second-factor-wrong")
    assert kind(await token(api, password="guess", otp=code_now(api, secret))) == (
        401,
        "/problems/bad-credentials",
    )
    assert (await token(api, otp=code_now(api, secret))).status_code == 200
    assert kind(await token(api, otp=code_now(api, secret))) == (401, "/problems/second-factor-wrong")
    api.clock.turn(seconds=30)
    code = code_now(api, secret)
    wide = f"{code[:3]} {code[3:]}".translate({ord("0") + n: 0xFF10 + n for n in range(10)})
    assert (await token(api, otp=wide)).status_code == 200


@pytest.mark.parametrize(("astray", "status"), [(-2, 401), (-1, 200), (0, 200), (1, 200), (2, 401)])
async def test_a_clock_may_be_half_a_minute_off(api: Api, astray: int, status: int):
    secret = await turned_on(api)
    api.clock.turn(minutes=5)
    assert (await token(api, otp=code_now(api, secret, astray=astray))).status_code == status


async def test_codes_cannot_be_guessed_at(api: Api):
    await turned_on(api)
    codes = [(await token(api, otp=f"{n:06}")).status_code for n in range(8)]
    assert codes == [401] * 5 + [429] * 3


async def test_making_one_wants_the_password_and_confirming_a_good_code(api: Api):
    async with await api.as_(HELPER_A1) as own:
        wrong = await own.post("/v1/me/second-factor", json={"password": "guess"})
        assert (wrong.status_code, wrong.json()["errors"][0]["pointer"]) == (422, "/password")
        none = await own.post("/v1/me/second-factor/confirm", json={"code": "123456"})
        assert (none.status_code, none.json()["errors"][0]["pointer"]) == (422, "/code")
        first = (await own.post("/v1/me/second-factor", json={"password": PASSWORD})).json()["secret"]
        second = (await own.post("/v1/me/second-factor", json={"password": PASSWORD})).json()["secret"]
        old = await own.post("/v1/me/second-factor/confirm", json={"code": code_now(api, first)})
        assert old.status_code == 422
        assert (await token(api)).status_code == 200, "nothing is asked for before it is confirmed"
        good = await own.post("/v1/me/second-factor/confirm", json={"code": code_now(api, second)})
        assert good.status_code == 204
        again = await own.post("/v1/me/second-factor", json={"password": PASSWORD})
        assert again.status_code == 409


async def test_its_owner_takes_it_away_by_a_code_and_a_lost_phone_by_one_from_the_office(
    api: Api, county_url: str
):
    secret = await turned_on(api)
    reply = await token(api, otp=code_now(api, secret))
    headers = {"Authorization": f"Bearer {reply.json()['access_token']}"}
    api.clock.turn(seconds=30)
    wrong = await api.http.post("/v1/me/second-factor/remove", json={"code": "000000"}, headers=headers)
    assert kind(wrong) == (401, "/problems/second-factor-wrong")
    code = {"code": code_now(api, secret)}
    assert (await api.http.post("/v1/me/second-factor/remove", json=code, headers=headers)).status_code == 204
    assert (await token(api)).status_code == 200
    await turned_on(api)
    assert (await activate(api, await code_for(api, county_url))).status_code == 201
    assert (await token(api, password="杜鹃花开在三月里")).status_code == 200


async def test_where_the_county_wants_it_an_office_does_only_what_is_its_own_without_one(api: Api):
    async with await api.as_(OFFICE) as office, await api.as_(HELPER_A1) as helper:
        switched = await office.put(f"/v1/counties/{COUNTY}/settings", json={"settings": {"second_factor": True}})
        assert switched.status_code == 200, switched.text
        assert kind(await office.get(RULES)) == (403, "/problems/second-factor-missing")
        assert (await office.get("/v1/me")).status_code == 200
        assert (await helper.get(RULES)).status_code == 200, "of others it is not wanted"
        made = (await office.post("/v1/me/second-factor", json={"password": PASSWORD})).json()
        confirmed = {"code": code_now(api, made["secret"])}
        assert (await office.post("/v1/me/second-factor/confirm", json=confirmed)).status_code == 204
        assert (await office.get(RULES)).status_code == 200
