"""What is said counts, not how it is spelled; what cannot be meant is refused at its field, with the reason."""

import json
from datetime import UTC, timedelta
from typing import Any
from uuid import UUID, uuid4, uuid5

import pytest
from sqlalchemy import text

from tests.support.camera import photo
from tests.support.county import COUNTY, HELPER_A1, OFFICE, PASSWORD
from tests.support.server import WEDNESDAY_NIGHT, Api, check_in

CONSOLE = f"/v1/counties/{COUNTY}"
NOBODYS = [str(UUID(int=0)), str(UUID(int=2**128 - 1)), str(UUID(int=1)), str(uuid5(UUID(int=0), "x"))]
NOBODYS += ["6ba7b810-9dad-11d1-80b4-00c04fd430c8", "00000000-0000-4000-0000-000000000000"]


def at(reply) -> list[str]:
    assert reply.status_code == 422, reply.text
    return [error["pointer"] for error in reply.json()["errors"]]


def code(reply) -> str:
    assert reply.status_code == 422, reply.text
    return reply.json()["errors"][0]["code"]


async def test_the_same_check_in_in_other_json_is_a_repeat(api: Api):
    helper = await api.as_(HELPER_A1)
    said = check_in(form={"kind": "x", "a": 1, "b": {"c": 1, "d": "夜访"}}, position={"lon": 106.22})
    assert (await helper.post("/v1/check-ins", json=said)).status_code == 201
    other: list[dict[str, Any]] = [
        {"form": {"b": {"d": "夜访", "c": 1.0}, "a": 1, "kind": "x", "more": None}},
        {"captured_at": WEDNESDAY_NIGHT.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%S.000Z")},
        {"id": said["id"].upper(), "note": None, "household_id": None, "photo_ids": []},
        {"position": said["position"] | {"crs": "wgs84", "mock": None, "fixed_at": WEDNESDAY_NIGHT.isoformat()}},
        {"position_problem": "timeout"},  # said for nothing, beside a position
    ]
    for changes in other:
        again = json.dumps(dict(reversed((said | changes).items())), ensure_ascii=True)
        reply = await helper.post("/v1/check-ins", content=again)
        assert reply.status_code == 200, (changes, reply.text)
    for changes in ({"form": said["form"] | {"a": 2}}, {"note": "又"}, {"form": None}):
        assert (await helper.post("/v1/check-ins", json=said | changes)).status_code == 409


async def test_a_check_in_hashed_by_an_earlier_release_is_still_the_same(api: Api):
    helper = await api.as_(HELPER_A1)
    said = check_in(form={"kind": "x", "a": 1})
    await helper.post("/v1/check-ins", json=said)
    async with api.database.transaction() as session:
        await session.execute(text("ALTER TABLE check_in DISABLE TRIGGER keep_evidence"))
        await session.execute(text("UPDATE check_in SET content_hash = 'of old'"))
        await session.execute(text("ALTER TABLE check_in ENABLE TRIGGER keep_evidence"))
    other = said | {"note": "又"}
    batch = (await helper.post("/v1/check-ins/batch", json={"check_ins": [said, other, said]})).json()
    assert [result["status"] for result in batch["results"]] == ["duplicate", "conflict", "duplicate"]


@pytest.mark.parametrize("made", NOBODYS)
async def test_an_id_that_nobody_made_is_refused_at_every_door(api: Api, made: str):
    helper = await api.as_(HELPER_A1)
    assert at(await helper.post("/v1/check-ins", json=check_in(id=UUID(made)))) == ["/id"]
    assert at(await helper.post("/v1/check-ins", json=check_in(photo_ids=[str(uuid4()), made]))) == [
        "/photo_ids/1"
    ]
    leave = {"kind": "annual", "from_date": "2026-11-20", "until_date": "2026-11-20", "reason": "事"}
    assert at(await helper.post("/v1/me/leave", json=leave | {"id": made})) == ["/id"]
    appeal = {"id": made, "check_in_id": str(uuid4()), "text": "有异议"}
    assert at(await helper.post("/v1/me/appeals", json=appeal)) == ["/id"]
    assert at(await helper.put(f"/v1/photos/{made}", content=photo())) == ["/photo_id"]
    batch = (
        await helper.post("/v1/check-ins/batch", json={"check_ins": [check_in(id=UUID(made)), check_in()]})
    ).json()
    assert [result["status"] for result in batch["results"]] == ["invalid", "recorded"]


@pytest.mark.parametrize(
    "device", ["null", "undefined", "Unknown", str(UUID(int=0)), "000000000000000", "0", NOBODYS[1]]
)
async def test_what_names_no_device_makes_strangers_share_none(api: Api, device: str):
    form = {"grant_type": "password", "username": HELPER_A1.phone, "password": PASSWORD, "device_id": device}
    assert at(await api.http.post("/v1/auth/token", data=form)) == ["/device_id"]
    helper = await api.as_(HELPER_A1)
    assert at(await helper.put(f"/v1/devices/{device}", json={"waiting": 0})) == ["/device_id"]


@pytest.mark.parametrize(
    ("written", "reason"),
    [
        ("2026-02-30T10:00:00+08:00", "no_such_time"),
        ("2026-11-18T24:00:00+08:00", "no_such_time"),
        ("2026-11-18T20:10:60+08:00", "no_leap_second"),
        ("2026-11-18T20:10:00 08:00", "bad_time"),
        ("2026-11-18T20:10:00", "no_offset"),
        (1795003800, "bad_time"),
        ("1795003800", "bad_time"),
        (None, "bad_time"),
        (True, "bad_time"),
    ],
)
async def test_a_time_is_refused_for_the_true_reason(api: Api, written: Any, reason: str):
    helper = await api.as_(HELPER_A1)
    reply = await helper.post("/v1/check-ins", json=check_in() | {"captured_at": written})
    assert (at(reply), code(reply)) == (["/captured_at"], reason)


async def test_a_leap_second_is_the_moment_that_follows(api: Api):
    helper = await api.as_(HELPER_A1)
    reply = await helper.post("/v1/check-ins", json=check_in() | {"captured_at": "2016-12-31T23:59:60Z"})
    assert (reply.status_code, reply.json()["captured_at"]) == (201, "2017-01-01T00:00:00Z")


async def test_both_doors_read_a_time_in_a_query_alike(api: Api):
    helper, office = await api.as_(HELPER_A1), await api.as_(OFFICE)
    await helper.post("/v1/check-ins", json=check_in())
    own, all_of_them = "/v1/me/check-ins?since=", f"{CONSOLE}/check-ins?from="
    before = (WEDNESDAY_NIGHT - timedelta(minutes=1)).isoformat()
    for written in (
        before,
        before.replace("+", "%2B"),
        before.replace("+08:00", "+0800"),
        before.replace("T", "%20"),
    ):
        for client, path in ((helper, own), (office, all_of_them)):
            reply = await client.get(path + written)
            assert reply.status_code == 200, reply.text
            assert len(reply.json()["items"]) == 1
    for written in ("-1", "1795003800", "1795003800000", "20000000001", "2026-11-18", "2026-11-18T10:00:00%20PM"):
        assert at(await helper.get(own + written)) == ["/since"]
        assert at(await office.get(all_of_them + written)) == ["/from"]
    for written in ("0", "1795003800", "2026-11-18T00:00:00Z", "２０２６-11-18", "20261118", "2026-W47-3"):
        assert at(await office.get(f"{CONSOLE}/calendar?from={written}")) == ["/from"]


@pytest.mark.parametrize("bad", ["a\0b", "半个\ud83d"])
async def test_text_that_no_database_holds_is_refused_at_its_field(api: Api, bad: str):
    helper, office = await api.as_(HELPER_A1), await api.as_(OFFICE)

    def json_of(value: Any) -> dict[str, Any]:
        return {"content": json.dumps(value), "headers": {"Content-Type": "application/json"}}

    leave = {"id": str(uuid4()), "kind": "annual", "from_date": "2026-11-20", "until_date": "2026-11-20"}
    push = {"channel": "webpush", "subscription": {"endpoint": "https://x", "keys": {"auth": bad}}}
    posts = [
        (helper.post, "/v1/check-ins", check_in() | {"note": bad}, "/note"),
        (helper.post, "/v1/check-ins", check_in() | {"form": {"kind": "x", "t": [bad]}}, "/form/t/0"),
        (helper.post, "/v1/check-ins", check_in() | {"app_version": bad}, "/app_version"),
        (helper.post, "/v1/me/leave", leave | {"reason": bad}, "/reason"),
        (helper.put, "/v1/devices/phone-1", {"push": {"channel": "fcm", "token": bad}}, "/push/token"),
        (helper.put, "/v1/devices/phone-1", {"push": push}, "/push/subscription/keys/auth"),
        (helper.put, "/v1/me/notice-settings", {"addresses": {"sms": bad}}, "/addresses/sms"),
        (office.post, f"{CONSOLE}/deliveries/resend", {"channel": bad}, "/channel"),
    ]
    for send, path, body, pointer in posts:
        reply = await send(path, **json_of(body))
        assert (at(reply), code(reply)) == ([pointer], "bad_text"), (path, reply.text)


async def test_nul_is_refused_in_forms_queries_and_paths(api: Api):
    helper, office = await api.as_(HELPER_A1), await api.as_(OFFICE)
    form = {"grant_type": "password", "username": HELPER_A1.phone, "password": PASSWORD, "device_id": "phone-1"}
    for name in ("grant_type", "username", "password", "device_id"):
        assert at(await api.http.post("/v1/auth/token", data=form | {name: "a\0b"})) == [f"/{name}"]
    refresh = {"grant_type": "refresh_token", "refresh_token": "451029.a\0b"}
    assert at(await api.http.post("/v1/auth/token", data=refresh)) == ["/refresh_token"]
    assert at(await helper.put("/v1/devices/a%00b", json={"waiting": 0})) == ["/device_id"]
    assert at(await helper.get("/v1/me/duties?period=2026%00")) == ["/period"]
    for query, pointer in (
        ("people?q=a%00", "/q"),
        ("duties?status=%00", "/status"),
        ("check-ins?cursor=%00", "/cursor"),
    ):
        assert at(await office.get(f"{CONSOLE}/{query}")) == [pointer]


async def test_a_pointer_is_to_a_field_that_is_there_or_that_is_missing(api: Api):
    helper, office = await api.as_(HELPER_A1), await api.as_(OFFICE)
    headers = {"Content-Type": "application/json"}
    for raw in (b'{"kind":"annual","re', b"{", b"nonsense", b'{"kind": "annual",}', b'"\xff'):
        reply = await helper.post("/v1/me/leave", content=raw, headers=headers)
        assert reply.status_code in (400, 422)
        assert [error["pointer"] for error in reply.json()["errors"]] in ([""], [])
    for whole in ([], [1], "text", 7, None, [{"kind": "annual"}]):
        assert at(await helper.post("/v1/me/leave", content=json.dumps(whole), headers=headers)) == [""]
    assert at(await helper.post("/v1/me/leave", json={})) == [
        "/id",
        "/kind",
        "/from_date",
        "/until_date",
        "/reason",
    ]
    reminders = {"quiet_from": 0, "quiet_until": 0, "remind_at": 0, "digest_day": 1, "digest_at": 0}
    for odd in (None, {"a": 1}, [1]):
        settings = reminders | {"reminders": [0.5, odd]}
        assert at(await office.put(f"{CONSOLE}/notice-settings", json=settings)) == ["/reminders/1"]
    named = {"addresses": {"x" * 41: "a"}}
    assert at(await helper.put("/v1/me/notice-settings", json=named)) == [f"/addresses/{'x' * 41}"]


async def test_numbers_in_other_clothes_are_none(api: Api):
    office = await api.as_(OFFICE)
    for written in ("1_0", "1.0", "%2010", "１０", "0x10", "1e1", "nan"):
        assert at(await office.get(f"{CONSOLE}/people?limit={written}")) == ["/limit"]
        assert at(await office.get(f"{CONSOLE}/coverage?not_visited_for_days={written}")) == [
            "/not_visited_for_days"
        ]
    boxes = ["24,106,25,107", "107,24,106,25", "106,25,107,24", "106,24,106,25", "106,24,107,24", "106,24,181,25"]
    boxes += [
        "1_06,24,107,25",
        "nan,24,107,25",
        "-inf,24,inf,25",
        "106,24,107",
        "106,24,107,25,1",
        "106;24;107;25",
        "",
    ]
    for box in boxes:
        assert at(await office.get(f"{CONSOLE}/check-ins?bbox={box}")) == ["/bbox"], box
    for box in ("106,24,107,25", "%20106.5, 24 ,107,25", "1.06e2,24,107,25"):
        assert (await office.get(f"{CONSOLE}/check-ins?bbox={box}")).status_code == 200
    assert at(await office.get(f"{CONSOLE}/duties?period=２０２６-W47")) == ["/period"]
    assert at(await office.get(f"{CONSOLE}/villages/４５１０２９１００２０１")) == ["/village_id"]


@pytest.mark.parametrize(
    "written",
    [
        "+86 139-0000-0003",
        "0086" + HELPER_A1.phone,
        "１３９００００００03",
        "\u202d13900000003\u202c",
        "\ufeff139 0000 0003",
    ],
)
async def test_a_phone_number_is_the_same_however_it_is_written(api: Api, written: str):
    form = {"grant_type": "password", "username": written, "password": PASSWORD, "device_id": "phone-9"}
    assert (await api.http.post("/v1/auth/token", data=form)).status_code == 200
    office = await api.as_(OFFICE)
    found = (await office.get(f"{CONSOLE}/people", params={"q": written})).json()["items"]
    assert [item["phone"] for item in found] == [HELPER_A1.phone]
    assert (await office.get(f"{CONSOLE}/people", params={"q": "+86"})).json()["items"] == []
