"""Load a county's whole directory, and the calendar that holds there, in the caller's transaction."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from sqlalchemy.ext.asyncio import AsyncSession

from app.directory import roster as directory
from app.directory.roster import Roster
from app.directory.rules import unfit_settings
from app.duties import calendar
from app.duties.escalation import Ladder
from app.kernel import audit
from app.kernel.language import Text
from app.kernel.problems import invalid
from app.notices.delivering import put_usual_channels

_GUANGXI = "45"  # its counties' codes begin with it
_UNFIT = Text("该设置不能取这个值", "The setting cannot have this value")


async def import_county(session: AsyncSession, roster: Roster, *, now: datetime) -> None:
    """Raises `CONFLICT` when the county is there already, `INVALID` for a setting that cannot be read."""
    _refuse_unfit(roster.settings)
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


def _refuse_unfit(settings: Mapping[str, Any]) -> None:
    unfit = unfit_settings(settings)
    try:
        Ladder.of(settings)
    except ValueError:
        unfit.append("escalation")
    if unfit:
        raise invalid(f"/settings/{unfit[0]}", "unfit_setting", _UNFIT)
