"""Every statement of the directory that single requests need. Bulk loading is in `roster.py`."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncSession

from app.directory.rules import UPLOAD_AFTER_SERVICE
from app.kernel.database import rows

SIGN_IN_FOR_UPDATE = """
SELECT s.phone, s.county_id, s.person_id, s.password_hash, s.failures, s.last_failure_at
FROM sign_in s WHERE s.phone = :phone FOR UPDATE
"""

PERSON = """
SELECT p.id, p.name, p.category, p.county_id, p.phone
FROM person p
WHERE p.county_id = :county_id AND p.id = :person_id
  AND p.from_date <= :today AND (p.until_date IS NULL OR p.until_date > :since)
"""

SESSION_POSTS = """
SELECT s.id AS session_id, po.id AS post_id, po.role, po.title, po.unit_id,
       u.name AS unit_name, u.level AS unit_level, u.path::text AS path,
       ARRAY(SELECT home.path::text FROM unit home
             WHERE home.county_id = s.county_id AND home.id IN (p.unit_id, p.department_id)) AS home,
       p.until_date IS NULL OR p.until_date > t.today AS serving
FROM device_session s
JOIN county c ON c.id = s.county_id
JOIN person p ON p.county_id = s.county_id AND p.id = s.person_id
CROSS JOIN LATERAL (SELECT (CAST(:now AS timestamptz) AT TIME ZONE c.timezone)::date AS today) t
LEFT JOIN post po ON po.county_id = s.county_id AND po.person_id = s.person_id
  AND po.from_date <= t.today AND (po.until_date IS NULL OR po.until_date > t.today)
  AND (p.until_date IS NULL OR p.until_date > t.today)
LEFT JOIN unit u ON u.county_id = po.county_id AND u.id = po.unit_id
WHERE s.county_id = :county_id AND s.id = :session_id AND s.person_id = :person_id AND s.ended_at IS NULL
  AND p.from_date <= t.today AND (p.until_date IS NULL OR p.until_date > t.today - CAST(:left_days AS int))
ORDER BY u.path, po.role
"""

COUNTY = """
SELECT id, name, name_en, timezone, settings, fence_version,
  ST_XMin(outline) AS west, ST_YMin(outline) AS south,
  ST_XMax(outline) AS east, ST_YMax(outline) AS north
FROM county WHERE id = :county_id
"""

CHANGE_SETTINGS = """
UPDATE county SET settings = settings || CAST(:changed AS jsonb) WHERE id = :county_id RETURNING id
"""

# One of the few looks across counties: for what is done to each of them in turn.
COUNTY_IDS = "SELECT id FROM county ORDER BY id"

FENCES = """
SELECT village_id, version, valid_from, valid_until, ST_AsBinary(area) AS wkb
FROM geofence WHERE county_id = :county_id ORDER BY village_id, version
"""

# Everything that a set of visits is judged by, in one round trip. Locks its people in one order, so that two
# sets never wait for each other: who writes a person's duties holds the person's row. The sub-selects hide from
# the planner how many visits there are, so that it settles on one plan for any number (planning took 1 ms).
# Who has signed in anew on the same phone is who they were: what was on its way under the session before comes in.
FACTS = """
WITH visit AS (
  SELECT * FROM unnest(
    (SELECT CAST(:person_ids AS uuid[])), (SELECT CAST(:session_ids AS uuid[])),
    (SELECT CAST(:days AS date[])), (SELECT CAST(:household_ids AS uuid[]))
  ) WITH ORDINALITY AS v(person_id, session_id, day, household_id, number)
), held AS (
  SELECT p.id FROM person p
  WHERE p.county_id = :county_id AND p.id IN (SELECT person_id FROM visit)
  ORDER BY p.id FOR NO KEY UPDATE
), contact AS (
  UPDATE person p SET last_contact_at = :now FROM held
  WHERE :in_touch AND p.county_id = :county_id AND p.id = held.id
)
SELECT v.number, s.id IS NOT NULL AS signed_in, s.device_id,
  NOT EXISTS (
    SELECT FROM person p WHERE p.county_id = :county_id AND p.id = v.person_id AND p.until_date <= v.day
  ) AS in_service,
  ARRAY(
    SELECT DISTINCT a.village_id FROM assignment a
    WHERE a.county_id = :county_id AND a.person_id = v.person_id
      AND a.from_date <= v.day AND (a.until_date IS NULL OR a.until_date > v.day)
    ORDER BY a.village_id
  ) AS assigned,
  h.id AS household_id, h.radius_m, ST_X(h.position) AS household_lon, ST_Y(h.position) AS household_lat,
  h.id IS NULL OR EXISTS (
    SELECT FROM assignment a
    WHERE a.county_id = :county_id AND a.person_id = v.person_id AND a.village_id = h.village_id
      AND (a.household_id = h.id OR a.household_id IS NULL)
      AND a.from_date <= v.day AND (a.until_date IS NULL OR a.until_date > v.day)
  ) OR EXISTS (
    SELECT FROM post po
    JOIN unit u ON u.county_id = :county_id AND u.id = po.unit_id
    JOIN unit vu ON vu.county_id = :county_id AND vu.path <@ u.path
    JOIN village vi ON vi.county_id = :county_id AND vi.unit_id = vu.id AND vi.id = h.village_id
    WHERE po.county_id = :county_id AND po.person_id = v.person_id AND po.role = ANY(:supervising)
      AND po.from_date <= v.day AND (po.until_date IS NULL OR po.until_date > v.day)
  ) AS household_theirs
FROM visit v
LEFT JOIN device_session s
  ON s.county_id = :county_id AND s.id = v.session_id AND s.person_id = v.person_id
  AND (s.ended_at IS NULL OR s.end_reason = 'signed_in_again')
LEFT JOIN household h ON h.county_id = :county_id AND h.id = v.household_id
ORDER BY v.number
"""

# In one order, so that no two writers wait for each other.
HOLD = """
SELECT count(*) FROM (
  SELECT FROM person WHERE county_id = :county_id AND id = ANY(CAST(:person_ids AS uuid[]))
  ORDER BY id FOR NO KEY UPDATE
) AS held
"""

# Villages where a person may check in: those assigned, and those of the units that the person supervises.
_MINE = """
WITH assigned AS (
  SELECT DISTINCT a.village_id FROM assignment a
  WHERE a.county_id = :county_id AND a.person_id = :person_id
    AND a.from_date <= :today AND (a.until_date IS NULL OR a.until_date > :today)
), mine AS (
  SELECT village_id, true AS assigned FROM assigned
  UNION ALL
  SELECT vi.id, false FROM unit u JOIN village vi ON vi.county_id = u.county_id AND vi.unit_id = u.id
  WHERE u.county_id = :county_id AND u.path <@ ANY(CAST(:paths AS ltree[]))
    AND vi.id NOT IN (SELECT village_id FROM assigned)
)
"""
MY_VILLAGES = f"""
{_MINE}
SELECT vi.id, vi.name, t.name AS township, m.assigned,
       g.version, g.synthetic, ST_AsGeoJSON(g.area, 6) AS geometry
FROM mine m
JOIN village vi ON vi.county_id = :county_id AND vi.id = m.village_id
JOIN township t ON t.county_id = vi.county_id AND t.id = vi.township_id
LEFT JOIN geofence g ON g.county_id = vi.county_id AND g.village_id = vi.id
  AND g.valid_from <= :now AND (g.valid_until IS NULL OR g.valid_until > :now)
ORDER BY m.assigned DESC, vi.id
"""

MY_HOUSEHOLDS = f"""
{_MINE}
SELECT h.id, h.village_id, h.head_name, h.radius_m, ST_X(h.position) AS lon, ST_Y(h.position) AS lat,
  EXISTS (
    SELECT FROM assignment a
    WHERE a.county_id = h.county_id AND a.household_id = h.id AND a.person_id = :person_id
      AND a.from_date <= :today AND (a.until_date IS NULL OR a.until_date > :today)
  ) AS assigned
FROM mine m
JOIN household h ON h.county_id = :county_id AND h.village_id = m.village_id
WHERE CAST(:village_id AS text) IS NULL OR h.village_id = :village_id
ORDER BY assigned DESC, h.village_id, h.id
"""


async def many(session: AsyncSession, statement: str, **parameters: Any) -> list[Any]:
    return await rows(session, statement, **parameters)


async def one(session: AsyncSession, statement: str, **parameters: Any) -> Any | None:
    found = await rows(session, statement, **parameters)
    return found[0] if found else None


async def set_failures(session: AsyncSession, *, phone: str, failures: int, at: datetime | None) -> None:
    await session.execute(
        text("UPDATE sign_in SET failures = :failures, last_failure_at = :at WHERE phone = :phone"),
        {"phone": phone, "failures": failures, "at": at},
    )


async def open_sessions(
    session: AsyncSession,
    *,
    county_id: str,
    ids: Sequence[UUID],
    person_ids: Sequence[UUID],
    device_ids: Sequence[str | None],
    token_hashes: Sequence[bytes],
    now: datetime,
    expires_at: datetime,
) -> None:
    """Open one session a row; a new session on a device ends the person's older ones there."""
    await session.execute(
        text("""
        UPDATE device_session SET ended_at = :now, end_reason = 'signed_in_again'
        WHERE county_id = :county_id AND ended_at IS NULL AND client IS NULL AND (person_id, device_id) IN (
          SELECT * FROM unnest(CAST(:person_ids AS uuid[]), CAST(:device_ids AS text[])))
        """),
        {
            "county_id": county_id,
            "now": now,
            "person_ids": list(person_ids),
            "device_ids": list(device_ids),
        },
    )
    await session.execute(
        text("""
        INSERT INTO device_session
          (county_id, id, person_id, device_id, token_hash, started_at, expires_at)
        SELECT :county_id, n.id, n.person_id, n.device_id, n.token_hash, :now, :expires_at
        FROM unnest(CAST(:ids AS uuid[]), CAST(:person_ids AS uuid[]), CAST(:device_ids AS text[]),
                    CAST(:token_hashes AS bytea[])) AS n(id, person_id, device_id, token_hash)
        """),
        {
            "county_id": county_id,
            "now": now,
            "expires_at": expires_at,
            "ids": list(ids),
            "person_ids": list(person_ids),
            "device_ids": list(device_ids),
            "token_hashes": list(token_hashes),
        },
    )


async def session_for_update(session: AsyncSession, *, county_id: str, session_id: UUID) -> Any | None:
    return await one(
        session,
        """
        SELECT id, person_id, device_id, token_hash, expires_at, ended_at FROM device_session
        WHERE county_id = :county_id AND id = :session_id AND client IS NULL FOR UPDATE
        """,
        county_id=county_id,
        session_id=session_id,
    )


async def rotate(
    session: AsyncSession, *, county_id: str, session_id: UUID, token_hash: bytes, expires_at: datetime
) -> None:
    await session.execute(
        text("""
        UPDATE device_session SET token_hash = :token_hash, expires_at = :expires_at
        WHERE county_id = :county_id AND id = :session_id
        """),
        {
            "county_id": county_id,
            "session_id": session_id,
            "token_hash": token_hash,
            "expires_at": expires_at,
        },
    )


async def end_session(
    session: AsyncSession, *, county_id: str, session_id: UUID, now: datetime, reason: str
) -> None:
    await session.execute(
        text("""
        UPDATE device_session SET ended_at = :now, end_reason = :reason
        WHERE county_id = :county_id AND id = :session_id AND ended_at IS NULL
        """),
        {"county_id": county_id, "session_id": session_id, "now": now, "reason": reason},
    )


async def heard_from(session: AsyncSession, *, county_id: str, person_id: UUID, now: datetime) -> None:
    """Note that the person's phone has been in touch: "missed" and "not heard from" are different things."""
    await session.execute(
        text("UPDATE person SET last_contact_at = :now WHERE county_id = :county_id AND id = :person_id"),
        {"county_id": county_id, "person_id": person_id, "now": now},
    )


async def my_posts(
    session: AsyncSession, *, county_id: str, person_id: UUID, session_id: UUID, now: datetime
) -> list[Any]:
    """One row per post of today, or a single row of nulls; no row when the session has ended.

    Of who has left a single row too, for so long as they may upload.
    """
    return await rows(
        session,
        SESSION_POSTS,
        county_id=county_id,
        person_id=person_id,
        session_id=session_id,
        left_days=UPLOAD_AFTER_SERVICE.days,
        now=now,
    )
