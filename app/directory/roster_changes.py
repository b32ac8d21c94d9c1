"""The roster of a county in use changes: people leave, villages get another code.

The caller has locked the rows of the people concerned, and has their duties counted anew.
"""

from dataclasses import dataclass
from datetime import date
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from app.directory.store import roster as store
from app.directory.store.roster import CodeRow as CodeRow
from app.kernel.language import Text
from app.kernel.problems import CONFLICT, FieldError, Problem, invalid

_SERVED = Text("必须晚于任职开始日期", "Must be after the person began to serve")
_TAKEN = Text("该代码已用于别的村", "Another village has this code")


@dataclass(frozen=True, slots=True)
class NewCode:
    """The code and names that a village has from a day on; `source` is the notice that says so."""

    code: str
    name: str
    official_name: str
    from_date: date
    source: str


async def leave_service(session: AsyncSession, county_id: str, person_id: UUID, until_date: date | None) -> None:
    """The first day on which the person no longer serves; None takes it back. Raises `INVALID`."""
    if not await store.LEAVE_SERVICE.run(session, county_id=county_id, id=person_id, until_date=until_date):
        raise invalid("/until_date", "too_early", _SERVED)


async def recode(session: AsyncSession, county_id: str, village_id: str, new: NewCode) -> list[CodeRow]:
    """Another code from a day on; what was recorded stays with the village. Raises `CONFLICT` for one in use."""
    about = {"county_id": county_id, "village_id": village_id}
    named = {"code": new.code, "official_name": new.official_name}
    put = await store.RECODE.run(session, **about, **named, from_date=new.from_date, source=new.source)
    if not put:
        raise Problem(CONFLICT, errors=(FieldError("/code", "taken", _TAKEN),))
    await store.RENAME.run(session, **about, **named, name=new.name)
    return await codes(session, county_id, village_id)


async def codes(session: AsyncSession, county_id: str, village_id: str) -> list[CodeRow]:
    """The codes of a village after the one that it was first known by, the newest first."""
    return await store.CODES.all(session, county_id=county_id, village_id=village_id)
