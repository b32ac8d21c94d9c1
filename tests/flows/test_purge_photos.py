"""Photos are really deleted after their retention time, and what no photo names is cleared away."""

import os
from collections.abc import AsyncIterator
from datetime import timedelta
from pathlib import Path
from typing import Any
from uuid import UUID, uuid4

import pytest
from sqlalchemy import text

from app import worker
from app.flows.purge_photos import Purged, _months, purge_when_due
from app.kernel.problems import UNAVAILABLE, Problem
from app.photos.objects import PhotoObjects
from tests.support.camera import exif, photo
from tests.support.county import COUNTY, HELPER_A1, OFFICE, OTHER_COUNTY
from tests.support.server import WEDNESDAY_NIGHT, Api, running

NOTHING = Purged()


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return tmp_path / "photos"


@pytest.fixture
async def api(county_url: str, folder: Path) -> AsyncIterator[Api]:
    async with running(county_url, photo_store=str(folder)) as started:
        yield started


@pytest.fixture
def objects(folder: Path) -> PhotoObjects:
    return PhotoObjects(str(folder))


def files(folder: Path) -> list[Path]:
    return sorted(path for path in folder.rglob("*") if path.is_file())


def left_behind(folder: Path, name: str, *, county_id: str = COUNTY, days_ago: float = 8) -> Path:
    """An object that the store says is so old."""
    path = folder / county_id / "2026/11" / name
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(b"bytes")
    at = (WEDNESDAY_NIGHT - timedelta(days=days_ago)).timestamp()
    os.utime(path, (at, at))
    return path


async def upload(api: Api, *, shade: int = 1) -> UUID:
    photo_id = uuid4()
    async with await api.as_(HELPER_A1) as helper:
        taken = exif("2026:11:18 20:05:00", position=(106.22, 24.32))
        reply = await helper.put(f"/v1/photos/{photo_id}", content=photo(shade=shade, exif=taken))
    assert reply.status_code == 201, reply.text
    return photo_id


async def row(api: Api, photo_id: UUID) -> Any:
    async with api.database.transaction() as session:
        found = await session.execute(text("SELECT * FROM photo WHERE id = :id"), {"id": photo_id})
        return found.one()


async def purge(api: Api, objects: PhotoObjects, county_id: str = COUNTY) -> Purged:
    return await purge_when_due(api.service, objects, county_id, api.clock())


async def test_a_photo_is_deleted_after_its_time_and_its_hash_stays(api: Api, objects: PhotoObjects, folder: Path):
    photo_id, data_files = await upload(api), files(folder)
    api.clock.turn(days=364)
    assert await purge(api, objects) == NOTHING
    assert files(folder) == data_files
    api.clock.turn(days=1.5)
    younger = await upload(api, shade=2)
    assert await purge(api, objects) == Purged(photos=1)
    assert [str(younger) in path.name for path in files(folder)] == [True, True]
    gone = await row(api, photo_id)
    assert gone.deleted_at == api.clock()
    assert (gone.taken_lon, gone.taken_lat) == (None, None)
    assert gone.sha256
    assert gone.taken_at == WEDNESDAY_NIGHT.replace(minute=5)
    helper, office = await api.as_(HELPER_A1), await api.as_(OFFICE)
    for who, path in ((helper, "/v1/me/photos"), (office, f"/v1/counties/{COUNTY}/photos")):
        for what in ("", "/thumbnail"):
            reply = await who.get(f"{path}/{photo_id}{what}")
            assert (reply.status_code, reply.json()["type"]) == (410, "/problems/photo-deleted")
    assert (await helper.get(f"/v1/me/photos/{younger}")).status_code == 200


async def test_what_was_deleted_is_not_brought_back(api: Api, objects: PhotoObjects, folder: Path):
    photo_id, data = uuid4(), photo()
    await (await api.as_(HELPER_A1)).put(f"/v1/photos/{photo_id}", content=data)
    api.clock.turn(days=366)
    await purge(api, objects)
    reply = await (await api.as_(HELPER_A1)).put(f"/v1/photos/{photo_id}", content=data)
    assert reply.status_code == 200
    assert reply.json()["deleted_at"]
    assert files(folder) == []


async def test_each_county_sets_its_own_time(api: Api, objects: PhotoObjects):
    await upload(api)
    async with api.database.transaction() as session:
        await session.execute(
            text("""UPDATE county SET settings = '{"photo_retention_d": 30}' WHERE id = :id"""), {"id": COUNTY}
        )
    api.clock.turn(days=31)
    assert await purge(api, objects, OTHER_COUNTY) == NOTHING
    assert await purge(api, objects) == Purged(photos=1)


async def test_once_a_day_whenever_the_worker_comes_round(api: Api, objects: PhotoObjects):
    assert await purge(api, objects) == NOTHING
    await upload(api)
    async with api.database.transaction() as session:
        await session.execute(text("UPDATE photo SET uploaded_at = uploaded_at - interval '400 days'"))
    api.clock.turn(hours=23)
    assert await purge(api, objects) == NOTHING
    api.clock.turn(hours=1)
    assert await purge(api, objects) == Purged(photos=1)


async def test_a_crash_between_object_and_row_is_made_good(
    api: Api, objects: PhotoObjects, folder: Path, monkeypatch: pytest.MonkeyPatch
):
    photo_id = await upload(api)
    api.clock.turn(days=366)

    async def crash(*_: Any, **__: Any) -> None:
        raise ConnectionResetError

    with monkeypatch.context() as broken:
        broken.setattr("app.photos.service.mark_deleted", crash)
        with pytest.raises(ConnectionResetError):
            await purge(api, objects)
    assert files(folder) == []
    assert (await row(api, photo_id)).deleted_at is None
    assert (await (await api.as_(HELPER_A1)).get(f"/v1/me/photos/{photo_id}")).status_code == 410
    assert await purge(api, objects) == Purged(photos=1)
    assert (await row(api, photo_id)).deleted_at == api.clock()


async def test_a_store_that_cannot_delete_is_tried_again(
    api: Api, objects: PhotoObjects, folder: Path, monkeypatch: pytest.MonkeyPatch
):
    photo_id = await upload(api)
    api.clock.turn(days=366)

    async def unavailable(*_: Any) -> None:
        raise Problem(UNAVAILABLE)

    with monkeypatch.context() as broken:
        broken.setattr(objects, "delete", unavailable)
        await worker.tick(api.service, api.clock, objects)  # logged; the round goes on
    assert (await row(api, photo_id)).deleted_at is None
    assert len(files(folder)) == 2
    await worker.tick(api.service, api.clock, objects)
    assert (await row(api, photo_id)).deleted_at == api.clock()
    assert files(folder) == []


async def test_more_than_one_set(api: Api, objects: PhotoObjects, folder: Path, monkeypatch: pytest.MonkeyPatch):
    for shade in range(5):
        await upload(api, shade=shade)
    api.clock.turn(days=366)
    monkeypatch.setattr("app.flows.purge_photos._AT_ONCE", 2)
    assert await purge(api, objects) == Purged(photos=5)
    assert files(folder) == []


async def test_objects_that_no_photo_names_go_after_a_week(api: Api, objects: PhotoObjects, folder: Path):
    await upload(api)
    kept = files(folder)
    for path in kept:
        os.utime(path, (0, 0))
    orphan = left_behind(folder, f"{uuid4()}.{'0' * 32}.jpg")
    lost_race = left_behind(folder, kept[0].name.replace(kept[0].name.split(".")[1], "f" * 32))
    thumbnail = left_behind(folder, f"{uuid4()}.{'0' * 32}.png.thumbnail.jpg")
    young = left_behind(folder, f"{uuid4()}.{'1' * 32}.jpg", days_ago=6.5)
    foreign = left_behind(folder, "readme.txt")
    elsewhere = left_behind(folder, f"{uuid4()}.{'0' * 32}.jpg", county_id=OTHER_COUNTY)
    assert await purge(api, objects) == Purged(orphans=3)
    assert set(files(folder)) == {*kept, young, foreign, elsewhere}
    assert not {orphan, lost_race, thumbnail} & set(files(folder))
    api.clock.turn(days=1)
    assert await purge(api, objects) == Purged(orphans=1)
    assert set(files(folder)) == {*kept, foreign, elsewhere}


def test_later_only_the_months_are_looked_through_that_may_hold_something_new():
    now = WEDNESDAY_NIGHT
    assert _months(COUNTY, None, now) == [COUNTY]
    assert _months(COUNTY, now - timedelta(days=1), now) == [f"{COUNTY}/2026/11"]
    assert _months(COUNTY, now.replace(day=9), now.replace(day=10)) == [f"{COUNTY}/2026/11"]
    assert _months(COUNTY, now.replace(day=7), now.replace(day=8)) == [f"{COUNTY}/2026/10", f"{COUNTY}/2026/11"]
    assert _months(COUNTY, now, now.replace(year=2027, month=2)) == [
        f"{COUNTY}/{month}" for month in ("2026/11", "2026/12", "2027/01", "2027/02")
    ]
