"""Signals that need more than one check-in, through the phone's own door."""

import json
import random
from datetime import timedelta
from typing import Any

import httpx
import pytest
from sqlalchemy import text

from app.geo.coordinates import from_wgs84
from tests.support.county import (
    A1,
    A2,
    B1,
    COUNTY,
    HELPER_A1,
    HELPER_B1,
    HOUSE_A1,
    LEADER_A,
    OFFICE,
    RESIDENT_A2,
    centre,
)
from tests.support.server import WEDNESDAY_NIGHT, Api, check_in

MINUTE = timedelta(minutes=1)
DAY = timedelta(days=1)
FINE = {"lon": 106.2213417, "lat": 24.3187231}  # in A1, with as many decimals as satellites give


async def post(client: httpx.AsyncClient, *args: Any, **kwargs: Any) -> dict[str, Any]:
    reply = await client.post("/v1/check-ins", json=check_in(*args, **kwargs))
    assert reply.status_code == 201, reply.text
    return reply.json()


def codes(check_in: dict[str, Any]) -> list[str]:
    return [reason["code"] for reason in check_in["reasons"]]


def reason(check_in: dict[str, Any], code: str) -> dict[str, Any]:
    (found,) = [reason for reason in check_in["reasons"] if reason["code"] == code]
    return found


async def as_on(api: Api, cast: Any, device_id: str | None) -> httpx.AsyncClient:
    tokens = await api.sign_in(cast, device_id=device_id)
    return api._client({"Authorization": f"Bearer {tokens['access_token']}", "Accept-Language": "en"})


async def execute(api: Api, *statements: str) -> None:
    async with api.database.transaction() as session:
        for statement in statements:
            await session.execute(text(statement))


async def test_nobody_is_in_two_places_at_once(api: Api):
    helper = await api.as_(HELPER_A1, **{"Accept-Language": "en"})
    first = await post(helper, A1, at=WEDNESDAY_NIGHT - 10 * MINUTE)
    away = await post(helper, B1, at=WEDNESDAY_NIGHT - 6 * MINUTE)
    back = await post(helper, A1, at=WEDNESDAY_NIGHT)
    assert first["standing"] == "counted"
    assert away["standing"] == "held"
    found = reason(away, "impossible_speed")
    assert found["values"]["check_in_id"] == first["id"]
    assert found["values"]["distance_m"] == pytest.approx(8_110, rel=0.01)
    assert found["values"]["seconds"] == 240
    assert found["values"]["kmh"] == pytest.approx(122, abs=1)
    assert "122 km/h" in found["detail"]
    assert back["standing"] == "counted"  # the one in between is not believed, so it convicts nobody


async def test_a_late_upload_is_compared_with_what_came_after_it(api: Api):
    helper = await api.as_(HELPER_A1)
    later = await post(helper, A1)
    api.clock.turn(hours=20)
    helper = await api.as_(HELPER_A1)
    earlier = await post(helper, B1, at=WEDNESDAY_NIGHT - 3 * MINUTE)
    assert earlier["standing"] == "held"
    assert reason(earlier, "impossible_speed")["values"]["check_in_id"] == later["id"]


async def test_within_one_queue_the_later_is_doubted_whatever_its_order(api: Api):
    helper = await api.as_(HELPER_A1)
    there = check_in(B1, at=WEDNESDAY_NIGHT - 3 * MINUTE)
    here = [check_in(A1, at=WEDNESDAY_NIGHT - minutes * MINUTE) for minutes in (60, 6, 0)]
    body = (await helper.post("/v1/check-ins/batch", json={"check_ins": [there, *reversed(here)]})).json()
    held = {result["id"] for result in body["results"] if result["check_in"]["standing"] == "held"}
    assert held == {there["id"]}


@pytest.mark.parametrize(
    ("lon", "lat"), [(0, 0), (0, 24.32), (106.22, 0), (-1, -1), (180, 90), (0.0003, -0.0002), (4.9e-324, 4.9e-324)]
)
async def test_coordinates_that_stand_for_none_are_no_fix_and_convict_nobody(api: Api, lon: float, lat: float):
    helper = await api.as_(HELPER_A1)
    sent = check_in(at=WEDNESDAY_NIGHT - 10 * MINUTE, position={"lon": lon, "lat": lat, "accuracy_m": 0})
    unset = (await helper.post("/v1/check-ins", json=sent)).json()
    assert (unset["position"], unset["standing"], codes(unset)) == (None, "held", ["no_fix"])
    assert (await helper.post("/v1/check-ins", json=sent)).status_code == 200
    honest = await post(helper, A1)
    assert (honest["standing"], codes(honest)) == ("counted", [])
    where = f"/v1/check-ins/{unset['id']}/position"
    refused = await helper.put(where, json={"lon": lon, "lat": lat})
    assert (refused.status_code, refused.json()["errors"][0]["code"]) == (422, "unset_position")
    follows = await helper.put(where, json=FINE | {"accuracy_m": 12, "fixed_at": sent["captured_at"]})
    assert (follows.status_code, follows.json()["standing"]) == (200, "counted")


@pytest.mark.parametrize(("lon", "lat"), [(24.32, 106.22), (float("nan"), 24.32), (181, 24.32)])
async def test_coordinates_that_are_none_at_all_are_refused_at_their_field(api: Api, lon: float, lat: float):
    helper = await api.as_(HELPER_A1)
    body = json.dumps(check_in(position={"lon": lon, "lat": lat}))
    reply = await helper.post("/v1/check-ins", content=body, headers={"content-type": "application/json"})
    assert reply.status_code == 422
    assert reply.json()["errors"][0]["pointer"] in ("/position/lon", "/position/lat")


async def test_a_fix_abroad_convicts_nobody(api: Api):
    helper = await api.as_(HELPER_A1)
    abroad = await post(helper, at=WEDNESDAY_NIGHT - 10 * MINUTE, position={"lon": 10.6, "lat": 24.32})
    assert abroad["standing"] == "outside"
    assert (await post(helper, A1))["standing"] == "counted"


async def test_the_very_same_fix_on_another_day(api: Api):
    helper = await api.as_(HELPER_A1)
    first = await post(helper, at=WEDNESDAY_NIGHT - DAY, position=FINE)
    same_day = await post(helper, at=WEDNESDAY_NIGHT - DAY + 5 * MINUTE, position=FINE)
    next_day = await post(helper, position=FINE)
    assert [each["standing"] for each in (first, same_day, next_day)] == ["counted", "counted", "held"]
    assert reason(next_day, "repeated_fix")["values"] == {"days": 1}
    again = await helper.post("/v1/check-ins", json={"id": next_day["id"]} | check_in(position=FINE))
    assert again.status_code == 201  # another check-in


async def test_a_phone_that_is_lent(api: Api):
    owner = await as_on(api, HELPER_A1, "lent phone")
    await post(owner, A1, position=FINE)
    api.clock.turn(minutes=1)
    guest = await as_on(api, HELPER_B1, "lent phone")
    lent = await post(guest, B1, at=api.clock.now)
    assert (lent["standing"], codes(lent)) == ("held", ["shared_device"])
    assert reason(lent, "shared_device")["values"] == {}, "whose phone it is they know themselves"
    own = await post(owner, A1, at=api.clock.now)
    assert own["standing"] == "counted"  # whose phone it is may use it
    api.clock.turn(hours=26)
    guest = await as_on(api, HELPER_B1, "lent phone")
    handed_down = await post(guest, B1, at=api.clock.now)
    assert handed_down["standing"] == "counted"


async def test_several_phones_are_told_and_not_held(api: Api):
    for number in range(3):
        body = await post(await as_on(api, HELPER_A1, f"phone {number}"), at=WEDNESDAY_NIGHT + number * MINUTE)
        api.clock.turn(seconds=1)
    assert body["standing"] == "counted"
    assert codes(body) == ["several_devices"]


async def test_a_wrong_label_is_an_error_and_the_phone_is_told_the_right_one(api: Api):
    helper = await api.as_(HELPER_A1, **{"Accept-Language": "en"})
    lon, lat = (float(axis) for axis in from_wgs84(106.2385, 24.32, "gcj02"))
    body = await post(helper, A1, position={"lon": lon, "lat": lat, "crs": "wgs84"})
    assert (body["place"], body["standing"], codes(body)) == ("outside", "held", ["outside_fence", "crs_mismatch"])
    assert reason(body, "crs_mismatch")["values"] == {"crs": "wgs84", "fits": "gcj02"}
    right = await post(helper, A1, position={"lon": lon, "lat": lat, "crs": "gcj02"})
    assert (right["place"], codes(right)) == ("inside", [])
    # At a household the shifted fix must be at the house too.
    at_house = await post(helper, A1, position={"lon": lon, "lat": lat}, household_id=str(HOUSE_A1))
    assert at_house["standing"] == "outside"
    # Inside either way, but only as GCJ-02 at the house: it counts, and the phone is told.
    lon, lat = (float(axis) for axis in from_wgs84(*centre(A1), "gcj02"))
    visit = await post(
        helper, A1, at=WEDNESDAY_NIGHT - 3 * DAY, position={"lon": lon, "lat": lat}, household_id=str(HOUSE_A1)
    )
    assert (visit["standing"], codes(visit)) == ("counted", ["crs_mismatch", "far_from_household"])
    assert reason(visit, "crs_mismatch")["values"]["fits"] == "gcj02"
    # Far away no shift helps, and where the label fits nothing is said.
    assert codes(await post(helper, A1, at=WEDNESDAY_NIGHT - DAY, position={"lon": 106.30})) == ["outside_fence"]
    assert codes(await post(helper, A1, at=WEDNESDAY_NIGHT - 2 * DAY)) == []


async def test_a_village_without_a_fence_is_not_the_persons_fault(api: Api):
    await execute(
        api,
        f"UPDATE geofence SET valid_from = '2026-12-01' WHERE county_id = '{COUNTY}' AND village_id = '{A2}'",
        f"UPDATE county SET fence_version = fence_version + 1 WHERE id = '{COUNTY}'",
    )
    resident = await api.as_(RESIDENT_A2)
    body = await post(resident, A2)
    assert (body["village"], body["standing"], codes(body)) == (None, "held", ["no_fence"])


async def test_the_county_decides_what_a_signal_does(api: Api):
    await execute(
        api, f"""UPDATE county SET settings = '{{"signals": {{"mock_location": "note"}}}}' WHERE id = '{COUNTY}'"""
    )
    helper = await api.as_(HELPER_A1)
    body = await post(helper, position={"mock": True})
    assert (body["standing"], codes(body)) == ("counted", ["mock_location"])
    assert (await helper.get("/v1/me/notices")).json()["items"] == []


async def put_device(phone: httpx.AsyncClient, **said: Any) -> None:
    reply = await phone.put("/v1/devices/phone-of-hers", json={"platform": "android"} | said)
    assert reply.status_code in (200, 204), reply.text


async def test_a_clock_turned_back_for_the_night_is_seen_by_when_the_phone_was_in_touch(api: Api):
    phone = await as_on(api, HELPER_A1, "phone-of-hers")
    await put_device(phone, waiting=0)
    night = api.clock.now - timedelta(hours=12)
    api.clock.turn(minutes=5)
    told = await post(phone, A1, at=night, position=FINE | {"accuracy_m": 9})
    assert (told["standing"], codes(told)) == ("held", ["not_handed_over"])
    assert reason(told, "not_handed_over")["values"] == {"hours": 0.1}
    honest = await post(phone, A1, at=api.clock.now, position=FINE | {"lon": 106.2213911, "accuracy_m": 9})
    assert honest["standing"] == "counted"


async def test_a_fix_that_follows_without_its_time_is_of_the_time_at_which_it_comes(api: Api):
    """Else who was nowhere could go there on the next day, and hand in that place."""
    phone = await as_on(api, HELPER_A1, "phone-of-hers")
    blind = [await post(phone, A1, position=None, position_problem="timeout") for _ in range(2)]
    position, told = check_in()["position"], []
    for visit, minutes in zip(blind, (4, 2), strict=True):
        api.clock.turn(minutes=minutes)
        for _ in range(2):  # a reply may be lost
            reply = await phone.put(f"/v1/check-ins/{visit['id']}/position", json=position)
            told.append((reply.json()["standing"], codes(reply.json())))
            api.clock.turn(seconds=1)
    assert told == [("counted", [])] * 2 + [("held", ["stale_fix"])] * 2


async def test_who_does_not_say_which_phone_it_was_is_held(api: Api):
    """It would otherwise be a way around all that is known of phones."""
    browser = await as_on(api, LEADER_A, None)
    nameless = await post(browser, A1)
    assert (nameless["standing"], codes(nameless)) == ("held", ["unknown_phone"])


async def test_what_waited_since_then_by_the_phones_own_word_is_no_wonder(api: Api):
    phone = await as_on(api, HELPER_A1, "phone-of-hers")
    night = api.clock.now - timedelta(hours=12)
    await put_device(phone, waiting=1, oldest_waiting_at=night.isoformat())
    api.clock.turn(hours=3)
    phone = await as_on(api, HELPER_A1, "phone-of-hers")
    assert (await post(phone, A1, at=night, position=FINE | {"accuracy_m": 9}))["standing"] == "counted"


async def test_in_touch_once_an_app_may_have_been_closed_twice_it_would_have_sent(api: Api):
    evening, standing = api.clock.now, []
    for hours in (2, 4):
        api.clock.turn(hours=hours)
        phone = await as_on(api, HELPER_A1, "phone-of-hers")
        api.clock.turn(minutes=20)
        visit = await post(phone, A1, at=evening, position=FINE | {"lon": 106.22 + hours / 1000})
        standing.append((visit["standing"], codes(visit)))
    assert standing == [("counted", ["in_touch_since"]), ("held", ["not_handed_over"])]


async def test_a_queue_of_a_week_without_coverage_counts(api: Api):
    phone = await as_on(api, HELPER_A1, "phone-of-hers")
    await put_device(phone, waiting=0)
    began = api.clock.now
    api.clock.turn(days=7)
    phone = await as_on(api, HELPER_A1, "phone-of-hers")
    rng = random.Random(1)
    queue = [
        check_in(
            at=began + timedelta(hours=3.9 * number, seconds=rng.uniform(0, 3000)),
            position={
                "lon": rng.uniform(106.205, 106.235),
                "lat": rng.uniform(24.305, 24.335),
                "accuracy_m": 11.3,
            },
        )
        for number in range(1, 41)
    ]
    body = (await phone.post("/v1/check-ins/batch", json={"check_ins": queue, "waiting": 0})).json()
    assert {result["check_in"]["standing"] for result in body["results"]} == {"counted"}


async def test_one_fix_for_two_people(api: Api):
    first = await post(await api.as_(HELPER_A1), position=FINE | {"accuracy_m": 8})
    api.clock.turn(minutes=2)
    second = await post(await api.as_(LEADER_A), at=api.clock.now, position=FINE | {"accuracy_m": 8})
    assert (second["standing"], codes(second)) == ("held", ["copied_fix"])
    assert reason(second, "copied_fix")["values"] == {}
    shown = await (await api.as_(OFFICE)).get(f"/v1/counties/{COUNTY}/check-ins/{second['id']}")
    assert reason(shown.json(), "copied_fix")["values"] == {"check_in_id": first["id"]}
    beside = FINE | {"lon": FINE["lon"] + 3e-5, "accuracy_m": 8}
    together = await post(await api.as_(LEADER_A), at=api.clock.now + MINUTE, position=beside)
    assert together["standing"] == "counted"


async def test_the_middle_of_the_fence_typed_in(api: Api):
    helper = await api.as_(HELPER_A1)
    lon, lat = centre(A1)
    typed = await post(helper, position={"lon": lon + 0.0000113, "lat": lat - 0.0000054, "accuracy_m": 8})
    assert (typed["standing"], codes(typed)) == ("held", ["typed_centre"])
