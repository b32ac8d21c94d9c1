"""What a person is told of their own check-ins beside what was judged: appeals, and whether each counted."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from app.directory import service as directory
from app.duties import appeals
from app.duties import service as duties
from app.duties.evidence import Count
from app.kernel.language import Language
from app.kernel.statements import Json


@dataclass(frozen=True, slots=True)
class Mark:
    """The latest appeal against a check-in, and what it is to each duty that it touches."""

    appeal: Json | None
    counts: Sequence[Count]

    def as_dict(self, language: Language) -> dict[str, object]:
        return {"appeal": self.appeal, "counts": [count.as_dict(language) for count in self.counts]}


async def marks(
    session: AsyncSession, *, county_id: str, person_id: UUID, visits: Mapping[UUID, datetime], now: datetime
) -> dict[UUID, Mark]:
    """For each of these check-ins of a person: `visited_at` by id."""
    county = await directory.county(session, county_id)
    against = await appeals.of_check_ins(session, county_id, list(visits))
    counted = await duties.counts(
        session, county_id=county_id, timezone=county.timezone, person_id=person_id, visits=visits, now=now
    )
    return {each: Mark(against[each], counted[each]) for each in visits}
