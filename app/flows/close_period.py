"""Open the periods that have begun and close those that are past their time, raising flags for what was missed.

By state, never by the minute: whatever is due is done, each period in a transaction of its own, oldest first. So
any number of workers may run, one that was down catches up, and a crash costs the period it was in.
"""

from dataclasses import dataclass
from datetime import datetime

from app.duties import service as duties
from app.duties.service import DutyCounty
from app.kernel.database import Database


@dataclass(frozen=True, slots=True)
class Done:
    """What one pass over a county has done."""

    opened: int = 0
    closed: int = 0
    flags: int = 0

    def __add__(self, other: "Done") -> "Done":
        return Done(self.opened + other.opened, self.closed + other.closed, self.flags + other.flags)


async def open_due(database: Database, county: DutyCounty, now: datetime) -> Done:
    """Open what has begun. Stops where another worker is at this county."""
    async with database.transaction() as session:
        due = await duties.due_to_open(session, county, now)
    for opened, period in enumerate(due):
        async with database.transaction() as session:
            if not await duties.take_county(session, county):
                return Done(opened=opened)
            await duties.open_period(session, county, period, now)
    return Done(opened=len(due))


async def close_due(database: Database, county: DutyCounty, now: datetime) -> Done:
    """Close what is past its time. Stops where another worker is at this county."""
    async with database.transaction() as session:
        due = await duties.due_to_close(session, county, now)
    flags = 0
    for closed, period in enumerate(due):
        async with database.transaction() as session:
            if not await duties.take_county(session, county):
                return Done(closed=closed, flags=flags)
            flags += await duties.close_period(session, county, period, now)
    return Done(closed=len(due), flags=flags)
