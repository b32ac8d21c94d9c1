"""When phones were in touch, and what they said that they still held: what a late visit is held against."""

from datetime import datetime
from typing import NamedTuple
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from app.kernel.database import rows

# Of two at one moment the one that says what the phone holds tells more.
_NOTE = """
INSERT INTO contact (county_id, person_id, device_id, at, waiting, oldest_waiting_at)
SELECT :county_id, met.* FROM unnest(CAST(:person_id AS uuid[]), CAST(:device_id AS text[]),
  CAST(:at AS timestamptz[]), CAST(:waiting AS int[]), CAST(:oldest_waiting_at AS timestamptz[])) AS met
ON CONFLICT (county_id, person_id, device_id, at) DO UPDATE
SET waiting = coalesce(excluded.waiting, contact.waiting),
  oldest_waiting_at = coalesce(excluded.oldest_waiting_at, contact.oldest_waiting_at)
RETURNING at
"""
_NOTE_OF_SESSION = """
INSERT INTO contact (county_id, person_id, device_id, at, waiting, oldest_waiting_at)
SELECT :county_id, own.person_id, own.device_id, :now, CAST(:waiting AS int),
  CAST(:oldest_waiting_at AS timestamptz)
FROM device_session AS own
WHERE own.county_id = :county_id AND own.id = :session_id AND own.person_id = :person_id
  AND own.device_id IS NOT NULL
ON CONFLICT (county_id, person_id, device_id, at) DO UPDATE
SET waiting = coalesce(excluded.waiting, contact.waiting),
  oldest_waiting_at = coalesce(excluded.oldest_waiting_at, contact.oldest_waiting_at)
RETURNING at
"""
_PURGE = """
WITH gone AS (DELETE FROM contact WHERE county_id = :county_id AND at < :before RETURNING 1)
SELECT count(*) AS purged FROM gone
"""


class Met(NamedTuple):
    """A phone is in touch; `waiting` None where it does not say what it holds."""

    person_id: UUID
    device_id: str
    at: datetime
    waiting: int | None = None
    oldest_waiting_at: datetime | None = None


async def note(session: AsyncSession, county_id: str, *met: Met) -> None:
    """These were in touch, no phone twice at one moment."""
    columns = zip(*met, strict=True)
    await rows(session, _NOTE, county_id=county_id, **dict(zip(Met._fields, map(list, columns), strict=True)))


async def note_of_session(
    session: AsyncSession,
    *,
    county_id: str,
    person_id: UUID,
    session_id: UUID,
    now: datetime,
    waiting: int | None = None,
    oldest_waiting_at: datetime | None = None,
) -> None:
    """The same of the session's device; nothing where it has none."""
    await rows(
        session,
        _NOTE_OF_SESSION,
        county_id=county_id,
        person_id=person_id,
        session_id=session_id,
        now=now,
        waiting=waiting,
        oldest_waiting_at=oldest_waiting_at if waiting else None,
    )


async def purge(session: AsyncSession, *, county_id: str, before: datetime) -> int:
    """How many were deleted."""
    (row,) = await rows(session, _PURGE, county_id=county_id, before=before)
    return int(row.purged)
