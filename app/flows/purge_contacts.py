"""Delete when phones were in touch after its retention time: it says when people were awake and had signal."""

from datetime import datetime, timedelta

from app.access import devices
from app.access.settings import AccessSettings
from app.directory import service as directory
from app.kernel.database import Database


async def purge_contacts(database: Database, county_id: str, now: datetime) -> int:
    """How many of the county were deleted."""
    async with database.transaction(county_id) as session:
        settings = (await directory.county(session, county_id)).setting(AccessSettings)
        before = now - timedelta(days=settings.contact_retention_d)
        return await devices.forget_contacts(session, county_id=county_id, before=before)
