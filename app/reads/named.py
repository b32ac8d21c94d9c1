"""People in sight by their ids, for answers that name many at once."""

from collections.abc import Collection
from typing import NamedTuple
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from app.directory.words import Category
from app.kernel.statements import Statement
from app.reads.answers.named import PersonRef
from app.reads.visibility import VISIBLE, VisibleScope


class PersonRow(NamedTuple):
    """A person by name."""

    id: UUID
    name: str
    category: Category


_PEOPLE = Statement(
    PersonRow,
    f"""
WITH {VISIBLE}
SELECT id, name, category FROM visible_person WHERE id = ANY(CAST(:ids AS uuid[]))
""",
)
_UNITS = Statement(
    UUID,
    f"WITH {VISIBLE} SELECT id FROM visible_unit WHERE id = ANY(CAST(:ids AS uuid[]))",
)


async def people(session: AsyncSession, visible: VisibleScope, ids: Collection[UUID]) -> dict[UUID, PersonRef]:
    """Those of them who are in sight, each with name and category."""
    found = await _PEOPLE.all(session, **visible.parameters(), ids=list(ids))
    return {row.id: PersonRef(id=row.id, name=row.name, category=row.category) for row in found}


async def units(session: AsyncSession, visible: VisibleScope, ids: Collection[UUID]) -> set[UUID]:
    """Those of them that are in sight."""
    return set(await _UNITS.all(session, **visible.parameters(), ids=list(ids)))
