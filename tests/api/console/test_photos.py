"""Photos on the console: who may look, and who is on record as having looked."""

from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any
from uuid import uuid4

import pytest
from sqlalchemy import text

from tests.support import county
from tests.support.camera import photo
from tests.support.county import COUNTY, OTHER_COUNTY
from tests.support.server import Api, check_in, running

BASE = f"/v1/counties/{COUNTY}/photos"
DATA = photo()


@pytest.fixture
async def api(county_url: str, tmp_path: Path) -> AsyncIterator[Api]:
    async with running(county_url, photo_store=str(tmp_path)) as started:
        yield started


@pytest.fixture
async def uploaded(api: Api) -> str:
    photo_id = str(uuid4())
    async with await api.as_(county.HELPER_A1) as helper:
        assert (await helper.put(f"/v1/photos/{photo_id}", content=DATA)).status_code == 201
    return photo_id


async def seen(api: Api) -> list[tuple[Any, ...]]:
    async with api.database.transaction() as session:
        found = await session.execute(
            text(
                "SELECT actor_id, subject, detail FROM audit_entry"
                " WHERE county_id = :county_id AND action = 'location.seen' ORDER BY id"
            ),
            {"county_id": COUNTY},
        )
        return [tuple(row) for row in found]


async def test_supervisors_see_their_peoples_photos_and_are_on_record(api: Api, uploaded: str):
    async with await api.as_(county.LEADER_A) as leader:
        read = await leader.get(f"{BASE}/{uploaded}")
        assert (read.status_code, read.content, read.headers["content-type"]) == (200, DATA, "image/jpeg")
        assert read.headers["content-disposition"] == f'inline; filename="{uploaded}.jpg"'
        assert read.headers["cache-control"].startswith("private")
        small = await leader.get(f"{BASE}/{uploaded}/thumbnail")
        assert (small.status_code, small.headers["content-type"]) == (200, "image/jpeg")
        assert small.content != DATA
    subject = f"person:{county.HELPER_A1.id}"
    assert await seen(api) == [
        (county.LEADER_A.id, subject, {"photo": uploaded, "thumbnail": False}),
        (county.LEADER_A.id, subject, {"photo": uploaded, "thumbnail": True}),
    ]


async def test_out_of_scope_there_is_no_photo(api: Api, uploaded: str):
    for who in (county.LEADER_B, county.HELPER_B1, county.RESIDENT_A2):
        async with await api.as_(who) as client:
            for path in (f"/{uploaded}", f"/{uploaded}/thumbnail"):
                reply = await client.get(f"{BASE}{path}")
                assert (reply.status_code, reply.json()["type"]) == (404, "/problems/not-found")
    async with await api.as_(county.STRANGER) as stranger:
        assert (await stranger.get(f"{BASE}/{uploaded}")).status_code == 404
        assert (await stranger.get(f"/v1/counties/{OTHER_COUNTY}/photos/{uploaded}")).status_code == 404
    assert (await api.http.get(f"{BASE}/{uploaded}")).status_code == 401
    assert await seen(api) == []


async def test_a_look_at_ones_own_is_not_on_record(api: Api, uploaded: str):
    async with await api.as_(county.HELPER_A1) as helper:
        assert (await helper.get(f"{BASE}/{uploaded}")).content == DATA
        assert (await helper.get(f"{BASE}/{uuid4()}")).status_code == 404
        assert (await helper.get(f"{BASE}/x")).status_code == 422
    assert await seen(api) == []


async def test_a_check_in_shows_its_persons_photos_in_order(api: Api, uploaded: str):
    second, missing, foreign = (str(uuid4()) for _ in range(3))
    async with await api.as_(county.HELPER_B1) as other:
        await other.put(f"/v1/photos/{foreign}", content=photo(shade=3))
    async with await api.as_(county.HELPER_A1) as helper:
        await helper.put(f"/v1/photos/{second}", content=photo(shade=2))
        named = [second, missing, uploaded, foreign]
        sent = await helper.post("/v1/check-ins", json=check_in(photo_ids=named))
    async with await api.as_(county.LEADER_A) as leader:
        body = (await leader.get(f"/v1/counties/{COUNTY}/check-ins/{sent.json()['id']}")).json()
        assert body["photo_ids"] == named
        assert [each["id"] for each in body["photos"]] == [second, uploaded]
        shown = body["photos"][1]
        assert (shown["width"], shown["height"], shown["taken_at"], shown["deleted_at"]) == (64, 48, None, None)
        assert (await leader.get(shown["original"])).content == DATA
        assert (await leader.get(shown["thumbnail"])).headers["content-type"] == "image/jpeg"
