"""What strangers may send, what one person may ask for, and that a visit outlives each refusal."""

import asyncio
import re
from collections.abc import AsyncIterator
from uuid import uuid4

import httpx
import pytest
from sqlalchemy import text

from app.directory.rights import Ability
from app.exchange.guards import MOST_BYTES
from app.http.abilities import declared
from app.phone.schemas.checkins import MAX_BATCH_BYTES
from tests.api.test_dead_tokens import OPEN, paths
from tests.support import camera
from tests.support.cluster import Server
from tests.support.county import A1, COUNTY, HELPER_A1, LEADER_A
from tests.support.server import Api, check_in, running

PER_MINUTE, PER_DAY = 30, 10
PHOTOS = """
INSERT INTO photo
  (county_id, id, person_id, sha256, format, size_bytes, width, height, object_key, uploaded_at, looks)
SELECT '451029', gen_random_uuid(), :id, sha256(CAST(CAST(number AS text) AS bytea)), 'jpeg', 1, 1, 1,
  CAST(number AS text), :now, ARRAY[CAST(0 AS bit(128))]
FROM generate_series(1, 500) AS number
"""
MIB = 1024 * 1024


@pytest.fixture(scope="module")
async def api(server: Server, template: str, tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Api]:
    folder = tmp_path_factory.mktemp("photos")
    async with server.database(template) as url, running(url, photo_store=str(folder)) as api:
        yield api


@pytest.fixture
async def mean(database_url: str) -> AsyncIterator[Api]:
    """Who may ask little."""
    async with running(database_url, requests_per_minute=PER_MINUTE, check_ins_per_day=PER_DAY) as api:
        yield api


class Trickle:
    """A body that is sent in pieces, for as long as somebody reads it."""

    def __init__(self, pieces: int, piece: bytes = bytes(MIB)) -> None:
        self.read, self._pieces, self._piece = 0, pieces, piece

    async def __aiter__(self) -> AsyncIterator[bytes]:
        for _ in range(self._pieces):
            self.read += 1
            yield self._piece


async def test_no_stranger_sends_a_body_to_what_is_not_open_to_them(api: Api):
    ended = await api.sign_in(LEADER_A, device_id=None)
    dead = {"Authorization": f"Bearer {ended['access_token']}"}
    assert (await api.http.post("/v1/auth/logout", headers=dead)).status_code == 204
    for method, path in paths(api, but=OPEN):
        for headers in ({}, {"Authorization": "Bearer forged"}, dead):
            body = Trickle(1, b"{}")
            json = {"Content-Type": "application/json"}
            reply = await api.http.request(method, path, content=body, headers=headers | json)
            assert reply.status_code == 401, (method, path, headers)
            assert reply.headers["content-type"] == "application/problem+json"
    for path in (f"/v1/photos/{uuid4()}", f"/v1/counties/{COUNTY}/imports/people", "/v1/check-ins/batch"):
        large = Trickle(8)
        reply = await api.http.request("PUT" if "photos" in path else "POST", path, content=large, headers=dead)
        assert (reply.status_code, large.read) == (401, 0), path
    with_bad_key = {"Authorization": "Basic " + "eDp5"}
    for path in ("owntracks", "overland"):
        large = Trickle(8)
        reply = await api.http.post(f"/v1/clients/{path}", content=large, headers=with_bad_key)
        assert (reply.status_code, large.read) == (401, 0)
    large = Trickle(64)
    assert (await api.http.post("/v1/clients/osmand?id=bad", content=large)).status_code == 401
    assert large.read <= 6, "it may hold the key, and no key is that far behind"


async def test_every_route_has_a_most_that_it_reads(api: Api):
    """The least of them: what one signs in with."""
    bearer = {"Authorization": f"Bearer {(await api.sign_in(LEADER_A, device_id=None))['access_token']}"}
    files = {"/imports/{kind}", "/circular-template/{language}", "/geofences", "/photos/{photo_id}"}
    for method, path, ability in declared(api.app.routes):
        if method not in {"POST", "PUT", "PATCH", "DELETE"} or ability in {None, Ability.BY_CLIENT_KEY}:
            continue
        takes_files = any(path.endswith(each) for each in files)
        most = MIB // 16 if ability is Ability.PUBLIC else 66 * MIB if takes_files else MAX_BATCH_BYTES + MIB
        body = Trickle(80 if takes_files else 3)
        filled = re.sub(r"\{(\w+)\}", lambda name: {"county_id": COUNTY}.get(name[1], str(uuid4())), path)
        content = "multipart/form-data; boundary=x" if takes_files else "application/json"
        reply = await api.http.request(method, filled, content=body, headers=bearer | {"Content-Type": content})
        assert body.read * MIB <= most + 2 * MIB, (method, path)
        assert 400 <= reply.status_code < 500 or body.read == 0, (method, path, reply.status_code)
    declares = {"Content-Length": str(MOST_BYTES * 4), "Content-Type": "multipart/form-data; boundary=x"}
    body = Trickle(4)
    reply = await api.http.post(f"/v1/counties/{COUNTY}/imports/people", content=body, headers=bearer | declares)
    assert (reply.status_code, body.read) == (413, 0)


async def test_one_person_asks_so_often_and_others_as_before(mean: Api):
    async with await mean.as_(HELPER_A1) as greedy, await mean.as_(LEADER_A) as other:
        asked, reply = 0, await greedy.get("/v1/me/notices")
        while reply.status_code == 200 and (asked := asked + 1) < 3 * PER_MINUTE:
            reply = await greedy.get("/v1/me/notices")
        assert asked >= PER_MINUTE
        assert (reply.status_code, reply.json()["type"]) == (429, "/problems/over-quota")
        assert int(reply.headers["retry-after"]) > 0
        assert (await other.get("/v1/me/notices")).status_code == 200
        assert (await mean.http.get("/healthz")).status_code == 200


async def test_strangers_of_one_address_keep_nobody_out_who_is_signed_in(mean: Api):
    async with await mean.as_(HELPER_A1) as phone:
        statuses = [(await mean.http.get("/healthz")).status_code for _ in range(40 * PER_MINUTE)]
        assert 429 in statuses[20 * PER_MINUTE :]
        assert 429 not in statuses[: 20 * PER_MINUTE]
        assert (await phone.get("/v1/me")).status_code == 200


async def test_who_holds_many_requests_open_holds_their_own_places(api: Api):
    """Bodies that never end: as many as one person has places, and not one more."""
    tokens = [(await api.sign_in(who, device_id=None))["access_token"] for who in (HELPER_A1, LEADER_A)]
    greedy, other = ({"Authorization": f"Bearer {token}"} for token in tokens)
    ends = asyncio.Event()

    async def endless() -> AsyncIterator[bytes]:
        yield b"{"
        await ends.wait()

    most = api.app.state.services.limits.at_once_by_person.most
    path = "/v1/check-ins"
    held = [asyncio.create_task(api.http.post(path, content=endless(), headers=greedy)) for _ in range(most)]
    while api.app.state.services.limits.at_once_by_person._under_way.total() < most:  # noqa: ASYNC110
        await asyncio.sleep(0)
    refused = await api.http.get("/v1/me", headers=greedy)
    assert (refused.status_code, refused.headers["retry-after"]) == (429, "5")
    assert (await api.http.get("/v1/me", headers=other)).status_code == 200
    ends.set()
    assert {reply.status_code for reply in await asyncio.gather(*held)} == {400}
    assert (await api.http.get("/v1/me", headers=greedy)).status_code == 200


async def test_more_visits_than_anybody_makes_wait_and_are_not_given_up(mean: Api):
    visits = [check_in(A1) for _ in range(PER_DAY + 5)]

    async def send(phone: httpx.AsyncClient, these: list[dict[str, object]]) -> httpx.Response:
        return await phone.post("/v1/check-ins/batch", json={"check_ins": these})

    async with await mean.as_(HELPER_A1) as phone:
        assert (await send(phone, visits)).status_code == 200, "a batch that was begun is taken whole"
        for reply in (await send(phone, visits[:1]), await phone.post("/v1/check-ins", json=visits[0])):
            assert (reply.status_code, reply.json()["type"]) == (429, "/problems/over-quota")
            assert int(reply.headers["retry-after"]) > 0
    async with await mean.as_(LEADER_A) as phone:
        for _ in range(3):  # answers that are lost cost nothing
            assert (await send(phone, [check_in(A1)])).status_code == 200
        again = [check_in(A1)] * PER_DAY
        for _ in range(3):
            assert (await send(phone, again)).status_code == 200


async def test_more_devices_and_photos_than_anybody_has_in_a_day_wait(api: Api):
    async with await api.as_(HELPER_A1) as phone:
        replies = [await phone.put(f"/v1/devices/web-{number}", json={"platform": "web"}) for number in range(25)]
        statuses = [reply.status_code for reply in replies]
        assert (statuses[0], statuses[18], statuses[-1]) == (200, 200, 429)
        assert (await phone.put("/v1/devices/web-0", json={"waiting": 1})).status_code == 200, "which is known"
        api.clock.turn(days=1, hours=1)
    async with await api.as_(HELPER_A1) as phone:
        assert (await phone.put("/v1/devices/web-30", json={"waiting": 1})).status_code == 200
        async with api.database.transaction() as session:
            await session.execute(text(PHOTOS), {"id": HELPER_A1.id, "now": api.clock()})
        body = Trickle(1)
        reply = await phone.put(f"/v1/photos/{uuid4()}", content=body)
        assert (reply.status_code, reply.headers["retry-after"], body.read) == (429, "600", 0)
        other = await (await api.as_(LEADER_A)).put(f"/v1/photos/{uuid4()}", content=camera.photo())
        assert other.status_code == 201
