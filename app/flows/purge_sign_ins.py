"""Delete who signed in from where after its retention time, and counts of wrong passwords that are over."""

from datetime import datetime, timedelta

from app.access import sign_ins, tries
from app.access.settings import AccessSettings
from app.directory import service as directory
from app.kernel.database import Database


async def purge_sign_ins(database: Database, county_id: str, now: datetime) -> int:
    """How many records of the county were deleted."""
    async with database.transaction(county_id) as session:
        settings = (await directory.county(session, county_id)).setting(AccessSettings)
        before = now - timedelta(days=settings.sign_in_retention_d)
        return await sign_ins.purge(session, county_id, before=before)


async def purge_tries(database: Database, now: datetime) -> int:
    """How many counts, of all counties, were over."""
    async with database.transaction(None) as session:
        return await tries.purge(session, now=now)
