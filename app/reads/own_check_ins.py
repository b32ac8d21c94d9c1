"""What a person is told of their own check-ins beside what was judged: appeals, and whether each counted."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from app.directory import service as directory
from app.duties import appeals
from app.duties import service as duties
from app.kernel.language import Language


async def marks(
    session: AsyncSession,
    *,
    county_id: str,
    person_id: UUID,
    visits: Mapping[UUID, datetime],
    now: datetime,
    language: Language,
) -> dict[UUID, dict[str, Any]]:
    """For each of these check-ins (`visited_at` by id) the latest appeal against it, and its `counts`."""
    county = await directory.county(session, county_id)
    against = await appeals.of_check_ins(session, county_id, list(visits))
    counted = await duties.counts(
        session, county_id=county_id, timezone=county.timezone, person_id=person_id, visits=visits, now=now
    )
    return {
        each: {"appeal": against[each], "counts": [count.as_dict(language) for count in counted[each]]}
        for each in visits
    }
