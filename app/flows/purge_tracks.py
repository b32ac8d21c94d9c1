"""Delete fixes after their time, and all of them where a county has turned tracks off. Stays remain.

By state, whenever the worker comes round; any number of workers may run.
"""

from datetime import datetime

from app.kernel import retention
from app.kernel.database import Database
from app.kernel.retention import Deleted
from app.tracks import service as tracks
from app.tracks.service import Purged, TrackCounty

_AT_ONCE = 100  # days of people in a transaction


async def purge_expired(database: Database, county: TrackCounty, now: datetime) -> Purged:
    purged = Purged()
    while True:
        async with database.transaction(county.id) as session:
            done = await tracks.purge(session, county=county, now=now, limit=_AT_ONCE)
            await retention.note(session, Deleted(county.id, "track_fix", county.first_kept(now), done.fixes), now)
        if not done.days:
            return purged
        purged += done
