"""Every statement on the tables of tracks. `:tz` is the county's zone, in which days begin and end."""

from collections.abc import Sequence
from datetime import date, datetime
from typing import NamedTuple
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from app.kernel.statements import Command, Json, Statement
from app.tracks.rules import DayStay, Dwell, NewFix, Purged


class TrackCountyRow(NamedTuple):
    """A county that keeps tracks, or did."""

    id: str
    timezone: str
    settings: Json


class DueDay(NamedTuple):
    """A day whose stays are to be computed, and its bounds in the county's zone."""

    person_id: UUID
    day: date
    revision: int
    begins: datetime
    ends: datetime


class FixRow(NamedTuple):
    """`due` is the place of its day among those asked about; times are seconds since 1970."""

    due: int
    at: float
    received_at: float
    lon: float
    lat: float
    accuracy_m: float | None


# The one look across counties, for the clock: where tracks are kept, or were.
COUNTIES = Statement(
    TrackCountyRow,
    "SELECT id, timezone, settings FROM counties_with_tracks() ORDER BY id",
)
MAKE_PARTITIONS = Statement(
    bool, "SELECT make_track_partition(month) FROM unnest(CAST(:months AS date[])) AS month ORDER BY month"
)
DROP_PARTITIONS = Statement(int, "SELECT drop_track_partitions(CAST(:ending AS timestamptz)) AS dropped")

# A fix bears on the stays of its day, and near midnight on the next day's too. The days are written in one order,
# so that no two uploads wait for each other.
ADD = Statement(
    int,
    """
WITH fresh AS (
  INSERT INTO track_fix (county_id, person_id, fixed_at, key, session_id, lon, lat, accuracy_m, altitude_m,
    speed_mps, heading_deg, battery, received_at)
  SELECT :county_id, fix.*, :now FROM unnest(
    CAST(:person_ids AS uuid[]), CAST(:fixed_ats AS timestamptz[]), CAST(:keys AS bytea[]),
    CAST(:session_ids AS uuid[]), CAST(:lons AS float8[]), CAST(:lats AS float8[]),
    CAST(:accuracies AS float8[]), CAST(:altitudes AS float8[]), CAST(:speeds AS float8[]),
    CAST(:headings AS float8[]), CAST(:batteries AS float8[])
  ) AS fix
  ON CONFLICT (county_id, person_id, fixed_at, key) DO NOTHING
  RETURNING person_id, fixed_at
), touched AS (
  INSERT INTO track_day (county_id, person_id, day, revision)
  SELECT DISTINCT CAST(:county_id AS text), person_id, near.day, 1
  FROM fresh CROSS JOIN LATERAL (VALUES
    (CAST((fixed_at - CAST(:gap AS interval)) AT TIME ZONE :tz AS date)),
    (CAST((fixed_at + CAST(:gap AS interval)) AT TIME ZONE :tz AS date))
  ) AS near (day)
  WHERE near.day >= :first_open
  ORDER BY person_id, day
  ON CONFLICT (county_id, person_id, day) DO UPDATE SET revision = track_day.revision + 1
)
SELECT count(*) AS stored FROM fresh
""",
)

# Days whose stays are to be computed, the oldest first. They are locked until the transaction ends; what another
# worker holds is left to it, and so is what an upload is writing: it will be due again anyway.
DUE = Statement(
    DueDay,
    """
SELECT person_id, day, revision,
  CAST(day AS timestamp) AT TIME ZONE :tz AS begins, CAST(day + 1 AS timestamp) AT TIME ZONE :tz AS ends
FROM track_day
WHERE county_id = :county_id AND computed < revision AND (computed_at IS NULL OR computed_at <= :recently)
ORDER BY day, person_id LIMIT :limit FOR UPDATE SKIP LOCKED
""",
)
FIXES = Statement(
    FixRow,
    """
SELECT wanted.number - 1 AS due, CAST(extract(epoch FROM fix.fixed_at) AS float8) AS at,
  CAST(extract(epoch FROM fix.received_at) AS float8) AS received_at,
  fix.lon, fix.lat, fix.accuracy_m
FROM unnest(
  CAST(:person_ids AS uuid[]), CAST(:since AS timestamptz[]), CAST(:before AS timestamptz[])
) WITH ORDINALITY AS wanted (person_id, since, before, number)
JOIN track_fix AS fix ON fix.county_id = :county_id AND fix.person_id = wanted.person_id
  AND fix.fixed_at >= wanted.since AND fix.fixed_at < wanted.before
  AND fix.fixed_at >= :earliest AND fix.fixed_at < :latest
""",
)
CLEAR = Command("""
WITH done AS (
  UPDATE track_day SET computed = given.revision, computed_at = :now
  FROM unnest(CAST(:person_ids AS uuid[]), CAST(:days AS date[]), CAST(:revisions AS int[]))
    AS given (person_id, day, revision)
  WHERE track_day.county_id = :county_id AND track_day.person_id = given.person_id AND track_day.day = given.day
  RETURNING track_day.person_id, track_day.day
)
DELETE FROM stay USING done
WHERE stay.county_id = :county_id AND stay.person_id = done.person_id AND stay.day = done.day
""")
PUT_STAYS = Command("""
INSERT INTO stay
  (county_id, person_id, day, village_id, from_at, until_at, fixes, geofence_version, received_at)
SELECT :county_id, stay.* FROM unnest(
  CAST(:person_ids AS uuid[]), CAST(:days AS date[]), CAST(:village_ids AS text[]),
  CAST(:from_ats AS timestamptz[]), CAST(:until_ats AS timestamptz[]), CAST(:fixes AS int[]),
  CAST(:versions AS int[]), CAST(:received_ats AS timestamptz[])
) AS stay
""")
TOUCH = Command("""
UPDATE track_day SET revision = revision + 1
WHERE county_id = :county_id AND day >= :since AND day >= :first_open
""")

# A set of expired days with all their fixes.
PURGE = Statement(
    Purged,
    """
WITH expired AS (
  SELECT person_id, day FROM track_day WHERE county_id = :county_id AND day < :first_kept
  ORDER BY day, person_id LIMIT :limit FOR UPDATE SKIP LOCKED
), gone AS (
  DELETE FROM track_day USING expired
  WHERE track_day.county_id = :county_id AND track_day.person_id = expired.person_id
    AND track_day.day = expired.day
  RETURNING track_day.person_id, track_day.day
), forgotten AS (
  DELETE FROM track_fix USING gone
  WHERE track_fix.county_id = :county_id AND track_fix.person_id = gone.person_id
    AND track_fix.fixed_at >= CAST(gone.day AS timestamp) AT TIME ZONE :tz
    AND track_fix.fixed_at < CAST(gone.day + 1 AS timestamp) AT TIME ZONE :tz
  RETURNING track_fix.person_id
)
SELECT (SELECT count(*) FROM gone) AS days, (SELECT count(*) FROM forgotten) AS fixes
""",
)

HOURS = Statement(
    Dwell,
    """
SELECT person_id, day, village_id,
  CAST(extract(epoch FROM sum(until_at - from_at)) / 3600 AS float8) AS hours
FROM stay
WHERE county_id = :county_id AND person_id = ANY(CAST(:person_ids AS uuid[])) AND day BETWEEN :since AND :until
GROUP BY person_id, day, village_id ORDER BY person_id, day, village_id
""",
)

# With a record that goes into another of the same person. The days are computed anew from the fixes of both; where
# the fixes are gone, the stays of both remain, and duties count a moment once.
TAKE_OVER = Command("""
WITH fixes AS (
  UPDATE track_fix SET person_id = :into_id
  WHERE county_id = :county_id AND person_id = :from_id AND NOT EXISTS (
    SELECT FROM track_fix AS own WHERE own.county_id = :county_id AND own.person_id = :into_id
      AND own.fixed_at = track_fix.fixed_at AND own.key = track_fix.key)
), days AS (
  DELETE FROM track_day WHERE county_id = :county_id AND person_id = :from_id RETURNING day
), anew AS (
  INSERT INTO track_day (county_id, person_id, day, revision)
  SELECT :county_id, :into_id, day, 1 FROM days
  ON CONFLICT (county_id, person_id, day) DO UPDATE SET revision = track_day.revision + 1
)
UPDATE stay SET person_id = :into_id WHERE county_id = :county_id AND person_id = :from_id AND NOT EXISTS (
  SELECT FROM stay AS own WHERE own.county_id = :county_id AND own.person_id = :into_id AND own.day = stay.day
    AND own.village_id = stay.village_id AND own.from_at = stay.from_at)
""")


async def add(session: AsyncSession, fixes: Sequence[NewFix], *, now: datetime, **county: object) -> int:
    """How many were new. `county`: the other parameters of `ADD`."""
    return await ADD.one(
        session,
        **county,
        now=now,
        person_ids=[fix.person_id for fix in fixes],
        fixed_ats=[fix.fixed_at for fix in fixes],
        keys=[fix.key for fix in fixes],
        session_ids=[fix.session_id for fix in fixes],
        lons=[fix.lon for fix in fixes],
        lats=[fix.lat for fix in fixes],
        accuracies=[fix.accuracy_m for fix in fixes],
        altitudes=[fix.altitude_m for fix in fixes],
        speeds=[fix.speed_mps for fix in fixes],
        headings=[fix.heading_deg for fix in fixes],
        batteries=[fix.battery for fix in fixes],
    )


async def put_stays(session: AsyncSession, stays: Sequence[DayStay], *, county_id: str) -> None:
    await PUT_STAYS.run(
        session,
        county_id=county_id,
        person_ids=[stay.person_id for stay in stays],
        days=[stay.day for stay in stays],
        village_ids=[stay.village_id for stay in stays],
        from_ats=[stay.from_at for stay in stays],
        until_ats=[stay.until_at for stay in stays],
        fixes=[stay.fixes for stay in stays],
        versions=[stay.geofence_version for stay in stays],
        received_ats=[stay.received_at for stay in stays],
    )


DELETE_STAYS = Command("""
DELETE FROM stay WHERE county_id = :county_id AND (person_id, day, village_id, from_at) IN (
  SELECT person_id, day, village_id, from_at FROM stay WHERE county_id = :county_id AND day < :until LIMIT :limit)
""")

# Of who is made anonymous, or has withdrawn. Stays remain.
DELETE_OF_PEOPLE = Command("""
WITH days AS (
  DELETE FROM track_day WHERE county_id = :county_id AND person_id = ANY(CAST(:ids AS uuid[]))
)
DELETE FROM track_fix WHERE county_id = :county_id AND person_id = ANY(CAST(:ids AS uuid[]))
""")
