"""The object store, in a folder and on a server that speaks S3: the same behaviour."""

import asyncio
import http.client
import logging
from collections.abc import AsyncIterator, Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from uuid import uuid4

import pytest
from moto.server import ThreadedMotoServer

from app.flows.purge_photos import Purged, purge_when_due
from app.kernel.problems import Problem
from app.photos.objects import PhotoObjects
from tests.support.camera import photo
from tests.support.county import COUNTY, HELPER_A1
from tests.support.server import running


@pytest.fixture(scope="module")
def s3() -> Iterator[tuple[str, int]]:
    """A bucket on a server of its own, over real HTTP."""
    logging.getLogger("werkzeug").setLevel("ERROR")
    server = ThreadedMotoServer(ip_address="127.0.0.1", port=0, verbose=False)
    server.start()
    host, port = server.get_host_and_port()
    client = http.client.HTTPConnection(host, port)
    client.request("PUT", "/evidence")
    assert client.getresponse().status == 200
    client.close()
    yield host, port
    server.stop()


@pytest.fixture
def bucket(s3: tuple[str, int], monkeypatch: pytest.MonkeyPatch) -> str:
    """Its URL; the rest is in the environment, as for any program that speaks to S3."""
    monkeypatch.setenv("AWS_ENDPOINT_URL", "http://{}:{}".format(*s3))
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", "key")
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "secret")
    monkeypatch.setenv("AWS_REGION", "cn-north-1")
    return f"s3://evidence/yefang-{uuid4()}"


@pytest.fixture(params=["folder", "s3"])
def objects(request: pytest.FixtureRequest, tmp_path: Path) -> PhotoObjects:
    place = request.getfixturevalue("bucket") if request.param == "s3" else str(tmp_path / "new" / "photos")
    return PhotoObjects(place)


async def content(objects: PhotoObjects, key: str) -> bytes | None:
    pieces = await objects.get(key)
    return None if pieces is None else b"".join([piece async for piece in pieces])


async def keys(pages: AsyncIterator[list[tuple[str, datetime]]]) -> dict[str, datetime]:
    return {key: at async for page in pages for key, at in page}


async def test_written_read_listed_deleted(objects: PhotoObjects):
    large = bytes(range(256)) * 8192  # 2 MiB: more than one piece
    await objects.put("451029/2026/11/a.jpg", large)
    await objects.put("451029/2026/12/b.jpg", b"b")
    await objects.put("450224/2026/11/c.jpg", b"c")
    assert await content(objects, "451029/2026/11/a.jpg") == large
    assert await content(objects, "451029/2026/11/nothing.jpg") is None
    assert set(await keys(objects.listing("451029"))) == {"451029/2026/11/a.jpg", "451029/2026/12/b.jpg"}
    assert await keys(objects.listing("451029/2027/01")) == {}
    (at,) = (await keys(objects.listing("450224/2026/11"))).values()
    assert abs(datetime.now(UTC) - at) < timedelta(minutes=5)
    gone = ["451029/2026/11/a.jpg", "451029/never/there.jpg", "451029/2026/12/b.jpg"]
    await objects.delete(gone)
    await objects.delete(gone)
    await objects.delete([])
    assert set(await keys(objects.listing("451029"))) == set()
    assert await content(objects, "450224/2026/11/c.jpg") == b"c"


def test_a_folder_is_its_owners_alone(tmp_path: Path):
    PhotoObjects(str(tmp_path / "photos"))
    assert (tmp_path / "photos").stat().st_mode & 0o777 == 0o700


async def test_more_than_the_server_lists_at_once(objects: PhotoObjects):
    names = {f"451029/2026/11/{number}.jpg" for number in range(1005)}
    await asyncio.gather(*(objects.put(name, b"x") for name in sorted(names)))
    assert set(await keys(objects.listing("451029/2026/11"))) == names
    await objects.delete(sorted(names))
    assert await keys(objects.listing("451029")) == {}


async def test_a_server_that_is_away_is_a_problem(bucket: str, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setenv("AWS_ENDPOINT_URL", "http://127.0.0.1:1")
    away = PhotoObjects(bucket)
    for attempt in (away.put("a", b"a"), away.get("a"), away.delete(["a"]), keys(away.listing("a"))):
        with pytest.raises(Problem) as refused:
            await attempt
        assert refused.value.kind.slug == "unavailable"


async def test_a_bucket_that_is_not_there_is_a_problem(bucket: str):
    missing = PhotoObjects(bucket.replace("evidence", "no-such-bucket"))
    with pytest.raises(Problem) as refused:
        await missing.put("a", b"a")
    assert refused.value.kind.slug == "unavailable"


async def test_the_whole_way_on_s3(county_url: str, bucket: str):
    photo_id, data = uuid4(), photo()
    async with running(county_url, photo_store=bucket) as api:
        helper = await api.as_(HELPER_A1)
        assert (await helper.put(f"/v1/photos/{photo_id}", content=data)).status_code == 201
        assert (await helper.get(f"/v1/me/photos/{photo_id}")).content == data
        assert (await helper.get(f"/v1/me/photos/{photo_id}/thumbnail")).status_code == 200
        objects = PhotoObjects(bucket)
        assert len(await keys(objects.listing(COUNTY))) == 2
        api.clock.turn(days=366)
        assert await purge_when_due(api.service, objects, COUNTY, api.clock()) == Purged(photos=1)
        assert await keys(objects.listing(COUNTY)) == {}
        helper = await api.as_(HELPER_A1)
        assert (await helper.get(f"/v1/me/photos/{photo_id}")).status_code == 410
