"""The roster of a county in use changes: assignments begin and end, villages get another code.

Who was where on which day is never rewritten: an assignment is ended and another begun, and visits stay with the
people who made them. The caller has locked the rows of the people concerned, and has their duties counted anew.
"""

from dataclasses import dataclass
from datetime import date
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from app.directory.store import roster as store
from app.directory.store.roster import AssignmentRow as AssignmentRow
from app.directory.store.roster import CodeRow as CodeRow
from app.kernel.ids import new_id
from app.kernel.language import Text
from app.kernel.problems import CONFLICT, NOT_FOUND, Problem, invalid

_ALREADY = Text("此人在这段时间已联系同一村（户）", "The person answers for it already in that time")
_NOT_THERE = Text("该村没有这一户", "The village has no such household")
_BEFORE = Text("必须晚于开始日期 {begun}", "Must be after it began, on {begun}")
_TAKEN = Text("该代码已用于别的村", "Another village has this code")


@dataclass(frozen=True, slots=True)
class NewAssignment:
    """结对/联系: a person answers for a village, or one household in it, on [from_date, until_date)."""

    person_id: UUID
    village_id: str
    household_id: UUID | None
    from_date: date
    until_date: date | None = None


@dataclass(frozen=True, slots=True)
class NewCode:
    """The code and names that a village has from a day on; `source` is the notice that says so."""

    code: str
    name: str
    official_name: str
    from_date: date
    source: str


async def begin(session: AsyncSession, county_id: str, new: NewAssignment) -> UUID:
    """Raises `CONFLICT` where the person answers for the same already, `INVALID` for a household elsewhere."""
    if new.until_date and new.until_date <= new.from_date:
        raise invalid("/until_date", "too_early", _BEFORE, begun=new.from_date)
    about = {"county_id": county_id, "village_id": new.village_id, "household_id": new.household_id}
    if new.household_id and not await store.HOUSEHOLD_OF.first(session, **about):
        raise invalid("/household_id", "unknown", _NOT_THERE)
    made = new_id()
    begun = await store.BEGIN.run(
        session,
        **about,
        id=made,
        person_id=new.person_id,
        from_date=new.from_date,
        until_date=new.until_date,
    )
    if not begun:
        raise Problem(CONFLICT, _ALREADY)
    return made


async def assignment(session: AsyncSession, county_id: str, assignment_id: UUID) -> AssignmentRow:
    """Raises `NOT_FOUND`."""
    found = await store.ONE.first(session, county_id=county_id, id=assignment_id)
    if found is None:
        raise Problem(NOT_FOUND)
    return found


async def end(session: AsyncSession, county_id: str, of: AssignmentRow, until_date: date) -> None:
    """Raises `INVALID` at `/until_date`."""
    if not await store.END.run(session, county_id=county_id, id=of.id, until_date=until_date):
        raise invalid("/until_date", "too_early", _BEFORE, begun=of.from_date)


async def recode(session: AsyncSession, county_id: str, village_id: str, new: NewCode) -> list[CodeRow]:
    """Another code from a day on; what was recorded stays with the village. Raises `CONFLICT` for one in use."""
    about = {"county_id": county_id, "village_id": village_id}
    named = {"code": new.code, "official_name": new.official_name}
    put = await store.RECODE.run(session, **about, **named, from_date=new.from_date, source=new.source)
    if not put:
        raise Problem(CONFLICT, _TAKEN)
    await store.RENAME.run(session, **about, **named, name=new.name)
    return await store.CODES.all(session, **about)
