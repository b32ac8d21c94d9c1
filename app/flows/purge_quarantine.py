"""Delete what tracking apps sent in vain after its retention time: bodies may hold places."""

from datetime import datetime, timedelta

from app.access import quarantine
from app.access.settings import AccessSettings
from app.directory import service as directory
from app.kernel.database import Database


async def purge_quarantine(database: Database, county_id: str, now: datetime) -> int:
    """How many records of the county were deleted."""
    async with database.transaction(county_id) as session:
        settings = (await directory.county(session, county_id)).setting(AccessSettings)
        before = now - timedelta(days=settings.quarantine_retention_d)
        return await quarantine.purge(session, county_id=county_id, before=before)
