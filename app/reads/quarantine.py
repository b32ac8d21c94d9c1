"""What the tracking apps of the people in sight sent and nobody can take."""

from collections.abc import Sequence
from datetime import datetime
from typing import NamedTuple
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from app.access.words import Client
from app.directory.words import Category
from app.kernel.paging import cut, decode_cursor
from app.kernel.statements import Statement
from app.reads.visibility import VISIBLE, VisibleScope


class QuarantinedRow(NamedTuple):
    """What an app sent in vain, and whose it is."""

    county_id: str
    id: UUID
    person_id: UUID
    session_id: UUID
    received_at: datetime
    last_seen_at: datetime
    times_seen: int
    reason: str
    body: str
    size: int
    digest: bytes
    client: Client
    device_id: str
    name: str
    category: Category


_LISTING = "quarantine"
_LIST = Statement(
    QuarantinedRow,
    f"""
WITH {VISIBLE}
SELECT kept.*, key.client, key.device_id, person.name, person.category
FROM quarantine AS kept
JOIN visible_person AS person ON person.id = kept.person_id
JOIN device_session AS key ON key.county_id = :county_id AND key.id = kept.session_id
WHERE kept.county_id = :county_id
  AND (CAST(:person_id AS uuid) IS NULL OR kept.person_id = :person_id)
  AND (CAST(:id AS uuid) IS NULL OR kept.id < :id)
ORDER BY kept.id DESC LIMIT :limit
""",
)


async def quarantined(
    session: AsyncSession,
    visible: VisibleScope,
    *,
    person_id: UUID | None,
    cursor: str | None,
    limit: int,
) -> tuple[Sequence[QuarantinedRow], str | None]:
    """A page, the newest first, and the cursor after it."""
    (last,) = decode_cursor(_LISTING, cursor, UUID) or (None,)
    found = await _LIST.all(session, **visible.parameters(), person_id=person_id, id=last, limit=limit + 1)
    return cut(_LISTING, found, limit, lambda row: (row.id,))
