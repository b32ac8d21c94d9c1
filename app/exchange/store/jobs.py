"""Statements of imports."""

from datetime import datetime
from typing import Any, NamedTuple
from uuid import UUID

from app.exchange.words import ImportState
from app.kernel.statements import Command, Json, Statement


class JobRow(NamedTuple):
    """An import as it stands, without its file."""

    id: UUID
    kind: str
    file_name: str
    options: Json
    state: ImportState
    progress: int
    rows: int
    findings: Json
    changes: Json
    made_by: UUID
    made_at: datetime
    changed_at: datetime


class WorkRow(NamedTuple):
    """What whoever works on an import needs, whose hold of it has just begun."""

    county_id: str
    id: UUID
    kind: str
    file_name: str
    content: bytes
    options: Json
    state: ImportState
    made_by: UUID
    missing: list[dict[str, Any]]


class WaitingRow(NamedTuple):
    """An import that nobody works on."""

    county_id: str
    id: UUID


class UndoRow(NamedTuple):
    """An import that was applied, whose row is locked."""

    kind: str
    state: ImportState
    undo: bytes | None


class HeadingRow(NamedTuple):
    """What a heading means."""

    heading: str
    column_key: str


class NameRow(NamedTuple):
    """Who is meant by a name in a platform's reports; None is left out."""

    source: str
    written: str
    person_id: UUID | None


_JOB = """
SELECT id, kind, file_name, options, state, progress, rows, findings, changes, made_by, made_at, changed_at
FROM import_job WHERE county_id = :county_id
"""
ADD = Command("""
INSERT INTO import_job (county_id, id, kind, file_name, content, options, state, made_by, made_at, changed_at)
VALUES (:county_id, :id, :kind, :file_name, :content, CAST(:options AS jsonb), 'checking', :made_by, :now, :now)
""")
ONE = Statement(JobRow, f"{_JOB} AND id = :id")
LISTED = Statement(
    JobRow,
    f"{_JOB} AND (CAST(:id AS uuid) IS NULL OR id < :id) ORDER BY id DESC LIMIT :limit",
)
MISSING = Statement(
    Json, "SELECT jsonb_build_object('items', missing) FROM import_job WHERE county_id = :county_id AND id = :id"
)
CONTENT = Statement(bytes, "SELECT content FROM import_job WHERE county_id = :county_id AND id = :id")

_WAITS = "state IN ('checking', 'applying') AND (busy_until IS NULL OR busy_until < :now)"
WAITING = Statement(WaitingRow, "SELECT county_id, id FROM waiting_import(:now)")
TAKE = Statement(
    WorkRow,
    f"""
UPDATE import_job SET busy_until = :until
WHERE county_id = :county_id AND id = :id AND {_WAITS}
RETURNING county_id, id, kind, file_name, content, options, state, made_by, missing
""",
)
PROGRESS = Command("""
UPDATE import_job SET progress = :progress, busy_until = :until
WHERE county_id = :county_id AND id = :id AND state IN ('checking', 'applying')
""")
SETTLE = Command("""
UPDATE import_job SET state = :state, progress = 100, rows = :rows, findings = CAST(:findings AS jsonb),
  changes = CAST(:changes AS jsonb), missing = CAST(:missing AS jsonb), undo = :undo, changed_at = :now,
  busy_until = NULL
WHERE county_id = :county_id AND id = :id
""")

# Where it may go from one state to another, it goes; who comes second finds nothing to do.
MOVE = Command("""
UPDATE import_job SET state = :state, progress = 0, changed_at = :now, busy_until = NULL
WHERE county_id = :county_id AND id = :id AND state = ANY(CAST(:from_states AS text[]))
""")
# Read in another way, what has been neither applied nor taken up is checked once more.
READ_AS = Command("""
UPDATE import_job SET state = 'checking', progress = 0, changed_at = :now, busy_until = NULL,
  options = options || jsonb_build_object('crs', CAST(:crs AS text))
WHERE county_id = :county_id AND id = :id AND state IN ('ready', 'failed')
""")
LOCK_UNDO = Statement(
    UndoRow, "SELECT kind, state, undo FROM import_job WHERE county_id = :county_id AND id = :id FOR UPDATE"
)
HEADINGS = Statement(
    HeadingRow,
    "SELECT heading, column_key FROM import_heading WHERE county_id = :county_id AND kind = :kind",
)
PUT_HEADINGS = Command("""
INSERT INTO import_heading (county_id, kind, heading, column_key)
SELECT :county_id, :kind, said.* FROM unnest(CAST(:headings AS text[]), CAST(:keys AS text[])) AS said
ON CONFLICT (county_id, kind, heading) DO UPDATE SET column_key = excluded.column_key
""")

NAMES = Statement(NameRow, "SELECT source, written, person_id FROM import_name WHERE county_id = :county_id")
PUT_NAMES = Command("""
INSERT INTO import_name (county_id, source, written, person_id)
SELECT :county_id, said.* FROM unnest(
  CAST(:sources AS text[]), CAST(:written AS text[]), CAST(:person_ids AS uuid[])) AS said
ON CONFLICT (county_id, source, written) DO UPDATE SET person_id = excluded.person_id
""")

# With a record that goes into another of the same person.
TAKE_OVER = Command("""
WITH named AS (
  UPDATE import_name SET person_id = :into_id WHERE county_id = :county_id AND person_id = :from_id
)
UPDATE import_job SET made_by = :into_id WHERE county_id = :county_id AND made_by = :from_id
""")

FORGET_NAMES = Command("""
DELETE FROM import_name WHERE county_id = :county_id AND person_id = ANY(CAST(:ids AS uuid[]))
""")
