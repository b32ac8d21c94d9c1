"""Statements of sessions: a signed-in device, and the posts of whoever holds it."""

from datetime import datetime
from typing import NamedTuple
from uuid import UUID

from app.directory.words import Role, UnitLevel
from app.kernel.statements import Command, Statement


class SessionRow(NamedTuple):
    """A session, whose row is held."""

    person_id: UUID
    token_hash: bytes
    previous_hash: bytes | None
    started_at: datetime
    expires_at: datetime
    ended_at: datetime | None


class PostRow(NamedTuple):
    """A post of today of whoever holds a session; without one, all of the post is null."""

    post_id: UUID | None
    role: Role | None
    title: str | None
    unit_id: UUID | None
    unit_name: str | None
    unit_level: UnitLevel | None
    path: str | None
    home: list[str]
    opened_by: list[UUID]
    serving: bool
    unsecured: bool


class OpenSession(NamedTuple):
    """Where somebody is signed in; of a browser nothing is known but since when."""

    id: UUID
    device_id: str | None
    platform: str | None
    model: str | None
    app_version: str | None
    started_at: datetime
    last_seen_at: datetime | None
    expires_at: datetime


OPENERS = """
ARRAY(
  SELECT opener.id FROM (
    (SELECT code.made_by AS id FROM activation AS code
     WHERE code.county_id = :county_id AND code.person_id = :person_id AND code.used_at IS NOT NULL
     ORDER BY code.used_at DESC LIMIT 1)
    UNION
    SELECT other.made_by FROM person_merge AS other
    WHERE other.county_id = :county_id AND other.into_id = :person_id) AS opener
  WHERE opener.id IS NOT NULL)"""
"""A column: who had a hand in a person's account; see `Scope.opened_by`."""
OPENED_BY = Statement(list[UUID], f"SELECT {OPENERS} AS openers")

# One row for each post of today, or a single row of nulls; no row when the session has ended. Of who has left a
# single row too, for so long as they may upload.
POSTS = Statement(
    PostRow,
    f"""
SELECT po.id AS post_id, po.role, po.title, po.unit_id,
  u.name AS unit_name, u.level AS unit_level, CAST(u.path AS text) AS path,
  ARRAY(
    SELECT CAST(home.path AS text) FROM unit AS home
    WHERE home.county_id = s.county_id AND home.id IN (p.unit_id, p.department_id)
  ) AS home,
  {OPENERS} AS opened_by,
  p.until_date IS NULL OR p.until_date > t.today AS serving,
  coalesce(CAST(c.settings ->> 'second_factor' AS boolean), false) AND po.role = ANY(CAST(:secured AS text[]))
    AND NOT EXISTS (
      SELECT FROM second_factor AS own
      WHERE own.county_id = s.county_id AND own.person_id = s.person_id AND own.confirmed_at IS NOT NULL
    ) IS TRUE AS unsecured
FROM device_session AS s
JOIN county AS c ON c.id = s.county_id
JOIN person AS p ON p.county_id = s.county_id AND p.id = s.person_id
CROSS JOIN LATERAL (SELECT CAST(CAST(:now AS timestamptz) AT TIME ZONE c.timezone AS date) AS today) AS t
LEFT JOIN post AS po ON po.county_id = s.county_id AND po.person_id = s.person_id
  AND po.from_date <= t.today AND (po.until_date IS NULL OR po.until_date > t.today)
  AND (p.until_date IS NULL OR p.until_date > t.today)
LEFT JOIN unit AS u ON u.county_id = po.county_id AND u.id = po.unit_id
WHERE s.county_id = :county_id AND s.id = :session_id AND s.person_id = :person_id AND s.ended_at IS NULL
  AND p.from_date <= t.today AND (p.until_date IS NULL OR p.until_date > t.today - CAST(:left_days AS int))
ORDER BY u.path, po.role
""",
)

# A new session on a device ends the person's older ones there.
END_OLDER = Command("""
UPDATE device_session SET ended_at = :now, end_reason = 'signed_in_again'
WHERE county_id = :county_id AND ended_at IS NULL AND client IS NULL AND (person_id, device_id) IN (
  SELECT * FROM unnest(CAST(:person_ids AS uuid[]), CAST(:device_ids AS text[])))
""")
OPEN = Command("""
INSERT INTO device_session (county_id, id, person_id, device_id, token_hash, started_at, expires_at)
SELECT :county_id, new.*, :now, :expires_at FROM unnest(
  CAST(:ids AS uuid[]), CAST(:person_ids AS uuid[]), CAST(:device_ids AS text[]), CAST(:token_hashes AS bytea[])
) AS new
""")
EVER = Statement(
    bool,
    """
SELECT EXISTS (
  SELECT FROM device_session WHERE county_id = :county_id AND person_id = :person_id AND client IS NULL
)
""",
)
DEVICE = Statement(
    str,
    """
SELECT device_id FROM device_session
WHERE county_id = :county_id AND id = :session_id AND device_id IS NOT NULL
""",
)
LOCK = Statement(
    SessionRow,
    """
SELECT person_id, token_hash, previous_hash, started_at, expires_at, ended_at FROM device_session
WHERE county_id = :county_id AND id = :session_id AND client IS NULL FOR UPDATE
""",
)
ROTATE = Command("""
UPDATE device_session SET token_hash = :token_hash, previous_hash = :previous_hash, expires_at = :expires_at
WHERE county_id = :county_id AND id = :session_id
""")
END = Command("""
UPDATE device_session SET ended_at = :now, end_reason = :reason
WHERE county_id = :county_id AND id = :session_id AND ended_at IS NULL
""")
END_OWN = Command("""
UPDATE device_session SET ended_at = :now, end_reason = 'ended_by_owner'
WHERE county_id = :county_id AND id = :session_id AND person_id = :person_id AND client IS NULL
  AND ended_at IS NULL
""")
END_ALL = Command("""
UPDATE device_session SET ended_at = :now, end_reason = :reason
WHERE county_id = :county_id AND person_id = :person_id AND ended_at IS NULL
  AND (client IS NULL OR :keys_too) AND id IS DISTINCT FROM CAST(:but AS uuid)
""")
OF_PERSON = Statement(
    OpenSession,
    """
SELECT own.id, own.device_id, device.platform, device.model, device.app_version, own.started_at,
  device.last_seen_at, own.expires_at
FROM device_session AS own
LEFT JOIN device ON device.county_id = :county_id AND device.id = own.device_id
  AND device.person_id = own.person_id
WHERE own.county_id = :county_id AND own.person_id = :person_id AND own.client IS NULL
  AND own.ended_at IS NULL AND own.expires_at > :now
ORDER BY own.id DESC
""",
)
