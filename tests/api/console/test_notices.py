"""Notices through both doors: what a person was told, what did not arrive, channels, words, hours, preferences."""

from collections.abc import AsyncIterator
from datetime import timedelta
from typing import Any

import pytest

from app.kernel.database import rows
from app.notices.channels.base import Sent
from tests.support import county
from tests.support.cluster import Server
from tests.support.county import COUNTY, Cast
from tests.support.notices import Recording, dispatcher
from tests.support.server import Api, after
from tests.support.told import SMS, fail_to_reach, open_channels, tell

BASE = f"/v1/counties/{COUNTY}"
WORDS = {"title": "任务未完成：{rule}", "body": "{start}至{end}还差，请联系 {{村部}}。"}
SETTINGS = {
    "quiet_from": 1260,
    "quiet_until": 420,
    "reminders": [0.7, "last_working_day"],
    "remind_at": 600,
    "digest_day": 2,
    "digest_at": 540,
    "summary_at": 450,
    "notices_per_day": 3,
}


async def tell_in_vain(api: Api) -> None:
    await open_channels(api)
    api.clock.turn(hours=-8)  # noon, for the night is quiet
    await tell(api, "a")
    await fail_to_reach(api)


@pytest.fixture
async def told(server: Server, county_template: str) -> AsyncIterator[Api]:
    """The helper of A1 was told of a missed duty; their phone has gone, so the office's gateway was tried."""
    async with after(server, county_template, tell_in_vain) as api:
        yield api


@pytest.fixture(scope="module")
async def untouched_told(server: Server, county_template: str) -> AsyncIterator[Api]:
    """One for all tests that leave it as it is."""
    async with after(server, county_template, tell_in_vain) as api:
        yield api


async def get(api: Api, path: str, who: Cast = county.OFFICE, language: str = "zh-CN", **query: Any) -> Any:
    async with await api.as_(who, **{"Accept-Language": language}) as client:
        reply = await client.get(f"{BASE}{path}", params=query)
    assert reply.status_code == 200, reply.text
    return reply.json()


async def send(api: Api, method: str, path: str, body: Any = None, who: Cast = county.OFFICE) -> Any:
    async with await api.as_(who) as client:
        reply = await client.request(method, f"{BASE}{path}", json=body)
    return reply.status_code, reply.json()


async def test_nobody_told_me_has_an_answer(told: Api):
    (notice,) = (await get(told, f"/people/{county.HELPER_A1.id}/notices", county.LEADER_A))["items"]
    assert (notice["title"], notice["read_at"]) == ("任务未完成", None)
    said = [(sent["channel"], sent["status"], sent["reason_text"]) for sent in notice["deliveries"]]
    assert said == [
        ("fcm", "failed", "手机已不再接收推送（应用被卸载或已重新登录）: 404"),
        ("sms", "dead", "对方拒收: 400"),
    ]
    assert notice["deliveries"][0]["device"]["model"] == "Redmi 4A"
    async with await told.as_(county.HELPER_A1) as phone:
        assert (await phone.post(f"/v1/me/notices/{notice['id']}/read")).status_code == 204
    (notice,) = (await get(told, f"/people/{county.HELPER_A1.id}/notices", language="en"))["items"]
    assert notice["title"] == "A duty was missed"
    assert notice["read_at"]
    assert notice["deliveries"][1]["status_text"] == "not delivered"


async def test_another_township_s_leader_does_not_see_it(told: Api):
    async with await told.as_(county.LEADER_B) as leader:
        assert (await leader.get(f"{BASE}/people/{county.HELPER_A1.id}/notices")).status_code == 404
        assert (await leader.get(f"{BASE}/deliveries")).json()["items"] == []
    assert len((await get(told, "/deliveries", county.LEADER_A))["items"]) == 2


async def test_dead_letters_are_listed_with_their_reason_and_sent_again(told: Api):
    (dead,) = (await get(told, "/deliveries", status="dead"))["items"]
    assert (dead["person"]["name"], dead["notice"]["title"], dead["reason"]) == (
        county.HELPER_A1.name,
        "任务未完成",
        "refused: 400",
    )
    summary = {each["channel"]: each for each in (await get(told, "/deliveries/summary"))["items"]}
    assert (summary["fcm"]["failed"], summary["sms"]["dead"], summary["webpush"]["sent"]) == (1, 1, 0)
    status, again = await send(told, "POST", f"/deliveries/{dead['id']}/resend")
    assert (status, again["status"], again["attempts"]) == (200, "waiting", 0)
    status, _ = await send(told, "POST", f"/deliveries/{dead['id']}/resend")
    assert status == 409
    gateway = Recording(Sent())
    await dispatcher(told.database, told.clock, apprise=gateway).deliver_due()
    assert [message.title for message in gateway.messages] == ["任务未完成"]
    assert (await get(told, "/deliveries", status="dead"))["items"] == []


async def test_all_of_a_channel_are_sent_again(told: Api):
    assert await send(told, "POST", "/deliveries/resend", {"channel": "fcm"}) == (200, {"resent": 0})
    assert await send(told, "POST", "/deliveries/resend", {"channel": "sms"}) == (200, {"resent": 1})


async def test_deliveries_page(told: Api):
    for number in range(5):
        told.clock.turn(days=1)
        await tell(told, str(number))
    seen, cursor = [], None
    while True:
        page = await get(told, "/deliveries", limit=2, **({"cursor": cursor} if cursor else {}))
        seen += [each["id"] for each in page["items"]]
        cursor = page["next_cursor"]
        if not cursor:
            break
    assert len(seen) == len(set(seen)) == 7


async def test_a_channel_s_url_is_never_shown_and_stays_where_none_is_given(told: Api):
    listed = await get(told, "/notice-channels")
    assert [each["name"] for each in listed["items"]] == ["fcm", "webpush", "sms"]
    assert [each["set_up"] for each in listed["items"]] == [False, True, True]  # no Firebase here
    assert listed["items"][2]["address"] == "json://…"
    assert "gateway" not in str(listed)
    status, changed = await send(told, "PUT", "/notice-channels/sms", {"position": 1, "enabled": False})
    assert (status, changed["position"], changed["enabled"], changed["per_minute"]) == (200, 1, False, 20)
    async with told.database.transaction() as session:
        (row,) = await rows(session, "SELECT url FROM notice_channel WHERE name = 'sms'")
    assert row.url == SMS["url"]


@pytest.mark.parametrize(
    ("name", "body", "pointer"),
    [
        ("mail", {"position": 4}, "/url"),
        ("mail", {"position": 4, "url": "file:///etc/passwd"}, "/url"),
        ("fcm", {"position": 4, "url": "json://x/y"}, "/url"),
        ("sms", {"position": 0}, "/position"),
        ("sms", {"position": 1, "per_minute": 0}, "/per_minute"),
        ("sms", {"position": 1, "url": "json://a\x00b"}, "/url"),
    ],
)
async def test_a_bad_channel_is_refused_at_its_field(untouched_told: Api, name, body, pointer):
    status, problem = await send(untouched_told, "PUT", f"/notice-channels/{name}", body)
    assert (status, problem["errors"][0]["pointer"]) == (422, pointer)


async def test_a_channel_is_tried_on_oneself_and_at_once_even_by_night(told: Api):
    told.clock.turn(hours=4)  # past ten in the evening
    assert await send(told, "POST", "/notice-channels/sms/test") == (200, {"sent": True})
    assert await send(told, "POST", "/notice-channels/webpush/test") == (200, {"sent": False})
    assert (await send(told, "POST", "/notice-channels/none/test"))[0] == 404
    gateway = Recording(Sent())
    await dispatcher(told.database, told.clock, apprise=gateway).deliver_due()
    assert [message.kind for message in gateway.messages] == ["channel_test"]


async def test_a_paused_channel_says_why_and_goes_on_when_told(told: Api):
    async with told.database.transaction() as session:
        await rows(
            session,
            "UPDATE notice_channel SET paused_until = :until, paused_reason = 'quota_exceeded: 429'"
            " WHERE name = 'sms' RETURNING name",
            until=told.clock() + timedelta(hours=1),
        )
    paused = (await get(told, "/notice-channels"))["items"][2]
    assert (paused["paused_reason"], paused["paused_reason_text"]) == (
        "quota_exceeded: 429",
        "超出发送限额，稍后再发: 429",
    )
    status, channel = await send(told, "POST", "/notice-channels/sms/resume")
    assert (status, channel["paused_until"]) == (200, None)


async def test_the_office_s_own_words(told: Api):
    preview = {"kind": "duty_missed", "language": "zh-CN"} | WORDS
    status, shown = await send(told, "POST", "/notice-templates/preview", preview)
    assert (status, shown["body"]) == (200, "11月16日至11月22日还差，请联系 {村部}。")
    status, kept = await send(told, "PUT", "/notice-templates/duty_missed/zh-CN", WORDS)
    assert (status, kept["texts"]["zh-CN"]["own"]) == (200, WORDS)
    assert kept["texts"]["en"]["own"] is None
    async with await told.as_(county.HELPER_A1) as phone:
        (notice,) = (await phone.get("/v1/me/notices")).json()["items"]
    assert notice["title"] == "任务未完成：走访"
    listed = {each["kind"]: each for each in (await get(told, "/notice-templates"))["items"]}
    assert listed["duty_missed"]["placeholders"] == ["days", "rule", "required", "done", "review", "start", "end"]
    status, reset = await send(told, "DELETE", "/notice-templates/duty_missed/zh-CN")
    assert (status, reset["texts"]["zh-CN"]["own"]) == (200, None)


@pytest.mark.parametrize(
    ("path", "body", "expected"),
    [
        ("duty_missed/zh-CN", WORDS | {"title": "{phone}"}, (422, "/title")),
        ("duty_missed/zh-CN", WORDS | {"body": "{rule.__class__}"}, (422, "/body")),
        ("duty_missed/zh-CN", WORDS | {"body": "\x00"}, (422, "/body")),
        ("duty_missed/zh-CN", WORDS | {"title": " "}, (422, "/title")),
        ("nothing/zh-CN", WORDS, (404, None)),
        ("duty_missed/fr", WORDS, (422, "/language")),
    ],
)
async def test_bad_words_are_refused_at_their_field(untouched_told: Api, path, body, expected):
    status, problem = await send(untouched_told, "PUT", f"/notice-templates/{path}", body)
    assert (status, problem["errors"][0]["pointer"] if problem["errors"] else None) == expected


async def test_hours_and_reminders(told: Api):
    assert (await get(told, "/notice-settings"))["reminders"] == [0.5, 0.8, "last_working_day"]
    assert await send(told, "PUT", "/notice-settings", SETTINGS) == (200, SETTINGS)
    assert await get(told, "/notice-settings") == SETTINGS
    async with told.database.transaction() as session:
        found = await rows(session, "SELECT action FROM audit_entry WHERE action = 'notice_settings.changed'")
    assert len(found) == 1
    # Who knows nothing of the summary and the budget leaves them as they are.
    older = {name: value for name, value in SETTINGS.items() if name not in ("summary_at", "notices_per_day")}
    assert await send(told, "PUT", "/notice-settings", older) == (200, SETTINGS)


@pytest.mark.parametrize(
    ("change", "pointer"),
    [
        ({"summary_at": 1440}, "/summary_at"),
        ({"summary_at": -1}, "/summary_at"),
        ({"summary_at": "08:00"}, "/summary_at"),
        ({"summary_at": None}, "/summary_at"),
        ({"notices_per_day": 0}, "/notices_per_day"),
        ({"notices_per_day": 10_000}, "/notices_per_day"),
        ({"notices_per_day": 2.5}, "/notices_per_day"),
        ({"reminders": [1.5]}, "/reminders"),
        ({"reminders": ["sometimes"]}, "/reminders"),
        ({"quiet_from": 1440}, "/quiet_from"),
        ({"digest_day": 8}, "/digest_day"),
    ],
)
async def test_bad_hours_are_refused_at_their_field(untouched_told: Api, change, pointer):
    status, problem = await send(untouched_told, "PUT", "/notice-settings", SETTINGS | change)
    assert (status, problem["errors"][0]["pointer"].startswith(pointer)) == (422, True)


@pytest.mark.parametrize(
    ("method", "path", "body"),
    [
        ("GET", "/deliveries/summary", None),
        ("POST", "/deliveries/resend", {"channel": "sms"}),
        ("GET", "/notice-channels", None),
        ("PUT", "/notice-channels/sms", SMS),
        ("POST", "/notice-channels/sms/test", None),
        ("POST", "/notice-channels/sms/resume", None),
        ("GET", "/notice-templates", None),
        ("PUT", "/notice-templates/duty_missed/zh-CN", WORDS),
        ("DELETE", "/notice-templates/duty_missed/zh-CN", None),
        ("POST", "/notice-templates/preview", {"kind": "duty_missed", "language": "en"} | WORDS),
        ("GET", "/notice-settings", None),
        ("PUT", "/notice-settings", SETTINGS),
    ],
)
async def test_only_the_office_has_a_hand_in_it(untouched_told: Api, method, path, body):
    assert (await send(untouched_told, method, path, body, county.LEADER_A))[0] == 403


async def prefer(api: Api, **wanted: Any) -> Any:
    async with await api.as_(county.HELPER_A1) as phone:
        reply = await phone.put("/v1/me/notice-settings", json=wanted)
    return reply.status_code, reply.json()


async def test_one_chooses_how_to_be_told(told: Api):
    await send(told, "PUT", "/notice-channels/mail", {"url": "mailtos://u:p@smtp.cn?to={address}", "position": 4})
    status, chosen = await prefer(
        told, language="en", channels=["mail", "fcm"], addresses={"mail": "wei@tianlin.cn"}, summary_at=450
    )
    assert status == 200
    assert (chosen["summary_at"], chosen["usual_summary_at"]) == (450, 480)
    assert chosen["available"][-1] == {"name": "mail", "kind": "apprise", "needs_address": True}
    assert len(chosen["webpush_public_key"]) == 87
    await tell(told, "b")
    gateway = Recording(Sent())
    await dispatcher(told.database, told.clock, apprise=gateway).deliver_due()
    assert [(message.url, message.title) for message in gateway.messages] == [
        ("mailtos://u:p@smtp.cn?to=wei%40tianlin.cn", "A duty was missed")
    ]
    async with await told.as_(county.HELPER_A1) as phone:
        again = (await phone.get("/v1/me/notice-settings")).json()
    assert again == chosen


@pytest.mark.parametrize(
    ("wanted", "pointer"),
    [
        ({"channels": ["pigeon"]}, "/channels/0"),
        ({"channels": ["fcm", "fcm"]}, "/channels/0"),
        ({"addresses": {"pigeon": "a"}}, "/addresses/pigeon"),
        ({"addresses": {"sms": "a"}}, "/addresses/sms"),
        ({"language": "fr"}, "/language"),
        ({"summary_at": 1440}, "/summary_at"),
        ({"summary_at": -1}, "/summary_at"),
        ({"summary_at": "07:30"}, "/summary_at"),
    ],
)
async def test_a_bad_choice_is_refused_at_its_field(untouched_told: Api, wanted, pointer):
    status, problem = await prefer(untouched_told, **wanted)
    assert (status, problem["errors"][0]["pointer"]) == (422, pointer)


async def test_who_has_signed_out_is_not_told_on_that_phone(told: Api):
    async with await told.as_(county.HELPER_A1) as phone:
        device = f"phone of {county.HELPER_A1.name}".encode().hex()
        await phone.put(f"/v1/devices/{device}", json={"push": {"channel": "fcm", "token": "t2"}})
        await tell(told, "in")
        assert (await phone.post("/v1/auth/logout")).status_code == 204
    await tell(told, "out")
    fcm, gateway = Recording(Sent()), Recording(Sent())
    await dispatcher(told.database, told.clock, fcm=fcm, apprise=gateway).deliver_due()
    # What was on its way to the phone when they signed out goes by the next channel, as what came after does.
    assert len(gateway.messages) == 2
    assert fcm.messages == []
