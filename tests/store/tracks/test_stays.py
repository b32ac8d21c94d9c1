"""Stays in their table: cut at midnight, and the same whatever the order of uploads, workers and rounds."""

import asyncio
import random
from datetime import date, datetime, timedelta

import pytest
from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncSession

from app import worker
from app.directory.fences import Fences
from app.flows.compute_stays import compute_due
from app.kernel.database import Database
from app.tracks import service as tracks
from app.tracks.rules import REST
from app.tracks.service import Dwell
from tests.support.county import A1, A2, B1, COUNTY, HELPER_A1, HELPER_B1, OTHER_COUNTY, RESIDENT_A2, square
from tests.support.server import SHANGHAI
from tests.support.tracks import ask, fix, round_of_worker, stays, stretch, upload

NOW = datetime(2026, 11, 21, 9, tzinfo=SHANGHAI)
LATER = NOW + REST
EVENING = datetime(2026, 11, 18, 22, tzinfo=SHANGHAI)


def at(hour: float, day: int = 18) -> datetime:
    return datetime(2026, 11, day, tzinfo=SHANGHAI) + timedelta(hours=hour)


async def test_one_stay_after_another(database: Database):
    await upload(database, [*stretch(at(9), 60, A1), *stretch(at(11), 120, A2), fix(at(14), B1)], NOW)
    assert await stays(database) == []
    await round_of_worker(database, NOW)
    assert await stays(database) == [
        ("2026-11-18", A1, "18 09:00", "18 10:00", 7),
        ("2026-11-18", A2, "18 11:00", "18 13:00", 13),
    ]


async def test_a_night_in_the_village_is_cut_at_midnight(database: Database):
    await upload(database, stretch(EVENING, 180, A1), NOW)
    await round_of_worker(database, NOW)
    assert await stays(database) == [
        ("2026-11-18", A1, "18 22:00", "19 00:00", 12),
        ("2026-11-19", A1, "19 00:00", "19 01:00", 7),
    ]


async def test_only_the_next_day_tells_that_a_stay_went_on_until_midnight(database: Database):
    await upload(database, stretch(at(23), 50, A1), NOW)
    await round_of_worker(database, NOW)
    assert await stays(database) == [("2026-11-18", A1, "18 23:00", "18 23:50", 6)]
    await upload(database, [fix(at(0.5, 19), A1)], NOW)
    await round_of_worker(database, LATER)
    assert await stays(database) == [
        ("2026-11-18", A1, "18 23:00", "19 00:00", 6),
        ("2026-11-19", A1, "19 00:00", "19 00:30", 1),
    ]


async def test_only_the_day_before_tells_that_a_stay_had_begun_by_midnight(database: Database):
    await upload(database, stretch(at(0.5, 19), 30, A1), NOW)
    await round_of_worker(database, NOW)
    assert await stays(database) == [("2026-11-19", A1, "19 00:30", "19 01:00", 4)]
    await upload(database, [fix(at(23.75), A1)], NOW)
    await round_of_worker(database, LATER)
    assert await stays(database) == [
        ("2026-11-18", A1, "18 23:45", "19 00:00", 1),
        ("2026-11-19", A1, "19 00:00", "19 01:00", 4),
    ]


async def test_a_late_upload_heals_a_gap(database: Database):
    track = stretch(at(9), 300, A1)
    early, late = track[:5], track[-5:]
    await upload(database, [*early, *late], NOW)
    await round_of_worker(database, NOW)
    assert [stay[2:4] for stay in await stays(database)] == [("18 09:00", "18 09:40"), ("18 13:20", "18 14:00")]
    await upload(database, track, NOW + timedelta(days=2))
    await round_of_worker(database, NOW + timedelta(days=2))
    assert await stays(database) == [("2026-11-18", A1, "18 09:00", "18 14:00", 31)]


@pytest.mark.parametrize("seed", range(3))
async def test_neither_order_nor_repetition_nor_rounds_in_between_matter(database: Database, seed: int):
    """Two days of three people who wander, jump and fall silent: in one piece, or in thirty shuffled ones."""
    chance = random.Random(seed)
    wandering = [
        fix(
            at(20) + timedelta(minutes=minute, seconds=chance.randrange(50)),
            chance.choice((A1, A1, A1, A2, B1)),
            who,
            accuracy_m=chance.choice((0.0, 5.0, 40.0, 900.0)),
            lat=24.32 + chance.choice((0, 0, 0.001, 0.3)),
        )
        for who in (HELPER_A1, RESIDENT_A2, HELPER_B1)
        for minute in range(0, 600, 3)
        if minute % 200 < 130
    ]
    pieces: list[list] = [[] for _ in range(30)]
    for each in wandering + chance.choices(wandering, k=100):
        chance.choice(pieces).append(each)
    for number, piece in enumerate(pieces):
        chance.shuffle(piece)
        await upload(database, piece, NOW)
        if number % 7 == 0:
            await round_of_worker(database, NOW + number * REST)
    await round_of_worker(database, NOW + 40 * REST)
    in_pieces = await stays(database)
    for table in ("track_day", "track_fix", "stay"):
        await ask(database, f"DELETE FROM {table} RETURNING county_id")
    await upload(database, wandering, NOW)
    await round_of_worker(database, NOW)
    assert in_pieces == await stays(database)
    assert len(in_pieces) > 10


async def test_workers_share_the_days_and_uploads_go_on(database: Database, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr("app.flows.compute_stays._AT_ONCE", 1)
    days = [stretch(at(9, day), 60, A1, who) for day in range(10, 19) for who in (HELPER_A1, HELPER_B1)]
    await upload(database, [each for day in days for each in day], NOW)
    later = [fix(each.fixed_at + timedelta(seconds=who), A1) for day in days for each in day for who in (5, 9)]
    await asyncio.gather(
        *(compute_due(database, Fences(), COUNTY, NOW) for _ in range(4)),
        *(upload(database, later[number::3], NOW) for number in range(3)),
    )
    await round_of_worker(database, LATER)
    assert sorted(stay[4] for stay in await stays(database)) == [7] * 9 + [21] * 9
    assert await ask(database, "SELECT day FROM track_day WHERE computed < revision") == []


async def test_a_day_is_computed_at_most_every_ten_minutes(database: Database):
    """Each time takes in all of its fixes, and a phone may send one a second."""
    for minute, fixes in ((0, 7), (9, 7), (10, 31)):
        await upload(database, stretch(at(9), 60 if minute == 0 else 300, A1), NOW)
        await round_of_worker(database, NOW + timedelta(minutes=minute))
        assert [stay[4] for stay in await stays(database)] == [fixes]


async def test_what_another_worker_holds_is_left_to_it(database: Database):
    await upload(database, stretch(at(9), 60, A1), NOW)
    async with database.transaction() as other:
        await other.execute(text("SELECT FROM track_day FOR UPDATE"))
        async with asyncio.timeout(5):
            assert await compute_due(database, Fences(), COUNTY, NOW) == 0
    assert await compute_due(database, Fences(), COUNTY, NOW) == 1
    assert await compute_due(database, Fences(), COUNTY, NOW) == 0


async def fence_moves(session: AsyncSession) -> None:
    """From the 18th on, A1 lies where B1 does."""
    for statement in (
        f"UPDATE geofence SET valid_until = :moment WHERE village_id = '{A1}' AND county_id = :county_id",
        f"""INSERT INTO geofence (county_id, village_id, version, area, synthetic, source, valid_from)
            VALUES (:county_id, '{A1}', 2, '{square(B1)}', true, 'test', :moment)""",
        "UPDATE county SET fence_version = 2 WHERE id = :county_id AND CAST(:moment AS timestamptz) IS NOT NULL",
    ):
        await session.execute(text(statement), {"county_id": COUNTY, "moment": at(0)})


async def test_a_changed_fence_changes_no_stay_until_it_is_asked_to(database: Database):
    await upload(database, [*stretch(at(9, 17), 60, A1), *stretch(at(9), 60, A1)], NOW)
    await round_of_worker(database, NOW)
    before = await stays(database)
    async with database.transaction() as session:
        await fence_moves(session)
    await round_of_worker(database, LATER)
    assert await stays(database) == before
    async with database.transaction() as session:
        assert await tracks.touch(session, county_id=COUNTY, since=date(2026, 11, 18), now=NOW) == 1
    await round_of_worker(database, LATER)
    assert await stays(database) == before[:1]


async def test_hours_in_the_village(database: Database):
    await upload(database, [*stretch(EVENING, 180, A1), *stretch(at(9), 30, A1), *stretch(at(11), 90, A2)], NOW)
    await upload(database, stretch(at(9), 60, B1, HELPER_B1), NOW)
    await round_of_worker(database, NOW)
    async with database.transaction() as session:
        found = await tracks.hours(
            session,
            county_id=COUNTY,
            person_ids=[HELPER_A1.id],
            since=date(2026, 11, 18),
            until=date(2026, 11, 19),
        )
        none = await tracks.hours(
            session,
            county_id=OTHER_COUNTY,
            person_ids=[HELPER_A1.id],
            since=date(2026, 11, 18),
            until=date(2026, 11, 19),
        )
    assert found == [
        Dwell(HELPER_A1.id, date(2026, 11, 18), A1, 2.5),
        Dwell(HELPER_A1.id, date(2026, 11, 18), A2, 1.5),
        Dwell(HELPER_A1.id, date(2026, 11, 19), A1, 1.0),
    ]
    assert none == []


async def test_who_fails_leaves_others_alone_and_is_tried_again(
    database: Database, monkeypatch: pytest.MonkeyPatch
):
    await upload(database, stretch(at(9), 60, A1), NOW)

    async def lost(*_: object, **__: object) -> int:
        raise ConnectionResetError

    with monkeypatch.context() as broken:
        broken.setattr("app.tracks.service.compute_stays", lost)
        await round_of_worker(database, NOW)
    assert await stays(database) == []
    await round_of_worker(database, NOW)
    assert len(await stays(database)) == 1


async def test_the_worker_tends_tracks_on_its_rounds(database: Database):
    await upload(database, stretch(at(9), 60, A1), NOW)
    stop = asyncio.Event()
    working = asyncio.create_task(worker.run(database, lambda: NOW, stop, every_s=600))
    while not await stays(database):  # noqa: ASYNC110 - the database tells nobody
        await asyncio.sleep(0.02)
    stop.set()
    await working
