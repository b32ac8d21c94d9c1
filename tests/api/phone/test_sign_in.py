"""Signing in, refreshing, signing out, and what an ended session may still do: nothing."""

import asyncio
from typing import Any

from tests.support.county import HELPER_A1, PASSWORD
from tests.support.lossy import lossy
from tests.support.server import Api, check_in, running


async def token(api: Api, **form: str):
    return await api.http.post("/v1/auth/token", data=form)


async def test_the_token_says_who_signed_in(api: Api):
    body = await api.sign_in(HELPER_A1)
    assert body["token_type"] == "bearer"
    assert body["expires_in"] > 0
    assert body["person"] == {
        "id": str(HELPER_A1.id),
        "name": HELPER_A1.name,
        "category": "helper",
        "county_id": "451029",
    }


async def test_wrong_password_and_unknown_number_answer_alike(api: Api):
    wrong = await token(api, grant_type="password", username=HELPER_A1.phone, password="guess")
    nobody = await token(api, grant_type="password", username="13012345678", password="guess")
    assert wrong.status_code == nobody.status_code == 401
    assert wrong.json() == nobody.json()
    assert wrong.json()["type"] == "/problems/bad-credentials"


async def test_guessing_is_slowed_down_and_a_good_password_starts_anew(api: Api):
    form = {"grant_type": "password", "username": HELPER_A1.phone}
    for _ in range(5):
        assert (await token(api, **form, password="guess")).status_code == 401
    slowed = await token(api, **form, password=PASSWORD)
    assert slowed.status_code == 429
    api.clock.turn(seconds=int(slowed.headers["retry-after"]))
    assert (await token(api, **form, password=PASSWORD)).status_code == 200
    assert (await token(api, **form, password="guess")).status_code == 401


async def test_missing_fields_are_named(api: Api):
    reply = await token(api, grant_type="password", username=HELPER_A1.phone)
    assert [error["pointer"] for error in reply.json()["errors"]] == ["/password"]
    assert (await token(api, grant_type="implicit")).json()["errors"][0]["pointer"] == "/grant_type"
    assert (await token(api)).json()["errors"][0]["pointer"] == "/grant_type"


async def refreshed(api: Api, tokens: dict[str, Any]) -> dict[str, Any]:
    reply = await token(api, grant_type="refresh_token", refresh_token=tokens["refresh_token"])
    assert reply.status_code == 200, reply.text
    return reply.json()


async def test_refresh_tokens_rotate_and_reuse_after_the_successor_ends_the_session(api: Api):
    first = await api.sign_in(HELPER_A1)
    second = await refreshed(api, first)
    third = await refreshed(api, second)
    assert len({tokens["refresh_token"] for tokens in (first, second, third)}) == 3
    reuse = await token(api, grant_type="refresh_token", refresh_token=first["refresh_token"])
    assert reuse.status_code == 401
    assert reuse.json()["type"] == "/problems/session-ended"
    for spent in (second, third):
        ended = await token(api, grant_type="refresh_token", refresh_token=spent["refresh_token"])
        assert ended.status_code == 401
    for request in (
        api.http.get("/v1/me", headers={"Authorization": f"Bearer {second['access_token']}"}),
        api.http.post(
            "/v1/check-ins", json=check_in(), headers={"Authorization": f"Bearer {second['access_token']}"}
        ),
    ):
        reply = await request
        assert reply.status_code == 401
        assert reply.json()["type"] == "/problems/session-ended"


async def test_a_reply_that_never_came_signs_nobody_out(api: Api):
    """Days later and more than once, a refresh token gives the same successor until that one has been used."""
    first = await api.sign_in(HELPER_A1)
    lost = await refreshed(api, first)
    for _ in range(3):
        api.clock.turn(days=20)
        assert (await refreshed(api, first))["refresh_token"] == lost["refresh_token"]
    third = await refreshed(api, lost)
    assert (await refreshed(api, lost))["refresh_token"] == third["refresh_token"]
    api.clock.turn(days=90)
    unused = await token(api, grant_type="refresh_token", refresh_token=lost["refresh_token"])
    assert unused.status_code == 401


async def test_many_at_once_with_one_token_all_stay_signed_in(api: Api):
    """As two tabs, or a retry beside a slow request; whichever reply comes last is the one that is kept."""
    tokens = await api.sign_in(HELPER_A1)
    for _ in range(3):
        replies = await asyncio.gather(*(refreshed(api, tokens) for _ in range(8)))
        assert len({reply["refresh_token"] for reply in replies}) == 1
        tokens = replies[-1]


async def test_a_token_and_its_successor_at_once_never_end_in_two_hands(api: Api):
    """Either the late repeat came first and both are answered, or the session has ended for both."""
    first = await api.sign_in(HELPER_A1)
    second = await refreshed(api, first)
    offers = [first, second] * 4
    replies = await asyncio.gather(
        *(token(api, grant_type="refresh_token", refresh_token=offer["refresh_token"]) for offer in offers)
    )
    after = await token(api, grant_type="refresh_token", refresh_token=second["refresh_token"])
    assert (after.status_code == 401) == any(reply.status_code == 401 for reply in replies)


async def test_a_commit_whose_answer_is_lost_signs_nobody_out(county_url: str):
    """The server has rotated the token and cannot say so."""
    async with lossy(county_url) as (line, by_line), running(by_line) as api:
        first = await api.sign_in(HELPER_A1)
        line.lose = 1
        reply = await token(api, grant_type="refresh_token", refresh_token=first["refresh_token"])
        assert line.lost == 1
        assert reply.status_code == 503
        second = await refreshed(api, first)
        headers = {"Authorization": f"Bearer {second['access_token']}"}
        assert (await api.http.get("/v1/me", headers=headers)).status_code == 200
        await refreshed(api, second)


async def test_a_server_with_a_new_key_goes_on_with_the_chain(county_url: str):
    """A lost reply under the old key is made good under the new one."""
    async with running(county_url) as before:
        first = await before.sign_in(HELPER_A1)
        await refreshed(before, first)
    async with running(county_url, seeded=False, secret_key="another key, thirty-two bytes long") as after:
        await refreshed(after, await refreshed(after, first))


async def test_one_device_ending_leaves_the_other_signed_in(api: Api):
    phone = await api.sign_in(HELPER_A1, device_id="phone")
    browser = await api.sign_in(HELPER_A1, device_id=None)
    reply = await api.http.post("/v1/auth/logout", headers={"Authorization": f"Bearer {phone['access_token']}"})
    assert reply.status_code == 204
    for body, status in ((phone, 401), (browser, 200)):
        reply = await token(api, grant_type="refresh_token", refresh_token=body["refresh_token"])
        assert reply.status_code == status


async def test_access_tokens_expire(api: Api):
    body = await api.sign_in(HELPER_A1)
    headers = {"Authorization": f"Bearer {body['access_token']}"}
    assert (await api.http.get("/v1/me", headers=headers)).status_code == 200
    api.clock.turn(seconds=body["expires_in"])
    assert (await api.http.get("/v1/me", headers=headers)).status_code == 401


async def test_nonsense_tokens_are_401(api: Api):
    for headers in ({"Authorization": "Bearer nonsense"}, {"Authorization": "Basic eDp5"}, {}):
        assert (await api.http.get("/v1/me", headers=headers)).status_code == 401
    assert (await token(api, grant_type="refresh_token", refresh_token="a.b.c")).status_code == 401


async def test_after_very_many_wrong_passwords_the_good_one_is_still_heard(api: Api):
    """The wait doubles to a quarter of an hour and no further: it once outgrew every calendar, and with it the
    account."""
    form = {"grant_type": "password", "username": HELPER_A1.phone}
    for _ in range(70):
        assert (await token(api, **form, password="guess")).status_code == 401
        api.clock.turn(minutes=15)
    assert (await token(api, **form, password=PASSWORD)).status_code == 200


async def test_guesses_side_by_side_all_count(api: Api):
    form = {"grant_type": "password", "username": HELPER_A1.phone}
    replies = await asyncio.gather(*(token(api, **form, password=f"guess {n}") for n in range(20)))
    assert sorted(reply.status_code for reply in replies) == [401] * 5 + [429] * 15
    assert (await token(api, **form, password=PASSWORD)).status_code == 429
