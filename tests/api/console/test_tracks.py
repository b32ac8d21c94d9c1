"""Tracks on the console and on one's own phone: where they are on, in scope, and on record."""

from datetime import datetime, timedelta
from typing import Any

import pytest

from app.reads import track as track_reads
from tests.support import county
from tests.support.county import A1, A2, COUNTY, HELPER_A1, LEADER_A, LEADER_B, OFFICE
from tests.support.server import SHANGHAI, WEDNESDAY_NIGHT, Api
from tests.support.tracks import ask, fix, round_of_worker, stretch, turn, upload

URL = f"/v1/counties/{COUNTY}/people/{HELPER_A1.id}/track"
DAY = {"day": "2026-11-18"}
NINE = datetime(2026, 11, 18, 9, tzinfo=SHANGHAI)


@pytest.fixture
async def tracked(api: Api) -> Api:
    await turn(api.service, on=True)
    await upload(
        api.service, [*stretch(NINE, 60, A1), *stretch(NINE + timedelta(hours=3), 60, A2)], WEDNESDAY_NIGHT
    )
    await round_of_worker(api.service, WEDNESDAY_NIGHT)
    return api


async def seen(api: Api) -> list[tuple[Any, ...]]:
    return await ask(
        api.service,
        "SELECT actor_id, subject, detail FROM audit_entry WHERE action = 'location.seen' ORDER BY id",
    )


async def test_a_leader_sees_the_day_and_that_is_on_record(tracked: Api):
    leader = await tracked.as_(LEADER_A)
    body = (await leader.get(URL, params=DAY)).json()
    assert (body["type"], body["day"], body["fixes"], body["stays_pending"]) == (
        "FeatureCollection",
        "2026-11-18",
        14,
        False,
    )
    lines, points = body["features"][:2], body["features"][2:]
    lon, lat = county.centre(A1)
    assert [line["geometry"]["type"] for line in lines] == ["LineString"] * 2
    assert lines[0]["geometry"]["coordinates"] == [[lon, lat]] * 7
    assert lines[0]["properties"] == {"from": "2026-11-18T01:00:00Z", "until": "2026-11-18T02:00:00Z"}
    assert points[0] == {
        "type": "Feature",
        "geometry": {"type": "Point", "coordinates": [lon, lat]},
        "properties": {"at": "2026-11-18T01:00:00Z", "accuracy_m": 12.0, "speed_mps": 0.0},
    }
    assert len(points) == 14
    assert body["stays"] == [
        {
            "village": {"id": A1, "name": "甲一村"},
            "from": "2026-11-18T01:00:00Z",
            "until": "2026-11-18T02:00:00Z",
            "minutes": 60.0,
            "fixes": 7,
            "geofence_version": 1,
        },
        {
            "village": {"id": A2, "name": "甲二村"},
            "from": "2026-11-18T04:00:00Z",
            "until": "2026-11-18T05:00:00Z",
            "minutes": 60.0,
            "fixes": 7,
            "geofence_version": 1,
        },
    ]
    assert await seen(tracked) == [(LEADER_A.id, f"person:{HELPER_A1.id}", {"track": "2026-11-18"})]


async def test_outside_the_scope_there_is_nothing(tracked: Api):
    for who in (LEADER_B, county.HELPER_B1, county.STRANGER):
        reply = await (await tracked.as_(who)).get(URL, params=DAY)
        assert (reply.status_code, reply.json()["type"]) == (404, "/problems/not-found")
    assert await seen(tracked) == []


async def test_a_day_is_the_countys_own(tracked: Api):
    midnight = datetime(2026, 11, 18, tzinfo=SHANGHAI)
    await upload(tracked.database, [fix(midnight - timedelta(seconds=1), A1), fix(midnight, A1)], WEDNESDAY_NIGHT)
    office = await tracked.as_(OFFICE)
    assert (await office.get(URL, params={"day": "2026-11-17"})).json()["fixes"] == 1
    body = (await office.get(URL, params=DAY)).json()
    assert (body["fixes"], body["stays_pending"]) == (15, True)


async def test_of_many_fixes_some_are_shown(tracked: Api, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(track_reads, "MOST_SHOWN", 5)
    body = (await (await tracked.as_(OFFICE)).get(URL, params=DAY)).json()
    times = [each["properties"]["at"][11:16] for each in body["features"] if "at" in each["properties"]]
    assert (body["fixes"], times) == (14, ["01:00", "01:30", "02:00", "04:20", "04:50"])


async def test_what_is_past_its_time_is_not_shown_though_nobody_has_deleted_it(tracked: Api):
    office = await tracked.as_(OFFICE)
    for days, fixes in ((30, 14), (31, 0)):
        tracked.clock.now = WEDNESDAY_NIGHT + timedelta(days=days)
        office = await tracked.as_(OFFICE)
        body = (await office.get(URL, params=DAY)).json()
        assert (body["fixes"], len(body["stays"])) == (fixes, 2)


@pytest.mark.parametrize(
    ("language", "detail"), [("zh-CN", "本县未开启轨迹记录"), ("en", "Tracks are off in this county")]
)
async def test_where_tracks_are_off_the_reply_says_so(tracked: Api, language: str, detail: str):
    await turn(tracked.database, on=False)
    for who, url in ((OFFICE, URL), (HELPER_A1, "/v1/me/track")):
        reply = await (await tracked.as_(who, **{"Accept-Language": language})).get(url, params=DAY)
        assert (reply.status_code, reply.json()["type"]) == (404, "/problems/tracks-off")
        assert reply.json()["detail"] == detail
    assert await seen(tracked) == []


async def test_one_sees_ones_own_and_nobody_notes_it(tracked: Api):
    own = await tracked.as_(HELPER_A1)
    body = (await own.get("/v1/me/track", params=DAY)).json()
    assert (body["fixes"], len(body["stays"])) == (14, 2)
    assert body == (await own.get(URL, params=DAY)).json()
    assert (await (await tracked.as_(LEADER_A)).get("/v1/me/track", params=DAY)).json()["fixes"] == 0
    assert await seen(tracked) == []


@pytest.mark.parametrize("day", ["1900-01-01", "2199-12-31", "2024-02-29"])
async def test_any_day_may_be_asked_for(tracked: Api, day: str):
    reply = await (await tracked.as_(OFFICE)).get(URL, params={"day": day})
    assert (reply.status_code, reply.json()["features"]) == (200, [])


@pytest.mark.parametrize("day", ["", "0001-01-01", "9999-12-31", "2026-02-30", "today", "10000-01-01", "\x00"])
async def test_what_is_no_day_is_a_problem(tracked: Api, day: str):
    reply = await (await tracked.as_(OFFICE)).get(URL, params={"day": day})
    assert (reply.status_code, reply.json()["errors"][0]["pointer"]) == (422, "/day")


async def test_the_whole_way_of_an_app(api: Api):
    """What the door of the tracking apps stores is what is shown."""
    await turn(api.service, on=True)
    async with await api.as_(HELPER_A1) as helper:
        key = (await helper.post("/v1/me/client-keys", json={"client": "overland", "device_id": "phone-9"})).json()
    lon, lat = county.centre(A1)
    points = [
        {
            "type": "Feature",
            "geometry": {"type": "Point", "coordinates": [lon, lat]},
            "properties": {
                "timestamp": (NINE + timedelta(minutes=minute)).astimezone().isoformat(),
                "horizontal_accuracy": 9,
            },
        }
        for minute in range(0, 61, 5)
    ]
    for _ in range(2):
        reply = await api.http.post(
            "/v1/clients/overland",
            json={"locations": points},
            headers={"Authorization": f"Bearer {key['key']}"},
        )
        assert reply.json() == {"result": "ok"}
    await round_of_worker(api.service, WEDNESDAY_NIGHT)
    body = (await (await api.as_(OFFICE)).get(URL, params=DAY)).json()
    assert (body["fixes"], body["stays"][0]["minutes"], body["stays"][0]["fixes"]) == (13, 60.0, 13)
