"""People in sight by their ids, for answers that name many at once."""

from collections.abc import Collection
from typing import Any
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from app.kernel.database import rows
from app.reads.sight import IN_SIGHT, Sight

_PEOPLE = f"""
WITH {IN_SIGHT}
SELECT id, name, category FROM person_in_sight WHERE id = ANY(CAST(:ids AS uuid[]))
"""
_UNITS = f"WITH {IN_SIGHT} SELECT id FROM unit_in_sight WHERE id = ANY(CAST(:ids AS uuid[]))"


async def people(session: AsyncSession, sight: Sight, ids: Collection[UUID]) -> dict[UUID, dict[str, Any]]:
    """Those of them who are in sight, each with name and category."""
    found = await rows(session, _PEOPLE, **sight.parameters(), ids=list(ids))
    return {row.id: {"id": row.id, "name": row.name, "category": row.category} for row in found}


async def units(session: AsyncSession, sight: Sight, ids: Collection[UUID]) -> set[UUID]:
    """Those of them that are in sight."""
    return {row.id for row in await rows(session, _UNITS, **sight.parameters(), ids=list(ids))}
