"""What the tracking apps of the people in sight sent and nobody can take."""

from typing import Any
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from app.access import quarantine
from app.kernel.database import rows
from app.kernel.language import Language
from app.kernel.paging import decode_cursor, page
from app.reads.sight import IN_SIGHT, Sight

_LISTING = "quarantine"
_LIST = f"""
WITH {IN_SIGHT}
SELECT kept.*, key.client, key.device_id, person.name, person.category
FROM quarantine AS kept
JOIN person_in_sight AS person ON person.id = kept.person_id
JOIN device_session AS key ON key.county_id = :county_id AND key.id = kept.session_id
WHERE kept.county_id = :county_id
  AND (CAST(:person_id AS uuid) IS NULL OR kept.person_id = :person_id)
  AND (CAST(:id AS uuid) IS NULL OR kept.id < :id)
ORDER BY kept.id DESC LIMIT :limit
"""


async def quarantined(
    session: AsyncSession,
    sight: Sight,
    *,
    person_id: UUID | None,
    cursor: str | None,
    limit: int,
    language: Language,
) -> dict[str, Any]:
    """The newest first."""
    (last,) = decode_cursor(_LISTING, cursor, UUID) or (None,)
    found = await rows(session, _LIST, **sight.parameters(), person_id=person_id, id=last, limit=limit + 1)
    return page(
        _LISTING,
        [
            quarantine.view(row, language)
            | {"person": {"id": row.person_id, "name": row.name, "category": row.category}}
            for row in found
        ],
        limit,
        [(row.id,) for row in found],
    )
