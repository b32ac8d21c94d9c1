"""The fence index of each county in this process, loaded anew when the county's fences have changed."""

import asyncio
from collections import defaultdict
from collections.abc import Sequence

import shapely
import structlog
from sqlalchemy.ext.asyncio import AsyncSession

from app.directory import service
from app.directory.service import County
from app.directory.store import people as store
from app.directory.store.fences import CHANGED
from app.directory.store.people import FenceRow
from app.geo.fences import Fence, FenceIndex
from app.kernel.database import Database
from app.kernel.listening import listen

log = structlog.get_logger()


class Fences:
    """One index per county.

    The version is read in the transaction that judges, so no fix is judged by fences that are no longer true.
    `follow` loads changed fences before a check-in has to wait for them.
    """

    def __init__(self) -> None:
        self._indexes: dict[str, FenceIndex] = {}
        self._loading: defaultdict[str, asyncio.Lock] = defaultdict(asyncio.Lock)

    async def of(self, session: AsyncSession, county: County) -> FenceIndex:
        """The county's fences, at least as new as `county` says."""
        index = self._indexes.get(county.id)
        if index and index.version >= county.fence_version:
            return index
        async with self._loading[county.id]:
            index = self._indexes.get(county.id)
            if index is None or index.version < county.fence_version:
                found = await store.FENCES.all(session, county_id=county.id)
                index = await asyncio.to_thread(_build, found, county.fence_version)
                self._indexes[county.id] = index
        return index

    async def follow(self, database: Database) -> None:
        """Load the fences of counties in use as soon as they change; runs until it is cancelled."""

        async def heard(county_id: str | None) -> None:
            for each in [county_id] if county_id else list(self._indexes):
                if each in self._indexes:
                    await self._refresh(database, each)

        await listen(database, CHANGED, heard)

    async def _refresh(self, database: Database, county_id: str) -> None:
        try:
            async with database.transaction(county_id) as session:
                await self.of(session, await service.county(session, county_id))
        except Exception:  # the next check-in loads them
            log.exception("fences_not_loaded", county_id=county_id)


def _build(found: Sequence[FenceRow], version: int) -> FenceIndex:
    areas = shapely.from_wkb([row.wkb for row in found])
    return FenceIndex.build(
        [
            Fence(row.village_id, row.version, row.valid_from, row.valid_until, area)
            for row, area in zip(found, areas, strict=True)
        ],
        version=version,
    )
