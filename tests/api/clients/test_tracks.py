"""Track points of tracking apps: kept once where the county keeps tracks, and nowhere else."""

import json

from sqlalchemy import text

from tests.api.clients.conftest import OSMAND, app_of, check_ins, quarantined, rows
from tests.support.county import HELPER_A1
from tests.support.server import Api
from tests.unit.clients.wires import ANDROID_PRESS, IOS_PRESS, IOS_PRESS_AGAIN, KEY, OVERLAND, TRACCAR_8, TRACCAR_9

FIXES = """
SELECT person_id, fixed_at, lon, lat, accuracy_m, altitude_m, speed_mps, heading_deg, battery
FROM track_fix ORDER BY received_at, fixed_at
"""
FEATURE = OVERLAND["locations"][0]


def feature(minutes: int, lat: float = 24.32) -> dict:
    at = f"2026-11-18T{11 + (10 + minutes) // 60:02}:{(10 + minutes) % 60:02}:00Z"
    return FEATURE | {
        "geometry": {"type": "Point", "coordinates": [106.22, lat]},
        "properties": FEATURE["properties"] | {"timestamp": at},
    }


async def test_none_are_kept_where_the_county_keeps_none_but_check_ins_are(api: Api):
    owntracks, overland = await app_of(api, "owntracks"), await app_of(api, "overland")
    assert (await owntracks.send(ANDROID_PRESS)).status_code == 200
    assert (await overland.send(OVERLAND)).status_code == 200
    assert await rows(api, FIXES) == await quarantined(api) == []
    assert len(await check_ins(api)) == 1


async def test_every_app_and_generation_says_the_same_fix(tracked: Api):
    owntracks, overland, traccar = [
        await app_of(tracked, client, device_id=client) for client in ("owntracks", "overland", "traccar")
    ]
    nine = json.loads(json.dumps(TRACCAR_9).replace(KEY, traccar.key))
    for reply in (
        await owntracks.send(ANDROID_PRESS | {"t": "p"}),
        await overland.send(OVERLAND),
        await tracked.http.post(f"{OSMAND}?{TRACCAR_8.replace(KEY, traccar.key)}"),
        await tracked.http.post(OSMAND, json=nine),
    ):
        assert reply.status_code == 200
    found = await rows(tracked, FIXES)
    assert {(row.person_id, row.lon, row.lat) for row in found} == {(HELPER_A1.id, 106.22, 24.32)}
    assert {f"{row.fixed_at:%Y-%m-%d %H:%M:%S}" for row in found} == {"2026-11-18 12:10:00"}
    assert sorted((row.accuracy_m or 0, round(row.speed_mps, 2), row.battery) for row in found) == [
        (0, 1.11, 0.64),
        (12, 1.0, 0.64),
        (12, 1.11, 0.64),
        (12.3, 1.11, 0.64),
    ]
    assert await check_ins(tracked) == []


async def test_the_same_fix_by_two_apps_of_one_phone_is_kept_once(tracked: Api):
    overland, traccar = await app_of(tracked, "overland"), await app_of(tracked, "traccar")
    await overland.send(OVERLAND)
    await tracked.http.post(f"{OSMAND}?{TRACCAR_8.replace(KEY, traccar.key)}")
    assert len(await rows(tracked, FIXES)) == 1


async def test_a_press_of_the_button_is_a_fix_too_and_once_however_often_it_comes(tracked: Api):
    phone = await app_of(tracked, "owntracks")
    for message in (IOS_PRESS, IOS_PRESS_AGAIN, IOS_PRESS):
        assert (await phone.send(message)).status_code == 200
    assert len(await rows(tracked, FIXES)) == len(await check_ins(tracked)) == 1


async def test_a_batch_again_in_another_order_adds_what_is_new(tracked: Api):
    phone = await app_of(tracked, "overland")
    await phone.send({"locations": [feature(0), feature(10), feature(5)]})
    renewed = await app_of(tracked, "overland")
    await renewed.send({"locations": [feature(15), feature(10), feature(5), feature(0)]})
    found = await rows(tracked, FIXES)
    assert sorted(row.fixed_at.minute for row in found) == [10, 15, 20, 25]


async def test_poison_in_the_middle_of_a_batch_falls_alone(tracked: Api):
    phone = await app_of(tracked, "overland")
    batch = [feature(0), feature(5, lat=240), {"type": "Feature"}, feature(10)]
    for _ in range(2):
        reply = await phone.send({"locations": batch})
        assert reply.json() == {"result": "ok"}
    assert len(await rows(tracked, FIXES)) == 2
    kept = await quarantined(tracked)
    assert [(item["reason"]["code"], item["times_seen"]) for item in kept] == [
        ("unknown_shape", 2),
        ("bad_coordinates", 2),
    ]


async def test_a_fix_from_the_future_is_a_wrong_clock_and_an_old_one_is_forgotten(tracked: Api):
    traccar = await app_of(tracked, "traccar")
    for timestamp in (1795003800 + 86400, 1795003800 - 90 * 86400, 1795003800):
        reply = await traccar.ask(f"lat=24.32&lon=106.22&timestamp={timestamp}")
        assert (reply.status_code, reply.content) == (200, b"")
    assert len(await rows(tracked, FIXES)) == 1
    (kept,) = await quarantined(tracked)
    assert kept["reason"]["code"] == "bad_time"
    assert "2026-11-19" in kept["body"]


async def test_a_fix_that_the_database_refuses_takes_no_call_for_help_with_it(tracked: Api):
    traccar = await app_of(tracked, "traccar")
    async with tracked.database.transaction() as session:
        await session.execute(text("ALTER TABLE track_fix ADD CONSTRAINT poison CHECK (lat <> 24.321)"))
    reply = await traccar.ask("lat=24.321&lon=106.22&timestamp=1795003800&alarm=sos")
    assert (reply.status_code, reply.content) == (200, b"")
    assert await rows(tracked, FIXES) == []
    assert [kept["reason"]["code"] for kept in await quarantined(tracked)] == ["internal"]
    assert [row.kind for row in await rows(tracked, "SELECT kind FROM notice")] == ["sos"]
