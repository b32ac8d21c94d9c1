"""All statements of notices."""

from typing import Any

from sqlalchemy.ext.asyncio import AsyncSession

from app.kernel.database import rows

INBOX = """
SELECT notice.id, notice.kind, about, created_at, read_at, own.title, own.body FROM notice
LEFT JOIN notice_template AS own
  ON own.county_id = :county_id AND own.kind = notice.kind AND own.language = :language
WHERE notice.county_id = :county_id AND person_id = :person_id
  AND (read_at IS NULL OR NOT CAST(:unread AS boolean))
  AND (CAST(:at AS timestamptz) IS NULL OR (created_at, id) < (:at, CAST(:id AS uuid)))
ORDER BY created_at DESC, id DESC LIMIT :limit
"""

MARK_READ = """
UPDATE notice SET read_at = coalesce(read_at, :now)
WHERE county_id = :county_id AND person_id = :person_id AND id = :id
RETURNING id
"""


async def ask(session: AsyncSession, statement: str, **parameters: Any) -> list[Any]:
    """The rows that one of the statements above gives."""
    return await rows(session, statement, **parameters)
