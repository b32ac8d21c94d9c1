"""Who looked at a person's places, when, and as what: from the audit log."""

from datetime import datetime
from typing import NamedTuple
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from app.directory.scope import Scope
from app.kernel.audit import Looked
from app.kernel.paging import cut, decode_cursor
from app.kernel.statements import Json, Statement
from app.reads.answers.named import Named
from app.reads.answers.seen_by import Look, LookingPost, LookPage


class LookRow(NamedTuple):
    """One look."""

    id: UUID
    at: datetime
    detail: Json
    actor_id: UUID
    name: str
    posts: list[Json]


_LOOKS = Statement(
    LookRow,
    """
SELECT entry.id, entry.at, entry.detail, entry.actor_id, person.name, coalesce((
  SELECT jsonb_agg(jsonb_build_object('role', post.role, 'title', post.title, 'unit', unit.name)
    ORDER BY unit.path, post.id)
  FROM post JOIN unit ON unit.county_id = :county_id AND unit.id = post.unit_id
  WHERE post.county_id = :county_id AND post.person_id = entry.actor_id
    AND post.from_date <= CAST(entry.at AT TIME ZONE county.timezone AS date)
    AND (post.until_date IS NULL OR post.until_date > CAST(entry.at AT TIME ZONE county.timezone AS date))
), '[]') AS posts
FROM county
JOIN audit_entry AS entry ON entry.county_id = :county_id AND entry.subject = :subject
  AND entry.action = 'location.seen'
JOIN person ON person.county_id = :county_id AND person.id = entry.actor_id
WHERE county.id = :county_id
  AND (CAST(:at AS timestamptz) IS NULL OR (entry.at, entry.id) < (:at, CAST(:id AS uuid)))
ORDER BY entry.at DESC, entry.id DESC LIMIT :limit
""",
)


async def looks(session: AsyncSession, own: Scope, *, cursor: str | None, limit: int) -> LookPage:
    """The latest first; of maps and lists of many people once an hour."""
    after = decode_cursor("seen-by", cursor, datetime, UUID)
    found = await _LOOKS.all(
        session,
        county_id=own.county_id,
        subject=f"person:{own.person_id}",
        at=after and after[0],
        id=after and after[1],
        limit=limit + 1,
    )
    shown, cursor_after = cut("seen-by", found, limit, lambda row: (row.at, row.id))
    return LookPage(items=[_look(row) for row in shown], next_cursor=cursor_after)


def looked_at(detail: Json) -> Looked:
    """What was opened is named by the entry's detail; a list of one person's has its filters there instead."""
    return next((each for each in Looked if each in detail), Looked.CHECK_INS)


def _look(row: LookRow) -> Look:
    return Look(
        at=row.at,
        by=Named(id=row.actor_id, name=row.name),
        posts=[LookingPost.model_validate(post) for post in row.posts],
        what=looked_at(row.detail),
    )
