"""Statements of contacts: when phones were in touch, and what they said that they still held."""

from app.kernel.statements import Command

# Of two at one moment the one that says what the phone holds tells more.
NOTE = Command("""
INSERT INTO contact (county_id, person_id, device_id, at, waiting, oldest_waiting_at)
SELECT :county_id, met.* FROM unnest(CAST(:person_id AS uuid[]), CAST(:device_id AS text[]),
  CAST(:at AS timestamptz[]), CAST(:waiting AS int[]), CAST(:oldest_waiting_at AS timestamptz[])) AS met
ON CONFLICT (county_id, person_id, device_id, at) DO UPDATE
SET waiting = coalesce(excluded.waiting, contact.waiting),
  oldest_waiting_at = coalesce(excluded.oldest_waiting_at, contact.oldest_waiting_at)
""")
NOTE_OF_SESSION = Command("""
INSERT INTO contact (county_id, person_id, device_id, at, waiting, oldest_waiting_at)
SELECT :county_id, own.person_id, own.device_id, :now, CAST(:waiting AS int),
  CAST(:oldest_waiting_at AS timestamptz)
FROM device_session AS own
WHERE own.county_id = :county_id AND own.id = :session_id AND own.person_id = :person_id
  AND own.device_id IS NOT NULL
ON CONFLICT (county_id, person_id, device_id, at) DO UPDATE
SET waiting = coalesce(excluded.waiting, contact.waiting),
  oldest_waiting_at = coalesce(excluded.oldest_waiting_at, contact.oldest_waiting_at)
""")
