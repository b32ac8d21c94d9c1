"""重复人员: records that look like one person's, with what makes them so and how likely it is."""

from datetime import date, datetime
from pathlib import Path
from typing import NamedTuple
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from app.directory.words import Category, Likeness, UnitLevel
from app.kernel import sql_files
from app.kernel.statements import Statement
from app.reads.answers.duplicates import Duplicate, DuplicateList, DuplicateRecord
from app.reads.answers.named import UnitRef

_MOST_PAIRS = 500
_MOST_SHARING = 30


class RecordRow(NamedTuple):
    """One of the two records of a pair; the rows of a pair follow each other, the one to stay first."""

    one_id: UUID
    other_id: UUID
    confidence: float
    reasons: list[Likeness]
    id: UUID
    name: str
    phone: str
    number: str | None
    category: Category
    from_date: date
    until_date: date | None
    last_contact_at: datetime | None
    unit_id: UUID
    unit_name: str
    unit_level: UnitLevel
    account: bool
    visits: int


_DUPLICATES = Statement(RecordRow, sql_files.read(Path(__file__).with_name("duplicates.sql")))


async def duplicates(session: AsyncSession, county_id: str) -> DuplicateList:
    """All of the county's, the first five hundred; not those that the office has said to be two people."""
    found = await _DUPLICATES.all(session, county_id=county_id, most=_MOST_SHARING, limit=_MOST_PAIRS)
    pairs = zip(found[::2], found[1::2], strict=True)
    return DuplicateList(
        items=[
            Duplicate(
                stays=_record(stays), other=_record(other), confidence=stays.confidence, reasons=stays.reasons
            )
            for stays, other in pairs
        ]
    )


def _record(row: RecordRow) -> DuplicateRecord:
    return DuplicateRecord(
        id=row.id,
        name=row.name,
        phone=row.phone,
        number=row.number,
        category=row.category,
        unit=UnitRef(id=row.unit_id, name=row.unit_name, level=row.unit_level),
        from_=row.from_date,
        until=row.until_date,
        last_contact_at=row.last_contact_at,
        account=row.account,
        visits=row.visits,
    )
