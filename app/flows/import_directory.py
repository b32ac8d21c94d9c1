"""Load a county's directory, accounts and calendar, in the caller's transaction."""

import asyncio
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import datetime

from sqlalchemy.ext.asyncio import AsyncSession

from app.access.accounts import Account
from app.access.accounts import put as put_accounts
from app.directory import roster as directory
from app.directory.ground import Ground, refuse_radius, township_fences
from app.directory.roster import Roster
from app.duties import calendar
from app.flows.county_settings import refuse_unfit
from app.geo.polygons import Drawn, Unfit
from app.kernel import audit
from app.kernel.problems import invalid
from app.notices.delivering import put_usual_channels

_GUANGXI = "45"  # its counties' codes begin with it


async def import_county(
    session: AsyncSession, roster: Roster, accounts: Sequence[Account] = (), *, now: datetime
) -> None:
    """Raises `CONFLICT` when the county is there already, `INVALID` for what cannot be read or lie there."""
    refuse_unfit(roster.settings)
    await asyncio.to_thread(_refuse_misplaced, roster)
    await directory.insert(session, roster)
    await put_accounts(session, roster.id, accounts)
    await put_usual_channels(session, roster.id)
    await calendar.sync(session, roster.id)
    if roster.id.startswith(_GUANGXI):
        await calendar.put(session, roster.id, calendar.guangxi(), regional=True)
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


def _refuse_misplaced(roster: Roster) -> None:
    """As `POST /geofences` does for one: each fence beside its township's others, each house in the county."""
    if roster.outline is not None:
        with _at("/outline"):
            outline = Drawn.of(roster.outline)
            outline.refuse_invalid()
            Ground().refuse_elsewhere(outline)
    ground = Ground(roster.outline, villages=len(roster.villages))
    township_of = {village.id: village.township_id for village in roster.villages}
    neighbours = township_fences(
        [(fence.village_id, township_of.get(fence.village_id, ""), fence.area) for fence in roster.geofences]
    )
    for number, fence in enumerate(roster.geofences):
        with _at(f"/geofences/{number}/area"):
            ground.refuse_unfit(Drawn.of(fence.area), neighbours[fence.village_id])
    for number, house in enumerate(roster.households):
        with _at(f"/households/{number}/radius_m"):
            refuse_radius(house.radius_m)
        if house.position is not None:
            with _at(f"/households/{number}/position"):
                ground.refuse_house(house.position)


@contextmanager
def _at(pointer: str) -> Iterator[None]:
    try:
        yield
    except Unfit as unfit:
        raise invalid(pointer, unfit.code, unfit.text) from None
