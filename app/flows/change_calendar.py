"""The calendar of a county changes: by the national notice, or by the county's office. Duties are counted anew."""

from collections.abc import Awaitable, Callable
from datetime import datetime

from sqlalchemy.ext.asyncio import AsyncSession

from app.directory import changes as directory_changes
from app.duties import calendar
from app.duties import people as duty_people
from app.duties import service as duties
from app.duties.calendar import Changed
from app.duties.service import DutyCounty
from app.flows.change_directory import Effect, turned_flags
from app.kernel.database import Database

Apply = Callable[[AsyncSession], Awaitable[Changed | None]]
"""What is done to the calendar; None where it is as it was."""


async def sync(database: Database, county: DutyCounty, now: datetime) -> bool:
    """Take over the national calendar that this release knows; whether anything was new."""

    async def synced(session: AsyncSession) -> Changed | None:
        return await calendar.sync(session, county.id)

    async with database.transaction(county.id) as session:
        return await change(session, county, synced, now) is not None


async def change(
    session: AsyncSession,
    county: DutyCounty,
    apply: Apply,
    now: datetime,
) -> Effect | None:
    """Apply a change, and count everyone's duties anew in the periods that it touches; None: no change."""
    changed = await apply(session)
    if changed is None:
        return None
    people = await directory_changes.everyone(session, county.id)
    flags = await duty_people.flags_of(session, county.id, people)
    stood = await duty_people.standing(session, county.id, changed.first, changed.last)
    await duties.recount_calendar(session, county, changed.first, changed.last, now)
    stand = await duty_people.standing(session, county.id, changed.first, changed.last)
    raised, withdrawn = turned_flags(flags, await duty_people.flags_of(session, county.id, people))
    return Effect(
        {},
        {},
        duties_counted=len(stand),
        duties_new=len(stand.keys() - stood.keys()),
        duties_changed=sum(each in stood and stood[each] != now_so for each, now_so in stand.items()),
        flags_raised=raised,
        flags_withdrawn=withdrawn,
    )
