"""Which check-ins name a photo."""

from collections.abc import Collection
from datetime import datetime
from typing import NamedTuple
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from app.kernel.statements import Statement


class PhotoUse(NamedTuple):
    """A check-in that names photos. Of several with one picture the first by `arrival` is what it shows."""

    check_in_id: UUID
    person_id: UUID
    received_at: datetime
    captured_at: datetime
    photo_ids: list[UUID]

    @property
    def arrival(self) -> tuple[datetime, datetime, UUID]:
        return self.received_at, self.captured_at, self.check_in_id


# The empty ones are not in the index.
NAMING = Statement(
    PhotoUse,
    """
SELECT id AS check_in_id, person_id, received_at, captured_at, photo_ids FROM check_in
WHERE county_id = :county_id AND photo_ids && CAST(:photo_ids AS uuid[]) AND photo_ids <> '{}'
""",
)


async def naming(session: AsyncSession, *, county_id: str, photo_ids: Collection[UUID]) -> list[PhotoUse]:
    """The check-ins that name any of these photos, whoever's they are."""
    return await NAMING.all(session, county_id=county_id, photo_ids=list(photo_ids))
