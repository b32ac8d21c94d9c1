"""What people are told: written in the transaction of its cause, always readable in the inbox."""

import json
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from app.directory import service as directory
from app.directory.rights import LEADING
from app.kernel.ids import new_id
from app.kernel.language import Language
from app.kernel.paging import decode_cursor, page
from app.kernel.problems import NOT_FOUND, Problem
from app.notices.rules import SUMMARY, URGENT, NoticeSettings
from app.notices.store import notices as store
from app.notices.store.deliveries import TELL, TELL_BY
from app.notices.store.notices import InboxRow
from app.notices.templates import own_words, words

_LISTING = "my-notices"


@dataclass(frozen=True, slots=True)
class NewNotice:
    """通知: `kind` is one of `templates.KINDS`, `about` holds what its texts name.

    A person is told of one `occasion` once.
    """

    person_id: UUID
    kind: str
    occasion: str
    about: dict[str, object]
    until: datetime | None = None  # from then on no phone need be told any more; the inbox keeps it
    today: bool = False  # must be acted on today: who leads is told of nothing else singly


async def tell(
    session: AsyncSession,
    *,
    county_id: str,
    now: datetime,
    notices: Sequence[NewNotice],
    channel: str | None = None,
) -> int:
    """Tell people; who has been told of an occasion is not told again. How many deliveries are due.

    Singly, within the reader's budget of the day; the rest, and what need not be acted on today where the reader
    leads, waits for their daily summary.

    What is to reach their phones is on its way once the caller's transaction is committed, and not before. By
    `channel` only, where one is named.
    """
    if not notices:
        return 0
    budgeted = [notice.person_id for notice in notices if notice.kind not in URGENT]
    if budgeted:
        await directory.lock_people(session, county_id=county_id, person_ids=budgeted)
    statement = TELL_BY if channel else TELL
    due = await statement.all(
        session,
        **({"channel": channel} if channel else {}),
        urgent=sorted(URGENT),
        summary=SUMMARY,
        leading=list(LEADING),
        usual=NoticeSettings().notices_per_day,
        todays=[notice.today for notice in notices],
        untils=[notice.until for notice in notices],
        county_id=county_id,
        now=now,
        ids=[new_id() for _ in notices],
        person_ids=[notice.person_id for notice in notices],
        kinds=[notice.kind for notice in notices],
        occasions=[notice.occasion for notice in notices],
        abouts=[json.dumps(notice.about, ensure_ascii=False, default=str) for notice in notices],
    )
    return len(due)


async def inbox(
    session: AsyncSession,
    *,
    county_id: str,
    person_id: UUID,
    unread: bool,
    cursor: str | None,
    limit: int,
    language: Language,
) -> dict[str, object]:
    """The person's notices, newest first; only those not read yet where `unread` is set."""
    after = decode_cursor(_LISTING, cursor, datetime, UUID)
    found = await store.INBOX.all(
        session,
        county_id=county_id,
        person_id=person_id,
        unread=unread,
        at=after and after[0],
        id=after and after[1],
        limit=limit + 1,
        language=language,
    )
    return page(
        _LISTING,
        [_view(row, language) for row in found],
        limit,
        [(row.created_at, row.id) for row in found],
    )


async def mark_read(
    session: AsyncSession, *, county_id: str, person_id: UUID, notice_id: UUID, now: datetime
) -> None:
    """The first time stays. Raises `NOT_FOUND`."""
    found = await store.MARK_READ.all(session, county_id=county_id, person_id=person_id, id=notice_id, now=now)
    if not found:
        raise Problem(NOT_FOUND)


def _view(row: InboxRow, language: Language) -> dict[str, object]:
    said = words(row.kind, row.about, language, own_words(row.title, row.body))
    return {
        "id": row.id,
        "kind": row.kind,
        "title": said.title,
        "body": said.body,
        "created_at": row.created_at,
        "read_at": row.read_at,
        "about": row.about,
    }
