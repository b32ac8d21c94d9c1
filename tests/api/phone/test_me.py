"""Oneself by the phone's door: villages, households, duties, devices, notices."""

import json
from typing import Any

import httpx
import pytest
from sqlalchemy import text

from app.flows.county_settings import declared
from app.notices.delivering import put_usual_channels
from tests.support.county import A1, A2, COUNTY, HELPER_A1, HOUSE_A1, HOUSE_B1, LEADER_A, NIGHT_RULE, OFFICE
from tests.support.server import Api, check_in


async def test_me(api: Api):
    leader = await api.as_(LEADER_A)
    body = (await leader.get("/v1/me")).json()
    assert body["person"]["id"] == str(LEADER_A.id)
    assert [post["role"] for post in body["posts"]] == ["leader"]
    assert body["posts"][0]["unit"]["name"] == "乐里战区"
    assert body["county"]["id"] == "451029"
    assert body["county"]["timezone"] == "Asia/Shanghai"
    (duty,) = body["duties"]
    assert duty["rule"] == {
        "id": str(NIGHT_RULE),
        "name": "领导夜访",
        "measure": "nights",
        "night_window": {"start": "18:30", "until": "05:00"},
    }
    assert duty["period"]["start"] == "2026-11-16"
    assert duty["period"]["end"] == "2026-11-22"
    assert (duty["required"], duty["done"], duty["status"], duty["days_left"]) == (1, 0, "open", 5)
    assert "1" in duty["explanation"]


async def test_a_phone_is_told_what_it_acts_by_and_not_how_it_is_checked(api: Api):
    own = {"night_start": 1080, "tolerance_m": 150, "max_speed_kmh": 90, "signals": {"mock_location": "note"}}
    async with api.database.transaction() as session:
        await session.execute(
            text("UPDATE county SET settings = CAST(:own AS jsonb) WHERE id = :id"),
            {"own": json.dumps(own | {"escalation": {"after_h": 24}}), "id": COUNTY},
        )
    told = (await (await api.as_(HELPER_A1)).get("/v1/me")).json()["county"]["settings"]
    assert {name: told[name] for name in ("night_start", "night_until", "tolerance_m", "tracks")} == {
        "night_start": 1080,
        "night_until": 1740,
        "tolerance_m": 150.0,
        "tracks": False,
    }
    assert told.keys() == {each.name for _, each in declared() if each.phones}


async def test_villages_are_geojson_with_the_assigned_first_and_an_etag(api: Api):
    leader = await api.as_(LEADER_A)
    reply = await leader.get("/v1/me/villages")
    collection = reply.json()
    assert collection["type"] == "FeatureCollection"
    assert [feature["properties"]["village_id"] for feature in collection["features"]] == [A1, A2]
    assert [feature["properties"]["assigned"] for feature in collection["features"]] == [True, False]
    first = collection["features"][0]
    assert first["properties"] == {
        "village_id": A1,
        "name": "甲一村",
        "township": "乐里镇",
        "assigned": True,
        "geofence_version": 1,
        "tolerance_m": 200.0,
        "synthetic": True,
    }
    assert first["geometry"]["type"] in {"Polygon", "MultiPolygon"}
    again = await leader.get("/v1/me/villages", headers={"If-None-Match": reply.headers["etag"]})
    assert again.status_code == 304
    office = await api.as_(OFFICE)
    assert len((await office.get("/v1/me/villages")).json()["features"]) == 4


async def test_households_in_ones_villages(api: Api):
    helper = await api.as_(HELPER_A1)
    (house,) = (await helper.get("/v1/me/households")).json()["items"]
    assert (house["id"], house["village_id"], house["assigned"]) == (str(HOUSE_A1), A1, True)
    assert set(house["position"]) == {"lon", "lat"}
    assert (await helper.get("/v1/me/households", params={"village_id": A2})).json()["items"] == []
    leader = await api.as_(LEADER_A)
    seen = {house["id"] for house in (await leader.get("/v1/me/households")).json()["items"]}
    assert seen == {str(HOUSE_A1)}
    assert str(HOUSE_B1) not in seen


async def test_duties_of_a_named_period(api: Api):
    helper = await api.as_(HELPER_A1)
    await helper.post("/v1/check-ins", json=check_in())
    for period, done in (("current", 1), ("2026-W47", 1), ("previous", 0), ("2026-W46", 0)):
        (duty,) = (await helper.get("/v1/me/duties", params={"period": period})).json()["items"]
        assert duty["done"] == done, period
    assert (await helper.get("/v1/me/duties", params={"period": "2026-W60"})).status_code == 422
    english = (await helper.get("/v1/me/duties", headers={"Accept-Language": "en"})).json()["items"][0]
    assert english["rule"]["name"] == "Helpers' visits"


async def test_a_device_is_described_and_described_again(api: Api):
    helper = await api.as_(HELPER_A1)
    described = {"platform": "android", "model": "Redmi 4A", "app_version": "1.0.0"}
    for push in (None, {"channel": "fcm", "token": "abc"}):
        reply = await helper.put("/v1/devices/phone-1", json=described | {"push": push})
        assert reply.status_code == 200, reply.text
        assert reply.json()["push"] == push
    reply = await helper.put("/v1/devices/phone-1", json={"push": {"channel": "pigeon"}})
    assert reply.json()["errors"][0]["pointer"] == "/push/channel"


@pytest.mark.parametrize(
    ("push", "pointer"),
    [
        *(({"channel": name, "token": "x"}, "/push/channel") for name in ("wecom", "dingtalk", "sms", "apns", "")),
        ({"channel": "fcm"}, "/push/token"),
        ({"channel": "fcm", "token": " "}, "/push/token"),
        ({"channel": "fcm", "token": {"a": 1}}, "/push/token"),
        ({"channel": "webpush"}, "/push/subscription"),
        ({"channel": "webpush", "subscription": {"endpoint": None}}, "/push/subscription"),
        ({"channel": "webpush", "token": "x"}, "/push/subscription"),
    ],
)
async def test_a_registration_that_nothing_can_be_sent_to_is_refused(untouched: Api, push: Any, pointer: str):
    async with await untouched.as_(HELPER_A1) as helper:
        reply = await helper.put("/v1/devices/phone-1", json={"push": push})
    assert (reply.status_code, reply.json()["errors"][0]["pointer"]) == (422, pointer)


async def test_one_that_nothing_is_sent_to_yet_is_kept_and_says_so(api: Api):
    fcm = {"channel": "fcm", "token": "t"}
    web = {"channel": "webpush", "subscription": {"endpoint": "https://push.example/1", "keys": {}}}

    async def why(push: Any) -> Any:
        async with await api.as_(HELPER_A1) as helper:
            return (await helper.put("/v1/devices/phone-1", json={"push": push})).json()["push_problem"]

    assert (await why(fcm))["code"] == "not_set_up", "this installation has no Firebase project"
    assert (await why(web))["code"] == "switched_off", "nor has the county a channel"
    assert await why(None) is None
    async with api.database.transaction() as session:
        await put_usual_channels(session, COUNTY, enabled=True)
    assert await why(web) is None


async def test_notices_are_read_once(api: Api):
    helper = await api.as_(HELPER_A1)
    await helper.post("/v1/check-ins", json=check_in(position={"mock": True}))
    (notice,) = (await helper.get("/v1/me/notices")).json()["items"]
    assert notice["read_at"] is None
    assert notice["title"]
    assert "106." not in notice["body"]
    assert (await helper.post(f"/v1/me/notices/{notice['id']}/read")).status_code == 204
    assert (await helper.get("/v1/me/notices", params={"unread": True})).json()["items"] == []
    other = await api.as_(LEADER_A)
    assert (await other.post(f"/v1/me/notices/{notice['id']}/read")).status_code == 404


async def test_large_answers_travel_compressed(api: Api):
    schema = await api.http.get("/openapi.json")
    assert schema.headers["content-encoding"] == "gzip"
    small = await api.http.get("/healthz")
    assert "content-encoding" not in small.headers


async def test_a_household_says_when_it_was_last_visited_and_ones_own_by_whom(api: Api):
    helper, leader = await api.as_(HELPER_A1), await api.as_(LEADER_A)

    async def last(phone: httpx.AsyncClient) -> Any:
        (house,) = (await phone.get("/v1/me/households")).json()["items"]
        return house["last_visit"]

    assert await last(helper) is None
    await helper.post("/v1/check-ins", json=check_in(household_id=str(HOUSE_A1)))
    await leader.post("/v1/check-ins", json=check_in(A2, household_id=str(HOUSE_A1)))  # outside: it does not count
    assert await last(helper) == {"at": "2026-11-18T12:10:00Z", "own": True, "by": HELPER_A1.name}
    assert await last(leader) == {"at": "2026-11-18T12:10:00Z", "own": False, "by": None}


async def test_one_sees_who_looked_at_ones_places_and_as_what(api: Api):
    helper, leader, office = [await api.as_(cast) for cast in (HELPER_A1, LEADER_A, OFFICE)]
    visit = check_in()
    await helper.post("/v1/check-ins", json=visit)
    assert (await helper.get("/v1/me/seen-by")).json() == {"items": [], "next_cursor": None}
    county = f"/v1/counties/{COUNTY}"
    await leader.get(f"{county}/check-ins/{visit['id']}")
    api.clock.turn(minutes=1)
    await office.get(f"{county}/check-ins", params={"person": str(HELPER_A1.id)})
    await office.get(f"{county}/check-ins")  # of everybody: within the hour it says nothing new
    await helper.get(f"{county}/check-ins/{visit['id']}")  # one's own
    first = (await helper.get("/v1/me/seen-by", params={"limit": 1})).json()
    (latest,) = first["items"]
    assert (latest["by"]["name"], latest["what"]) == (OFFICE.name, "check_ins")
    (earlier,) = (await helper.get("/v1/me/seen-by", params={"cursor": first["next_cursor"]})).json()["items"]
    assert (earlier["by"], earlier["what"]) == ({"id": str(LEADER_A.id), "name": LEADER_A.name}, "check_in")
    assert earlier["posts"] == [{"role": "leader", "title": "", "unit": "乐里战区"}]
    assert (await leader.get("/v1/me/seen-by")).json()["items"] == []
