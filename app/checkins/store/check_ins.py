"""Every statement on the table of check-ins."""

import json
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from app.checkins.rules import Judged, Reason, Visit
from app.checkins.words import Purpose, RecordSource, Standing
from app.geo.words import Place
from app.kernel.statements import Json, Statement


@dataclass(frozen=True, slots=True)
class CheckInRow:
    """A check-in as the contract shows it."""

    id: UUID
    person_id: UUID
    captured_at: datetime
    visited_at: datetime
    received_at: datetime
    accuracy_m: float | None
    geofence_version: int | None
    place: Place
    distance_m: float | None
    confidence: float | None
    household_distance_m: float | None
    standing: Standing
    reasons: list[Json]
    night_of: date | None
    purpose: Purpose
    household_id: UUID | None
    note: str
    source: RecordSource | None
    record: Json | None
    withdrawn_at: datetime | None
    content_hash: bytes
    village_id: str | None
    found_in_village_id: str | None
    lon: float | None
    lat: float | None
    village_name: str | None
    found_in_village_name: str | None


@dataclass(frozen=True, slots=True)
class InsertedRow(CheckInRow):
    """And whether it was not there before."""

    fresh: bool


@dataclass(frozen=True, slots=True)
class NewCheckIn:
    """A visit with its judgement, ready to be written."""

    visit: Visit
    device_id: str | None
    judged: Judged
    standing: str
    reasons: tuple[Reason, ...]
    night_of: date | None


# name, array type, value: one line a column, in the order of the INSERT.
_COLUMNS: tuple[tuple[str, str, Any], ...] = (
    ("id", "uuid", lambda n: n.visit.id),
    ("person_id", "uuid", lambda n: n.visit.person_id),
    ("device_id", "text", lambda n: n.device_id),
    ("captured_at", "timestamptz", lambda n: n.visit.captured_at),
    ("fixed_at", "timestamptz", lambda n: n.visit.fix and n.visit.fix.fixed_at),
    ("crs", "text", lambda n: n.visit.fix.crs if n.visit.fix else "wgs84"),
    ("raw_lon", "float8", lambda n: n.visit.fix and n.visit.fix.lon),
    ("raw_lat", "float8", lambda n: n.visit.fix and n.visit.fix.lat),
    ("accuracy_m", "float8", lambda n: n.visit.fix and n.visit.fix.accuracy_m),
    ("altitude_m", "float8", lambda n: n.visit.fix and n.visit.fix.altitude_m),
    ("speed_mps", "float8", lambda n: n.visit.fix and n.visit.fix.speed_mps),
    ("mock", "bool", lambda n: n.visit.fix and n.visit.fix.mock),
    ("position_problem", "text", lambda n: n.visit.position_problem),
    ("purpose", "text", lambda n: n.visit.purpose),
    ("household_id", "uuid", lambda n: n.visit.household_id),
    ("note", "text", lambda n: n.visit.note),
    ("photo_ids", "text", lambda n: "{" + ",".join(map(str, n.visit.photo_ids)) + "}"),
    (
        "form",
        "text",
        lambda n: None if n.visit.form is None else json.dumps(n.visit.form, ensure_ascii=False),
    ),
    ("app_version", "text", lambda n: n.visit.app_version),
    ("source", "text", lambda n: n.visit.record and n.visit.record.source),
    ("record_key", "uuid", lambda n: n.visit.record and n.visit.record.key),
    (
        "record",
        "text",
        lambda n: n.visit.record and json.dumps(n.visit.record.said, ensure_ascii=False),
    ),
    ("content_hash", "bytea", lambda n: n.visit.content_hash),
    ("lon", "float8", lambda n: n.judged.lon),
    ("lat", "float8", lambda n: n.judged.lat),
    ("village_id", "text", lambda n: n.judged.village_id),
    ("geofence_version", "int", lambda n: n.judged.geofence_version),
    ("found_in_village_id", "text", lambda n: n.judged.found_in_village_id),
    ("place", "text", lambda n: n.judged.place),
    ("distance_m", "float8", lambda n: n.judged.distance_m),
    ("confidence", "float8", lambda n: n.judged.confidence),
    ("household_distance_m", "float8", lambda n: n.judged.household_distance_m),
    ("standing", "text", lambda n: n.standing),
    ("reasons", "text", lambda n: json.dumps([reason.as_dict() for reason in n.reasons], ensure_ascii=False)),
    ("night_of", "date", lambda n: n.night_of),
)
_CASTS = {
    "photo_ids": "n.photo_ids::uuid[]",
    "form": "n.form::jsonb",
    "record": "n.record::jsonb",
    "reasons": "n.reasons::jsonb",
}
_POINT = "CASE WHEN n.lon IS NULL THEN NULL ELSE ST_SetSRID(ST_MakePoint(n.lon, n.lat), 4326) END"
_PLAIN = [name for name, _, _ in _COLUMNS if name not in ("lon", "lat")]

# What the contract's check_in is made of; `c` is a check-in.
VIEW = """
c.id, c.person_id, c.captured_at, c.visited_at, c.received_at, c.accuracy_m, c.geofence_version, c.place,
c.distance_m, c.confidence, c.household_distance_m, c.standing, c.reasons, c.night_of, c.purpose, c.household_id,
c.note, c.source, c.record, c.withdrawn_at, c.content_hash, c.village_id, c.found_in_village_id,
ST_X(c.position) AS lon, ST_Y(c.position) AS lat,
v.name AS village_name, f.name AS found_in_village_name
"""
_NAMES = """
LEFT JOIN village v ON v.county_id = c.county_id AND v.id = c.village_id
LEFT JOIN village f ON f.county_id = c.county_id AND f.id = c.found_in_village_id
"""

INSERT = Statement(
    InsertedRow,
    f"""
WITH n AS (
  SELECT * FROM unnest({", ".join(f"CAST(:{name} AS {kind}[])" for name, kind, _ in _COLUMNS)})
    AS n({", ".join(name for name, _, _ in _COLUMNS)})
), fresh AS (
  INSERT INTO check_in (county_id, received_at, position, {", ".join(_PLAIN)})
  SELECT :county_id, :now, {_POINT}, {", ".join(_CASTS.get(name, f"n.{name}") for name in _PLAIN)} FROM n
  ON CONFLICT (county_id, id) DO NOTHING
  RETURNING *
), c AS (
  SELECT *, true AS fresh FROM fresh
  UNION ALL
  SELECT *, false FROM check_in WHERE county_id = :county_id AND id = ANY(CAST(:id AS uuid[]))
)
SELECT {VIEW}, c.fresh FROM c {_NAMES}
""",
)

OF_PERSON = Statement(
    CheckInRow,
    f"""
SELECT {VIEW} FROM check_in c {_NAMES}
WHERE c.county_id = :county_id AND c.person_id = :person_id
  AND (CAST(:since AS timestamptz) IS NULL OR c.visited_at >= :since)
  AND (CAST(:at AS timestamptz) IS NULL OR (c.visited_at, c.id) < (:at, CAST(:id AS uuid)))
ORDER BY c.visited_at DESC, c.id DESC LIMIT :limit
""",
)

ONE = Statement(
    CheckInRow,
    f"""
SELECT {VIEW} FROM check_in c {_NAMES}
WHERE c.county_id = :county_id AND c.id = :id AND c.person_id = :person_id
""",
)


async def insert(
    session: AsyncSession, *, county_id: str, new: Sequence[NewCheckIn], now: datetime
) -> dict[UUID, InsertedRow]:
    """Write what is not there yet; returns the stored row of every id, `fresh` when it was written now."""
    arrays = {name: [value(item) for item in new] for name, _, value in _COLUMNS}
    found = await INSERT.all(session, county_id=county_id, now=now, **arrays)
    return {row.id: row for row in found}


async def of_person(
    session: AsyncSession,
    *,
    county_id: str,
    person_id: UUID,
    since: datetime | None,
    after: tuple[datetime, UUID] | None,
    limit: int,
) -> list[CheckInRow]:
    """Newest first, from below `after`."""
    at, last = after or (None, None)
    return await OF_PERSON.all(
        session,
        county_id=county_id,
        person_id=person_id,
        since=since,
        at=at,
        id=last,
        limit=limit,
    )


async def one(session: AsyncSession, *, county_id: str, person_id: UUID, check_in_id: UUID) -> CheckInRow | None:
    return await ONE.first(session, county_id=county_id, person_id=person_id, id=check_in_id)
