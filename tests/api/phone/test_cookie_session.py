"""Pages keep the refresh token in a cookie that no script reads; apps have it in the answer, as ever."""

import json
from collections.abc import AsyncIterator
from http.cookies import SimpleCookie
from typing import Any

import httpx
import pytest
from sqlalchemy import text

from app.http.cookies import BROWSER
from tests.support.cluster import Server
from tests.support.county import HELPER_A1, HELPER_B1, LEADER_A, PASSWORD, Cast
from tests.support.server import WEDNESDAY_NIGHT, Api, running

CONSOLE, PHONE = {"X-Yefang-Cookie": "console"}, {"X-Yefang-Cookie": "phone"}


@pytest.fixture(scope="module")
async def api(server: Server, template: str) -> AsyncIterator[Api]:
    """One for all: each test has a browser of its own."""
    async with server.database(template) as url, running(url) as api:
        yield api


def browser(api: Api, base_url: str = "http://127.0.0.1:8000") -> httpx.AsyncClient:
    transport = httpx.ASGITransport(app=api.app, raise_app_exceptions=False)
    return httpx.AsyncClient(transport=transport, base_url=base_url)


async def sign_in(page: httpx.AsyncClient, headers: dict[str, str], who: Cast = HELPER_A1) -> httpx.Response:
    form = {"grant_type": "password", "username": who.phone, "password": PASSWORD}
    return await page.post("/v1/auth/token", data=form, headers=headers)


async def renew(page: httpx.AsyncClient, headers: dict[str, str], **form: str) -> httpx.Response:
    return await page.post("/v1/auth/token", data={"grant_type": "refresh_token", **form}, headers=headers)


def told(reply: httpx.Response) -> dict[str, Any]:
    """The cookies of an answer, by name."""
    return {
        name: morsel
        for line in reply.headers.get_list("set-cookie")
        for name, morsel in SimpleCookie(line).items()
    }


async def test_the_token_of_a_page_is_in_its_cookie_alone(api: Api):
    async with browser(api) as page:
        signed_in = await sign_in(page, CONSOLE)
        assert signed_in.json()["refresh_token"] == ""
        cookie = told(signed_in)["yefang_console"]
        assert (cookie["httponly"], cookie["samesite"], cookie["path"]) == (True, "strict", "/v1/auth")
        assert cookie.value not in signed_in.text
        again = await renew(page, CONSOLE)
        assert (again.status_code, told(again)["yefang_console"].value) == (200, cookie.value)
        api.clock.turn(minutes=6)
        renewed = await renew(page, CONSOLE)
        assert (renewed.status_code, renewed.json()["refresh_token"]) == (200, "")
        assert told(renewed)["yefang_console"].value != cookie.value
        assert (await renew(page, PHONE)).status_code == 401, "the other page has a session of its own"


async def test_a_browser_that_died_before_its_cookies_were_written_is_still_signed_in(api: Api):
    """However often the page was loaded in that time."""
    async with browser(api) as page:
        await sign_in(page, PHONE)
        written = page.cookies["yefang_phone"]
        api.clock.turn(days=1)
        for _ in range(5):
            api.clock.turn(seconds=20)
            assert (await renew(page, PHONE)).status_code == 200
        assert page.cookies["yefang_phone"] != written
        page.cookies.set("yefang_phone", written, domain="127.0.0.1", path="/v1/auth")
        assert (await renew(page, PHONE)).status_code == 200


async def test_an_app_s_tokens_are_as_they_were_and_set_no_such_cookie(api: Api):
    async with browser(api) as app:
        signed_in = await sign_in(app, {})
        assert set(told(signed_in)) == {BROWSER}
        renewed = await renew(app, {}, refresh_token=signed_in.json()["refresh_token"])
        assert renewed.json()["refresh_token"]


async def test_what_a_page_kept_before_is_taken_into_its_cookie(api: Api):
    async with browser(api) as page:
        kept = (await sign_in(page, {})).json()["refresh_token"]
        taken = await renew(page, CONSOLE, refresh_token=kept)
        assert (taken.status_code, taken.json()["refresh_token"]) == (200, "")
        assert (await renew(page, CONSOLE)).status_code == 200


@pytest.mark.parametrize(
    "site",
    [
        {"Sec-Fetch-Site": "cross-site", **CONSOLE},
        {"Sec-Fetch-Site": "same-site", **CONSOLE},
        {"Origin": "https://evil.example", **CONSOLE},
        {"Origin": "null", **CONSOLE},
        {},
        {"X-Yefang-Cookie": "yefang_browser"},
    ],
    ids=str,
)
async def test_no_other_site_signs_in_renews_or_signs_out_by_a_cookie(api: Api, site: dict[str, str]):
    async with browser(api) as page:
        await sign_in(page, CONSOLE)
        assert (await renew(page, site)).status_code in (403, 422)
        assert (await page.post("/v1/auth/forget", headers=site)).status_code in (403, 422)
        if site:
            assert (await sign_in(page, site)).status_code in (403, 422)
            body = {"code": "451029-0000-0000-0000", "password": "岑王老山的云海2026"}
            assert (await page.post("/v1/auth/activate", json=body, headers=site)).status_code in (403, 422)
        assert (await renew(page, CONSOLE)).status_code == 200, "still signed in"


@pytest.mark.parametrize("own", [{"Sec-Fetch-Site": "same-origin"}, {"Origin": "http://127.0.0.1:8000"}], ids=str)
async def test_a_page_of_ours_does(api: Api, own: dict[str, str]):
    async with browser(api) as page:
        assert (await sign_in(page, CONSOLE | own)).status_code == 200


async def test_who_leaves_is_out_also_by_a_cookie_that_somebody_copied(api: Api):
    async with browser(api) as page:
        signed_in = await sign_in(page, CONSOLE)
        copied = page.cookies["yefang_console"]
        reply = await page.post("/v1/auth/forget", headers=CONSOLE)
        assert (reply.status_code, told(reply)["yefang_console"].value) == (204, "")
        assert (await page.post("/v1/auth/forget", headers=CONSOLE)).status_code == 204
        bearer = {"Authorization": f"Bearer {signed_in.json()['access_token']}"}
        assert (await page.get("/v1/me", headers=bearer)).status_code == 401
        assert (await renew(page, {}, refresh_token=copied)).status_code == 401


async def test_the_next_to_sign_in_here_ends_the_session_before(api: Api):
    async with browser(api) as page:
        first = (await sign_in(page, PHONE)).json()["access_token"]
        assert (await sign_in(page, PHONE, LEADER_A)).status_code == 200
        assert (await page.get("/v1/me", headers={"Authorization": f"Bearer {first}"})).status_code == 401
        assert (await renew(page, PHONE)).json()["person"]["id"] == str(LEADER_A.id)


@pytest.mark.parametrize(
    ("url", "secure"),
    [
        ("http://127.0.0.1:8000", False),
        ("http://localhost", False),
        ("http://[::1]:8000", False),
        ("http://192.168.1.20", False),
        ("https://192.168.1.20", True),
        ("http://yefang.example.cn", True),
        ("https://yefang.example.cn", True),
        ("http://127.0.0.1.example.cn", True),
    ],
)
async def test_a_cookie_goes_by_tls_but_where_things_are_tried_out(api: Api, url: str, secure: bool):
    async with browser(api, url) as page:
        cookies = told(await sign_in(page, CONSOLE))
        assert [bool(cookies[name]["secure"]) for name in ("yefang_console", BROWSER)] == [secure, secure]


async def test_the_owner_is_told_of_a_device_that_is_new(api: Api):
    """Not of the first one ever, nor of one that is known, nor where the county has switched it off."""
    who = HELPER_B1
    api.clock.now = WEDNESDAY_NIGHT

    async def kinds(language: str = "zh-CN") -> list[str]:
        signed_in = await api.sign_in(who, device_id="phone-1")
        bearer = {"Authorization": f"Bearer {signed_in['access_token']}", "Accept-Language": language}
        items = (await api.http.get("/v1/me/notices", headers=bearer)).json()["items"]
        return [each["body"] for each in items if each["kind"] == "new_device"]

    assert await kinds() == []
    await switched(api, on=True)
    assert await kinds() == [], "it is known"
    async with browser(api) as page:
        for _ in range(2):
            assert (await sign_in(page, CONSOLE, who)).status_code == 200
    (said,) = await kinds()
    assert said.startswith("2026-11-18 20:10，您的账号在一台新的设备（浏览器）上登录")
    api.clock.turn(minutes=1)
    await api.sign_in(who, device_id="stolen")
    first, _ = await kinds("en")
    assert first.startswith("At 2026-11-18 20:11 your account was signed in on a new device (a phone)")
    await switched(api, on=False)
    await api.sign_in(who, device_id="another")
    assert len(await kinds()) == 2


async def switched(api: Api, *, on: bool) -> None:
    async with api.database.transaction() as session:
        statement = "UPDATE county SET settings = settings || CAST(:said AS jsonb) WHERE id = '451029'"
        await session.execute(text(statement), {"said": json.dumps({"new_device_notice": on})})
