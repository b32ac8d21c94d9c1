"""Google's own SDK against a stand-in of Google, over real HTTP, through dispatcher and database."""

import json
from datetime import timedelta
from uuid import UUID, uuid4

import pytest

from app.kernel.ids import new_id
from app.notices.channels.base import Later, Message, Never, Sent, retry_after_s
from app.notices.channels.fcm import FcmChannel
from tests.support.google import PROJECT, serving, write_credentials
from tests.support.notices import (
    Recording,
    ask,
    deliveries,
    dispatcher,
    gateway,
    phone,
    tell,
)


@pytest.fixture
async def google(tmp_path):
    async with serving(tmp_path) as found:
        yield found


@pytest.fixture
async def fcm(google):
    _, credentials, url = google
    channel = FcmChannel(credentials, url, timeout_s=1)
    yield channel
    await channel.close()


def message(token, *, urgent=False, notice_id: UUID | None = None):
    push = token if isinstance(token, dict) else {"channel": "fcm", "token": token}
    return Message(notice_id or new_id(), "check_in_held", "签到待核实", "原因见详情", urgent, push=push)


async def test_what_the_phone_is_told(google, fcm):
    one = message("ok-1", urgent=True)
    assert await fcm.send([one]) == [Sent(f"projects/{PROJECT}/messages/{one.notice_id}")]
    (said,) = google[0].messages
    assert said == {
        "token": "ok-1",
        "notification": {"title": "签到待核实", "body": "原因见详情"},
        "data": {"notice_id": str(one.notice_id), "kind": "check_in_held"},
        "android": {"priority": "high", "notification": {"tag": str(one.notice_id)}},
        "apns": {"headers": {"apns-collapse-id": str(one.notice_id), "apns-priority": "10"}},
        "webpush": {"notification": {"tag": str(one.notice_id)}},
    }


async def test_one_sign_in_serves_hundreds_of_messages(google):
    fcm = FcmChannel(*google[1:])
    outcomes = await fcm.send([message(f"ok-{number}") for number in range(500)])
    await fcm.close()
    assert {type(each) for each in outcomes} == {Sent}
    assert (len(google[0].messages), google[0].signed_in) == (500, 1)


@pytest.mark.parametrize(
    ("push", "expected"),
    [
        ({"token": "ok-1"}, Sent),
        ({"fid": "ok-1"}, Sent),
        ({"token": "gone-1"}, Never("unregistered: Requested entity was not found.", gone=True)),
        ({"fid": "gone-1", "token": "ok-1"}, Never("unregistered: Requested entity was not found.", gone=True)),
        ({"token": "stranger-1"}, Never("other_key: SenderId mismatch")),
        ({"token": "toolong-1"}, Never("invalid_argument: Android message is too big")),
        ({"token": "quota-1"}, Later("quota_exceeded: Sending quota exceeded.", 600, pause=True)),
        ({"token": "quotadate-1"}, Later("quota_exceeded: Sending quota exceeded.", 600, pause=True)),
        ({"token": "broken-1"}, Later("internal: Internal error encountered.")),
        ({"token": "busy-1"}, Later("unavailable: The service is unavailable.", 90)),
        ({}, Never("no_token", gone=True)),
        ({"token": ""}, Never("no_token", gone=True)),
        ({"token": {"a": 1}}, Never("no_token", gone=True)),
    ],
    ids=str,
)
async def test_what_becomes_of_each_answer(fcm, push, expected):
    (outcome,) = await fcm.send([message({"channel": "fcm"} | push)])
    assert outcome == expected or (expected is Sent and isinstance(outcome, Sent))


async def test_a_token_that_is_none_is_gone(fcm):
    (outcome,) = await fcm.send([message("malformed-1")])
    assert isinstance(outcome, Never)
    assert outcome.gone


@pytest.mark.parametrize("word", ["hang", "torn"])
async def test_one_that_is_never_answered_leaves_the_others_alone(fcm, word):
    outcomes = await fcm.send([message("ok-1"), message(f"{word}-1"), message("ok-2")])
    assert [type(each) for each in outcomes] == [Sent, Later, Sent]


async def test_an_answer_that_is_no_json_costs_the_sdk_the_whole_batch_which_is_repeated(database, clock, fcm):
    await phone(database, device="ok", token="ok-1")
    await phone(database, device="nonsense", token="nonsense-1")
    await tell(database, "a")
    await dispatcher(database, clock, fcm=fcm).deliver_due()
    assert {(row.status, row.reason) for row in await deliveries(database)} == {("waiting", "UnknownError")}


async def test_a_refused_account_pauses_the_channel(google, tmp_path):
    _, credentials, url = google
    account = json.loads(credentials.read_text())
    other = tmp_path / "other.json"
    write_credentials(other, 1)
    other.write_text(json.dumps(json.loads(other.read_text()) | {"token_uri": account["token_uri"]}))
    channel = FcmChannel(other, url)
    (outcome,) = await channel.send([message("ok-1")])
    await channel.close()
    assert isinstance(outcome, Later)
    assert outcome.pause
    assert outcome.reason.startswith("unauthenticated: ")


async def test_google_out_of_reach_is_later(google, tmp_path):
    credentials = tmp_path / "nowhere.json"
    write_credentials(credentials, 1)
    channel = FcmChannel(credentials, google[2])
    (outcome,) = await channel.send([message("ok-1")])
    await channel.close()
    assert isinstance(outcome, Later)
    assert not outcome.pause


@pytest.mark.parametrize("text", ["", "{}", "no json"])
def test_a_file_that_is_no_account_is_refused_at_once(tmp_path, text):
    path = tmp_path / "account.json"
    path.write_text(text)
    with pytest.raises(ValueError, match=r"[A-Z]"):
        FcmChannel(path)


@pytest.mark.parametrize(
    ("headers", "seconds"),
    [
        ({}, None),
        ({"Retry-After": "120"}, 120),
        ({"Retry-After": "soon"}, None),
        ({"Retry-After": "Wed, 18 Nov 2026 12:01:00 GMT"}, None),
        ({"Retry-After": "Wed, 18 Nov 2026 12:01:00 GMT", "Date": "Wed, 18 Nov 2026 12:00:00 GMT"}, 60),
        ({"Retry-After": "Wed, 18 Nov 2026 11:59:00 GMT", "Date": "Wed, 18 Nov 2026 12:00:00 GMT"}, 0),
    ],
)
def test_when_to_come_back(headers, seconds):
    assert retry_after_s(headers) == seconds


async def test_the_whole_way(database, clock, fcm):
    """Each phone gets its own answer: what is gone is forgotten, what was vain repeated."""
    for device in ("ok", "gone", "flaky", "torn"):
        await phone(database, device=device, token=f"{device}-{uuid4()}")
    await gateway(database)
    await tell(database, "a")
    sms = Recording()
    send = dispatcher(database, clock, fcm=fcm, apprise=sms)
    assert await send.deliver_due() == 4
    status = {row.device_id: row.status for row in await deliveries(database)}
    assert status == {"ok": "sent", "gone": "failed", "flaky": "waiting", "torn": "waiting"}
    kept = await ask(database, "SELECT id FROM device WHERE push IS NOT NULL")
    assert {row.id for row in kept} == {"ok", "flaky", "torn"}
    clock.now += timedelta(minutes=1)
    await send.deliver_due()
    status = {row.device_id: row.status for row in await deliveries(database)}
    assert status == {"ok": "sent", "gone": "failed", "flaky": "sent", "torn": "waiting"}
    assert sms.messages == []


async def test_who_has_no_phone_left_is_told_by_the_next_channel(database, clock, fcm):
    await phone(database, device="gone", token="gone-1")
    await gateway(database)
    await tell(database, "a")
    sms = Recording()
    send = dispatcher(database, clock, fcm=fcm, apprise=sms)
    await send.deliver_due()
    await send.deliver_due()
    assert [(row.channel, row.status) for row in await deliveries(database)] == [
        ("fcm", "failed"),
        ("sms", "sent"),
    ]


async def test_a_spent_quota_holds_the_whole_channel(database, clock, fcm):
    await phone(database, device="quota", token="quota-1")
    await tell(database, "a")
    send = dispatcher(database, clock, fcm=fcm)
    await send.deliver_due()
    await tell(database, "b")
    clock.now += timedelta(seconds=599)
    assert await send.deliver_due() == 0
    clock.now += timedelta(seconds=1)
    assert await send.deliver_due() == 1
