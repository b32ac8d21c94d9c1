"""每日汇总: whose turn it is to be told in one notice what need not come singly.

By state: a person's turn remembers until when they have been told. So each has one summary a day at most, whatever
the number of workers; after a stop one tells of all the days.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from uuid import UUID
from zoneinfo import ZoneInfo

from sqlalchemy.ext.asyncio import AsyncSession

from app.directory.rights import LEADING
from app.notices.rules import NoticeSettings
from app.notices.store import summaries as store_summaries

_AT_FIRST = timedelta(days=1)
"""So far back the first summary of a person looks."""


@dataclass(frozen=True, slots=True)
class Reader:
    """Whose turn it is, and since when they have not been told."""

    person_id: UUID
    since: datetime


def occasion(day: date) -> str:
    return f"summary:{day}"


async def take_turns(
    session: AsyncSession, *, county_id: str, timezone: str, settings: NoticeSettings, now: datetime, limit: int
) -> list[Reader]:
    """At most so many whose hour has come and who have had none today; taken with this transaction."""
    zone = ZoneInfo(timezone)
    found = await store_summaries.TAKE_TURNS.all(
        session,
        county_id=county_id,
        midnight=datetime.combine(now.astimezone(zone).date(), time.min, zone),
        usual=settings.summary_at,
        quiet_from=settings.quiet_from,
        quiet_until=settings.quiet_until,
        quiet_min=settings.quiet.length,
        leading=list(LEADING),
        limit=limit,
        now=now,
    )
    return [Reader(row.person_id, row.told_until or now - _AT_FIRST) for row in found]


async def fold(session: AsyncSession, *, county_id: str, person_ids: Sequence[UUID], day: date) -> None:
    """What waited for these people has been told by the summaries of that day."""
    await store_summaries.FOLD.all(
        session, county_id=county_id, person_ids=list(person_ids), occasion=occasion(day)
    )
