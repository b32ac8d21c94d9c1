"""OwnTracks posts: a press of the button is a check-in, everything is answered `[]`, nothing wedges the phone."""

import pytest

from tests.api.clients.conftest import App, app_of, check_ins, quarantined, rows
from tests.support.county import A1, HELPER_A1, LEADER_A, RESIDENT_A2
from tests.support.server import WEDNESDAY_NIGHT, Api, check_in
from tests.unit.clients.wires import (
    ANDROID_PRESS,
    ANDROID_STATUS,
    ENCRYPTED,
    IOS_PRESS,
    IOS_PRESS_AGAIN,
    OTHER_TYPES,
)


@pytest.fixture
async def phone(api: Api) -> App:
    return await app_of(api, "owntracks")


async def taken(app: App, message) -> None:
    reply = await app.send(message)
    assert (reply.status_code, reply.content) == (200, b"[]"), reply.text
    assert reply.headers["content-type"] == "application/json"


async def test_a_press_of_the_button_is_judged_and_counted_like_any_check_in(api: Api, phone: App):
    await taken(phone, ANDROID_PRESS)
    (item,) = await check_ins(api)
    assert item["purpose"] == "village_duty"
    assert item["captured_at"] == "2026-11-18T12:10:05Z"
    assert item["position"] == {"lon": 106.22, "lat": 24.32, "accuracy_m": 12.0}
    assert (item["village"]["id"], item["place"], item["standing"]) == (A1, "inside", "counted")
    duties = (await (await api.as_(HELPER_A1)).get("/v1/me/duties")).json()["items"]
    assert [duty["done"] for duty in duties] == [1]
    (stored,) = await rows(api, "SELECT device_id, crs, app_version, speed_mps FROM check_in")
    assert tuple(stored) == (
        f"phone-1~{HELPER_A1.id.hex}",
        "wgs84",
        "Owntracks-Android/gms/420600000",
        pytest.approx(4 / 3.6),
    )


async def test_a_press_at_zero_zero_is_a_visit_without_a_position(api: Api, phone: App):
    await taken(phone, ANDROID_PRESS | {"lat": 0, "lon": 0})
    (item,) = await check_ins(api)
    assert (item["position"], item["standing"]) == (None, "held")
    assert [reason["code"] for reason in item["reasons"]] == ["no_fix"]
    assert await quarantined(api) == []


async def test_a_resend_is_the_same_check_in(api: Api, phone: App):
    for _ in range(3):
        await taken(phone, ANDROID_PRESS)
    (item,) = await check_ins(api)
    api.clock.turn(hours=3)
    await taken(phone, ANDROID_PRESS | {"batt": 10, "acc": 500, "created_at": 1795014600})
    assert await check_ins(api) == [item]
    assert await quarantined(api) == []


async def test_the_same_fix_in_other_json_is_the_same_check_in_and_no_conflict(api: Api, phone: App):
    await taken(phone, IOS_PRESS)
    await taken(phone, IOS_PRESS_AGAIN)
    (item,) = await check_ins(api)
    assert item["note"] == "村委会值班"
    assert await quarantined(api) == []


async def test_another_phone_with_the_same_fix_is_another_check_in(api: Api, phone: App):
    other = await app_of(api, "owntracks", device_id="phone-2")
    await taken(phone, IOS_PRESS)
    await taken(other, IOS_PRESS)
    assert len(await check_ins(api)) == 2


async def test_a_late_queue_in_any_order_counts_on_the_days_it_was_captured(api: Api, phone: App):
    api.clock.turn(days=5)
    day = 86400
    for back in (0, 2, 1):
        at = 1795003800 - back * day + back * 437
        pressed = {
            "_id": f"late-{back}",
            "tst": at,
            "created_at": at,
            "lat": ANDROID_PRESS["lat"] + back * 0.000213,
        }
        await taken(phone, ANDROID_PRESS | pressed)
    captured = [item["captured_at"][:10] for item in await check_ins(api)]
    assert captured == ["2026-11-18", "2026-11-17", "2026-11-16"]
    assert all(item["standing"] == "counted" for item in await check_ins(api))


async def test_nothing_but_the_button_makes_a_check_in(api: Api, phone: App):
    for trigger in ("p", "c", "b", "r", "t", "v", "m"):
        await taken(phone, ANDROID_PRESS | {"_id": trigger, "t": trigger})
    for message in OTHER_TYPES:
        await taken(phone, message)
    await taken(phone, b"")
    assert await check_ins(api) == await quarantined(api) == []


async def test_everything_is_contact(api: Api, phone: App):
    for message in (b"", ANDROID_STATUS, {"_type": "lwt", "tst": 1}, b"poison"):
        now = api.clock.turn(minutes=7)
        await taken(phone, message)
        (row,) = await rows(
            api,
            "SELECT last_contact_at, last_seen_at FROM person JOIN device ON device.person_id = person.id"
            " WHERE person.id = :id AND device.id LIKE 'phone-1~%'",
            id=HELPER_A1.id,
        )
        assert tuple(row) == (now, now)


async def test_a_status_explains_silence_to_the_person_and_the_office(api: Api, phone: App):
    await taken(phone, ANDROID_STATUS)
    await taken(phone, ANDROID_PRESS)  # says nothing of it
    for client, path in (
        (await api.as_(HELPER_A1), "/v1/me/client-keys"),
        (await api.as_(LEADER_A), f"/v1/counties/451029/people/{HELPER_A1.id}/client-keys"),
    ):
        (key,) = (await client.get(path)).json()["items"]
        assert key["last_used_at"] == "2026-11-18T12:10:00Z"
        assert [problem["code"] for problem in key["status"]["problems"]] == [
            "power_saving",
            "battery_optimised",
            "location_in_use_only",
        ]
        assert key["status"]["problems"][0]["detail"] == "手机处于省电模式"


async def test_poison_at_the_head_of_the_queue_lets_the_rest_through(api: Api, phone: App):
    poison = ANDROID_PRESS | {"_id": "poison", "lat": None}
    for message in (poison, poison, ANDROID_PRESS):
        await taken(phone, message)
    assert len(await check_ins(api)) == 1
    (kept,) = await quarantined(api)
    assert (kept["times_seen"], kept["reason"]["code"], kept["client"]) == (2, "bad_coordinates", "owntracks")
    assert '"_id": "poison"' in kept["body"]


async def test_poison_in_the_middle_of_an_array_falls_alone(api: Api, phone: App):
    messages = [ANDROID_PRESS | {"_id": f"m{number}", "tst": 1795003800 - number} for number in range(5)]
    messages[2] |= {"tst": 0}
    await taken(phone, messages)
    assert len(await check_ins(api)) == 4
    assert [kept["reason"]["code"] for kept in await quarantined(api)] == ["bad_time"]


async def test_encrypted_bodies_are_kept_and_the_owner_is_told_once_a_day(api: Api, phone: App):
    for number in range(3):
        await taken(phone, ENCRYPTED | {"data": f"{number}"})
    me = await api.as_(HELPER_A1)
    (notice,) = (await me.get("/v1/me/notices")).json()["items"]
    assert notice["kind"] == "client_encrypted"
    assert "加密" in notice["body"]
    assert [kept["reason"]["code"] for kept in await quarantined(api)] == ["encrypted"] * 3
    api.clock.turn(days=1)
    await taken(phone, ENCRYPTED)
    me = await api.as_(HELPER_A1)
    assert len((await me.get("/v1/me/notices")).json()["items"]) == 2


async def test_a_wrong_clock_is_held_like_any_check_in(api: Api, phone: App):
    await taken(phone, ANDROID_PRESS | {"tst": 1795003800 + 3 * 86400})
    (item,) = await check_ins(api)
    assert (item["standing"], item["reasons"][0]["code"]) == ("held", "clock_skew")


async def test_two_people_who_give_their_phones_one_name_share_no_phone(api: Api, phone: App):
    api.clock.turn(minutes=5)
    other = await app_of(api, "owntracks", who=RESIDENT_A2)
    day_before = ANDROID_PRESS | {"_id": "1", "tst": 1795003800 - 86400, "created_at": 1795003800 - 86400}
    for app in (phone, other, phone):
        await taken(app, day_before | {"_id": app.key + "1"})
    await taken(other, ANDROID_PRESS | {"lon": 106.26})
    (newest, *_) = await check_ins(api, RESIDENT_A2)
    assert [reason["code"] for reason in newest["reasons"]] == []


async def test_a_check_in_of_the_app_stands_beside_those_of_our_own(api: Api, phone: App):
    me = await api.as_(HELPER_A1)
    assert (await me.post("/v1/check-ins", json=check_in(at=WEDNESDAY_NIGHT))).status_code == 201
    await taken(phone, ANDROID_PRESS)
    assert len(await check_ins(api)) == 2
