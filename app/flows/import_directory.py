"""Load a county's whole directory, and the calendar that holds there, in the caller's transaction."""

from datetime import datetime

from sqlalchemy.ext.asyncio import AsyncSession

from app.directory import roster as directory
from app.directory.roster import Roster
from app.duties import calendar
from app.kernel import audit
from app.notices.delivering import put_usual_channels

_GUANGXI = "45"  # its counties' codes begin with it


async def import_county(session: AsyncSession, roster: Roster, *, now: datetime) -> None:
    """Raises `CONFLICT` when the county is there already."""
    await directory.insert(session, roster)
    await put_usual_channels(session, roster.id)
    await calendar.sync(session, roster.id)
    if roster.id.startswith(_GUANGXI):
        await calendar.put(session, roster.id, calendar.guangxi())
    await audit.record(
        session,
        county_id=roster.id,
        at=now,
        actor_id=None,
        action="directory.imported",
        subject=f"county:{roster.id}",
        detail={
            "villages": len(roster.villages),
            "units": len(roster.units),
            "people": len(roster.people),
            "households": len(roster.households),
            "assignments": len(roster.assignments),
        },
    )
