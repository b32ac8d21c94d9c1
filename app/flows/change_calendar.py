"""The calendar of a county changes: by the national notice, or by the county's office. Duties are counted anew."""

from collections.abc import Awaitable, Callable
from datetime import datetime

from sqlalchemy.ext.asyncio import AsyncSession

from app.duties import calendar
from app.duties import service as duties
from app.duties.calendar import Changed
from app.duties.service import DutyCounty
from app.kernel.database import Database

Apply = Callable[[AsyncSession], Awaitable[Changed | None]]
"""What is done to the calendar; None where it is as it was."""


async def sync(database: Database, county: DutyCounty, now: datetime) -> bool:
    """Take over the national calendar that this release knows; whether anything was new."""

    async def synced(session: AsyncSession) -> Changed | None:
        return await calendar.sync(session, county.id)

    async with database.transaction() as session:
        return await change(session, county, synced, now)


async def change(
    session: AsyncSession,
    county: DutyCounty,
    apply: Apply,
    now: datetime,
) -> bool:
    """Apply a change, and count everyone's duties anew in the periods that it touches; whether there was one."""
    changed = await apply(session)
    if changed is None:
        return False
    await duties.recount_calendar(session, county, changed.first, changed.last, now)
    return True
