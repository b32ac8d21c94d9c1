"""Statements of a county's places as GeoJSON features."""

from app.kernel.statements import Json, Statement

FENCES = Statement(
    Json,
    """
SELECT json_build_object('type', 'Feature', 'id', village.id,
  'properties', json_build_object('village_id', village.id, 'name', village.name,
    'official_name', village.official_name, 'township', township.name, 'version', geofence.version,
    'source', geofence.source, 'synthetic', geofence.synthetic, 'valid_from', geofence.valid_from),
  'geometry', CAST(ST_AsGeoJSON(geofence.area, 9) AS json)) AS feature
FROM geofence
JOIN village ON village.county_id = :county_id AND village.id = geofence.village_id
JOIN township ON township.county_id = :county_id AND township.id = village.township_id
WHERE geofence.county_id = :county_id AND geofence.valid_from <= :now
  AND (geofence.valid_until IS NULL OR geofence.valid_until > :now)
ORDER BY village.id
""",
)
HOUSEHOLDS = Statement(
    Json,
    """
SELECT json_build_object('type', 'Feature', 'id', household.id,
  'properties', json_build_object('household_id', household.id, 'head_name', head_name, 'hamlet', hamlet,
    'village_id', village_id, 'radius_m', radius_m),
  'geometry', CAST(ST_AsGeoJSON(position, 9) AS json)) AS feature
FROM household WHERE county_id = :county_id AND position IS NOT NULL
ORDER BY village_id, household.id
""",
)
