"""All statements of notices."""

from datetime import datetime
from typing import NamedTuple
from uuid import UUID

from app.kernel.statements import Id, Json, Statement


class InboxRow(NamedTuple):
    """A notice, and the county's own words for it."""

    id: UUID
    kind: str
    about: Json
    created_at: datetime
    read_at: datetime | None
    title: str | None
    body: str | None


INBOX = Statement(
    InboxRow,
    """
SELECT notice.id, notice.kind, about, created_at, read_at, own.title, own.body FROM notice
LEFT JOIN notice_template AS own
  ON own.county_id = :county_id AND own.kind = notice.kind AND own.language = :language
WHERE notice.county_id = :county_id AND person_id = :person_id
  AND (read_at IS NULL OR NOT CAST(:unread AS boolean))
  AND (CAST(:at AS timestamptz) IS NULL OR (created_at, id) < (:at, CAST(:id AS uuid)))
ORDER BY created_at DESC, id DESC LIMIT :limit
""",
)

MARK_READ = Statement(
    Id,
    """
UPDATE notice SET read_at = coalesce(read_at, :now)
WHERE county_id = :county_id AND person_id = :person_id AND id = :id
RETURNING id
""",
)
