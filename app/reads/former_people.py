"""Who has left, and is not anonymous yet: for the office that makes them so."""

from datetime import date, datetime
from typing import NamedTuple
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from app.kernel.statements import Statement
from app.reads.answers.former_people import FormerPeople, FormerPerson
from app.reads.visibility import TODAY, VISIBLE, VisibleScope

MOST = 50


class FormerRow(NamedTuple):
    """Somebody who has left."""

    id: UUID
    name: str
    unit_name: str
    until_date: date


_FORMER = Statement(
    FormerRow,
    f"""
WITH {VISIBLE}, {TODAY}
SELECT person.id, person.name, unit.name AS unit_name, person.until_date
FROM visible_person AS person CROSS JOIN today
JOIN unit ON unit.county_id = :county_id AND unit.id = person.unit_id
WHERE person.until_date <= today.day AND person.merged_into IS NULL AND person.anonymised_at IS NULL
  AND strpos(person.name, :words) > 0
ORDER BY person.until_date DESC, person.id LIMIT {MOST}
""",
)


async def former_people(
    session: AsyncSession, visible: VisibleScope, *, words: str, now: datetime
) -> FormerPeople:
    """Whose name has these words, the last to leave first."""
    found = await _FORMER.all(session, **visible.parameters(), words=words.strip(), now=now)
    return FormerPeople(
        items=[
            FormerPerson(id=row.id, name=row.name, unit=row.unit_name, until_date=row.until_date) for row in found
        ]
    )
