"""Remind who is behind, county by county, whenever it is due, by any worker."""

from datetime import datetime

from app.directory import service as directory
from app.duties import reminders
from app.kernel.database import Database


async def remind_due(database: Database, county_id: str, now: datetime) -> int:
    """How many reminders went out, in one transaction with what remembers that they did."""
    async with database.transaction(county_id) as session:
        county = await directory.county(session, county_id)
        return await reminders.remind(
            session, county_id=county_id, timezone=county.timezone, settings=county.raw_settings, now=now
        )
