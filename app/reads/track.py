"""One person's track on one day: its fixes as GeoJSON, and the stays in villages that they show."""

from collections.abc import Sequence
from datetime import date, datetime
from itertools import groupby
from typing import NamedTuple
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from app.directory import service as directory
from app.kernel.problems import TRACKS_OFF, Problem
from app.kernel.statements import Statement
from app.reads.answers.tracks import MOST_SHOWN, StayOut, StayVillage, TrackOut
from app.tracks.rules import GAP
from app.tracks.service import track_county


class FixRow(NamedTuple):
    """A fix of the track, and its stretch."""

    fixed_at: datetime
    key: bytes
    lon: float
    lat: float
    accuracy_m: float | None
    speed_mps: float | None
    after_silence: bool | None
    total: int
    number: int
    stretch: int


class StayRow(NamedTuple):
    """A stay of the day."""

    village_id: str
    name: str
    from_at: datetime
    until_at: datetime
    fixes: int
    geofence_version: int


# A stretch ends where the phone was silent for too long. Fixes past their time are not shown, deleted yet or not.
_FIXES = Statement(
    FixRow,
    """
WITH fix AS (
  SELECT fixed_at, key, lon, lat, accuracy_m, speed_mps,
    fixed_at - lag(fixed_at) OVER (ORDER BY fixed_at, key) > CAST(:gap AS interval) AS after_silence
  FROM track_fix
  WHERE county_id = :county_id AND person_id = :person_id AND CAST(:day AS date) >= :first_kept
    AND fixed_at >= CAST(CAST(:day AS date) AS timestamp) AT TIME ZONE :tz
    AND fixed_at < CAST(CAST(:day AS date) + 1 AS timestamp) AT TIME ZONE :tz
), numbered AS (
  SELECT fix.*, count(*) OVER () AS total, row_number() OVER fixes AS number,
    count(*) FILTER (WHERE after_silence) OVER fixes AS stretch
  FROM fix WINDOW fixes AS (ORDER BY fixed_at, key)
)
SELECT * FROM numbered WHERE (number - 1) % ((total + :most - 1) / :most) = 0 ORDER BY number
""",
)
_STAYS = Statement(
    StayRow,
    """
SELECT stay.village_id, village.name, stay.from_at, stay.until_at, stay.fixes, stay.geofence_version
FROM stay JOIN village ON village.county_id = :county_id AND village.id = stay.village_id
WHERE stay.county_id = :county_id AND stay.person_id = :person_id AND stay.day = :day
ORDER BY stay.from_at, stay.village_id
""",
)
_PENDING = Statement(
    date,
    """
SELECT day FROM track_day
WHERE county_id = :county_id AND person_id = :person_id AND day = :day AND computed < revision
""",
)


async def track(session: AsyncSession, *, county_id: str, person_id: UUID, day: date, now: datetime) -> TrackOut:
    """Of the county's own day. Raises `TRACKS_OFF`. Who may look at the person is the caller's to know."""
    known = await directory.county(session, county_id)
    county = track_county(known.id, known.timezone, known.raw_settings)
    if not county.settings.tracks:
        raise Problem(TRACKS_OFF)
    whose = {"county_id": county_id, "person_id": person_id, "day": day}
    fixes = await _FIXES.all(
        session,
        **whose,
        tz=county.timezone,
        first_kept=county.first_kept(now),
        gap=GAP,
        most=MOST_SHOWN,
    )
    return TrackOut(
        type="FeatureCollection",
        day=day,
        fixes=fixes[0].total if fixes else 0,
        features=[*_stretches(fixes), *map(_point, fixes)],
        stays=[_stay(row) for row in await _STAYS.all(session, **whose)],
        stays_pending=bool(await _PENDING.all(session, **whose)),
    )


def _stretches(fixes: Sequence[FixRow]) -> list[dict[str, object]]:
    """A line for each stretch without a long silence."""
    stretches = [list(stretch) for _, stretch in groupby(fixes, key=lambda fix: fix.stretch)]
    return [
        {
            "type": "Feature",
            "geometry": {"type": "LineString", "coordinates": [(fix.lon, fix.lat) for fix in stretch]},
            "properties": {"from": stretch[0].fixed_at, "until": stretch[-1].fixed_at},
        }
        for stretch in stretches
        if len(stretch) > 1
    ]


def _point(fix: FixRow) -> dict[str, object]:
    return {
        "type": "Feature",
        "geometry": {"type": "Point", "coordinates": (fix.lon, fix.lat)},
        "properties": {"at": fix.fixed_at, "accuracy_m": fix.accuracy_m, "speed_mps": fix.speed_mps},
    }


def _stay(row: StayRow) -> StayOut:
    return StayOut(
        village=StayVillage(id=row.village_id, name=row.name),
        from_=row.from_at,
        until=row.until_at,
        minutes=round((row.until_at - row.from_at).total_seconds() / 60, 1),
        fixes=row.fixes,
        geofence_version=row.geofence_version,
    )
