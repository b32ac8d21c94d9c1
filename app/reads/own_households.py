"""The households that a person may visit, with the last visit to each: who has waited longest."""

from collections.abc import Sequence
from datetime import datetime
from typing import NamedTuple
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from app.directory.scope import Scope
from app.kernel.statements import Statement


class LastVisitRow(NamedTuple):
    """The last counted visit that named a household, and by whom."""

    household_id: UUID
    at: datetime
    own: bool
    name: str


_LAST_VISITS = Statement(
    LastVisitRow,
    """
SELECT home.id AS household_id, last.visited_at AS at, last.person_id = :person_id AS own, person.name
FROM unnest(CAST(:ids AS uuid[])) AS home (id)
JOIN LATERAL (
  SELECT check_in.visited_at, check_in.person_id FROM check_in
  WHERE check_in.county_id = :county_id AND check_in.household_id = home.id
    AND check_in.standing = 'counted' AND check_in.visited_at <= :now
  ORDER BY check_in.visited_at DESC LIMIT 1
) AS last ON true
JOIN person ON person.county_id = :county_id AND person.id = last.person_id
""",
)


async def last_visits(
    session: AsyncSession, own: Scope, ids: Sequence[UUID], *, now: datetime
) -> dict[UUID, LastVisitRow]:
    """Of each household that was ever visited the last visit, whoever came."""
    found = await _LAST_VISITS.all(
        session, county_id=own.county_id, person_id=own.person_id, ids=list(ids), now=now
    )
    return {row.household_id: row for row in found}
