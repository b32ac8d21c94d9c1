"""Delete photos after their retention time, and objects that no photo names: once a day, by state.

Objects go first and rows are marked afterwards, so a crash in between leaves work for the next round and nothing
that is never deleted. Any number of workers may run: deleting twice is deleting once.
"""

from dataclasses import dataclass
from datetime import datetime

from app.directory import service as directory
from app.directory.service import County
from app.kernel import retention
from app.kernel.database import Database
from app.kernel.retention import Deleted
from app.photos import service as photos
from app.photos.objects import PhotoObjects
from app.photos.rules import ORPHANED_AFTER, expired_before, purge_due, thumbnail_key
from app.photos.settings import PhotoSettings

_AT_ONCE = 500


@dataclass(frozen=True, slots=True)
class Purged:
    """How many photos of a county were deleted, and how many objects that belonged to none."""

    photos: int = 0
    orphans: int = 0


async def purge_when_due(database: Database, objects: PhotoObjects, county_id: str, now: datetime) -> Purged:
    """Nothing within a day of the last time."""
    async with database.transaction(county_id) as session:
        last = await photos.last_purge(session, county_id=county_id)
        county = await directory.county(session, county_id)
    if not purge_due(last, now):
        return Purged()
    before = expired_before(now, county.setting(PhotoSettings).photo_retention_d)
    purged = Purged(
        await _delete_expired(database, objects, county, before=before, now=now),
        await _delete_orphans(database, objects, county_id, since=last, now=now),
    )
    async with database.transaction(county_id) as session:
        await photos.note_purge(session, county_id=county_id, now=now)
    return purged


async def _delete_expired(
    database: Database, objects: PhotoObjects, county: County, *, before: datetime, now: datetime
) -> int:
    county_id, until, deleted = county.id, county.day(before), 0
    while True:
        async with database.transaction(county_id) as session:
            expired = await photos.expired(session, county_id=county_id, before=before, limit=_AT_ONCE)
        if not expired:
            return deleted
        await objects.delete([*expired.values(), *map(thumbnail_key, expired.values())])
        async with database.transaction(county_id) as session:
            await photos.mark_deleted(session, county_id=county_id, ids=list(expired), now=now)
            await retention.note(session, Deleted(county_id, "photo", until, len(expired)), now)
        deleted += len(expired)


async def _delete_orphans(
    database: Database, objects: PhotoObjects, county_id: str, *, since: datetime | None, now: datetime
) -> int:
    """Left by uploads that failed halfway. Only what was written since the last time is looked through."""
    deleted = 0
    for prefix in _months(county_id, since, now):
        async for page in objects.listing(prefix):
            settled = [key for key, written_at in page if now - written_at > ORPHANED_AFTER]
            async with database.transaction(county_id) as session:
                orphans = await photos.orphans(session, county_id=county_id, keys=settled)
            await objects.delete(orphans)
            deleted += len(orphans)
    return deleted


def _months(county_id: str, since: datetime | None, now: datetime) -> list[str]:
    """The folders of the months that may hold what was too young the last time; all of them the first time."""
    if since is None:
        return [county_id]
    first = since - ORPHANED_AFTER
    months = range(first.year * 12 + first.month - 1, now.year * 12 + now.month)
    return [f"{county_id}/{month // 12}/{month % 12 + 1:02}" for month in months]
