"""Who answers for a person: the leaders to turn to, found by both lines of the responsibility tree."""

from datetime import date
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from app.directory import store, store_leaders


async def leaders_of(session: AsyncSession, *, county_id: str, person_id: UUID, today: date) -> tuple[UUID, ...]:
    """The leaders of the nearest unit, from the own one upwards, that has a leader other than the person.

    On both lines: of the unit that answers for them on the ground, and of the department that sent them. Where
    there is none on either, the county's offices. Never the person; empty when nobody holds such a post.
    """
    own = {"county_id": county_id, "person_id": person_id, "today": today}
    found = await store.many(session, store_leaders.NEAREST, **own, roles=["leader"])
    if not found:
        found = await store.many(session, store_leaders.NEAREST, **own, roles=["office", "admin"])
    return tuple(row.person_id for row in found)
