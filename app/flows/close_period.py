"""Open the periods that have begun and close those that are past their time, raising flags for what was missed.

By state, never by the minute: whatever is due is done, oldest first, hundreds of people in a transaction. So any
number of workers may run, one that was down catches up, and what a crash interrupts is taken up by the next round:
a period is opened when everyone has been counted, and each duty is closed for itself.
"""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy.ext.asyncio import AsyncSession

from app.duties import service as duties
from app.duties.service import DutyCounty, RulePeriod
from app.kernel.database import Database

AT_A_TIME = 500
"""People held at once."""


@dataclass(frozen=True, slots=True)
class Done:
    """What one pass over a county has done."""

    opened: int = 0
    closed: int = 0
    flags: int = 0

    def __add__(self, other: "Done") -> "Done":
        return Done(self.opened + other.opened, self.closed + other.closed, self.flags + other.flags)


class _Taken(Exception):  # noqa: N818 - no error
    """Another worker is at this county."""


async def open_due(database: Database, county: DutyCounty, now: datetime) -> Done:
    """Open what has begun. Stops where another worker is at this county."""
    async with database.transaction(county.id) as session:
        due = await duties.due_to_open(session, county, now)
    done = Done()
    with suppress(_Taken):
        for period in due:
            async for _ in _counted(database, county, period, now, closing=False):
                pass
            async with _alone(database, county) as session:
                await duties.mark_opened(session, county, period, now)
            done += Done(opened=1)
    return done


async def close_due(database: Database, county: DutyCounty, now: datetime) -> Done:
    """Close what is past its time. Stops where another worker is at this county."""
    async with database.transaction(county.id) as session:
        due = await duties.due_to_close(session, county, now)
    done = Done()
    with suppress(_Taken):
        for period in due:
            async for flags in _counted(database, county, period, now, closing=True):
                done += Done(flags=flags)
            done += Done(closed=1)
    return done


async def _counted(
    database: Database, county: DutyCounty, period: RulePeriod, now: datetime, *, closing: bool
) -> AsyncIterator[int]:
    """Count everyone, so many in a transaction that nobody's check-in waits long; the flags that each raised."""
    async with database.transaction(county.id) as session:
        people = await duties.people_of(session, county, period)
    for first in range(0, len(people), AT_A_TIME):
        some = people[first : first + AT_A_TIME]
        async with _alone(database, county) as session:
            flags = await duties.recount_people(session, county, period, some, now, closing=closing)
        yield flags


@asynccontextmanager
async def _alone(database: Database, county: DutyCounty) -> AsyncIterator[AsyncSession]:
    """A transaction that no other worker has in this county. Raises `_Taken`."""
    async with database.transaction(county.id) as session:
        if not await duties.take_county(session, county):
            raise _Taken
        yield session
