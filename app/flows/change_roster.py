"""The roster changes, and what people owe with it: assignments begun, ended and handed over, people who leave."""

from collections.abc import Mapping
from dataclasses import replace
from datetime import date, datetime
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from app.directory import changes as directory_changes
from app.directory import roster_changes
from app.directory import service as directory
from app.directory.changes import Changes
from app.directory.roster_changes import AssignmentRow, CodeRow, NewAssignment, NewCode
from app.duties import service as duties
from app.duties.service import DutyCounty
from app.flows import change_directory
from app.kernel import audit
from app.kernel.problems import NOT_FOUND, Problem


async def begin(
    session: AsyncSession, county: DutyCounty, new: NewAssignment, *, actor_id: UUID, now: datetime
) -> UUID:
    """A person answers for a village or household from a day on. Raises as `roster_changes.begin`."""
    await directory.lock_people(session, county_id=county.id, person_ids=[new.person_id])
    made = await roster_changes.begin(session, county.id, new)
    await _trace(session, county, "assignment.begun", f"assignment:{made}", actor_id, now, _about(new))
    await _recount(session, county, [new.person_id], new.from_date, new.until_date, now)
    return made


async def end(
    session: AsyncSession,
    county: DutyCounty,
    assignment_id: UUID,
    *,
    until_date: date,
    actor_id: UUID,
    now: datetime,
) -> None:
    """A person answers no longer from a day on. Raises `NOT_FOUND`, `INVALID`."""
    old = await roster_changes.assignment(session, county.id, assignment_id)
    await directory.lock_people(session, county_id=county.id, person_ids=[old.person_id])
    await _end(session, county, old, until_date, actor_id, now)
    await _recount(session, county, [old.person_id], *change_directory.between(old.until_date, until_date), now)


async def hand_over(
    session: AsyncSession,
    county: DutyCounty,
    assignment_id: UUID,
    *,
    to: UUID,
    from_date: date,
    actor_id: UUID,
    now: datetime,
) -> UUID:
    """Another person answers from a day on, the one before no longer. Visits stay with who made them."""
    old = await roster_changes.assignment(session, county.id, assignment_id)
    await directory.lock_people(session, county_id=county.id, person_ids=[old.person_id, to])
    await _end(session, county, old, from_date, actor_id, now)
    new = NewAssignment(to, old.village_id, old.household_id, from_date, old.until_date)
    made = await roster_changes.begin(session, county.id, new)
    await _trace(session, county, "assignment.begun", f"assignment:{made}", actor_id, now, _about(new))
    await _recount(session, county, [old.person_id, to], from_date, old.until_date, now)
    return made


async def leave_service(
    session: AsyncSession,
    county: DutyCounty,
    person_id: UUID,
    *,
    until_date: date | None,
    actor_id: UUID,
    now: datetime,
) -> None:
    """A person no longer serves from a day on; None takes it back. Raises `NOT_FOUND`, `INVALID`."""
    person = await directory_changes.person(session, county.id, person_id)
    if person is None:
        raise Problem(NOT_FOUND)
    left = Changes(people=[replace(person, until_date=until_date)])
    await change_directory.by_hand(session, county, left, actor_id=actor_id, now=now)


async def recode(
    session: AsyncSession, county: DutyCounty, village_id: str, new: NewCode, *, actor_id: UUID, now: datetime
) -> list[CodeRow]:
    """A village has another code from a day on. Nothing is counted anew: it is the same village."""
    codes = await roster_changes.recode(session, county.id, village_id, new)
    detail = {"code": new.code, "official_name": new.official_name, "from": new.from_date, "source": new.source}
    await _trace(session, county, "village.recoded", f"village:{village_id}", actor_id, now, detail)
    return codes


async def _end(
    session: AsyncSession, county: DutyCounty, old: AssignmentRow, until_date: date, actor_id: UUID, now: datetime
) -> None:
    await roster_changes.end(session, county.id, old, until_date)
    detail = {"until_date": until_date, "before": old.until_date}
    await _trace(session, county, "assignment.ended", f"assignment:{old.id}", actor_id, now, detail)


def _about(new: NewAssignment) -> dict[str, object]:
    return {
        "person_id": new.person_id,
        "village_id": new.village_id,
        "household_id": new.household_id,
        "from_date": new.from_date,
        "until_date": new.until_date,
    }


async def _recount(
    session: AsyncSession,
    county: DutyCounty,
    person_ids: list[UUID],
    from_day: date,
    until_day: date | None,
    now: datetime,
) -> None:
    await duties.recount_days(
        session, county, person_ids=person_ids, from_day=from_day, until_day=until_day, now=now
    )


async def _trace(
    session: AsyncSession,
    county: DutyCounty,
    action: str,
    subject: str,
    actor_id: UUID,
    now: datetime,
    detail: Mapping[str, object],
) -> None:
    await audit.record(
        session, county_id=county.id, at=now, actor_id=actor_id, action=action, subject=subject, detail=detail
    )
