"""What is known of sign-ins, sessions, devices and tracking apps is deleted after its time."""

from app.kernel.statements import Command

DELETE_CONTACTS = Command("""
DELETE FROM contact WHERE county_id = :county_id AND (person_id, device_id, at) IN (
  SELECT person_id, device_id, at FROM contact WHERE county_id = :county_id AND at < :before LIMIT :limit)
""")
DELETE_QUARANTINE = Command("""
DELETE FROM quarantine WHERE county_id = :county_id AND id IN (
  SELECT id FROM quarantine WHERE county_id = :county_id AND received_at < :before LIMIT :limit)
""")
DELETE_SIGN_INS = Command("""
DELETE FROM sign_in_event WHERE county_id = :county_id AND id IN (
  SELECT id FROM sign_in_event WHERE county_id = :county_id AND at < :before LIMIT :limit)
""")
DELETE_ACTIVATIONS = Command("""
DELETE FROM activation WHERE county_id = :county_id AND id IN (
  SELECT id FROM activation WHERE county_id = :county_id AND expires_at < :before LIMIT :limit)
""")
# That are over; not while something that came by them is still kept.
DELETE_SESSIONS = Command("""
DELETE FROM device_session WHERE county_id = :county_id AND id IN (
  SELECT id FROM device_session AS over
  WHERE over.county_id = :county_id AND least(over.ended_at, over.expires_at) < :before AND NOT EXISTS (
    SELECT FROM quarantine WHERE quarantine.county_id = :county_id AND quarantine.session_id = over.id)
  LIMIT :limit)
""")
# Not heard from, and with no session that might be.
DELETE_DEVICES = Command("""
WITH old AS (
  SELECT device.id, device.person_id FROM device
  WHERE device.county_id = :county_id AND device.last_seen_at < :before AND NOT EXISTS (
    SELECT FROM device_session AS own WHERE own.county_id = :county_id AND own.device_id = device.id
      AND own.person_id = device.person_id AND own.ended_at IS NULL
      AND (own.expires_at IS NULL OR own.expires_at >= :before))
  LIMIT :limit
), unheard AS (
  DELETE FROM push_owner USING old
  WHERE push_owner.county_id = :county_id AND push_owner.device_id = old.id
    AND push_owner.person_id = old.person_id
)
DELETE FROM device USING old
WHERE device.county_id = :county_id AND device.id = old.id AND device.person_id = old.person_id
""")
