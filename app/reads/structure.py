"""结构检查: where the responsibility tree is not as the county's briefing has it, today or on any day."""

from datetime import date, datetime
from pathlib import Path
from typing import NamedTuple

from sqlalchemy.ext.asyncio import AsyncSession

from app.directory.words import StructureFinding
from app.kernel import sql_files
from app.kernel.statements import Statement
from app.reads.answers.directory import Structure, StructureItem
from app.reads.visibility import VISIBLE, VisibleScope

_MOST = 2000


class FindingRow(NamedTuple):
    """What is not so, of which unit, village, person or household; `number` is how many there are instead."""

    finding: StructureFinding
    id: str
    name: str
    unit: str
    number: int


_STRUCTURE = Statement(FindingRow, sql_files.read(Path(__file__).with_name("structure.sql"), visible=VISIBLE))


async def structure(session: AsyncSession, visible: VisibleScope, *, day: date | None, now: datetime) -> Structure:
    """All of it in sight, the first two thousand; by today's tree and boundaries, by the people of that day."""
    found = await _STRUCTURE.all(session, **visible.parameters(), day=day, now=now, limit=_MOST)
    return Structure(items=[StructureItem.model_validate(row._asdict()) for row in found])
