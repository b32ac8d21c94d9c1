"""The worker's round over weekly digests: on Monday morning, or as soon after it as a worker is there."""

from datetime import datetime, time, timedelta
from zoneinfo import ZoneInfo

from app.directory import service as directory
from app.duties.rules import Period
from app.duties.service import DutyCounty
from app.kernel.database import Database
from app.notices import service as notices
from app.notices.rules import NoticeSettings
from app.notices.service import NewNotice
from app.reads.digest import digests, occasion

_AT_A_TIME = 500
_WORTH_IT = timedelta(hours=64)
"""By Wednesday midnight everybody has looked for themselves: what was not told by then is not told any more."""


def week_to_tell(settings: NoticeSettings, timezone: str, now: datetime) -> Period | None:
    """The ISO week that is over, while it is time to tell of it."""
    zone = ZoneInfo(timezone)
    this = Period.of("week", now.astimezone(zone).date())
    day = this.start + timedelta(days=settings.digest_day - 1)
    at = datetime.combine(day, time(*divmod(settings.digest_at, 60)), zone)
    return this.previous if at <= now < at + _WORTH_IT else None


async def tell_digests(database: Database, county: DutyCounty, now: datetime) -> int:
    """How many leaders were told; each of a week once, whatever the number of workers."""
    total = 0
    while True:
        async with database.transaction(county.id) as session:
            settings = NoticeSettings.lenient((await directory.county(session, county.id)).raw_settings)
            week = week_to_tell(settings, county.timezone, now)
            if week is None:
                return total
            found = await digests(
                session, county_id=county.id, timezone=county.timezone, week=week, now=now, limit=_AT_A_TIME
            )
            told = [
                NewNotice(each.leader_id, "weekly_digest", occasion(week), each.about(), today=True)
                for each in found
            ]
            await notices.tell(session, county_id=county.id, now=now, notices=told)
        total += len(told)
        if len(told) < _AT_A_TIME:
            return total
