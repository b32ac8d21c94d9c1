"""What is no proper HTTP or JSON at all, and what only looks like a header, a cursor or a size."""

import asyncio
import base64
import json
from typing import Any
from uuid import uuid4

import pytest

from tests.support import county
from tests.support.county import COUNTY, known_id
from tests.support.server import Api, check_in

POSTS = ["/v1/check-ins", "/v1/check-ins/batch", "/v1/me/client-keys", f"/v1/counties/{COUNTY}/assignments"]
BODIES = [
    (b"", "application/json"),
    (b"\xff\xfe\x00", "application/json"),
    (b"\xef\xbb\xbf{}", "application/json"),
    (b'{"id": "\xff"}', "application/json"),
    (b"[" * 100_000, "application/json"),
    (b'{"a":' * 100_000 + b"1" + b"}" * 100_000, "application/json"),
    (b"9" * 100_000, "application/json"),
    (b'{"check_ins": {"0": {}}}', "application/json"),
    (b'{"check_ins": []}', "application/json"),
    (json.dumps({"check_ins": [1] * 501}).encode(), "application/json"),
    (b"id=1&note=2", "application/x-www-form-urlencoded"),
    (b"<a/>", "application/xml"),
    (b"--x\r\nContent-Disposition: form-data; name=a\r\n\r\n", "multipart/form-data; boundary=x"),
    (b"{}", "application/json; charset=no-such-charset"),
    (b"{}", "\xff/\xff"),
]
HEADERS = [
    ("Accept-Language", "en;q=nan, zh;q=1e999, *;q=-1"),
    ("Accept-Language", "," * 8000),
    ("Accept-Language", "zh-" + "\xe4" * 500),
    ("X-Request-Id", "a\tb: c"),
    ("Authorization", "Bearer"),
    ("Authorization", "Bearer " + "e30." * 3),
    ("Authorization", "Bearer \xff.\xff.\xff"),
    ("Authorization", "Basic YTpi"),
    ("If-None-Match", '"\xff'),
    ("Content-Length", "1_0"),
    ("Cookie", "a=" + "b" * 5000),
]


@pytest.mark.parametrize("path", POSTS)
async def test_bodies(api: Api, path: str):
    office = await api.as_(county.OFFICE)
    for body, kind in BODIES:
        reply = await office.post(path, content=body, headers={"Content-Type": kind.encode("latin-1")})
        assert reply.status_code in {400, 413, 415, 422}, (body[:50], reply.text)
        assert reply.headers["content-type"] == "application/problem+json", body[:50]


async def test_a_body_without_end_is_cut_off(api: Api):
    helper = await api.as_(county.HELPER_A1)
    sent = 0

    async def endless() -> Any:
        nonlocal sent
        while sent < 64 * 1024 * 1024:
            sent += 65536
            yield b" " * 65536

    for method, path, kind in (
        ("POST", "/v1/check-ins/batch", "application/json"),
        ("POST", "/v1/me/client-keys", "application/json"),
        ("POST", "/v1/auth/token", "application/x-www-form-urlencoded"),
        ("PUT", f"/v1/photos/{uuid4()}", "image/jpeg"),
    ):
        sent = 0
        reply = await helper.request(method, path, content=endless(), headers={"Content-Type": kind})
        assert reply.status_code in {400, 413}, path  # 400: a form's field that is too long
        assert reply.headers["content-type"] == "application/problem+json", path
        assert sent < 32 * 1024 * 1024


async def test_headers(api: Api):
    helper = await api.as_(county.HELPER_A1)
    for name, value in HEADERS:
        reply = await helper.get("/v1/me/villages", headers={name: value.encode("latin-1")})
        assert reply.status_code == (401 if name == "Authorization" else 200), (name, value)
        assert len(reply.headers["x-request-id"]) == 32, (name, value)  # not what the caller made up


async def test_cursors(api: Api):
    office = await api.as_(county.OFFICE)
    values: list[Any] = [
        "",
        "\x00",
        "2026-11-18",
        "9999-12-31T23:59:59",
        "0001-01-01T00:00:00+14:00",
        10**30,
        1e999,
        [],
        {},
    ]
    written = [b"[" * 100_000, b"1" * 5000, b"{}", b"null", b"\xff"]
    for listing, path, parts in (
        ("check-ins", f"/v1/counties/{COUNTY}/check-ins", 2),
        ("check-ins-oldest", f"/v1/counties/{COUNTY}/check-ins?order=oldest", 2),
        ("flags", f"/v1/counties/{COUNTY}/flags", 2),
        ("duties", f"/v1/counties/{COUNTY}/duties", 3),
        ("people", f"/v1/counties/{COUNTY}/people", 2),
        ("quarantine", f"/v1/counties/{COUNTY}/quarantine", 1),
        ("my-check-ins", "/v1/me/check-ins", 2),
        ("appeals", f"/v1/counties/{COUNTY}/appeals", 3),
        ("my-notices", "/v1/me/notices", 2),
        ("my-quarantine", "/v1/me/quarantine", 1),
        ("my-appeals", "/v1/me/appeals", 2),
    ):
        tried = [json.dumps([listing, *[value] * (parts - 1), str(known_id("x"))]).encode() for value in values]
        for cursor in [*tried, *written]:
            address = path + ("&" if "?" in path else "?")
            reply = await office.get(f"{address}cursor={base64.urlsafe_b64encode(cursor[:6000]).decode()}")
            assert reply.status_code in {200, 422}, (path, cursor[:80], reply.text)
            if reply.status_code == 422:
                assert reply.json()["errors"][0]["pointer"] == "/cursor"


async def test_poison_among_many_posts_at_once(api: Api):
    """Gathered into common sets: every right one is acknowledged and there, every wrong one says why."""
    people = (county.HELPER_A1, county.RESIDENT_A2, county.HELPER_B1, county.LEADER_A)
    phones = [await api.as_(who) for who in people]
    wrong = [
        {"note": "\x00"},
        {"household_id": str(known_id("nowhere"))},
        {"position": {"lon": 1e308}},
        {"captured_at": "2026-02-30T00:00:00Z"},
        {"photo_ids": ["x"]},
        {"form": {"a": "\x00"}},
    ]
    items = [check_in(**(wrong[number // 2 % len(wrong)] if number % 2 else {})) for number in range(64)]
    items[1]["id"] = items[0]["id"].upper()  # another's id, in capitals
    replies = await asyncio.gather(
        *(phones[number % 4].post("/v1/check-ins", json=item) for number, item in enumerate(items))
    )
    for number, (item, reply) in enumerate(zip(items, replies, strict=True)):
        assert reply.status_code == (422 if number % 2 else 201), (item, reply.text)
        stored = await phones[number % 4].get(f"/v1/me/check-ins/{item['id']}")
        assert stored.status_code == (404 if number % 2 else 200)


async def test_one_id_in_one_batch(api: Api):
    """In any spelling it is the same id: the first of it is recorded."""
    helper = await api.as_(county.HELPER_A1)
    first = check_in(note="first")
    again = first | {"id": first["id"].replace("-", "").upper()}
    braced = first | {"id": f"{{{first['id']}}}"}
    other = first | {"id": f"urn:uuid:{first['id']}", "note": "second"}
    last = check_in(note="last")
    reply = await helper.post("/v1/check-ins/batch", json={"check_ins": [first, again, other, braced, last]})
    results = reply.json()["results"]
    assert [result["status"] for result in results] == [
        "recorded",
        "duplicate",
        "conflict",
        "duplicate",
        "recorded",
    ]
    assert {result["id"] for result in results[:4]} == {first["id"]}
    assert (await helper.get(f"/v1/me/check-ins/{first['id']}")).json()["note"] == "first"
