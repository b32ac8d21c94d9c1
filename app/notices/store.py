"""All statements of notices."""

from typing import Any

from sqlalchemy.ext.asyncio import AsyncSession

from app.kernel.database import rows

TELL = """
INSERT INTO notice (county_id, id, person_id, kind, occasion, about, created_at)
SELECT :county_id, n.id, n.person_id, n.kind, n.occasion, CAST(n.about AS jsonb), :now
FROM unnest(CAST(:ids AS uuid[]), CAST(:person_ids AS uuid[]), CAST(:kinds AS text[]),
  CAST(:occasions AS text[]), CAST(:abouts AS text[])) AS n (id, person_id, kind, occasion, about)
ON CONFLICT (county_id, person_id, occasion) DO NOTHING RETURNING id
"""

INBOX = """
SELECT id, kind, about, created_at, read_at FROM notice
WHERE county_id = :county_id AND person_id = :person_id
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
