"""What changes after a check-in was recorded, reviews apart: a fix that follows, and judgements by other facts."""

from collections.abc import Sequence
from dataclasses import asdict, dataclass, replace
from datetime import datetime
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from app.checkins.judging_again import Anew, Stored
from app.checkins.rules import Fix, Judged
from app.checkins.store import rejudging as store
from app.checkins.store.rejudging import FixRow, StoredRow
from app.checkins.words import RejudgementCause
from app.kernel.problems import CONFLICT, NOT_FOUND, Problem

Mark = tuple[datetime, UUID]
"""Where a list goes on: behind the check-in of this time and id."""
"""visited_at and id: where a listing by age stands."""


@dataclass(frozen=True, slots=True)
class Which:
    """Which check-ins with a fix; None is all of them. Captured from `from_at` on, and before `until_at`."""

    village_id: str | None = None
    from_at: datetime | None = None
    until_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class Rejudged:
    """A check-in as it stands after it was judged again."""

    check_in_id: UUID
    rejudgement_id: UUID
    person_id: UUID
    visited_at: datetime
    before: str
    standing: str


async def page(
    session: AsyncSession, *, county_id: str, which: Which, after: Mark | None, limit: int
) -> list[Mark]:
    """The oldest of these check-ins, from above `after`."""
    given = {name: value for name, value in asdict(which).items() if value is not None}
    if after:
        given |= {"at": after[0], "after_id": after[1]}
    conditions = [name for name in given if name not in ("at", "after_id")] + (["after"] if after else [])
    found = await store.page(conditions).all(session, county_id=county_id, limit=limit, **given)
    return [(row.visited_at, row.id) for row in found]


async def stored(session: AsyncSession, *, county_id: str, ids: Sequence[UUID]) -> dict[UUID, Stored]:
    """What is judged of these check-ins now."""
    found = await store.STORED.all(session, county_id=county_id, ids=list(ids))
    return {row.id: _stored(row) for row in found}


async def rejudge(
    session: AsyncSession, *, county_id: str, anew: Sequence[Anew], cause: RejudgementCause, now: datetime
) -> list[Rejudged]:
    """Write what is judged anew, with its history; a review prevails over the standing. The oldest first.

    The caller has locked the people's rows.
    """
    if not anew:
        return []
    found = await store.rejudge(session, anew=anew, county_id=county_id, cause=cause, now=now)
    return [
        Rejudged(row.id, row.rejudgement_id, row.person_id, row.visited_at, row.before, row.standing)
        for row in found
    ]


async def captured_at(session: AsyncSession, *, county_id: str, person_id: UUID, check_in_id: UUID) -> datetime:
    """When the person's check-in was made. Raises `NOT_FOUND` when it is not theirs."""
    found = await store.FIX.all(session, county_id=county_id, person_id=person_id, check_in_id=check_in_id)
    if not found:
        raise Problem(NOT_FOUND)
    at: datetime = found[0].captured_at
    return at


async def add_fix(
    session: AsyncSession, *, county_id: str, person_id: UUID, check_in_id: UUID, fix: Fix, now: datetime
) -> bool:
    """Fill in the fix that a check-in came without; False when this very fix was filled in before.

    Raises `CONFLICT` when it came with a fix or from another platform, or another fix was filled in. The caller
    has locked the person's row.
    """
    (row,) = await store.FIX.all(session, county_id=county_id, person_id=person_id, check_in_id=check_in_id)
    if row.imported:
        raise Problem(CONFLICT)  # what a platform recorded is no phone's to complete
    if row.lon is None:
        await store.ADD_FIX.all(session, county_id=county_id, check_in_id=check_in_id, now=now, **asdict(fix))
        return True
    stored = _fix(row)
    if stored and stored.fixed_at == row.position_added_at and fix.fixed_at == now:
        fix = replace(fix, fixed_at=stored.fixed_at)  # neither time it said when it was measured
    if row.position_added_at is None or fix != stored:
        raise Problem(CONFLICT)
    return False


def _fix(row: FixRow) -> Fix | None:
    """None where the check-in came without one."""
    if row.lon is None or row.lat is None or row.fixed_at is None or row.crs is None:
        return None
    return Fix(row.lon, row.lat, row.crs, row.accuracy_m, row.altitude_m, row.speed_mps, row.mock, row.fixed_at)


def _stored(row: StoredRow) -> Stored:
    judged = Judged(
        lon=row.lon,
        lat=row.lat,
        village_id=row.village_id,
        geofence_version=row.geofence_version,
        found_in_village_id=row.found_in_village_id,
        place=row.place,
        distance_m=row.distance_m,
        confidence=row.confidence,
        household_distance_m=row.household_distance_m,
        household_radius_m=None,
    )
    return Stored(row.person_id, row.visited_at, judged, row.standing, row.reasons, row.reviewed)
