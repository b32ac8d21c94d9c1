"""Every statement on leave."""

from dataclasses import dataclass
from datetime import datetime
from typing import NamedTuple
from uuid import UUID

from app.directory.store.leaders import LEADS, LINES
from app.duties.words import LeaveKind, LeaveStatus
from app.kernel.statements import Command, Id, Statement


class SpanRow(NamedTuple):
    """Whose leave, from which half-day to which."""

    person_id: UUID
    from_half: datetime
    until_half: datetime


class MeetingRow(NamedTuple):
    """Leave that is there at the time of the `nth` span."""

    nth: int
    kind: LeaveKind
    status: LeaveStatus
    from_half: datetime
    until_half: datetime


@dataclass(frozen=True, slots=True)
class LeaveRow:
    """A leave as it stands, and where its person stands in the tree."""

    id: UUID
    person_id: UUID
    kind: LeaveKind
    from_half: datetime
    until_half: datetime
    returned_half: datetime | None
    returned_at: datetime | None
    reason: str
    filed_at: datetime
    level: str
    status: LeaveStatus
    decided_at: datetime | None
    decision_reason: str | None
    decided_by: UUID | None
    decided_by_name: str | None
    retroactive: bool
    revoked_half: datetime | None
    overrun: bool
    lines: list[str]
    leads: list[str]


ASK = Statement(
    Id,
    """
INSERT INTO leave (county_id, id, person_id, kind, from_half, until_half, reason, filed_at, level, status)
SELECT :county_id, :id, :person_id, :kind, :from_half, :until_half, :reason, :now, :level, 'asked'
WHERE NOT EXISTS (
  SELECT FROM leave
  WHERE county_id = :county_id AND person_id = :person_id AND id <> :id AND status IN ('asked', 'approved')
    AND from_half < :until_half AND least(until_half, returned_half) > greatest(:from_half, from_half))
ON CONFLICT (county_id, id) DO NOTHING
RETURNING id
""",
)

OWNER = Statement(
    UUID,
    "SELECT person_id FROM leave WHERE county_id = :county_id AND id = :id",
)

# Other leave of these people, asked for or given, at the same time as these spans; `nth` counts spans from 1.
MEETING = Statement(
    MeetingRow,
    """
SELECT CAST(span.nth AS int) AS nth, leave.kind, leave.status, leave.from_half, leave.until_half
FROM unnest(CAST(:person_ids AS uuid[]), CAST(:from_halves AS timestamp[]), CAST(:until_halves AS timestamp[]))
  WITH ORDINALITY AS span (person_id, from_half, until_half, nth)
JOIN leave ON leave.county_id = :county_id AND leave.person_id = span.person_id
  AND leave.status IN ('asked', 'approved') AND leave.from_half < span.until_half
  AND least(leave.until_half, leave.returned_half) > greatest(span.from_half, leave.from_half)
ORDER BY span.nth, leave.from_half
""",
)
RECORD = Command("""
INSERT INTO leave (county_id, id, person_id, kind, from_half, until_half, reason, filed_at, level, status,
  decided_by, decided_at, decision_reason)
SELECT :county_id, new.id, new.person_id, new.kind, new.from_half, new.until_half, new.reason, :now, new.level,
  'approved', :actor_id, :now, new.decision_reason
FROM unnest(CAST(:ids AS uuid[]), CAST(:person_ids AS uuid[]), CAST(:kinds AS text[]),
  CAST(:from_halves AS timestamp[]), CAST(:until_halves AS timestamp[]), CAST(:reasons AS text[]),
  CAST(:levels AS text[]), CAST(:decision_reasons AS text[]))
  AS new (id, person_id, kind, from_half, until_half, reason, level, decision_reason)
""")
# What was recorded so and stands as it was: none of it is left.
UNRECORD = Statement(
    SpanRow,
    """
UPDATE leave SET returned_half = from_half, decided_by = :actor_id, decided_at = :now, decision_reason = :reason
WHERE county_id = :county_id AND id = ANY(CAST(:ids AS uuid[])) AND status = 'approved' AND returned_half IS NULL
RETURNING person_id, from_half, until_half
""",
)

DECIDE = Statement(
    SpanRow,
    """
UPDATE leave SET status = :status, decided_by = :actor_id, decided_at = :now, decision_reason = :reason
WHERE county_id = :county_id AND id = :id AND status = 'asked'
RETURNING person_id, from_half, until_half
""",
)

# Asked leave may be taken back by the person; what is approved, as long as it has not begun.
WITHDRAW = Statement(
    SpanRow,
    """
UPDATE leave SET status = 'withdrawn'
WHERE county_id = :county_id AND id = :id AND person_id = :person_id
  AND (status = 'asked' OR (status = 'approved' AND from_half > :local_now))
RETURNING person_id, from_half, until_half
""",
)

RETURN = Statement(
    SpanRow,
    """
UPDATE leave SET returned_half = greatest(from_half, CAST(:half AS timestamp)), returned_at = :now
WHERE county_id = :county_id AND id = :id AND person_id = :person_id AND status = 'approved'
  AND returned_at IS NULL AND (returned_half IS NULL OR returned_half > :half) AND from_half <= :local_now
RETURNING person_id, from_half, until_half
""",
)

# Cut short by the office: the half-day from which nobody said to be back. It takes the place of a return; the
# decision is the last one, what it replaced is in the audit log.
REVOKE = Statement(
    SpanRow,
    """
UPDATE leave SET returned_half = greatest(from_half, CAST(:half AS timestamp)), returned_at = NULL,
  decided_by = :actor_id, decided_at = :now, decision_reason = :reason
WHERE county_id = :county_id AND id = :id AND status = 'approved'
  AND least(until_half, returned_half) > greatest(from_half, CAST(:half AS timestamp))
RETURNING person_id, from_half, until_half
""",
)

# `leave` with who decided, what follows from the time, and the person's place in the tree of units.
# Whoever is due back has the whole half-day to say so; what was filed when it was over needs no return.
VIEW = f"""
leave.id, leave.person_id, leave.kind, leave.from_half, leave.until_half, leave.returned_half, leave.returned_at,
leave.reason, leave.filed_at, leave.level, leave.status, leave.decided_at, leave.decision_reason,
leave.decided_by, decider.name AS decided_by_name,
leave.filed_at AT TIME ZONE :timezone > leave.from_half AS retroactive,
CASE WHEN leave.returned_at IS NULL THEN leave.returned_half END AS revoked_half,
leave.status = 'approved' AND leave.filed_at AT TIME ZONE :timezone < leave.until_half
  AND leave.until_half < coalesce(leave.returned_half,
    date_bin('12 hours', CAST(:local_now AS timestamp), timestamp '2000-01-01')) AS overrun,
{LINES.format(person_id="leave.person_id")} AS lines,
{LEADS.format(person_id="leave.person_id", today="CAST(:local_now AS date)")} AS leads
"""
ONE = Statement(
    LeaveRow,
    f"""
SELECT {VIEW} FROM leave
LEFT JOIN person AS decider ON decider.county_id = :county_id AND decider.id = leave.decided_by
WHERE leave.county_id = :county_id AND leave.id = :id
""",
)
OF_PERSON = Statement(
    LeaveRow,
    f"""
SELECT {VIEW} FROM leave
LEFT JOIN person AS decider ON decider.county_id = :county_id AND decider.id = leave.decided_by
WHERE leave.county_id = :county_id AND leave.person_id = :person_id
  AND (CAST(:id AS uuid) IS NULL OR leave.id = :id)
  AND (CAST(:from_half AS timestamp) IS NULL
    OR (leave.from_half < :until_half AND leave.until_half > CAST(:from_half AS timestamp)))
ORDER BY leave.from_half DESC, leave.id
""",
)
