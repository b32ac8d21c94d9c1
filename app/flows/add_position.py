"""Fill in the fix of a check-in that came without one, and judge it by its own `fixed_at`: one transaction."""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from app.checkins import rejudging
from app.checkins.judging_again import Anew
from app.checkins.rules import Fix
from app.checkins.words import RejudgementCause
from app.directory import service as directory
from app.directory.fences import Fences
from app.duties import service as duties
from app.duties.service import DutyProgress
from app.flows.hold_pattern import hold_pattern
from app.flows.judge import judge_stored
from app.flows.judge_again import judge_again
from app.kernel import audit
from app.kernel.ids import new_id


@dataclass(frozen=True, slots=True)
class Added:
    """A fix for a person's own check-in, of the visit at `captured_at`."""

    county_id: str
    person_id: UUID
    check_in_id: UUID
    captured_at: datetime
    fix: Fix


async def add_position(
    session: AsyncSession, fences: Fences, added: Added, *, now: datetime
) -> list[DutyProgress]:
    """The person's duties in the periods touched; the same fix again changes nothing.

    Judged by the fences valid when the visit was captured; a review prevails. Raises `CONFLICT` where there is
    another fix.
    """
    county = await directory.county(session, added.county_id)
    await directory.lock_people(session, county_id=county.id, person_ids=[added.person_id])
    fresh = await rejudging.add_fix(
        session,
        county_id=county.id,
        person_id=added.person_id,
        check_in_id=added.check_in_id,
        fix=added.fix,
        now=now,
    )
    if not fresh:
        return await duties.recount(
            session,
            county_id=county.id,
            timezone=county.timezone,
            touched=[(added.person_id, added.captured_at)],
            now=now,
        )
    index = await fences.of(session, county)
    ((_, judgement),) = await judge_stored(session, county, index, [added.check_in_id], now=now)
    reasons = [reason.as_dict() for reason in judgement.reasons]
    anew = Anew(added.check_in_id, new_id(), judgement.judged, judgement.standing, reasons)
    _, owed = await judge_again(session, county, [anew], cause=RejudgementCause.POSITION, now=now)
    await hold_pattern(session, county, [judgement], now=now)
    await audit.record(
        session,
        county_id=county.id,
        at=now,
        actor_id=added.person_id,
        action="check_in.position_added",
        subject=f"check_in:{added.check_in_id}",
    )
    return owed
