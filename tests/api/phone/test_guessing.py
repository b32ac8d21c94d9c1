"""Guessing passwords: slow from anywhere, of any number, and never in the owner's way."""

import asyncio
from typing import Any

import httpx
import pytest
from sqlalchemy import text

from app.access import passwords
from app.access.rules import NETWORK, NUMBER, NUMBER_HERE
from app.flows.purge_tries import purge_tries
from app.settings import Settings
from tests.support.county import COUNTY, HELPER_A1, HELPER_B1, LEADER_A, OFFICE, PASSWORD, Cast
from tests.support.server import Api, running

NOBODY = "13012345678"


async def token(
    api: Api,
    phone: str,
    password: str = "guess",
    address: str = "203.0.113.1",
    headers: dict[str, str] | None = None,
    **more: str,
):
    transport = httpx.ASGITransport(app=api.app, client=(address, 1), raise_app_exceptions=False)
    form = {"grant_type": "password", "username": phone, "password": password, **more}
    async with httpx.AsyncClient(transport=transport, base_url="http://test") as client:
        return await client.post("/v1/auth/token", data=form, headers={"User-Agent": "a test"} | (headers or {}))


def said(reply: httpx.Response) -> tuple[int, Any, str | None]:
    return reply.status_code, reply.json(), reply.headers.get("retry-after")


async def test_numbers_that_nobody_has_are_answered_alike_to_the_last(api: Api):
    """40 side by side, then some one by one: five are looked at, of either number."""
    found = {}
    for phone in (HELPER_A1.phone, NOBODY):
        replies = await asyncio.gather(*(token(api, phone, f"guess {n}") for n in range(40)))
        replies += [await token(api, phone) for _ in range(3)]
        found[phone] = sorted((said(reply) for reply in replies), key=str)
        assert [reply.status_code for reply in replies].count(401) == NUMBER_HERE.size
    assert found[HELPER_A1.phone] == found[NOBODY]


async def test_of_numbers_that_nobody_has_nothing_is_kept_but_a_hash(api: Api):
    await token(api, NOBODY)
    async with api.database.transaction() as session:
        kept = (await session.execute(text("SELECT * FROM password_tries"))).all()
        assert (await session.execute(text("SELECT count(*) FROM sign_in_event"))).scalar() == 0
    assert len(kept) == 3
    assert NOBODY not in str(kept)


async def test_the_owner_signs_in_while_strangers_guess(api: Api):
    """From a device on which they have been before, and from another network as long as few strangers guess."""
    await token(api, HELPER_A1.phone, PASSWORD, address="198.51.100.1", device_id="own-phone")
    for _ in range(NUMBER_HERE.size + 1):
        last = await token(api, HELPER_A1.phone)
    assert last.status_code == 429
    assert (await token(api, HELPER_A1.phone, PASSWORD, address="198.51.100.1")).status_code == 200
    # The same network as the strangers', as in an office, and every other network in the world.
    async with api.database.transaction() as session:
        await session.execute(text("UPDATE password_tries SET empty_at = empty_at + interval '1 year'"))
    assert (await token(api, HELPER_A1.phone, PASSWORD, address="198.51.100.9")).status_code == 429
    own = await token(api, HELPER_A1.phone, PASSWORD, device_id="own-phone")
    assert own.status_code == 200


async def test_a_browser_is_its_owner_s_by_its_cookie(api: Api):
    """Which opens nothing by itself, and helps with no other number."""
    first = await token(api, HELPER_A1.phone, PASSWORD, address="198.51.100.1")
    cookie = first.headers["set-cookie"]
    assert "HttpOnly" in cookie
    assert "SameSite=strict" in cookie
    known = {"cookie": cookie.partition(";")[0]}
    for _ in range(NUMBER_HERE.size):
        await token(api, HELPER_A1.phone)
    assert (await token(api, HELPER_A1.phone, PASSWORD)).status_code == 429
    assert (await token(api, HELPER_A1.phone, PASSWORD, headers=known)).status_code == 200
    for _ in range(NUMBER_HERE.size):
        assert (await token(api, HELPER_A1.phone, headers=known)).status_code == 401
    assert (await token(api, HELPER_A1.phone, PASSWORD, headers=known)).status_code == 429
    for _ in range(NUMBER_HERE.size):
        await token(api, HELPER_B1.phone, headers=known)
    assert (await token(api, HELPER_B1.phone, PASSWORD, headers=known)).status_code == 429


async def test_a_device_that_the_office_signed_out_is_a_stranger_s(api: Api):
    await token(api, HELPER_A1.phone, PASSWORD, address="198.51.100.1", device_id="lost-phone")
    async with await api.as_(OFFICE) as office:
        await office.delete(f"/v1/counties/{COUNTY}/people/{HELPER_A1.id}/sessions")
    for _ in range(NUMBER_HERE.size):
        await token(api, HELPER_A1.phone, device_id="lost-phone")
    assert (await token(api, HELPER_A1.phone, PASSWORD)).status_code == 429


async def test_many_networks_together_get_no_more_than_a_hundred(api: Api):
    replies = [await token(api, HELPER_A1.phone, address=f"203.0.113.{n // 5}") for n in range(NUMBER.size + 1)]
    assert [reply.status_code for reply in replies] == [401] * NUMBER.size + [429]
    assert int(replies[-1].headers["retry-after"]) <= NUMBER.every.total_seconds() + 1
    api.clock.turn(seconds=NUMBER.every.total_seconds())
    assert (await token(api, HELPER_A1.phone, PASSWORD, address="198.51.100.1")).status_code == 200


async def test_one_network_that_tries_everybody_s_number_is_slowed_down(api: Api, monkeypatch):
    monkeypatch.setattr("app.access.tries.NETWORK", type(NETWORK)(3, NETWORK.every))
    replies = [await token(api, f"1301234567{n}") for n in range(4)]
    assert [reply.status_code for reply in replies] == [401, 401, 401, 429]
    assert (await token(api, HELPER_B1.phone, PASSWORD, address="198.51.100.1")).status_code == 200


async def test_good_passwords_fill_no_bucket(api: Api):
    """A whole office signs in from one address."""
    for _ in range(3):
        for cast in (HELPER_A1, LEADER_A, HELPER_B1):
            assert (await token(api, cast.phone, PASSWORD)).status_code == 200
    async with api.database.transaction() as session:
        full = text("SELECT count(*) FROM password_tries WHERE empty_at > :now")
        assert (await session.execute(full, {"now": api.clock()})).scalar() == 0


async def test_many_who_sign_in_at_once_from_one_place_wait_for_nobody_in_a_ring(api: Api):
    """Good passwords and bad ones, of several people: no deadlock, which would be answered 503."""
    people = [HELPER_A1, LEADER_A, HELPER_B1, OFFICE]
    tried = [token(api, people[n % 4].phone, PASSWORD if n % 3 else "guess") for n in range(60)]
    replies = await asyncio.gather(*tried)
    assert {reply.status_code for reply in replies} <= {200, 401, 429}


async def test_no_more_wait_for_a_hash_than_is_worth_waiting_for(api: Api, monkeypatch):
    """The others are told when to come again, and nothing is counted against them."""
    monkeypatch.setattr(passwords, "_MOST_WAITING", 2)
    replies = await asyncio.gather(*(token(api, HELPER_A1.phone, PASSWORD) for _ in range(30)))
    codes = [reply.status_code for reply in replies]
    assert set(codes) == {200, 503}
    assert {reply.headers["retry-after"] for reply in replies if reply.status_code == 503} == {"10"}
    assert (await token(api, HELPER_A1.phone, PASSWORD)).status_code == 200


async def test_a_used_device_signs_in_anew_after_a_year_at_the_latest(api: Api):
    tokens = await api.sign_in(HELPER_A1)
    refresh = tokens["refresh_token"]
    for _ in range(6):
        api.clock.turn(days=60)
        form = {"grant_type": "refresh_token", "refresh_token": refresh}
        reply = await api.http.post("/v1/auth/token", data=form)
        assert reply.status_code == 200
        refresh = reply.json()["refresh_token"]
    api.clock.turn(days=5)
    reply = await api.http.post("/v1/auth/token", data={"grant_type": "refresh_token", "refresh_token": refresh})
    assert reply.status_code == 401


async def test_the_owner_and_the_office_see_who_tried(api: Api):
    await token(api, HELPER_A1.phone, address="198.51.100.1")
    await token(api, HELPER_A1.phone, PASSWORD, device_id="own-phone")
    path = f"/v1/counties/{COUNTY}/people/{HELPER_A1.id}/sign-ins"
    async with await api.as_(HELPER_A1) as own, await api.as_(OFFICE) as office, await api.as_(LEADER_A) as leader:
        mine = (await own.get("/v1/me/sign-ins")).json()
        theirs = (await office.get(path)).json()
        assert (await leader.get(path)).status_code == 403
        first = (await own.get("/v1/me/sign-ins", params={"limit": 1})).json()
        rest = (await own.get("/v1/me/sign-ins", params={"limit": 5, "cursor": first["next_cursor"]})).json()
    assert mine["items"] == theirs["items"] == first["items"] + rest["items"]
    tried = [(each["result"], each["address"], each["device_id"], each["agent"]) for each in mine["items"][1:]]
    assert tried == [
        ("signed_in", "203.0.113.1", "own-phone", "a test"),
        ("wrong_password", "198.51.100.1", None, "a test"),
    ]
    async with api.database.transaction() as session:
        seen = text("SELECT actor_id FROM audit_entry WHERE action = 'location.seen' AND subject = :subject")
        actors = (await session.execute(seen, {"subject": f"person:{HELPER_A1.id}"})).scalars().all()
    assert actors == [OFFICE.id]


async def test_what_is_over_is_deleted(api: Api):
    await token(api, HELPER_A1.phone)
    assert await purge_tries(api.service, api.clock()) == 0
    api.clock.turn(days=184)
    assert await purge_tries(api.service, api.clock()) == 3


@pytest.mark.parametrize("cast", [HELPER_A1])
async def test_a_changed_key_signs_nobody_out(county_url: str, cast: Cast):
    """While the key before is named, what it signed is good; named no more, its tokens are refreshed."""
    new = "another key, thirty-two bytes long"
    async with running(county_url) as before:
        tokens = await before.sign_in(cast)
    old = before.app.state.services.tokens.key
    headers = {"Authorization": f"Bearer {tokens['access_token']}"}
    for key_before, status in ((old, 200), (None, 401)):
        async with running(county_url, seeded=False, secret_key=new, secret_key_before=key_before) as after:
            assert (await after.http.get("/v1/me", headers=headers)).status_code == status
            form = {"grant_type": "refresh_token", "refresh_token": tokens["refresh_token"]}
            reply = await after.http.post("/v1/auth/token", data=form)
            assert reply.status_code == 200
            tokens["refresh_token"] = reply.json()["refresh_token"]


def test_a_short_key_is_refused():
    with pytest.raises(ValueError, match="at least 32"):
        Settings(secret_key="too short")
