"""Delete counts of wrong passwords that are over."""

from datetime import datetime

from app.access import tries
from app.kernel.database import Database


async def purge_tries(database: Database, now: datetime) -> int:
    """How many counts, of all counties, were over."""
    async with database.transaction(None) as session:
        return await tries.purge(session, now=now)
