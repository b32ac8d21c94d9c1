"""A fix that follows its check-in: once, by its own time, and never over what a person decided."""

from datetime import timedelta
from typing import Any

import httpx
import pytest
from sqlalchemy import text

from tests.support import county
from tests.support.county import A1, B1, COUNTY
from tests.support.server import WEDNESDAY_NIGHT, Api, check_in

LON, LAT = county.centre(A1)
HERE: dict[str, Any] = {"lon": LON, "lat": LAT, "accuracy_m": 12.0, "fixed_at": WEDNESDAY_NIGHT.isoformat()}


async def without_fix(phone: httpx.AsyncClient, **changes: Any) -> str:
    body = check_in(position=None, position_problem="timeout", **changes)
    reply = await phone.post("/v1/check-ins", json=body)
    assert (reply.status_code, reply.json()["standing"]) == (201, "held"), reply.text
    return str(reply.json()["id"])


async def put(phone: httpx.AsyncClient, check_in_id: str, **position: Any) -> httpx.Response:
    return await phone.put(f"/v1/check-ins/{check_in_id}/position", json=HERE | position)


async def stored(api: Api, statement: str) -> list[tuple[Any, ...]]:
    async with api.database.transaction() as session:
        return [tuple(row) for row in await session.execute(text(statement))]


def codes(body: dict[str, Any]) -> list[str]:
    return [reason["code"] for reason in body["reasons"]]


async def test_the_fix_decides_and_the_duty_follows(api: Api):
    async with await api.as_(county.HELPER_A1) as phone:
        sent = await without_fix(phone)
        (duty,) = (await phone.get("/v1/me/duties")).json()["items"]
        assert (duty["status"], duty["pending_review"]) == ("open", 1)
        api.clock.turn(minutes=20)
        reply = await put(phone, sent)
        assert reply.status_code == 200, reply.text
        body = reply.json()
        (owed,) = body.pop("duties")
        assert body == (await phone.get(f"/v1/me/check-ins/{sent}")).json()
    assert (body["standing"], body["place"], codes(body)) == ("counted", "inside", [])
    assert body["position"] == {"lon": LON, "lat": LAT, "accuracy_m": 12.0}
    assert (body["village"]["id"], body["found_in_village"]["id"]) == (A1, A1)
    assert body["received_at"] == "2026-11-18T12:10:00Z"  # the visit was reported then
    assert (owed["status"], owed["pending_review"]) == ("met", 0)
    async with await api.as_(county.LEADER_A) as leader:
        detail = (await leader.get(f"/v1/counties/{COUNTY}/check-ins/{sent}")).json()
    assert detail["raw"]["position_problem"] == "timeout"
    assert detail["raw"]["position_added_at"] == "2026-11-18T12:30:00Z"
    (history,) = detail["rejudgements"]
    assert (history["cause"], history["at"]) == ("position", "2026-11-18T12:30:00Z")
    assert (history["before"]["standing"], history["before"]["reasons"]) == ("held", ["no_fix"])
    assert (history["after"]["standing"], history["after"]["village_id"]) == ("counted", A1)


async def test_the_same_again_is_harmless_and_another_is_a_conflict(api: Api):
    async with await api.as_(county.HELPER_A1) as phone:
        sent = await without_fix(phone)
        first = await put(phone, sent)
        api.clock.turn(minutes=1)
        again = await put(phone, sent, crs="wgs84", fixed_at="2026-11-18T12:10:00Z")
        assert (again.status_code, again.json()) == (200, first.json())
        other = await put(phone, sent, lon=LON + 0.001)
        assert (other.status_code, other.json()["type"]) == (409, "/problems/conflict")
        assert (await phone.get(f"/v1/me/check-ins/{sent}")).json()["position"]["lon"] == LON
        came_with_one = (await phone.post("/v1/check-ins", json=check_in())).json()["id"]
        assert (await put(phone, came_with_one)).status_code == 409
    assert await stored(api, "SELECT count(*) FROM rejudgement") == [(1,)]
    assert await stored(api, "SELECT count(*) FROM audit_entry WHERE action = 'check_in.position_added'") == [(1,)]


async def test_a_repeated_post_answers_the_check_in_as_it_stands(api: Api):
    body = check_in(position=None, position_problem="timeout")
    async with await api.as_(county.HELPER_A1) as phone:
        await phone.post("/v1/check-ins", json=body)
        await put(phone, body["id"])
        repeat = await phone.post("/v1/check-ins", json=body)
    assert (repeat.status_code, repeat.json()["standing"], repeat.json()["position"]["lon"]) == (
        200,
        "counted",
        LON,
    )


async def test_the_fix_is_judged_as_any_other(api: Api):
    morning = WEDNESDAY_NIGHT - timedelta(hours=12)
    async with await api.as_(county.HELPER_A1) as phone:
        for position, standing, code in (
            (HERE, "held", "stale_fix"),
            ({"fixed_at": morning.isoformat(), "mock": True}, "held", "mock_location"),
            ({"fixed_at": morning.isoformat(), "lon": county.centre(B1)[0]}, "outside", "outside_fence"),
        ):
            body = (await put(phone, await without_fix(phone, at=morning), **position)).json()
            assert body["standing"] == standing, body
            assert code in codes(body)
            assert "no_fix" not in codes(body)
        strange = {"accuracy_m": -1, "altitude_m": 1e300}
        body = (await put(phone, await without_fix(phone), **strange)).json()
        assert (body["standing"], body["position"]["accuracy_m"]) == ("counted", None)


async def test_a_review_prevails_and_the_place_is_filled_in(api: Api):
    async with await api.as_(county.HELPER_A1) as phone, await api.as_(county.LEADER_A) as leader:
        for decision, standing in (("count", "counted"), ("refuse", "refused")):
            sent = await without_fix(phone)
            review = {"decision": decision, "reason": "已核实"}
            reply = await leader.post(f"/v1/counties/{COUNTY}/check-ins/{sent}/reviews", json=review)
            assert reply.status_code == 201, reply.text
            api.clock.turn(minutes=1)
            lon, lat = county.centre(B1)
            body = (await put(phone, sent, lon=lon, lat=lat)).json()
            assert (body["standing"], body["place"], codes(body)) == (standing, "outside", ["outside_fence"])
            assert body["review"]["decision"] == decision


async def test_only_ones_own(api: Api):
    async with await api.as_(county.HELPER_A1) as phone:
        sent = await without_fix(phone)
    async with await api.as_(county.LEADER_A) as leader:
        assert (await put(leader, sent)).status_code == 404
        assert (await put(leader, "00000000-0000-0000-0000-000000000000")).status_code == 404
        assert (await put(leader, "nobody")).status_code == 422
    assert (await put(api.http, sent)).status_code == 401
    assert await stored(api, "SELECT raw_lon FROM check_in") == [(None,)]


@pytest.mark.parametrize(
    ("wrong", "pointer"),
    [
        ('{"lon": NaN, "lat": 24}', "/lon"),
        ('{"lon": 1e999, "lat": 24}', "/lon"),
        ('{"lon": "106", "lat": 24}', "/lon"),
        ('{"lon": 106, "lat": 90.1}', "/lat"),
        ('{"lon": 106, "lat": 24, "crs": "\\u0000"}', "/crs"),
        ('{"lon": 106, "lat": 24, "fixed_at": "0001-01-01T00:00:00+14:00"}', "/fixed_at"),
        ('{"lon": 106, "lat": 24, "fixed_at": 1700000000}', "/fixed_at"),
        ("null", ""),
        ("[]", ""),
    ],
)
async def test_what_is_wrong_is_said_at_its_field(api: Api, wrong: str, pointer: str):
    async with await api.as_(county.HELPER_A1) as phone:
        sent = await without_fix(phone)
        reply = await phone.put(
            f"/v1/check-ins/{sent}/position", content=wrong, headers={"content-type": "application/json"}
        )
    assert reply.status_code == 422, reply.text
    assert reply.json()["errors"][0]["pointer"] == pointer
