"""Who is signed out, or has left, is so on every route: 401, walked over the routes themselves."""

import re
from collections.abc import Awaitable, Callable
from datetime import date, timedelta
from typing import Any
from uuid import uuid4

import httpx
import pytest
from sqlalchemy import text

from app.directory.rights import Ability
from app.directory.rules import UPLOAD_AFTER_SERVICE
from app.http.abilities import declared
from tests.support.county import A1, COUNTY, LEADER_A, OFFICE
from tests.support.server import WEDNESDAY_NIGHT, Api

OPEN = {Ability.PUBLIC, Ability.BY_CLIENT_KEY, None}
NAMED = {"county_id": COUNTY, "village_id": A1, "layer": "villages", "file_format": "csv"}
Kill = Callable[[Api, dict[str, Any]], Awaitable[None]]


def paths(api: Api, *, but: set[Ability | None]) -> list[tuple[str, str]]:
    """Every route with something plausible for each parameter."""

    def filled(path: str) -> str:
        return re.sub(
            r"\{(\w+)\}", lambda name: NAMED.get(name[1], "1" if len(name[1]) == 1 else str(uuid4())), path
        )

    return [(method, filled(path)) for method, path, ability in declared(api.app.routes) if ability not in but]


async def answers(api: Api, token: str, routes: list[tuple[str, str]]) -> dict[tuple[str, str], tuple[int, str]]:
    headers = {"Authorization": f"Bearer {token}"}
    found = {}
    for method, path in routes:
        reply = await api.http.request(method, path, headers=headers, json={} if method != "GET" else None)
        found[method, path] = (reply.status_code, reply.json()["type"] if reply.status_code >= 400 else "")
    return found


async def signed_out(api: Api, tokens: dict[str, Any]) -> None:
    await _post(api, "/v1/auth/logout", tokens)


async def ended_by_the_office(api: Api, tokens: dict[str, Any]) -> None:
    async with await api.as_(OFFICE) as office:
        reply = await office.delete(f"/v1/counties/{COUNTY}/people/{LEADER_A.id}/sessions")
        assert reply.status_code == 200, reply.text


async def used_after_its_successor(api: Api, tokens: dict[str, Any]) -> None:
    latest = tokens["refresh_token"]
    for _ in range(2):
        latest = (await _refresh(api, latest)).json()["refresh_token"]
    assert (await _refresh(api, tokens["refresh_token"])).status_code == 401


async def left_long_ago(api: Api, tokens: dict[str, Any]) -> None:
    await _leave(api, (WEDNESDAY_NIGHT - UPLOAD_AFTER_SERVICE - timedelta(days=1)).date())


async def _leave(api: Api, until: date) -> None:
    async with api.database.transaction() as session:
        await session.execute(
            text("UPDATE person SET until_date = :day WHERE id = :id"), {"day": until, "id": LEADER_A.id}
        )


async def _refresh(api: Api, token: str) -> httpx.Response:
    return await api.http.post("/v1/auth/token", data={"grant_type": "refresh_token", "refresh_token": token})


async def _post(api: Api, path: str, tokens: dict[str, Any]) -> None:
    reply = await api.http.post(path, headers={"Authorization": f"Bearer {tokens['access_token']}"})
    assert reply.status_code == 204, reply.text


@pytest.mark.parametrize("kill", [signed_out, ended_by_the_office, used_after_its_successor, left_long_ago])
async def test_a_dead_token_is_401_everywhere(api: Api, kill: Kill):
    tokens = await api.sign_in(LEADER_A)
    routes = paths(api, but=OPEN)
    assert len(routes) > 120
    alive = await answers(api, tokens["access_token"], [route for route in routes if route[0] == "GET"])
    assert 401 not in {status for status, _ in alive.values()}, "or this test shows nothing"
    await kill(api, tokens)
    wrong = {
        route: said
        for route, said in (await answers(api, tokens["access_token"], routes)).items()
        if said[0] != 401
    }
    assert wrong == {}


async def test_who_left_today_may_do_what_is_their_own_afterwards_and_nothing_else(api: Api):
    tokens = await api.sign_in(LEADER_A)
    await _leave(api, WEDNESDAY_NIGHT.date())
    elsewhere = await answers(api, tokens["access_token"], paths(api, but=OPEN | {Ability.OWN_AFTERWARDS}))
    assert set(elsewhere.values()) == {(401, "/problems/service-ended")}
    afterwards = [
        route for route in paths(api, but=set(Ability) - {Ability.OWN_AFTERWARDS}) if "logout" not in route[1]
    ]
    assert 401 not in {status for status, _ in (await answers(api, tokens["access_token"], afterwards)).values()}
