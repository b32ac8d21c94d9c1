"""Villages of a county in use get another code."""

from dataclasses import dataclass
from datetime import date

from sqlalchemy.ext.asyncio import AsyncSession

from app.directory.store import roster as store
from app.directory.store.roster import CodeRow as CodeRow
from app.kernel.language import Text
from app.kernel.problems import CONFLICT, FieldError, Problem

_TAKEN = Text("该代码已用于别的村", "Another village has this code")


@dataclass(frozen=True, slots=True)
class NewCode:
    """The code and names that a village has from a day on; `source` is the notice that says so."""

    code: str
    name: str
    official_name: str
    from_date: date
    source: str


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
