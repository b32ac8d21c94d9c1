"""Statements of client keys: the sessions of tracking apps, and what the apps say of their devices."""

from datetime import datetime
from typing import NamedTuple
from uuid import UUID

from app.access.client_records import KeyHolder
from app.access.words import Client
from app.kernel.statements import Command, Json, Statement


class KeyRow(NamedTuple):
    """A key that is good, and what its device last said of itself."""

    id: UUID
    client: Client
    device_id: str
    started_at: datetime
    last_used_at: datetime | None
    status: Json | None


# Keys that nobody has used yet make room for the new one; one in use stays good until the new one is used.
ISSUE = Command("""
WITH unused AS (
  UPDATE device_session SET ended_at = :now, end_reason = 'replaced'
  WHERE county_id = :county_id AND person_id = :person_id AND device_id = :device_id AND client = :client
    AND ended_at IS NULL AND last_used_at IS NULL
  RETURNING id
)
INSERT INTO device_session (county_id, id, person_id, device_id, client, token_hash, started_at, issued_by)
SELECT :county_id, :id, :person_id, :device_id, :client, :token_hash, :now, :issued_by
WHERE :most > (
  SELECT count(*) FROM device_session
  WHERE county_id = :county_id AND person_id = :person_id AND client IS NOT NULL AND ended_at IS NULL
    AND id NOT IN (SELECT id FROM unused))
""")

OF_PERSON = Statement(
    KeyRow,
    """
SELECT key.id, key.client, key.device_id, key.started_at, key.last_used_at, device.status
FROM device_session AS key
LEFT JOIN device ON device.county_id = :county_id AND device.id = key.device_id
  AND device.person_id = key.person_id
WHERE key.county_id = :county_id AND key.person_id = :person_id AND key.client IS NOT NULL
  AND key.ended_at IS NULL
ORDER BY key.id DESC
""",
)

REVOKE = Command("""
UPDATE device_session SET ended_at = :now, end_reason = 'revoked'
WHERE county_id = :county_id AND person_id = :person_id AND id = :id AND client IS NOT NULL AND ended_at IS NULL
""")

HOLDER = Statement(
    KeyHolder,
    """
SELECT key.county_id, key.person_id, key.id AS session_id, key.device_id, key.client,
  person.phone, person.name, county.timezone
FROM device_session AS key
JOIN county ON county.id = key.county_id
JOIN person ON person.county_id = key.county_id AND person.id = key.person_id
CROSS JOIN LATERAL (SELECT CAST(CAST(:now AS timestamptz) AT TIME ZONE county.timezone AS date) AS day) AS today
WHERE key.county_id = :county_id AND key.token_hash = :token_hash AND key.client = :client AND key.ended_at IS NULL
  AND person.from_date <= today.day AND (person.until_date IS NULL OR person.until_date > today.day)
""",
)

# Whoever has the newer key at work no longer needs the older ones. Ids are UUIDv7: the later the greater.
HEARD = Statement(
    UUID,
    """
WITH used AS (
  UPDATE device_session SET last_used_at = :now
  WHERE county_id = :county_id AND id = :session_id AND ended_at IS NULL
  RETURNING id, person_id, device_id, client
), replaced AS (
  UPDATE device_session AS older SET ended_at = :now, end_reason = 'replaced'
  FROM used
  WHERE older.county_id = :county_id AND older.person_id = used.person_id
    AND older.device_id = used.device_id AND older.client = used.client AND older.id < used.id
    AND older.ended_at IS NULL
), heard AS (
  UPDATE person SET last_contact_at = :now
  FROM used WHERE person.county_id = :county_id AND person.id = used.person_id
), seen AS (
  INSERT INTO device (county_id, id, person_id, last_seen_at, status)
  SELECT :county_id, used.device_id, used.person_id, :now, CAST(:status AS jsonb) FROM used
  ON CONFLICT (county_id, id, person_id) DO UPDATE
  SET last_seen_at = excluded.last_seen_at, status = coalesce(excluded.status, device.status)
)
SELECT id FROM used
""",
)

PHONE = Statement(str, "SELECT phone FROM person WHERE county_id = :county_id AND id = :person_id")
