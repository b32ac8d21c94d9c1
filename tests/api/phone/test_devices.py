"""A device is described in parts, and told by a push token that has one owner: the last to say it."""

from typing import Any

import pytest
from sqlalchemy import text

from tests.support.county import COUNTY, HELPER_A1, OFFICE, OTHER_COUNTY, RESIDENT_A2, STRANGER, Cast
from tests.support.notices import Recording, dispatcher
from tests.support.server import Api, check_in

ANDROID = {"platform": "android", "model": "Redmi 4A", "app_version": "1.0.0"}
FCM = {"channel": "fcm", "token": "token-1"}
BROWSER = {"channel": "webpush", "subscription": {"endpoint": "https://push.example/1", "keys": {"auth": "a"}}}


@pytest.fixture
async def api(api: Api) -> Api:
    async with api.database.transaction() as session:
        for county_id in (COUNTY, OTHER_COUNTY):
            await session.execute(
                text("""
                INSERT INTO notice_channel (county_id, name, kind, position)
                SELECT :county_id, kind, kind, 1 FROM unnest(ARRAY['fcm', 'webpush']) AS kind
                ON CONFLICT DO NOTHING"""),
                {"county_id": county_id},
            )
    return api


async def on(api: Api, who: Cast, device: str) -> Any:
    tokens = await api.sign_in(who, device_id=device)
    return api._client({"Authorization": f"Bearer {tokens['access_token']}"})


async def said(phone: Any, device: str, **about: Any) -> dict[str, Any]:
    reply = await phone.put(f"/v1/devices/{device}", json=about)
    assert reply.status_code == 200, reply.text
    body: dict[str, Any] = reply.json()
    return body


async def reached(api: Api, phone: Any, who: Cast) -> list[str]:
    """The devices by which the person is told of something new."""
    assert (await phone.post("/v1/check-ins", json=check_in(position={"mock": True}))).status_code == 201
    async with api.database.transaction() as session:
        found = await session.execute(
            text("""
            SELECT delivery.device_id FROM delivery
            JOIN notice ON notice.county_id = delivery.county_id AND notice.id = delivery.notice_id
            WHERE notice.person_id = :id AND notice.created_at = :now ORDER BY 1"""),
            {"id": who.id, "now": api.clock()},
        )
        return [row[0] for row in found]


async def test_what_is_not_said_stays_and_null_takes_it_away(api: Api):
    helper = await on(api, HELPER_A1, "p1")
    assert await said(helper, "p1", **ANDROID, push=FCM) | {"last_seen_at": "", "push_problem": None} == {
        **ANDROID,
        "id": "p1",
        "push": FCM,
        "waiting": None,
        "oldest_waiting_at": None,
        "last_seen_at": "",
        "push_problem": None,
    }
    oldest = "2026-11-18T04:00:00Z"
    both = await said(helper, "p1", waiting=3, oldest_waiting_at=oldest)
    assert (both["push"], both["model"], both["waiting"], both["oldest_waiting_at"]) == (
        FCM,
        "Redmi 4A",
        3,
        oldest,
    )
    fewer = await said(helper, "p1", waiting=2, app_version="1.1.0")
    assert (fewer["waiting"], fewer["oldest_waiting_at"], fewer["app_version"]) == (2, oldest, "1.1.0")
    assert (await said(helper, "p1"))["push"] == FCM
    assert (await said(helper, "p1", waiting=0))["oldest_waiting_at"] is None
    gone = await said(helper, "p1", push=None, model=None)
    assert (gone["push"], gone["model"], gone["platform"]) == (None, None, "android")
    assert await reached(api, helper, HELPER_A1) == []


async def test_a_phone_that_says_only_what_waits_is_still_told(api: Api):
    helper = await on(api, HELPER_A1, "p1")
    await said(helper, "p1", push=FCM)
    await said(helper, "p1", waiting=3)
    assert await reached(api, helper, HELPER_A1) == ["p1"]


@pytest.mark.parametrize("push", [FCM, BROWSER, {"channel": "fcm", "fid": "f"}])
async def test_a_registration_has_one_owner_the_last_to_say_it(api: Api, push: dict):
    """Two people on two phones, as far as we can tell; the registration says that it is one."""
    first, second = await on(api, HELPER_A1, "p1"), await on(api, RESIDENT_A2, "p2")
    await said(first, "p1", push=push)
    assert await reached(api, first, HELPER_A1) == ["p1"]
    await said(second, "p2", push=push | {"more": 1})
    api.clock.turn(minutes=5)
    assert await reached(api, first, HELPER_A1) == []
    assert await reached(api, second, RESIDENT_A2) == ["p2"]
    await said(first, "p1", push=push)  # and back
    api.clock.turn(minutes=5)
    assert await reached(api, first, HELPER_A1) == ["p1"]
    assert await reached(api, second, RESIDENT_A2) == []


async def test_nobody_is_told_twice_by_one_phone_that_took_another_name(api: Api):
    before, after = await on(api, HELPER_A1, "p1"), await on(api, HELPER_A1, "p1-again")
    await said(before, "p1", push=FCM)
    await said(after, "p1-again", push=FCM)
    assert await reached(api, after, HELPER_A1) == ["p1-again"]


async def test_a_phone_that_goes_to_another_county_tells_nobody_of_this_one(api: Api):
    helper = await on(api, HELPER_A1, "p1")
    await said(helper, "p1", push=FCM)
    stranger = await on(api, STRANGER, "p9")
    await said(stranger, "p9", push=FCM)
    assert await reached(api, helper, HELPER_A1) == []
    await said(helper, "p1", waiting=1)
    assert (await said(stranger, "p9"))["push"] == FCM


async def test_who_signs_in_on_a_phone_holds_it(api: Api):
    """The one before may not have signed out, and the new one's app need not have said its token yet."""
    first = await on(api, HELPER_A1, "p1")
    await said(first, "p1", push=FCM)
    await on(api, RESIDENT_A2, "p1")
    assert await reached(api, first, HELPER_A1) == []


async def test_what_waits_for_a_phone_does_not_go_to_whoever_holds_it_by_then(api: Api):
    first, second = await on(api, HELPER_A1, "p1"), await on(api, RESIDENT_A2, "p2")
    await said(first, "p1", push=FCM)
    assert await reached(api, first, HELPER_A1) == ["p1"]
    await said(second, "p2", push=FCM)
    fcm = Recording()
    await dispatcher(api.service, api.clock, fcm=fcm).deliver_due()
    assert fcm.messages == []


async def test_what_waits_for_a_phone_is_not_sent_once_its_owner_has_signed_out(api: Api):
    helper = await on(api, HELPER_A1, "p1")
    await said(helper, "p1", push=FCM)
    assert await reached(api, helper, HELPER_A1) == ["p1"]
    await helper.post("/v1/auth/logout")
    fcm = Recording()
    await dispatcher(api.service, api.clock, fcm=fcm).deliver_due()
    assert fcm.messages == []
    office = await api.as_(OFFICE)
    (told, *_) = (await office.get(f"/v1/counties/{COUNTY}/people/{HELPER_A1.id}/notices")).json()["items"]
    assert [(each["status"], each["reason"]) for each in told["deliveries"]] == [("dead", "signed_out")]


async def test_settings_and_channels_that_are_not_said_stay(api: Api):
    office = await api.as_(OFFICE)
    channels = f"/v1/counties/{COUNTY}/notice-channels"
    made = {
        "url": "json://gateway/{address}",
        "position": 3,
        "enabled": False,
        "for_group": True,
        "per_minute": 20,
    }
    await office.put(f"{channels}/sms", json=made | {"enabled": True})
    changed = (await office.put(f"{channels}/sms", json={"position": 4})).json()
    assert (changed["position"], changed["for_group"], changed["per_minute"], changed["enabled"]) == (
        4,
        True,
        20,
        True,
    )
    assert (await office.put(f"{channels}/sms", json={"position": 4, "per_minute": None})).json()[
        "per_minute"
    ] is None
    helper = await on(api, HELPER_A1, "p1")
    chosen = {"language": "en", "channels": ["sms", "fcm"], "addresses": {"sms": "a@b"}}
    await helper.put("/v1/me/notice-settings", json=chosen)
    kept = (await helper.put("/v1/me/notice-settings", json={"language": "zh-CN"})).json()
    assert (kept["language"], kept["channels"], kept["addresses"]) == ("zh-CN", ["sms", "fcm"], {"sms": "a@b"})
    await office.put(f"{channels}/sms", json={"position": 4, "enabled": False})
    kept = (await helper.put("/v1/me/notice-settings", json={"language": "en"})).json()
    assert (kept["language"], kept["channels"], kept["addresses"]) == ("en", ["fcm"], {})


async def test_a_visit_that_was_on_its_way_while_its_owner_signed_in_again_comes_in(api: Api):
    before = await on(api, HELPER_A1, "p1")
    await on(api, HELPER_A1, "p1")
    assert (await before.post("/v1/check-ins", json=check_in())).status_code == 201
    await (await on(api, HELPER_A1, "p1")).post("/v1/auth/logout")
    last = await on(api, HELPER_A1, "p2")
    await last.post("/v1/auth/logout")
    assert (await last.post("/v1/check-ins", json=check_in())).status_code == 401
