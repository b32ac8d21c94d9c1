"""Who has left may still upload what was captured in service, and read their own; nothing else."""

from datetime import date, timedelta
from typing import Any
from uuid import uuid4

import httpx
import pytest
from sqlalchemy import text

from app.directory.rules import UPLOAD_AFTER_SERVICE
from tests.support import county
from tests.support.camera import photo
from tests.support.county import COUNTY, HELPER_A1, LEADER_A, PASSWORD
from tests.support.server import WEDNESDAY_NIGHT, Api, check_in

TODAY = date(2026, 11, 18)
YESTERDAY = WEDNESDAY_NIGHT - timedelta(days=1)


async def leave(api: Api, until: date | None = TODAY, who: county.Cast = HELPER_A1) -> None:
    async with await api.as_(county.OFFICE) as office:
        path = f"/v1/counties/{COUNTY}/people/{who.id}/service"
        reply = await office.put(path, json={"until_date": until and until.isoformat()})
    assert reply.status_code == 200, reply.text


async def refreshed(api: Api, token: str) -> httpx.Response:
    return await api.http.post("/v1/auth/token", data={"grant_type": "refresh_token", "refresh_token": token})


async def test_the_queue_of_who_was_replaced_today_still_comes_in_and_counts(api: Api):
    """By a session from before, and by signing in again on the same or another phone."""
    before = await api.sign_in(HELPER_A1)
    await leave(api)
    reply = await refreshed(api, before["refresh_token"])
    assert reply.status_code == 200, reply.text
    client = api._client({"Authorization": f"Bearer {reply.json()['access_token']}"})
    for shade, phone in enumerate((client, await api.as_(HELPER_A1))):
        async with phone:
            picture = str(uuid4())
            sent = await phone.put(f"/v1/photos/{picture}", content=photo(shade=100 * shade))
            assert sent.status_code == 201
            body = check_in(at=YESTERDAY, photo_ids=[picture])
            posted = await phone.post("/v1/check-ins/batch", json={"check_ins": [body]})
            (result,) = posted.json()["results"]
            assert (result["status"], result["check_in"]["standing"]) == ("recorded", "counted")
            assert (await phone.get(f"/v1/me/check-ins/{body['id']}")).status_code == 200


async def test_what_was_captured_after_leaving_is_kept_and_waits_for_a_person(api: Api):
    await leave(api)
    async with await api.as_(HELPER_A1) as phone:
        found = (await phone.post("/v1/check-ins", json=check_in())).json()
    assert (found["place"], found["standing"]) == ("inside", "held")
    assert [reason["code"] for reason in found["reasons"]] == ["after_service"]
    assert found["reasons"][0]["detail"] == "签到时已离任"


async def test_a_fix_may_follow_a_visit_made_in_service(api: Api):
    body = check_in(at=YESTERDAY, position=None, position_problem="timeout")
    async with await api.as_(HELPER_A1) as phone:
        assert (await phone.post("/v1/check-ins", json=body)).json()["standing"] == "held"
    await leave(api)
    fix = check_in()["position"] | {"fixed_at": YESTERDAY.isoformat()}
    async with await api.as_(HELPER_A1) as phone:
        assert (await phone.put(f"/v1/check-ins/{body['id']}/position", json=fix)).json()["standing"] == "counted"


@pytest.mark.parametrize("path", ["/v1/me", "/v1/me/duties", "/v1/me/check-ins", "/v1/me/notices"])
async def test_their_own_is_still_to_be_read(api: Api, path: str):
    await leave(api)
    async with await api.as_(HELPER_A1) as phone:
        assert (await phone.get(path)).status_code == 200


@pytest.mark.parametrize(
    ("method", "path", "body"),
    [
        ("GET", "/v1/me/villages", None),
        ("GET", "/v1/me/households", None),
        ("GET", f"/v1/counties/{COUNTY}/duties", None),
        ("GET", f"/v1/counties/{COUNTY}/check-ins", None),
        ("POST", "/v1/me/client-keys", {"client": "traccar", "device_id": "p1"}),
        (
            "POST",
            "/v1/me/leave",
            {
                "id": str(uuid4()),
                "kind": "annual",
                "from_date": "2026-11-20",
                "from_half": "am",
                "until_date": "2026-11-20",
                "until_half": "pm",
                "reason": "事",
            },
        ),
    ],
)
async def test_nothing_else_is_theirs_any_more(api: Api, method: str, path: str, body: Any):
    await leave(api, who=LEADER_A)
    async with await api.as_(LEADER_A) as phone:
        reply = await phone.request(method, path, json=body)
        assert (await phone.get("/v1/me")).json()["posts"] == []
    assert (reply.status_code, reply.json()["type"]) == (401, "/problems/service-ended")
    assert "补传" in reply.json()["detail"]


async def test_thirty_days_later_it_is_over(api: Api):
    before = await api.sign_in(HELPER_A1)
    await leave(api)
    async with api.database.transaction() as session:
        await session.execute(
            text("UPDATE person SET until_date = :until WHERE id = :id"),
            {"id": HELPER_A1.id, "until": TODAY - UPLOAD_AFTER_SERVICE},
        )
    form = {"grant_type": "password", "username": HELPER_A1.phone, "password": PASSWORD}
    assert (await api.http.post("/v1/auth/token", data=form)).status_code == 401
    assert (await refreshed(api, before["refresh_token"])).status_code == 401
    headers = {"Authorization": f"Bearer {before['access_token']}"}
    assert (await api.http.get("/v1/me", headers=headers)).status_code == 401


async def test_who_is_taken_back_has_lost_nothing(api: Api):
    await leave(api)
    await leave(api, None)
    async with await api.as_(HELPER_A1) as phone:
        assert (await phone.get("/v1/me/villages")).status_code == 200
        assert (await phone.post("/v1/check-ins", json=check_in())).json()["standing"] == "counted"
