"""Fixes in their table: kept once, by month, refused where absurd, really deleted after their time."""

import asyncio
from datetime import UTC, datetime, timedelta
from math import inf, nan
from typing import Any

import pytest
from alembic import command
from sqlalchemy import text
from sqlalchemy.exc import IntegrityError

from app.kernel.database import Database
from app.tracks import service as tracks
from app.tracks.rules import months, months_ahead
from tests.migrations.test_migrations import config
from tests.support.county import A1, COUNTY, HELPER_B1, OTHER_COUNTY, STRANGER
from tests.support.server import SHANGHAI, WEDNESDAY_NIGHT
from tests.support.tracks import ask, fix, round_of_worker, stays, stored, stretch, turn, upload

NOON = datetime(2026, 11, 18, 12, tzinfo=SHANGHAI)
NIGHT = WEDNESDAY_NIGHT


async def partitions(database: Database) -> list[str]:
    found = await ask(
        database,
        "SELECT relname FROM pg_inherits JOIN pg_class ON pg_class.oid = inhrelid"
        " WHERE inhparent = CAST('track_fix' AS regclass) ORDER BY relname",
    )
    return [name for (name,) in found]


@pytest.mark.parametrize("settings", [{}, {"tracks": False}])
async def test_where_tracks_are_off_nothing_is_stored(off: Database, settings: dict[str, Any]):
    if settings:
        await turn(off, on=False)
    added = await upload(off, [fix(NOON, A1), fix(NOON - timedelta(days=90), A1)], NIGHT)
    assert (added.stored, added.refused, await stored(off), await partitions(off)) == (0, (), 0, [])


async def test_a_fix_again_is_the_same_fix_whatever_else_it_says(database: Database):
    track = stretch(NOON, 60, A1)
    assert (await upload(database, reversed(track), NIGHT)).stored == 7
    again = [fix(each.fixed_at, A1, accuracy_m=99.0, battery=None, key=each.key) for each in track]
    assert (await upload(database, [*again, *again, fix(NOON, A1, key=b"another")], NIGHT)).stored == 1
    assert await stored(database) == 8
    ((accuracy, received_at),) = await ask(
        database, "SELECT DISTINCT accuracy_m, received_at FROM track_fix WHERE key <> 'another'"
    )
    assert (accuracy, received_at) == (12, NIGHT)


async def test_absurd_fixes_are_refused_and_keep_nothing_else_out(database: Database):
    first_day = datetime(2026, 10, 20, tzinfo=SHANGHAI)  # with today, thirty days
    absurd = {
        "too_old": [first_day - timedelta(milliseconds=1), datetime(1970, 1, 1, tzinfo=UTC)],
        "in_future": [NIGHT + timedelta(minutes=5, milliseconds=1), datetime(2090, 1, 1, tzinfo=UTC)],
    }
    wrong = [(reason, fix(at, A1)) for reason, moments in absurd.items() for at in moments]
    wrong += [
        ("bad_position", fix(NOON, A1, **{name: value}))
        for name, value in (("lon", nan), ("lat", inf), ("lon", 180.1), ("lat", -90.1))
    ]
    good = [fix(first_day, A1), fix(NIGHT + timedelta(minutes=5), A1)]
    added = await upload(database, [*(each for _, each in wrong), *good], NIGHT)
    assert added.stored == 2
    assert [(refused.reason, refused.fix) for refused in added.refused] == wrong
    assert await partitions(database) == ["track_fix_202610", "track_fix_202611"]


async def test_what_is_no_number_is_unknown(database: Database):
    odd = dict.fromkeys(("accuracy_m", "altitude_m", "speed_mps", "heading_deg", "battery"), nan)
    assert (await upload(database, [fix(NOON, A1, **odd | {"speed_mps": -inf})], NIGHT)).stored == 1
    found = await ask(database, "SELECT accuracy_m, altitude_m, speed_mps, heading_deg, battery FROM track_fix")
    assert found == [(None,) * 5]


def test_months_begin_at_midnight_utc():
    assert [f"{month:%Y-%m-%d}" for month in months([datetime(2026, 12, 1, 7, 59, tzinfo=SHANGHAI)])] == [
        "2026-11-01"
    ]
    assert [f"{month:%m}" for month in months_ahead(datetime(2026, 12, 24, 23, tzinfo=UTC))] == ["12"]
    assert [f"{month:%Y-%m}" for month in months_ahead(datetime(2026, 12, 25, tzinfo=UTC))] == [
        "2026-12",
        "2027-01",
    ]


async def test_each_fix_lies_in_its_month(database: Database):
    border = datetime(2026, 11, 1, tzinfo=UTC)
    await upload(database, [fix(border - timedelta(microseconds=1), A1), fix(border, A1)], NIGHT)
    found = await ask(
        database,
        "SELECT CAST(tableoid AS regclass)::text FROM track_fix ORDER BY fixed_at".replace("::text", ""),
    )
    assert [str(name) for (name,) in found] == ["track_fix_202610", "track_fix_202611"]


async def test_uploads_at_once_make_a_month_once(database: Database):
    """Nobody has made it ahead, and everybody needs it."""
    waiting = """
    SELECT pid FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock'
    """
    async with database.transaction() as first:
        await tracks.add(first, county_id=COUNTY, fixes=[fix(NOON, A1)], now=NIGHT)
        uploads = [asyncio.create_task(upload(database, stretch(NIGHT, 0, A1), NIGHT)) for _ in range(4)]
        while len(await ask(database, waiting)) < len(uploads):  # noqa: ASYNC110 - the database tells nobody
            await asyncio.sleep(0.01)
    assert sum(added.stored for added in await asyncio.gather(*uploads)) == 1
    assert (await stored(database), await partitions(database)) == (2, ["track_fix_202611"])


async def test_a_month_is_made_while_others_write(database: Database):
    await upload(database, [fix(NOON, A1)], NIGHT)
    async with database.transaction() as writing:
        await tracks.add(writing, county_id=COUNTY, fixes=[fix(NOON, A1, key=b"open")], now=NIGHT)
        october = fix(datetime(2026, 10, 25, tzinfo=SHANGHAI), A1, HELPER_B1)
        async with asyncio.timeout(5):
            assert (await upload(database, [october], NIGHT)).stored == 1


async def test_the_worker_makes_months_ahead(database: Database):
    await round_of_worker(database, NIGHT)
    assert await partitions(database) == ["track_fix_202611"]
    await round_of_worker(database, datetime(2026, 11, 25, tzinfo=SHANGHAI))
    assert await partitions(database) == ["track_fix_202611", "track_fix_202612"]


async def test_where_nobody_keeps_tracks_no_months_are_made(off: Database):
    await round_of_worker(off, NIGHT)
    assert await partitions(off) == []


async def test_partitions_are_no_business_of_migrations(database: Database, database_url: str):
    await upload(database, [fix(NOON, A1)], NIGHT)
    await asyncio.to_thread(command.check, config(database_url))


async def test_the_database_itself_refuses_what_is_nowhere(database: Database):
    await upload(database, [fix(NOON, A1)], NIGHT)
    with pytest.raises(IntegrityError, match="ck_track_fix_position"):
        await ask(database, "UPDATE track_fix SET lon = 181")


# Retention


async def test_fixes_are_deleted_after_their_time_and_stays_remain(database: Database):
    await upload(database, [*stretch(NOON, 60, A1), *stretch(NIGHT, 60, A1)], NIGHT + timedelta(hours=1))
    await round_of_worker(database, NIGHT)
    shown = await stays(database)
    last = datetime(2026, 12, 18, 23, 59, tzinfo=SHANGHAI)
    await round_of_worker(database, last)
    assert await stored(database) == 14
    await round_of_worker(database, last + timedelta(minutes=1))
    assert (await stored(database), await ask(database, "SELECT * FROM track_day")) == (0, [])
    assert await stays(database) == shown != []


async def test_what_was_deleted_cannot_come_back(database: Database):
    track = stretch(NOON, 60, A1)
    await upload(database, track, NIGHT)
    await round_of_worker(database, NIGHT)
    for days, refused in ((29, 0), (30, 7), (31, 7)):
        later = NIGHT + timedelta(days=days)
        assert len((await upload(database, track, later)).refused) == refused
        await round_of_worker(database, later)
        assert [stay[4] for stay in await stays(database)] == [7]


async def test_a_day_whose_neighbour_is_deleted_is_not_computed_again(database: Database):
    """The stay on the 18th goes on from the 17th, as only the fixes of the 17th can tell."""
    await upload(database, stretch(datetime(2026, 11, 17, 23, 5, tzinfo=SHANGHAI), 120, A1), NIGHT)
    await round_of_worker(database, NIGHT)
    shown, later = await stays(database), NIGHT + timedelta(days=30)
    await round_of_worker(database, later)
    assert await ask(database, "SELECT CAST(day AS text) FROM track_day") == [("2026-11-18",)]
    beside = fix(datetime(2026, 11, 19, 0, 5, tzinfo=SHANGHAI), A1)  # bears on the 18th too
    assert (await upload(database, [beside], later)).stored == 1
    await round_of_worker(database, later)
    assert [stay[2:] for stay in await stays(database)] == [
        ("17 23:05", "18 00:00", 6),
        ("18 00:00", "18 01:05", 7),
    ]
    assert await stays(database) == shown


async def test_each_county_sets_its_own_time(database: Database):
    await turn(database, on=True, county_id=OTHER_COUNTY, track_retention_d=7)
    for county_id, who in ((COUNTY, HELPER_B1), (OTHER_COUNTY, STRANGER)):
        await upload(database, [fix(NOON, A1, who)], NIGHT, county_id)
    await round_of_worker(database, NIGHT + timedelta(days=8))
    assert await ask(database, "SELECT county_id FROM track_fix") == [(COUNTY,)]


async def test_turned_off_everything_goes_and_nothing_more_comes(database: Database):
    await upload(database, stretch(NOON, 60, A1), NIGHT)
    await turn(database, on=False)
    assert (await upload(database, [fix(NIGHT, A1)], NIGHT)).stored == 0
    await round_of_worker(database, NIGHT)
    assert await stored(database) == 0
    assert len(await stays(database)) == 1  # of fixes that had no stays yet


async def test_more_than_one_set_is_deleted(database: Database, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr("app.flows.purge_tracks._AT_ONCE", 2)
    monkeypatch.setattr("app.flows.compute_stays._AT_ONCE", 2)
    await upload(database, [fix(NOON - timedelta(days=day), A1) for day in range(7)], NIGHT)
    await turn(database, on=False)
    await round_of_worker(database, NIGHT)
    assert await stored(database) == 0


async def test_empty_months_are_dropped_when_no_county_can_need_them(database: Database):
    late, early = datetime(2026, 10, 31, 12, tzinfo=SHANGHAI), datetime(2026, 10, 20, 12, tzinfo=SHANGHAI)
    await upload(database, [fix(early, A1), fix(late, A1), fix(NOON, A1)], NIGHT)
    await round_of_worker(database, datetime(2026, 12, 1, tzinfo=SHANGHAI))
    assert await partitions(database) == ["track_fix_202610", "track_fix_202611", "track_fix_202612"]
    await round_of_worker(database, datetime(2026, 12, 2, tzinfo=SHANGHAI))
    assert await partitions(database) == ["track_fix_202611", "track_fix_202612"]
    assert await stored(database) == 1


async def test_a_month_that_is_not_empty_is_never_dropped(database: Database):
    """Such as when a county has its tracks turned on, or kept for longer, at that moment."""
    await upload(database, [fix(NOON, A1)], NIGHT)
    async with database.transaction() as session:
        assert await tracks.drop_partitions(session, [], NIGHT + timedelta(days=500)) == 0
    assert await stored(database) == 1


async def test_a_month_is_not_dropped_under_who_writes(database: Database):
    await upload(database, [fix(NOON, A1)], NIGHT)
    await ask(database, "WITH gone AS (DELETE FROM track_fix RETURNING 1) SELECT * FROM gone")
    later = NIGHT + timedelta(days=500)
    async with database.transaction() as writing:
        await writing.execute(text("LOCK TABLE track_fix IN ROW EXCLUSIVE MODE"))
        async with database.transaction() as session:
            assert await tracks.drop_partitions(session, [], later) == 0
    async with database.transaction() as session:
        assert await tracks.drop_partitions(session, [], later) == 1
