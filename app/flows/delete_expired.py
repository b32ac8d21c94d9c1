"""Delete what a county has kept for as long as it says: every table of `ORDER`, so many rows in a transaction.

Once a day of the county's, by state: `deletion` says until which day a table has been cleared, so that whatever
stops half way is gone on with by the next round, on any number of workers. That day is committed before the first
row goes: what duties were counted from is missing in no count (`retention.SETTLED`). Each transaction leaves a row
in the audit log. Photos and tracks have flows of their own, for their objects and partitions.
"""

from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from functools import cache
from uuid import UUID
from zoneinfo import ZoneInfo

from sqlalchemy.ext.asyncio import AsyncSession

from app.access import expiry as access
from app.checkins import expiry as checkins
from app.directory import service as directory
from app.directory.service import County
from app.duties import expiry as duties
from app.exchange import expiry as exchange
from app.flows.county_settings import declared
from app.kernel import audit, retention, tables
from app.kernel.clock import Clock
from app.kernel.county_settings import RoomSettings
from app.kernel.database import Base, Database
from app.kernel.removal import Removal
from app.kernel.retention import COUNTED_FROM, Deleted
from app.kernel.statements import Command
from app.notices import expiry as notices
from app.photos import expiry as photos
from app.tracks import expiry as tracks

AT_ONCE = 2000
"""Rows in a transaction."""


@dataclass(frozen=True, slots=True)
class Old:
    """What is to be deleted: rows of a county from before the day `until`, which began at `before`."""

    county_id: str
    timezone: str
    table_name: str
    until: date
    before: datetime


async def _remove_visits(session: AsyncSession, county_id: str, ids: list[UUID]) -> None:
    await duties.remove_appeals(session, county_id, ids)
    await checkins.remove(session, county_id, ids)


ORDER: dict[str, Command | Removal] = {
    "check_in": Removal(checkins.OLD, _remove_visits),
    **access.BY_AGE,
    **exchange.BY_AGE,
    **notices.BY_AGE,
    **tracks.BY_AGE,
    **duties.BY_AGE,
    **photos.BY_AGE,
    **audit.BY_AGE,
}
"""By table how it is cleared; what refers to a row goes with it, or before."""

WITH_OTHERS = {
    "review": "check_in",
    "verification": "check_in",
    "rejudgement": "check_in",
    "appeal": "duty",
    "flag": "duty",
    "flag_recipient": "duty",
    "duty_waiver": "duty",
    "delivery": "notice",
    "track_fix": "track_day",
}
"""Tables whose rows go with those of another; an appeal with the check-in or the duty that it is against."""


FINALLY = {"photo": "evidence_retention_d"}
"""Whose rows outlive what they are of: `photo_retention_d` empties them."""


@cache
def _rooms() -> dict[str, type[RoomSettings]]:
    return {each.name: room for room, each in declared()}


@cache
def times() -> dict[str, str]:
    """By table the setting that says after how many days its rows go."""
    tables.tables()  # loads the models
    return {each.class_.__tablename__: each.class_.kept for each in Base.registry.mappers if each.class_.kept}


async def due(database: Database, county_id: str, now: datetime) -> list[Old]:
    """The tables that are not cleared yet until the day that the county's settings say, each said to be now."""
    async with database.transaction(county_id) as session:
        county = await directory.county(session, county_id)
        lines = await retention.lines(session, county_id)
        wanted = {name: _until(county, name, now) for name in ORDER}
        late = {name for name, until in wanted.items() if name not in lines or lines[name].until < until}
        if late & set(COUNTED_FROM):
            undecided = await duties.undecided_since(session, county_id, county.timezone)
            wanted |= {name: min(wanted[name], undecided) for name in COUNTED_FROM}
        await retention.advance(session, county_id, {name: wanted[name] for name in late})
        lines = await retention.lines(session, county_id)
    return [_old(county, name, lines[name].until) for name in ORDER if not lines[name].done]


async def delete(database: Database, old: Old, clock: Clock) -> int:
    """All that is due of a table, so many rows at a time; how many."""
    deleted = 0
    while True:
        async with database.transaction(old.county_id) as session:
            await retention.take_turn(session, old.county_id, old.table_name)
            rows = await _delete(session, old, clock())
            if rows < AT_ONCE:
                await retention.done(session, old.county_id, old.table_name, old.until, clock())
                return deleted + rows
        deleted += rows


async def _delete(session: AsyncSession, old: Old, now: datetime) -> int:
    """So many rows, on record; how many."""
    how = ORDER[old.table_name]
    which = {"county_id": old.county_id, "until": old.until, "before": old.before, "limit": AT_ONCE}
    if isinstance(how, Command):
        rows = await how.run(session, **which)
        await retention.note(session, Deleted(old.county_id, old.table_name, old.until, rows), now)
        return rows
    ids = [row.id for row in await how.old.all(session, **which)]
    if ids:
        await retention.note(session, Deleted(old.county_id, old.table_name, old.until, len(ids)), now)
        await how.remove(session, old.county_id, ids)
    return len(ids)


def _until(county: County, table_name: str, now: datetime) -> date:
    setting = FINALLY.get(table_name) or times()[table_name]
    days: int = getattr(county.setting(_rooms()[setting]), setting)
    return county.day(now) - timedelta(days=days)


def _old(county: County, table_name: str, until: date) -> Old:
    before = datetime.combine(until, time(), ZoneInfo(county.timezone))
    return Old(county.id, county.timezone, table_name, until, before)
