"""Compute the stays in villages of the days that fixes have come to; duties of hours follow.

By state, whenever the worker comes round; any number of workers may run.
"""

from datetime import datetime

from app.directory import service as directory
from app.directory.fences import Fences
from app.duties import service as duties
from app.kernel.database import Database
from app.tracks import service as tracks

_AT_ONCE = 20  # days in a transaction: uploads to them wait for it


async def compute_due(database: Database, fences: Fences, county_id: str, now: datetime) -> int:
    """How many days were computed."""
    computed = 0
    while True:
        async with database.transaction(county_id) as session:
            days = await tracks.compute_stays(session, fences, county_id=county_id, now=now, limit=_AT_ONCE)
            county = await directory.county(session, county_id)
            await duties.recount_hours(
                session, duties.DutyCounty(county.id, county.timezone), touched=days, now=now
            )
        if not days:
            return computed
        computed += len(days)
