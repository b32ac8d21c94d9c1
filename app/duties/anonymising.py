"""Of who is made anonymous: what is open still, and what people wrote."""

from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from app.duties.store import anonymising as store
from app.kernel.language import Text
from app.kernel.problems import CONFLICT, Problem

_OPEN = Text(
    "还有未了结的事项：申诉 {appeals} 件，预警 {flags} 条，任务 {duties} 项；办结后才能匿名",
    "Not settled yet: {appeals} appeal(s), {flags} flag(s), {duties} duties; anonymous only after that",
)


async def refuse_open(session: AsyncSession, county_id: str, ids: list[UUID]) -> None:
    """Raises `CONFLICT` while appeals, flags or duties are open."""
    found = await store.OPEN.one(session, county_id=county_id, ids=ids)
    if any(found):
        raise Problem(CONFLICT, _OPEN, **found._asdict())


async def empty(session: AsyncSession, county_id: str, ids: list[UUID]) -> None:
    """Reasons of flags; those of leave and appeals are sealed: `checkins.anonymising`."""
    await store.EMPTY.run(session, county_id=county_id, ids=ids)
