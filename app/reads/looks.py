"""Who looked at whom, for the county's office: from the audit log."""

from datetime import datetime
from typing import NamedTuple
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from app.kernel import verifying
from app.kernel.paging import cut, decode_cursor
from app.kernel.statements import Json, Statement
from app.reads.answers.looks import LookAt, LookAtPage, SealHead
from app.reads.answers.named import Named
from app.reads.seen_by import looked_at
from app.reads.visibility import VISIBLE, VisibleScope


class LookRow(NamedTuple):
    """One look at one person."""

    id: UUID
    at: datetime
    detail: Json
    actor_id: UUID
    actor: str
    person_id: UUID
    person: str


# Ids follow time.
_LOOKS = Statement(
    LookRow,
    f"""
WITH {VISIBLE}
SELECT entry.id, entry.at, entry.detail, actor.id AS actor_id, actor.name AS actor,
  person.id AS person_id, person.name AS person
FROM audit_entry AS entry
JOIN person AS actor ON actor.county_id = :county_id AND actor.id = entry.actor_id
JOIN visible_person AS person
  ON person.id = CASE WHEN entry.subject LIKE 'person:%' THEN CAST(substr(entry.subject, 8) AS uuid) END
WHERE entry.county_id = :county_id AND entry.action = 'location.seen'
  AND (CAST(:subject AS text) IS NULL OR entry.subject = :subject)
  AND (CAST(:actor_id AS uuid) IS NULL OR entry.actor_id = :actor_id)
  AND (CAST(:from_at AS timestamptz) IS NULL OR entry.at >= :from_at)
  AND (CAST(:until_at AS timestamptz) IS NULL OR entry.at < :until_at)
  AND (CAST(:after AS uuid) IS NULL OR entry.id < :after)
ORDER BY entry.id DESC LIMIT :limit
""",
)


async def looks(
    session: AsyncSession,
    visible: VisibleScope,
    *,
    person_id: UUID | None,
    actor_id: UUID | None,
    between: tuple[datetime, datetime] | None,
    cursor: str | None,
    limit: int,
) -> LookAtPage:
    """The latest first: at people in sight, at one person, by somebody, `between` two moments."""
    after = decode_cursor("looks", cursor, UUID)
    found = await _LOOKS.all(
        session,
        **visible.parameters(),
        subject=person_id and f"person:{person_id}",
        actor_id=actor_id,
        from_at=between and between[0],
        until_at=between and between[1],
        after=after and after[0],
        limit=limit + 1,
    )
    shown, cursor_after = cut("looks", found, limit, lambda row: (row.id,))
    items = [
        LookAt(
            at=row.at,
            by=Named(id=row.actor_id, name=row.actor),
            person=Named(id=row.person_id, name=row.person),
            what=looked_at(row.detail),
        )
        for row in shown
    ]
    return LookAtPage(items=items, next_cursor=cursor_after)


async def seal_head(session: AsyncSession, county_id: str) -> SealHead:
    head = await verifying.head(session, county_id)
    return SealHead(
        number=head and head.number,
        hash=head and head.hash.hex(),
        sealed_at=head and head.sealed_at,
        waiting=await verifying.waiting(session, county_id),
    )
