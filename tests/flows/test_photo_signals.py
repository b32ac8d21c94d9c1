"""What photos say about the check-ins that name them, whichever arrives first."""

import asyncio
from collections.abc import AsyncIterator
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any
from uuid import UUID, uuid4

import pytest
from PIL import Image
from sqlalchemy import text

from app.checkins import service as checkins
from tests.support.camera import exif, photo, scene
from tests.support.county import A1, A2, B1, COUNTY, HELPER_A1, HELPER_B1, LEADER_A, RESIDENT_A2, Cast, centre
from tests.support.server import WEDNESDAY_NIGHT, Api, check_in, running


@pytest.fixture
async def api(county_url: str, tmp_path: Path) -> AsyncIterator[Api]:
    async with running(county_url, photo_store=str(tmp_path)) as started:
        yield started


async def upload(api: Api, who: Cast, data: bytes, photo_id: UUID | None = None) -> str:
    name = str(photo_id or uuid4())
    async with await api.as_(who) as phone:
        reply = await phone.put(f"/v1/photos/{name}", content=data)
    assert reply.status_code == 201, reply.text
    return name


async def visit(api: Api, who: Cast, *photo_ids: str, village: str = A1, **changes: Any) -> dict[str, Any]:
    async with await api.as_(who) as phone:
        reply = await phone.post("/v1/check-ins", json=check_in(village, photo_ids=photo_ids, **changes))
    assert reply.status_code == 201, reply.text
    body: dict[str, Any] = reply.json()
    return body


async def now_stands(api: Api, who: Cast, check_in_id: str) -> tuple[str, list[str]]:
    async with await api.as_(who) as phone:
        body = (await phone.get(f"/v1/me/check-ins/{check_in_id}")).json()
    return body["standing"], codes(body)


def codes(body: dict[str, Any]) -> list[str]:
    return [reason["code"] for reason in body["reasons"]]


def later(api: Api, **by: float) -> datetime:
    return api.clock.turn(**by)


async def test_a_photo_of_its_own_says_nothing_against_a_visit(api: Api):
    taken = exif("2026:11:18 20:05:00", position=centre(A1))
    first = await visit(api, HELPER_A1, await upload(api, HELPER_A1, photo(exif=taken)))
    assert (first["standing"], first["reasons"]) == ("counted", [])


async def test_a_photo_used_on_another_day_is_held(api: Api):
    name = await upload(api, HELPER_A1, photo())
    first = await visit(api, HELPER_A1, name)
    at = later(api, days=1)
    again = await visit(api, HELPER_A1, name, at=at)
    assert (again["standing"], codes(again)) == ("held", ["photo_reused"])
    assert await now_stands(api, HELPER_A1, first["id"]) == ("counted", [])


async def test_the_same_bytes_under_another_id_are_the_same_photo(api: Api):
    await visit(api, HELPER_A1, await upload(api, HELPER_A1, photo()))
    copy = await upload(api, HELPER_A1, photo())
    other = await upload(api, HELPER_A1, photo(shade=9))
    at = later(api, days=1)
    assert codes(await visit(api, HELPER_A1, copy, at=at)) == ["photo_reused"]
    assert codes(await visit(api, HELPER_A1, other, at=at + timedelta(minutes=1))) == []


async def test_a_colleagues_photo_is_not_uploaded_and_reused_once_it_was_used(api: Api):
    theirs = await upload(api, RESIDENT_A2, photo(exif=exif("2020:01:01 00:00:00", position=centre(B1))))
    early = await visit(api, HELPER_A1, theirs)
    assert codes(early) == []  # not his, and what it says of place and time neither
    copy = await upload(api, HELPER_B1, photo(exif=exif("2020:01:01 00:00:00", position=centre(B1))))
    at = later(api, hours=1)
    assert "photo_reused" in codes(await visit(api, HELPER_B1, copy, village=B1, at=at))


async def test_one_photo_for_two_visits_of_one_batch(api: Api):
    name = await upload(api, HELPER_A1, photo())
    at = WEDNESDAY_NIGHT - timedelta(hours=3)
    items = [check_in(at=at + timedelta(hours=hour), photo_ids=[name]) for hour in (1, 0)]
    async with await api.as_(HELPER_A1) as phone:
        results = (await phone.post("/v1/check-ins/batch", json={"check_ins": items})).json()["results"]
    assert [codes(result["check_in"]) for result in results] == [["photo_reused"], []]  # the earlier one has it


async def test_a_repeated_post_is_not_a_second_use(api: Api):
    name = await upload(api, HELPER_A1, photo())
    posted = check_in(photo_ids=[name])
    async with await api.as_(HELPER_A1) as phone:
        first = await phone.post("/v1/check-ins", json=posted)
        again = await phone.post("/v1/check-ins", json=posted)
    assert (first.status_code, again.status_code) == (201, 200)
    assert again.json()["reasons"] == []


async def test_what_was_deleted_still_tells_its_copies(api: Api):
    await visit(api, HELPER_A1, await upload(api, HELPER_A1, photo()))
    async with api.database.transaction() as session:
        await session.execute(text("UPDATE photo SET deleted_at = uploaded_at"))
    copy = await upload(api, HELPER_A1, photo())
    assert codes(await visit(api, HELPER_A1, copy, at=later(api, days=1))) == ["photo_reused"]


async def test_time_and_place_of_a_photo_are_told_beside_the_visit(api: Api):
    taken = exif("2026:11:15 09:00:00", position=centre(A2))
    name = await upload(api, HELPER_A1, photo(exif=taken))
    body = await visit(api, HELPER_A1, name)
    assert body["standing"] == "counted"
    assert sorted(codes(body)) == ["photo_elsewhere", "photo_time"]


async def test_a_photo_that_follows_holds_the_visit_and_its_person_is_told(api: Api):
    await visit(api, HELPER_A1, await upload(api, HELPER_A1, photo()))
    at, late = later(api, days=1), uuid4()
    second = await visit(api, HELPER_A1, str(late), at=at)
    assert (second["standing"], codes(second)) == ("counted", [])
    done = second["duties"][0]["done"]
    later(api, hours=2)
    await upload(api, HELPER_A1, photo(), late)
    assert await now_stands(api, HELPER_A1, second["id"]) == ("held", ["photo_reused"])
    async with await api.as_(HELPER_A1) as phone:
        (duty,) = (await phone.get("/v1/me/duties")).json()["items"]
        assert (duty["done"], duty["pending_review"]) == (done - 1, 1)
        told = (await phone.get("/v1/me/notices")).json()["items"]
    assert [item["kind"] for item in told] == ["check_in_judged_again"]
    assert told[0]["about"]["check_in_id"] == second["id"]
    assert "照片" in told[0]["body"]
    async with api.database.transaction() as session:
        (entry,) = await session.execute(
            text("SELECT subject, detail FROM audit_entry WHERE action = 'photo.judged' AND county_id = :c"),
            {"c": COUNTY},
        )
    assert tuple(entry) == (f"photo:{late}", {"check_ins": [second["id"]]})


async def test_a_photo_that_follows_and_fits_changes_nothing(api: Api):
    late = uuid4()
    only = await visit(api, HELPER_A1, str(late))
    await upload(api, HELPER_A1, photo(exif=exif("2026:11:18 20:00:00")), late)
    assert await now_stands(api, HELPER_A1, only["id"]) == ("counted", [])
    async with api.database.transaction() as session:
        assert (await session.execute(text("SELECT count(*) FROM rejudgement"))).scalar_one() == 0
        assert (await session.execute(text("SELECT count(*) FROM notice"))).scalar_one() == 0


async def test_the_visit_that_came_second_is_held_whosever_photo_came_last(api: Api):
    """A's visit came first, B's second with a photo that is there; then A uploads the same picture."""
    late = uuid4()
    first = await visit(api, HELPER_A1, str(late))
    at = later(api, hours=1)
    second = await visit(api, RESIDENT_A2, await upload(api, RESIDENT_A2, photo()), village=A2, at=at)
    assert second["standing"] == "counted"
    await upload(api, HELPER_A1, photo(), late)
    assert await now_stands(api, HELPER_A1, first["id"]) == ("counted", [])
    assert await now_stands(api, RESIDENT_A2, second["id"]) == ("held", ["photo_reused"])


async def somebody_waits_for_a_lock(api: Api) -> bool:
    async with api.database.transaction() as session:
        found = await session.execute(
            text(
                "SELECT pid FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock'"
            )
        )
        return bool(found.all())


async def test_a_photo_that_arrives_while_its_visit_is_being_written(api: Api, monkeypatch: pytest.MonkeyPatch):
    """The visit was judged without the photo and is not there yet; the photo must find it all the same."""
    await visit(api, HELPER_A1, await upload(api, HELPER_A1, photo()))
    at, late = later(api, days=1), uuid4()
    phone = await api.as_(HELPER_A1)  # signed in by now: that would wait too
    judged, go, write = asyncio.Event(), asyncio.Event(), checkins.write

    async def slowly(*arguments: Any, **named: Any) -> Any:
        judged.set()
        await go.wait()
        return await write(*arguments, **named)

    monkeypatch.setattr(checkins, "write", slowly)
    posting = asyncio.create_task(phone.post("/v1/check-ins", json=check_in(at=at, photo_ids=[str(late)])))
    await judged.wait()
    uploading = asyncio.create_task(phone.put(f"/v1/photos/{late}", content=photo()))
    while not uploading.done() and not await somebody_waits_for_a_lock(api):  # noqa: ASYNC110
        await asyncio.sleep(0.01)
    go.set()
    assert (await uploading).status_code == 201
    assert await now_stands(api, HELPER_A1, (await posting).json()["id"]) == ("held", ["photo_reused"])


async def test_a_review_prevails_over_a_photo_that_follows(api: Api):
    await visit(api, HELPER_A1, await upload(api, HELPER_A1, photo()))
    at, late = later(api, days=1), uuid4()
    second = await visit(api, HELPER_A1, str(late), at=at, position={"mock": True})
    assert second["standing"] == "held"
    async with await api.as_(LEADER_A) as leader:
        reply = await leader.post(
            f"/v1/counties/{COUNTY}/check-ins/{second['id']}/reviews",
            json={"decision": "count", "reason": "见到本人"},
        )
        assert reply.status_code == 201, reply.text
    await upload(api, HELPER_A1, photo(), late)
    standing, reasons = await now_stands(api, HELPER_A1, second["id"])
    assert standing == "counted"
    assert "photo_reused" in reasons


async def test_somebody_elses_photo_under_that_id_is_no_news(api: Api):
    """A check-in names an id that another person then uploads."""
    late = uuid4()
    only = await visit(api, HELPER_A1, str(late))
    await upload(api, HELPER_B1, photo(exif=exif("2020:01:01 00:00:00", position=centre(B1))), late)
    assert await now_stands(api, HELPER_A1, only["id"]) == ("counted", [])


async def test_a_photo_judges_nothing_but_photos(api: Api):
    """What else has changed since (here: the county's tolerance for old fixes) is not brought in by the way."""
    late = uuid4()
    old = (WEDNESDAY_NIGHT - timedelta(seconds=200)).isoformat()
    only = await visit(api, HELPER_A1, str(late), position={"fixed_at": old})
    assert only["standing"] == "counted"
    async with api.database.transaction() as session:
        await session.execute(
            text("""UPDATE county SET settings = '{"stale_fix_s": 60}' WHERE id = :id"""), {"id": COUNTY}
        )
    await upload(api, HELPER_A1, photo(exif=exif("2026:11:15 09:00:00")), late)
    assert await now_stands(api, HELPER_A1, only["id"]) == ("counted", ["photo_time"])


async def test_a_picture_encoded_anew_cropped_or_mirrored_is_known_again(api: Api):
    drawn = scene(1)
    first = await visit(api, HELPER_A1, await upload(api, HELPER_A1, photo(drawn)))
    assert codes(first) == []
    wide, high = drawn.size
    for number, copy in enumerate(
        (
            photo(drawn, quality=30),
            photo(drawn.resize((200, 150))),
            photo(drawn.crop((wide * 6 // 100, high * 6 // 100, wide * 94 // 100, high * 94 // 100))),
            photo(drawn.transpose(Image.Transpose.FLIP_LEFT_RIGHT)),
        )
    ):
        at = later(api, days=1)
        again = await visit(api, HELPER_A1, await upload(api, HELPER_A1, copy), at=at)
        assert (number, again["standing"], codes(again)) == (number, "held", ["photo_alike"])
    other = await visit(api, HELPER_A1, await upload(api, HELPER_A1, photo(scene(2))), at=later(api, days=1))
    assert codes(other) == []


async def test_a_colleagues_picture_encoded_anew_is_known_again(api: Api):
    await visit(api, HELPER_A1, await upload(api, HELPER_A1, photo(scene(1))))
    copy = await upload(api, RESIDENT_A2, photo(scene(1), quality=35))
    assert codes(await visit(api, RESIDENT_A2, copy, village=A2, at=later(api, hours=2))) == ["photo_alike"]


async def test_a_picture_worked_on_that_comes_after_its_visit_is_known_again(api: Api):
    await visit(api, HELPER_A1, await upload(api, HELPER_A1, photo(scene(1))))
    name = uuid4()
    waits = await visit(api, HELPER_A1, str(name), at=later(api, days=1))
    assert codes(waits) == []
    await upload(api, HELPER_A1, photo(scene(1), quality=40), photo_id=name)
    assert await now_stands(api, HELPER_A1, waits["id"]) == ("held", ["photo_alike"])


async def test_two_photos_of_one_wall_on_one_visit_are_honest(api: Api):
    await visit(api, HELPER_A1, await upload(api, HELPER_A1, photo(scene(1))))
    again = await upload(api, HELPER_A1, photo(scene(1), quality=40))
    assert codes(await visit(api, HELPER_A1, again, at=later(api, minutes=10))) == []


async def test_the_same_board_with_the_cameras_own_time_is_honest(api: Api):
    await visit(api, HELPER_A1, await upload(api, HELPER_A1, photo(scene(1))))
    at = later(api, days=7)
    fresh = photo(scene(1), quality=80, exif=exif(at.strftime("%Y:%m:%d %H:%M:%S"), position=centre(A1)))
    assert codes(await visit(api, HELPER_A1, await upload(api, HELPER_A1, fresh), at=at)) == []
