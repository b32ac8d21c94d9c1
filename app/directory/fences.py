"""The fence index of each county in this process, loaded anew when the county's fences have changed."""

import asyncio
from typing import Any

import shapely
from sqlalchemy.ext.asyncio import AsyncSession

from app.directory import store
from app.directory.service import County
from app.geo.fences import Fence, FenceIndex


class Fences:
    """One index per county. The version is read in the transaction that judges, so it is never old."""

    def __init__(self) -> None:
        self._indexes: dict[str, FenceIndex] = {}

    async def of(self, session: AsyncSession, county: County) -> FenceIndex:
        index = self._indexes.get(county.id)
        if index is None or index.version != county.fence_version:
            found = await store.many(session, store.FENCES, county_id=county.id)
            index = await asyncio.to_thread(_build, found, county.fence_version)
            self._indexes[county.id] = index
        return index


def _build(found: list[Any], version: int) -> FenceIndex:
    areas = shapely.from_wkb([row.wkb for row in found])
    return FenceIndex.build(
        [
            Fence(row.village_id, row.version, row.valid_from, row.valid_until, area)
            for row, area in zip(found, areas, strict=True)
        ],
        version=version,
    )
