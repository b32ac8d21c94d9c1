"""Every statement that changes village fences, or lists their versions."""

from datetime import datetime
from typing import NamedTuple

from sqlalchemy.ext.asyncio import AsyncSession

from app.kernel.statements import Command, Statement


class VersionRow(NamedTuple):
    """A version of a village's fence, as GeoJSON."""

    village_id: str
    version: int
    valid_from: datetime
    valid_until: datetime | None
    synthetic: bool
    source: str
    geometry: str


class GroundRow(NamedTuple):
    """Where a county lies, as well-known binary: its outline, or else the extent of its other fences."""

    outline: bytes | None
    villages: int
    fenced: bytes | None
    neighbours: bytes | None


class EndedRow(NamedTuple):
    """A version that gave way, and until when it had been valid."""

    village_id: str
    version: int
    valid_until: datetime | None


class AddedRow(NamedTuple):
    """A version that is new."""

    village_id: str
    version: int


class CurrentRow(NamedTuple):
    """A fence that holds, as well-known binary."""

    village_id: str
    area: bytes


CHANGED = "fences"
"""The channel on which a county's code is said when its fences have changed."""

# Who changes fences locks the county's row from here on: versions follow one another.
TAKE = Command("UPDATE county SET fence_version = fence_version + 1 WHERE id = :county_id")

# What had been valid from then on or later gives way; a version that is left without time stays, since check-ins
# name it.
END = Statement(
    int,
    """
WITH ended AS (
  UPDATE geofence SET valid_until = greatest(valid_from, CAST(:valid_from AS timestamptz))
  WHERE county_id = :county_id AND village_id = :village_id AND (valid_until IS NULL OR valid_until > :valid_from)
)
SELECT coalesce(max(version), 0) + 1 AS next FROM geofence
WHERE county_id = :county_id AND village_id = :village_id
""",
)
ADD = Command("""
INSERT INTO geofence (county_id, village_id, version, area, synthetic, source, valid_from)
VALUES (:county_id, :village_id, :version, ST_Multi(ST_GeomFromWKB(:area, 4326)), :synthetic, :source, :valid_from)
""")

# A township is the union of its villages as they are now.
_OUTLINE = """
UPDATE township SET outline = (
  SELECT ST_Multi(ST_Union(geofence.area))
  FROM village JOIN geofence ON geofence.county_id = :county_id AND geofence.village_id = village.id
  WHERE village.county_id = :county_id AND village.township_id = township.id
    AND geofence.valid_from <= :now AND (geofence.valid_until IS NULL OR geofence.valid_until > :now))
WHERE county_id = :county_id AND id"""
OUTLINE = Command(f"""{_OUTLINE} = (
  SELECT township_id FROM village WHERE county_id = :county_id AND id = :village_id)
""")
OUTLINES = Command(f"""{_OUTLINE} IN (
  SELECT township_id FROM village WHERE county_id = :county_id AND id = ANY(CAST(:village_ids AS text[])))
""")
OUTLINES_OF = Command(f"{_OUTLINE} = ANY(CAST(:township_ids AS text[]))")

# A village that ends takes its fence with it, at midnight in the county; one that goes on after all has it again.
REOPEN_FENCES = Command("""
UPDATE geofence SET valid_until = NULL
FROM (
  SELECT was.id, CAST(was.until AS timestamp) AT TIME ZONE county.timezone AS at, (
    SELECT max(version) FROM geofence AS old
    WHERE old.county_id = :county_id AND old.village_id = was.id) AS newest
  FROM county CROSS JOIN unnest(CAST(:village_ids AS text[]), CAST(:untils AS date[])) AS was (id, until)
  WHERE county.id = :county_id
) AS ended
WHERE geofence.county_id = :county_id AND geofence.village_id = ended.id AND geofence.version = ended.newest
  AND geofence.valid_until = ended.at
""")
END_FENCES = Command("""
UPDATE geofence SET valid_until = greatest(valid_from, ends.at)
FROM (
  SELECT village.id, CAST(village.until_date AS timestamp) AT TIME ZONE county.timezone AS at
  FROM village JOIN county ON county.id = :county_id
  WHERE village.county_id = :county_id AND village.id = ANY(CAST(:village_ids AS text[]))
    AND village.until_date IS NOT NULL
) AS ends
WHERE geofence.county_id = :county_id AND geofence.village_id = ends.id
  AND (geofence.valid_until IS NULL OR geofence.valid_until > ends.at)
""")

# Of many villages at once: new versions, and what they took the place of, for whoever takes them back.
END_MANY = Statement(
    EndedRow,
    """
UPDATE geofence SET valid_until = greatest(geofence.valid_from, CAST(:valid_from AS timestamptz))
FROM (
  SELECT old.village_id, old.version, old.valid_until FROM geofence AS old
  WHERE old.county_id = :county_id AND old.village_id = ANY(CAST(:village_ids AS text[]))
    AND (old.valid_until IS NULL OR old.valid_until > :valid_from)
  FOR UPDATE
) AS before
WHERE geofence.county_id = :county_id AND geofence.village_id = before.village_id
  AND geofence.version = before.version
RETURNING geofence.village_id, geofence.version, before.valid_until
""",
)
ADD_MANY = Statement(
    AddedRow,
    """
INSERT INTO geofence (county_id, village_id, version, area, synthetic, source, valid_from)
SELECT :county_id, new.village_id, coalesce((
    SELECT max(version) FROM geofence AS old
    WHERE old.county_id = :county_id AND old.village_id = new.village_id), 0) + 1,
  ST_Multi(ST_GeomFromWKB(new.area, 4326)), false, :source, :valid_from
FROM unnest(CAST(:village_ids AS text[]), CAST(:areas AS bytea[])) AS new (village_id, area)
RETURNING village_id, version
""",
)
DELETE_MANY = Command("""
DELETE FROM geofence USING unnest(CAST(:village_ids AS text[]), CAST(:versions AS int[])) AS gone (id, number)
WHERE geofence.county_id = :county_id AND geofence.village_id = gone.id AND geofence.version = gone.number
""")
REOPEN_MANY = Command("""
UPDATE geofence SET valid_until = was.until
FROM unnest(CAST(:village_ids AS text[]), CAST(:versions AS int[]), CAST(:untils AS timestamptz[]))
  AS was (id, number, until)
WHERE geofence.county_id = :county_id AND geofence.village_id = was.id AND geofence.version = was.number
""")
CURRENT = Statement(
    CurrentRow,
    """
SELECT village_id, ST_AsBinary(area) AS area FROM geofence
WHERE county_id = :county_id AND valid_until IS NULL
""",
)

VERSIONS = Statement(
    VersionRow,
    """
SELECT village_id, version, valid_from, valid_until, synthetic, source, ST_AsGeoJSON(area, 7) AS geometry
FROM geofence WHERE county_id = :county_id AND village_id = :village_id ORDER BY version DESC
""",
)


# `fenced` is asked for only where the county has no outline.
GROUND = Statement(
    GroundRow,
    """
SELECT ST_AsBinary(county.outline) AS outline,
  (SELECT count(*) FROM village WHERE village.county_id = :county_id) AS villages,
  CASE WHEN county.outline IS NULL THEN (
    SELECT ST_AsBinary(CAST(ST_Extent(geofence.area) AS geometry)) FROM geofence
    WHERE geofence.county_id = :county_id AND geofence.village_id <> :village_id
      AND geofence.valid_until IS NULL) END AS fenced,
  (SELECT ST_AsBinary(ST_Collect(geofence.area)) FROM village AS own
   JOIN village AS other
     ON other.county_id = :county_id AND other.township_id = own.township_id AND other.id <> own.id
   JOIN geofence ON geofence.county_id = :county_id AND geofence.village_id = other.id
     AND geofence.valid_until IS NULL
   WHERE own.county_id = :county_id AND own.id = :village_id) AS neighbours
FROM county WHERE county.id = :county_id
""",
)


async def change(
    session: AsyncSession,
    *,
    county_id: str,
    village_id: str,
    valid_from: datetime,
    now: datetime,
    area: bytes,
    synthetic: bool,
    source: str,
) -> int:
    """Write a new version; its area is well-known binary. Returns its number."""
    about = {"county_id": county_id, "village_id": village_id}
    await TAKE.run(session, county_id=county_id)
    version = await END.one(session, **about, valid_from=valid_from)
    await ADD.run(
        session,
        **about,
        version=version,
        valid_from=valid_from,
        area=area,
        synthetic=synthetic,
        source=source,
    )
    await OUTLINE.run(session, **about, now=now)
    return version
