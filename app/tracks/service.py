"""What the room of tracks does for flows and doors.

An upload stores fixes and marks the days that they bear on; the stays of those days are computed afterwards, by
any number of workers. Stays are a pure function of the fixes and fences, so neither order nor repetition matters.
"""

import asyncio
from collections.abc import Collection, Mapping, Sequence
from datetime import UTC, date, datetime
from uuid import UUID

import numpy as np
from sqlalchemy.ext.asyncio import AsyncSession

from app.access import privacy
from app.directory import service as directory
from app.directory.fences import Fences
from app.directory.service import settings_of
from app.directory.settings import GeneralSettings
from app.geo.fences import FenceIndex
from app.geo.stays import Stay, stays
from app.geo.verdict import Fixes, Limits
from app.tracks import rules, store
from app.tracks.rules import GAP, STAYS, Added, DayStay, Dwell, NewFix, Purged, RefusedFix, TrackCounty
from app.tracks.settings import TrackSettings
from app.tracks.store import DueDay, FixRow

__all__ = [
    "Added",
    "Dwell",
    "NewFix",
    "Purged",
    "RefusedFix",
    "TrackCounty",
    "add",
    "compute_stays",
    "counties",
    "drop_partitions",
    "hours",
    "make_partitions",
    "make_partitions_of",
    "purge",
    "take_over",
    "touch",
]


async def add(session: AsyncSession, *, county_id: str, fixes: Sequence[NewFix], now: datetime) -> Added:
    """Keep what is new, whatever the order; nothing where the county has tracks off, or of who has not agreed.

    The stays follow on the worker's next round.
    """
    county = await _county(session, county_id)
    if not county.settings.tracks:
        return Added()
    agreeing = await privacy.agreeing(session, county_id, {fix.person_id for fix in fixes})
    kept, refused = rules.admit([fix for fix in fixes if fix.person_id in agreeing], county, now)
    if not kept:
        return Added(0, refused)
    # The worker has made them ahead, if it runs.
    await store.MAKE_PARTITIONS.all(session, months=rules.months(fix.fixed_at for fix in kept))
    stored = await store.add(
        session,
        kept,
        now=now,
        county_id=county_id,
        tz=county.timezone,
        gap=GAP,
        first_open=county.first_open(now),
    )
    return Added(stored, refused)


async def counties(session: AsyncSession) -> list[TrackCounty]:
    """Where tracks are kept, or were."""
    found = await store.COUNTIES.all(session)
    return [track_county(row.id, row.timezone, row.settings) for row in found]


async def make_partitions(session: AsyncSession, now: datetime) -> None:
    """Those of this month and, towards its end, of the next."""
    await store.MAKE_PARTITIONS.all(session, months=rules.months_ahead(now))


async def make_partitions_of(session: AsyncSession, days: Collection[date]) -> None:
    """Those of the months in which these days lie."""
    await store.MAKE_PARTITIONS.all(session, months=sorted({day.replace(day=1) for day in days}))


async def drop_partitions(session: AsyncSession, among: Sequence[TrackCounty], now: datetime) -> int:
    """The empty ones that no county can need again. How many; 0 too while somebody writes."""
    return await store.DROP_PARTITIONS.one(session, ending=rules.droppable_before(among, now))


async def compute_stays(
    session: AsyncSession, fences: Fences, *, county_id: str, now: datetime, limit: int
) -> list[tuple[UUID, datetime]]:
    """Replace the stays of days that fixes have come to, at most so many: whose days, and when each began.

    Uploads to these days wait until the transaction ends.
    """
    known = await directory.county(session, county_id)
    recently = track_county(known.id, known.timezone, known.raw_settings).recently(now)
    due = await store.DUE.all(session, county_id=county_id, tz=known.timezone, recently=recently, limit=limit)
    if not due:
        return []
    index = await fences.of(session, known)
    since, before = [row.begins - GAP for row in due], [row.ends + GAP for row in due]
    people, days = [row.person_id for row in due], [row.day for row in due]
    fixes = await store.FIXES.all(
        session,
        county_id=county_id,
        person_ids=people,
        since=since,
        before=before,
        earliest=min(since),
        latest=max(before),
    )
    found = await asyncio.to_thread(_stays, due, fixes, index, known.limits)
    await store.CLEAR.run(
        session,
        county_id=county_id,
        person_ids=people,
        days=days,
        revisions=[row.revision for row in due],
        now=now,
    )
    await store.put_stays(session, found, county_id=county_id)
    return [(row.person_id, row.begins) for row in due]


async def touch(session: AsyncSession, *, county_id: str, since: date, now: datetime) -> int:
    """Have the stays from that day on computed anew, as far as their fixes are kept: after fences have changed."""
    county = await _county(session, county_id)
    return await store.TOUCH.run(session, county_id=county_id, since=since, first_open=county.first_open(now))


async def purge(session: AsyncSession, *, county: TrackCounty, now: datetime, limit: int) -> Purged:
    """Delete the fixes of days past their time, at most so many days of people. Stays remain."""
    return await store.PURGE.one(
        session,
        county_id=county.id,
        tz=county.timezone,
        first_kept=county.first_kept(now),
        limit=limit,
    )


async def hours(
    session: AsyncSession, *, county_id: str, person_ids: Sequence[UUID], since: date, until: date
) -> list[Dwell]:
    """What people spent in villages on the days from `since` to `until`, by person, day and village."""
    return await store.HOURS.all(
        session, county_id=county_id, person_ids=list(person_ids), since=since, until=until
    )


async def _county(session: AsyncSession, county_id: str) -> TrackCounty:
    known = await directory.county(session, county_id)
    return track_county(known.id, known.timezone, known.raw_settings)


def _stays(due: Sequence[DueDay], fixes: Sequence[FixRow], index: FenceIndex, limits: Limits) -> list[DayStay]:
    """The stays of the days due. `fixes` name the day that each is for by its place among them."""
    of_day = np.array([row.due for row in fixes], np.intp)
    columns = np.array([(row.lon, row.lat, row.accuracy_m, row.at) for row in fixes], np.float64).reshape(-1, 4)
    received = np.array([row.received_at for row in fixes], np.float64)
    found = []
    for number, row in enumerate(due):
        own = of_day == number
        span = row.begins.timestamp(), row.ends.timestamp()
        for stay in stays(index, Fixes(*columns[own].T), limits, STAYS, span=span):
            meanwhile = own & (columns[:, 3] >= stay.from_at) & (columns[:, 3] <= stay.until_at)
            found.append(_cut(row, stay, received[meanwhile].min()))
    return found


def _cut(row: DueDay, stay: Stay, received_at: float) -> DayStay:
    return DayStay(
        person_id=row.person_id,
        day=row.day,
        village_id=stay.village_id,
        geofence_version=stay.geofence_version,
        from_at=datetime.fromtimestamp(stay.from_at, UTC),
        until_at=datetime.fromtimestamp(stay.until_at, UTC),
        fixes=stay.fixes,
        received_at=datetime.fromtimestamp(received_at, UTC),
    )


def track_county(county_id: str, timezone: str, settings: Mapping[str, object]) -> TrackCounty:
    """A county, by what it has set."""
    return TrackCounty(
        county_id,
        timezone,
        settings_of(TrackSettings, county_id, settings),
        settings_of(GeneralSettings, county_id, settings).clock_skew_s,
    )


async def take_over(session: AsyncSession, county_id: str, *, from_id: UUID, into_id: UUID) -> None:
    """Tracks and stays of a record that goes into another of the same person; its days are computed anew."""
    await store.TAKE_OVER.run(session, county_id=county_id, from_id=from_id, into_id=into_id)


async def delete_of(session: AsyncSession, county_id: str, person_ids: Sequence[UUID]) -> int:
    """All their fixes; how many. Stays remain, and hold no place but a village."""
    return await store.DELETE_OF_PEOPLE.run(session, county_id=county_id, ids=list(person_ids))
