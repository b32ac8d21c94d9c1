"""Every statement that judges stored check-ins anew; what is judged of them has a history."""

import json
from collections.abc import Sequence
from datetime import datetime
from typing import Any, NamedTuple
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from app.checkins.judging_again import Anew
from app.checkins.words import Standing
from app.geo.words import Place
from app.kernel.statements import Id, Json, Statement


class PlacedRow(NamedTuple):
    """Where a check-in stands in the order of time."""

    visited_at: datetime
    id: UUID


class StoredRow(NamedTuple):
    """What stands of a check-in, and whether a person decided it."""

    id: UUID
    person_id: UUID
    visited_at: datetime
    lon: float | None
    lat: float | None
    village_id: str | None
    geofence_version: int | None
    found_in_village_id: str | None
    place: Place
    distance_m: float | None
    confidence: float | None
    household_distance_m: float | None
    standing: Standing
    reasons: list[Json]
    reviewed: bool


class RejudgedRow(NamedTuple):
    """A check-in that was judged again: how it stood, and stands."""

    id: UUID
    rejudgement_id: UUID
    person_id: UUID
    visited_at: datetime
    standing: Standing
    before: str


class FixRow(NamedTuple):
    """The fix of a check-in, raw, and when it came if it came later."""

    captured_at: datetime
    position_added_at: datetime | None
    lon: float | None
    lat: float | None
    crs: str | None
    accuracy_m: float | None
    altitude_m: float | None
    speed_mps: float | None
    mock: bool | None
    fixed_at: datetime | None
    imported: bool


# A judgement as its history keeps it; `c` is a check-in.
_JUDGEMENT = """jsonb_build_object('standing', c.standing, 'place', c.place, 'village_id', c.village_id,
  'geofence_version', c.geofence_version, 'found_in_village_id', c.found_in_village_id,
  'distance_m', c.distance_m, 'confidence', c.confidence, 'household_distance_m', c.household_distance_m,
  'reasons', jsonb_path_query_array(c.reasons, '$[*].code'))"""

_REVIEWED = "EXISTS (SELECT FROM review WHERE review.county_id = :county_id AND review.check_in_id = c.id)"

STORED = Statement(
    StoredRow,
    f"""
SELECT c.id, c.person_id, c.visited_at, ST_X(c.position) AS lon, ST_Y(c.position) AS lat, c.village_id,
  c.geofence_version, c.found_in_village_id, c.place, c.distance_m, c.confidence, c.household_distance_m,
  c.standing, c.reasons, {_REVIEWED} AS reviewed
FROM check_in AS c WHERE c.county_id = :county_id AND c.id = ANY(CAST(:ids AS uuid[]))
""",
)

# name, array type, value: what is judged anew of each check-in.
_COLUMNS: tuple[tuple[str, str, Any], ...] = (
    ("id", "uuid", lambda a: a.check_in_id),
    ("rejudgement_id", "uuid", lambda a: a.rejudgement_id),
    ("lon", "float8", lambda a: a.judged.lon),
    ("lat", "float8", lambda a: a.judged.lat),
    ("village_id", "text", lambda a: a.judged.village_id),
    ("geofence_version", "int", lambda a: a.judged.geofence_version),
    ("found_in_village_id", "text", lambda a: a.judged.found_in_village_id),
    ("place", "text", lambda a: a.judged.place),
    ("distance_m", "float8", lambda a: a.judged.distance_m),
    ("confidence", "float8", lambda a: a.judged.confidence),
    ("household_distance_m", "float8", lambda a: a.judged.household_distance_m),
    ("standing", "text", lambda a: a.standing),
    ("reasons", "text", lambda a: json.dumps(a.reasons, ensure_ascii=False)),
)
_SAME = ("village_id", "geofence_version", "found_in_village_id", "place", "distance_m", "confidence",
         "household_distance_m")  # fmt: skip

# A review prevails: then the standing stays, and only the place is judged.
REJUDGE = Statement(
    RejudgedRow,
    f"""
WITH n AS (
  SELECT * FROM unnest({", ".join(f"CAST(:{name} AS {kind}[])" for name, kind, _ in _COLUMNS)})
    AS n({", ".join(name for name, _, _ in _COLUMNS)})
), was AS (
  SELECT c.id, c.standing, {_JUDGEMENT} AS said FROM check_in AS c
  WHERE c.county_id = :county_id AND c.id = ANY(CAST(:id AS uuid[]))
), changed AS (
  UPDATE check_in AS c SET {", ".join(f"{name} = n.{name}" for name in _SAME)},
    position = CASE WHEN n.lon IS NULL THEN NULL ELSE ST_SetSRID(ST_MakePoint(n.lon, n.lat), 4326) END,
    reasons = CAST(n.reasons AS jsonb), standing = CASE WHEN {_REVIEWED} THEN c.standing ELSE n.standing END
  FROM n WHERE c.county_id = :county_id AND c.id = n.id
  RETURNING c.id, n.rejudgement_id, c.person_id, c.visited_at, c.standing, {_JUDGEMENT} AS says
), kept AS (
  INSERT INTO rejudgement (county_id, id, check_in_id, cause, before, after, at)
  SELECT :county_id, changed.rejudgement_id, changed.id, :cause, was.said, changed.says, :now
  FROM changed JOIN was ON was.id = changed.id WHERE was.said <> changed.says
)
SELECT changed.id, changed.rejudgement_id, changed.person_id, changed.visited_at, changed.standing,
  was.standing AS before
FROM changed JOIN was ON was.id = changed.id ORDER BY changed.visited_at, changed.id
""",
)

FIX = Statement(
    FixRow,
    """
SELECT captured_at, position_added_at, raw_lon AS lon, raw_lat AS lat, crs, accuracy_m, altitude_m, speed_mps,
  mock, fixed_at, source IS NOT NULL AS imported
FROM check_in WHERE county_id = :county_id AND person_id = :person_id AND id = :check_in_id
""",
)
ADD_FIX = Statement(
    Id,
    """
UPDATE check_in SET raw_lon = :lon, raw_lat = :lat, crs = :crs, accuracy_m = :accuracy_m, altitude_m = :altitude_m,
  speed_mps = :speed_mps, mock = :mock, fixed_at = :fixed_at, position_added_at = :now
WHERE county_id = :county_id AND id = :check_in_id AND raw_lon IS NULL RETURNING id
""",
)

# A village's check-ins are those that were judged against it or found in it, those of people who are or were
# assigned to it, and those that lie where any of its boundaries was.
_CONDITIONS = {
    "village_id": """(c.village_id = :village_id OR c.found_in_village_id = :village_id
      OR c.person_id IN (
        SELECT person_id FROM assignment WHERE county_id = :county_id AND village_id = :village_id)
      OR EXISTS (
        SELECT FROM geofence WHERE geofence.county_id = :county_id AND geofence.village_id = :village_id
          AND c.position && geofence.area))""",
    "from_at": "c.visited_at >= :from_at",
    "until_at": "c.visited_at < :until_at",
    "after": "(c.visited_at, c.id) > (:at, CAST(:after_id AS uuid))",
}


def page(conditions: Sequence[str]) -> Statement[PlacedRow]:
    """The check-ins with a fix that meet these conditions, the oldest first."""
    met = " AND ".join(
        ["c.raw_lon IS NOT NULL", "c.withdrawn_at IS NULL", *(_CONDITIONS[name] for name in conditions)]
    )
    return Statement(
        PlacedRow,
        f"""
    SELECT c.visited_at, c.id FROM check_in AS c WHERE c.county_id = :county_id AND {met}
    ORDER BY c.visited_at, c.id LIMIT :limit""",
    )


async def rejudge(session: AsyncSession, *, anew: Sequence[Anew], **about: object) -> list[RejudgedRow]:
    """Write what was judged anew; the rows as they stand then. `about`: county_id, cause, now."""
    return await REJUDGE.all(session, **about, **{name: list(map(of, anew)) for name, _, of in _COLUMNS})
