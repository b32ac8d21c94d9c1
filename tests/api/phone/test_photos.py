"""Uploading photos through the phone's door: what is kept, what is refused, and who may look."""

import asyncio
import re
from collections.abc import AsyncIterator
from datetime import UTC, datetime
from pathlib import Path
from uuid import UUID, uuid4

import httpx
import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st
from sqlalchemy import text

from app.photos.decoding import decode
from tests.support.camera import exif, photo
from tests.support.county import HELPER_A1, HELPER_B1, LEADER_A
from tests.support.server import SHANGHAI, WEDNESDAY_NIGHT, Api, running

LIMIT = 300_000


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return tmp_path / "photos"


@pytest.fixture
async def api(county_url: str, folder: Path) -> AsyncIterator[Api]:
    async with running(county_url, photo_store=str(folder), photo_bytes=LIMIT) as started:
        yield started


@pytest.fixture
async def helper(api: Api) -> httpx.AsyncClient:
    return await api.as_(HELPER_A1)


def files(folder: Path) -> list[str]:
    return sorted(str(path.relative_to(folder)) for path in folder.rglob("*") if path.is_file())


def empty(folder: Path) -> None:
    for path in folder.rglob("*.jpg"):
        path.unlink()


def block(folder: Path) -> None:
    folder.rename(folder.with_name("gone"))
    folder.write_text("no folder")


async def rows_of(api: Api) -> int:
    async with api.database.transaction() as session:
        return int((await session.execute(text("SELECT count(*) FROM photo"))).scalar_one())


async def test_a_photo_is_kept_without_what_is_no_evidence_and_read_back(
    api: Api, helper: httpx.AsyncClient, folder: Path
):
    photo_id, data = uuid4(), photo(exif=exif("2026:11:18 20:05:00", position=(106.22, 24.32)))
    kept = decode(data, zone=SHANGHAI).kept
    assert b"Yefang" in data
    assert b"Yefang" not in kept
    reply = await helper.put(f"/v1/photos/{photo_id}", content=data, headers={"Content-Type": "text/html"})
    assert reply.status_code == 201, reply.text
    body = reply.json()
    assert datetime.fromisoformat(body.pop("uploaded_at")) == WEDNESDAY_NIGHT
    assert datetime.fromisoformat(body.pop("taken_at")) == WEDNESDAY_NIGHT.replace(minute=5)
    assert body == {
        "id": str(photo_id),
        "content_type": "image/jpeg",
        "size_bytes": len(kept),
        "width": 64,
        "height": 48,
        "deleted_at": None,
    }
    original, thumbnail = files(folder)
    assert re.fullmatch(rf"451029/2026/11/{photo_id}\.[0-9a-f]{{32}}\.jpg", original)
    assert thumbnail == f"{original}.thumbnail.jpg"

    read = await helper.get(f"/v1/me/photos/{photo_id}")
    assert (read.status_code, read.content) == (200, kept)
    assert read.headers["content-type"] == "image/jpeg"
    assert read.headers["content-length"] == str(len(kept))
    assert read.headers["content-disposition"] == f'inline; filename="{photo_id}.jpg"'
    assert read.headers["cache-control"].startswith("private")
    assert read.headers["x-content-type-options"] == "nosniff"
    small = await helper.get(f"/v1/me/photos/{photo_id}/thumbnail")
    assert (small.status_code, small.headers["content-type"]) == (200, "image/jpeg")
    assert small.content.startswith(b"\xff\xd8\xff")
    assert b"Exif" in data
    assert b"Exif" not in small.content


async def test_the_bytes_decide_what_it_is(helper: httpx.AsyncClient):
    for written_as, content_type in (("PNG", "image/png"), ("WEBP", "image/webp")):
        photo_id = uuid4()
        sent = await helper.put(
            f"/v1/photos/{photo_id}", content=photo(format=written_as), headers={"Content-Type": "image/jpeg"}
        )
        assert sent.json()["content_type"] == content_type
        read = await helper.get(f"/v1/me/photos/{photo_id}")
        assert read.headers["content-type"] == content_type


async def test_the_same_bytes_again_are_the_same_photo(api: Api, helper: httpx.AsyncClient, folder: Path):
    where, data = f"/v1/photos/{uuid4()}", photo()
    api.clock.now = WEDNESDAY_NIGHT.astimezone(UTC)
    first = await helper.put(where, content=data)
    api.clock.turn(days=40)
    helper = await api.as_(HELPER_A1)
    again = await helper.put(where, content=data)
    assert (first.status_code, again.status_code) == (201, 200)
    assert again.json() == first.json()
    assert len(files(folder)) == 2
    for other, who in ((photo(shade=7), helper), (data, await api.as_(HELPER_B1))):
        reply = await who.put(where, content=other)
        assert (reply.status_code, reply.json()["type"]) == (409, "/problems/id-reused")
        assert "照片" in reply.json()["detail"]
    assert len(files(folder)) == 2
    assert (await helper.get(f"/v1/me{where.removeprefix('/v1')}")).content == data


async def test_uploads_of_one_id_at_once_are_one_photo_whose_bytes_are_there(api: Api, helper: httpx.AsyncClient):
    where = f"/v1/photos/{uuid4()}"
    shades = [photo(shade=shade) for shade in (1, 2, 3)]
    bodies = shades * 4
    replies = await asyncio.gather(*(helper.put(where, content=body) for body in bodies))
    statuses = [reply.status_code for reply in replies]
    assert sorted(statuses) == [200] * 3 + [201] + [409] * 8
    won = bodies[statuses.index(201)]
    assert {body for body, status in zip(bodies, statuses, strict=True) if status != 409} == {won}
    assert (await helper.get(f"/v1/me{where.removeprefix('/v1')}")).content == won
    assert await rows_of(api) == 1


async def test_many_photos_at_once(helper: httpx.AsyncClient):
    bodies = {uuid4(): photo(shade=shade) for shade in range(20)}
    replies = await asyncio.gather(
        *(helper.put(f"/v1/photos/{key}", content=data) for key, data in bodies.items())
    )
    assert {reply.status_code for reply in replies} == {201}
    read = await asyncio.gather(*(helper.get(f"/v1/me/photos/{key}") for key in bodies))
    assert [reply.content for reply in read] == list(bodies.values())


@pytest.mark.parametrize(
    ("data", "status", "code"),
    [
        (b"", 422, "empty_photo"),
        (b"\0" * 300, 415, None),
        (b"<html>no network</html>", 415, None),
        (b"\0\0\0\x18ftypheic" + b"\0" * 300, 415, None),
        (photo()[:-200], 422, "corrupt_photo"),
        (photo(format="GIF"), 415, None),
    ],
)
async def test_what_is_no_photo_is_refused_in_both_languages_and_leaves_nothing(
    api: Api, folder: Path, data: bytes, status: int, code: str | None
):
    details = set()
    for language in ("zh-CN", "en"):
        helper = await api.as_(HELPER_A1, **{"Accept-Language": language})
        reply = await helper.put(f"/v1/photos/{uuid4()}", content=data, headers={"Content-Type": "image/jpeg"})
        assert (reply.status_code, reply.headers["content-type"]) == (status, "application/problem+json")
        assert [error["code"] for error in reply.json()["errors"]] == ([code] if code else [])
        details.add(reply.json()["detail"])
    assert len(details) == 2
    assert (files(folder), await rows_of(api)) == ([], 0)


async def test_the_limit_holds_while_reading_whatever_was_declared(api: Api, helper: httpx.AsyncClient):
    sent = 0

    async def endless() -> AsyncIterator[bytes]:
        nonlocal sent
        while sent < 100 * LIMIT:
            sent += 10_000
            yield b"\xff\xd8\xff" + b"\0" * 9_997

    for headers in ({}, {"Content-Length": "5"}):
        sent = 0
        reply = await helper.put(f"/v1/photos/{uuid4()}", content=endless(), headers=headers)
        assert (reply.status_code, reply.json()["type"]) == (413, "/problems/too-large")
        assert "292 KiB" in reply.json()["detail"]
        assert sent <= LIMIT + 10_000
    exact = photo().ljust(LIMIT, b"\0")  # cameras append what no decoder reads
    assert (await helper.put(f"/v1/photos/{uuid4()}", content=exact)).status_code == 201


async def test_no_connection_is_held_while_a_slow_phone_uploads(county_url: str, folder: Path):
    """Twelve uploads that trickle, two connections: a check of who one is still goes through."""
    async with running(county_url, photo_store=str(folder), pool_size=2) as api:
        helper, go = await api.as_(HELPER_A1), asyncio.Event()

        async def trickle() -> AsyncIterator[bytes]:
            data = photo()
            yield data[:100]
            await go.wait()
            yield data[100:]

        uploads = [asyncio.create_task(helper.put(f"/v1/photos/{uuid4()}", content=trickle())) for _ in range(12)]
        async with asyncio.timeout(20):
            assert (await helper.get("/v1/me")).status_code == 200
        go.set()
        assert {reply.status_code for reply in await asyncio.gather(*uploads)} == {201}


async def test_too_many_or_too_slow_is_said(api: Api, helper: httpx.AsyncClient, monkeypatch: pytest.MonkeyPatch):
    arrives, go = asyncio.Event(), asyncio.Event()

    async def stuck() -> AsyncIterator[bytes]:
        yield photo()[:100]
        arrives.set()
        await go.wait()
        yield photo()[100:]

    with monkeypatch.context() as small:
        small.setattr("app.flows.keep_photo._MOST_UPLOADS", 1)
        first = asyncio.create_task(helper.put(f"/v1/photos/{uuid4()}", content=stuck()))
        await arrives.wait()
        busy = await helper.put(f"/v1/photos/{uuid4()}", content=photo())
        assert (busy.status_code, busy.json()["type"]) == (503, "/problems/busy")
        assert busy.headers["retry-after"]
        go.set()
        assert (await first).status_code == 201
        go.clear()
        small.setattr("app.phone.routes.photos._PATIENCE_S", 0.05)
        slow = await helper.put(f"/v1/photos/{uuid4()}", content=stuck())
        assert (slow.status_code, slow.json()["type"]) == (408, "/problems/too-slow")
    assert (await helper.put(f"/v1/photos/{uuid4()}", content=photo())).status_code == 201


async def test_only_ones_own_by_the_phones_door(api: Api, helper: httpx.AsyncClient):
    photo_id = uuid4()
    await helper.put(f"/v1/photos/{photo_id}", content=photo())
    for who in (HELPER_B1, LEADER_A):
        other = await api.as_(who)
        for path in ("", "/thumbnail"):
            assert (await other.get(f"/v1/me/photos/{photo_id}{path}")).status_code == 404
    assert (await helper.get(f"/v1/me/photos/{uuid4()}")).status_code == 404
    assert (await helper.get("/v1/me/photos/no-uuid")).status_code == 422
    assert (await helper.put("/v1/photos/no-uuid", content=photo())).status_code == 422


async def test_without_a_session_nothing_is_read(api: Api, helper: httpx.AsyncClient):
    assert (await api.http.put(f"/v1/photos/{uuid4()}", content=photo())).status_code == 401
    assert (await helper.post("/v1/auth/logout")).status_code == 204

    async def body() -> AsyncIterator[bytes]:
        pytest.fail("read")
        yield b""

    reply = await helper.put(f"/v1/photos/{uuid4()}", content=body())
    assert (reply.status_code, reply.json()["type"]) == (401, "/problems/session-ended")


async def test_a_store_out_of_reach_is_503_and_nothing_is_acknowledged(api: Api, folder: Path):
    helper = await api.as_(HELPER_A1, **{"Accept-Language": "en"})
    block(folder)
    reply = await helper.put(f"/v1/photos/{uuid4()}", content=photo())
    assert (reply.status_code, reply.json()["type"]) == (503, "/problems/unavailable")
    assert "store of photos" in reply.json()["detail"]
    assert reply.headers["retry-after"]
    assert await rows_of(api) == 0


async def test_an_object_that_is_gone_is_said_to_be(helper: httpx.AsyncClient, folder: Path):
    photo_id = uuid4()
    await helper.put(f"/v1/photos/{photo_id}", content=photo())
    empty(folder)
    reply = await helper.get(f"/v1/me/photos/{photo_id}")
    assert (reply.status_code, reply.headers["content-type"]) == (410, "application/problem+json")


@pytest.mark.filterwarnings("ignore")  # Pillow warns of what it cannot read
async def test_whatever_is_sent_it_is_never_our_fault(helper: httpx.AsyncClient):
    starts = st.sampled_from([b"", b"\xff\xd8\xff", b"\x89PNG\r\n\x1a\n", b"RIFF\x20\0\0\0WEBP", photo()[:300]])

    @settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.too_slow])
    @given(
        start=starts,
        rest=st.binary(max_size=200),
        photo_id=st.uuids(),
        kind=st.text(st.characters(codec="latin-1")),
    )
    @example(b"", b"\0", UUID(int=0), "image/jpeg")
    def send(start: bytes, rest: bytes, photo_id: UUID, kind: str) -> None:
        sent.append((photo_id, start + rest, kind.encode("latin-1")))

    sent: list[tuple[UUID, bytes, bytes]] = []
    await asyncio.to_thread(send)
    for photo_id, body, kind in sent:
        reply = await helper.put(f"/v1/photos/{photo_id}", content=body, headers={b"content-type": kind})
        assert 400 <= reply.status_code < 500, (body, reply.text)
