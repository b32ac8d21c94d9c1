"""The worker's round over daily summaries: at each person's hour, or as soon after it as a worker is there."""

from datetime import datetime
from zoneinfo import ZoneInfo

from app.directory import service as directory
from app.duties.service import DutyCounty
from app.kernel.database import Database
from app.notices import service as notices
from app.notices import summaries
from app.notices.rules import SUMMARY, NoticeSettings
from app.notices.service import NewNotice
from app.reads.summary import daily

_AT_A_TIME = 500


async def tell_summaries(database: Database, county: DutyCounty, now: datetime) -> int:
    """How many people were told; nobody in quiet hours, and nobody for whom there is no news."""
    total = 0
    day = now.astimezone(ZoneInfo(county.timezone)).date()
    while True:
        async with database.transaction(county.id) as session:
            settings = NoticeSettings.lenient((await directory.county(session, county.id)).raw_settings)
            if settings.quiet.cover(now, county.timezone):
                return total
            readers = await summaries.take_turns(
                session,
                county_id=county.id,
                timezone=county.timezone,
                settings=settings,
                now=now,
                limit=_AT_A_TIME,
            )
            ids = [reader.person_id for reader in readers]
            await directory.lock_people(
                session, county_id=county.id, person_ids=ids
            )  # nothing is deferred meanwhile
            found = await daily(session, county_id=county.id, readers=readers, day=day, now=now)
            told = [NewNotice(each.reader_id, SUMMARY, summaries.occasion(day), each.about()) for each in found]
            await notices.tell(session, county_id=county.id, now=now, notices=told)
            await summaries.fold(
                session, county_id=county.id, person_ids=[each.person_id for each in told], day=day
            )
        total += len(told)
        if len(readers) < _AT_A_TIME:
            return total
