"""Tracks for tests: fixes in the small county, and the worker's round over them."""

import json
from collections.abc import Iterable
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import text

from app.directory.fences import Fences
from app.kernel.database import Database
from app.tracks import service as tracks
from app.tracks.service import Added, NewFix
from app.worker.tracks import tend_tracks
from tests.support.county import COUNTY, HELPER_A1, Cast, centre, known_id

SESSION = known_id("a client key")


def fix(at: datetime, village: str, who: Cast = HELPER_A1, **changes: Any) -> NewFix:
    """In the middle of a village; `changes` replace what the phone says."""
    lon, lat = centre(village)
    return NewFix(
        **{
            "person_id": who.id,
            "session_id": SESSION,
            "fixed_at": at,
            "lon": lon,
            "lat": lat,
            "accuracy_m": 12.0,
            "altitude_m": 900.0,
            "speed_mps": 0.0,
            "heading_deg": None,
            "battery": 0.8,
            "key": f"{at.timestamp()} {changes.get('lon', lon)} {changes.get('lat', lat)}".encode()[:32],
        }
        | changes
    )


def stretch(since: datetime, minutes: int, village: str, who: Cast = HELPER_A1) -> list[NewFix]:
    """A fix every ten minutes, the last one after `minutes`."""
    return [fix(since + timedelta(minutes=minute), village, who) for minute in range(0, minutes + 1, 10)]


async def turn(database: Database, *, on: bool, county_id: str = COUNTY, **settings: Any) -> None:
    async with database.transaction(county_id) as session:
        await session.execute(
            text("UPDATE county SET settings = CAST(:settings AS jsonb) WHERE id = :id"),
            {"id": county_id, "settings": json.dumps({"tracks": on} | settings)},
        )


async def upload(database: Database, fixes: Iterable[NewFix], now: datetime, county_id: str = COUNTY) -> Added:
    async with database.transaction(county_id) as session:
        return await tracks.add(session, county_id=county_id, fixes=list(fixes), now=now)


async def round_of_worker(database: Database, now: datetime) -> None:
    await tend_tracks(database, Fences(), now)


async def ask(database: Database, statement: str, **parameters: Any) -> list[tuple[Any, ...]]:
    async with database.transaction(COUNTY) as session:
        return [tuple(row) for row in await session.execute(text(statement), parameters)]


async def stays(database: Database) -> list[tuple[Any, ...]]:
    """Day, village, from and until in the county's time, fixes."""
    return await ask(
        database,
        """SELECT CAST(day AS text), village_id, to_char(from_at AT TIME ZONE 'Asia/Shanghai', 'DD HH24:MI'),
             to_char(until_at AT TIME ZONE 'Asia/Shanghai', 'DD HH24:MI'), fixes
           FROM stay ORDER BY person_id, day, from_at, village_id""",
    )


async def stored(database: Database) -> int:
    ((number,),) = await ask(database, "SELECT count(*) FROM track_fix")
    return int(number)
