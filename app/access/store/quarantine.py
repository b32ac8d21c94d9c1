"""Statements of the quarantine: what came again is only counted, and a device fills no more than its share."""

from datetime import datetime
from typing import NamedTuple
from uuid import UUID

from app.access.words import Client
from app.kernel.statements import Statement


class QuarantinedRow(NamedTuple):
    """A record that nobody can take, and which app on which device sent it."""

    id: UUID
    received_at: datetime
    last_seen_at: datetime
    times_seen: int
    reason: str
    body: str
    size: int
    client: Client
    device_id: str


# Of the records, each with another digest, the first `room` that are new stay; the last, which stands for all
# that found no room, is written apart.
PUT = Statement(
    int,
    """
WITH sent AS (
  SELECT * FROM unnest(
    CAST(:ids AS uuid[]), CAST(:reasons AS text[]), CAST(:bodies AS text[]), CAST(:sizes AS int[]),
    CAST(:digests AS bytea[]), CAST(:times AS int[])
  ) WITH ORDINALITY AS sent (id, reason, body, size, digest, times, number)
), room AS (
  SELECT CAST(:most AS int) - count(*) AS room FROM quarantine
  WHERE county_id = :county_id AND session_id = :session_id AND received_at >= :since
), ranked AS (
  SELECT sent.*, known.id IS NOT NULL AS is_known,
    count(*) FILTER (WHERE known.id IS NULL) OVER (ORDER BY sent.number) AS place
  FROM sent LEFT JOIN quarantine AS known ON known.county_id = :county_id
    AND known.session_id = :session_id AND known.digest = sent.digest
), kept AS (
  INSERT INTO quarantine (county_id, id, person_id, session_id, received_at, last_seen_at, times_seen,
    reason, body, size, digest)
  SELECT :county_id, id, :person_id, :session_id, :now, :now, times, reason, body, size, digest
  FROM ranked, room WHERE is_known OR place <= room
  ON CONFLICT (county_id, session_id, digest) DO UPDATE
  SET times_seen = quarantine.times_seen + excluded.times_seen, last_seen_at = excluded.last_seen_at
  RETURNING digest
)
SELECT coalesce(sum(times), 0) AS left_out FROM sent WHERE digest NOT IN (SELECT digest FROM kept)
""",
)

OF_PERSON = Statement(
    QuarantinedRow,
    """
SELECT kept.id, kept.received_at, kept.last_seen_at, kept.times_seen, kept.reason, kept.body, kept.size,
  key.client, key.device_id
FROM quarantine AS kept
JOIN device_session AS key ON key.county_id = :county_id AND key.id = kept.session_id
WHERE kept.county_id = :county_id AND kept.person_id = :person_id
  AND (CAST(:id AS uuid) IS NULL OR kept.id < :id)
ORDER BY kept.id DESC LIMIT :limit
""",
)
