"""Statements of devices: what a phone says of itself, how to reach it, and who may be told by it."""

from datetime import datetime
from typing import NamedTuple
from uuid import UUID

from app.kernel.statements import Command, Json, Statement


class PushOwnerRow(NamedTuple):
    """Whose device a registration for pushes belongs to."""

    key: bytes
    county_id: str
    person_id: UUID
    device_id: str


class DeviceRow(NamedTuple):
    """All that is known of a person's device."""

    id: str
    platform: str | None
    model: str | None
    app_version: str | None
    push: Json | None
    waiting: int | None
    oldest_waiting_at: datetime | None
    last_seen_at: datetime


# What tells one registration for pushes from all others: an app's token, a browser's endpoint.
_KEY = """
sha256(convert_to(concat_ws(' ', {0} ->> 'channel',
  coalesce({0} ->> 'fid', {0} ->> 'token', {0} -> 'subscription' ->> 'endpoint', CAST({0} AS text))), 'UTF8'))
"""

# Whose registration it was until now: the row stays as it was, and is locked.
CLAIM_PUSH = Statement(
    PushOwnerRow,
    f"""
INSERT INTO push_owner (key, county_id, person_id, device_id)
VALUES ({_KEY.format("CAST(:push AS jsonb)")}, :county_id, :person_id, :device_id)
ON CONFLICT (key) DO UPDATE SET key = excluded.key
RETURNING key, county_id, person_id, device_id
""",
)
OWN_PUSH = Command("""
UPDATE push_owner SET county_id = :county_id, person_id = :person_id, device_id = :device_id
WHERE key = :key
""")
LOSE_PUSH = Command(f"""
UPDATE device SET push = NULL
WHERE county_id = :county_id AND person_id = :person_id AND id = :device_id AND {_KEY.format("push")} = :key
""")

# Whoever signs in on a phone holds it now; those who held it before are not told by it any more.
HAND_OVER = Command("""
UPDATE device SET push = NULL
FROM unnest(CAST(:person_ids AS uuid[]), CAST(:device_ids AS text[])) AS holder (person_id, device_id)
WHERE device.county_id = :county_id AND device.id = holder.device_id AND device.person_id <> holder.person_id
  AND device.push IS NOT NULL
""")

FORGET_PUSH = Command("""
UPDATE device SET push = NULL
FROM unnest(CAST(:person_ids AS uuid[]), CAST(:device_ids AS text[]), CAST(:pushes AS text[]))
  AS gone (person_id, device_id, push)
WHERE device.county_id = :county_id AND device.person_id = gone.person_id AND device.id = gone.device_id
  AND device.push = CAST(gone.push AS jsonb)
""")

# Three columns of `device`; where nothing is said of what waits, all of them stay as they are.
_SAID_WAITING = """
  CAST(:waiting AS int),
  CASE WHEN CAST(:waiting AS int) > 0 THEN CAST(:oldest_waiting_at AS timestamptz) END,
  CASE WHEN CAST(:waiting AS int) IS NOT NULL THEN CAST(:now AS timestamptz) END
"""
_KEEP_WAITING = """
  waiting = coalesce(excluded.waiting, device.waiting),
  oldest_waiting_at = CASE WHEN coalesce(excluded.waiting, device.waiting, 0) > 0 THEN
    CASE WHEN CAST(:says_oldest AS boolean)
      THEN CAST(:oldest_waiting_at AS timestamptz) ELSE device.oldest_waiting_at END END,
  waiting_said_at = coalesce(excluded.waiting_said_at, device.waiting_said_at)
"""

# What the phone of this session says it still holds; nothing where a session has no device.
PUT_WAITING = Command(f"""
INSERT INTO device (county_id, id, person_id, last_seen_at, waiting, oldest_waiting_at, waiting_said_at)
SELECT :county_id, own.device_id, own.person_id, :now, {_SAID_WAITING}
FROM device_session AS own
WHERE own.county_id = :county_id AND own.id = :session_id AND own.person_id = :person_id
  AND own.device_id IS NOT NULL AND own.ended_at IS NULL
ON CONFLICT (county_id, id, person_id) DO UPDATE
SET last_seen_at = excluded.last_seen_at, {_KEEP_WAITING}
""")

# Other devices that somebody has held since a moment.
OTHERS_SINCE = Statement(
    int,
    """
SELECT count(*) FROM device
WHERE county_id = :county_id AND person_id = :person_id AND last_seen_at > :since AND id <> :device_id
""",
)

# What is named in `:said` is said; the rest stays.
_KEEP = ", ".join(
    f"{name} = CASE WHEN '{name}' = ANY(CAST(:said AS text[])) THEN excluded.{name} ELSE device.{name} END"
    for name in ("platform", "model", "app_version", "push")
)
PUT_DEVICE = Statement(
    DeviceRow,
    f"""
INSERT INTO device (county_id, id, person_id, platform, model, app_version, push, last_seen_at,
  waiting, oldest_waiting_at, waiting_said_at)
VALUES (:county_id, :device_id, :person_id, :platform, :model, :app_version, CAST(:push AS jsonb), :now,
  {_SAID_WAITING})
ON CONFLICT (county_id, id, person_id) DO UPDATE
SET {_KEEP}, last_seen_at = excluded.last_seen_at, {_KEEP_WAITING}
RETURNING id, platform, model, app_version, push, waiting, oldest_waiting_at, last_seen_at
""",
)
