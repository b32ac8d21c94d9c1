"""Evidence of who is made anonymous stays, without what says whose it was."""

from datetime import datetime
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from app.checkins.store import anonymising as store
from app.checkins.store.anonymising import EmptiedRow


async def empty(session: AsyncSession, county_id: str, person_id: UUID, now: datetime) -> EmptiedRow:
    """Marks the person anonymous, while the names are there, and empties all that is sealed of them.

    Notes, phones, words of reviews, appeals and leave, what merged records were called, and the names in the audit
    log; an entry `person.anonymised` has been left in it before.
    """
    return await store.EMPTY.one(session, county_id=county_id, person_id=person_id, now=now)
