"""What the room of check-ins does for flows and doors."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from app.checkins import reviews
from app.checkins.content import first_said
from app.checkins.reasons import explain
from app.checkins.rules import Visit
from app.checkins.store import check_ins as store
from app.checkins.store.check_ins import CheckInRow as CheckInRow
from app.checkins.store.check_ins import InsertedRow as InsertedRow
from app.checkins.store.check_ins import NewCheckIn as NewCheckIn
from app.checkins.store.history import NeighbourQuery, around, evidence, posted
from app.checkins.store.photos import PhotoUse, naming
from app.kernel.language import Language
from app.kernel.paging import decode_cursor, page
from app.kernel.problems import NOT_FOUND, Problem

__all__ = [
    "NeighbourQuery",
    "NewCheckIn",
    "PhotoUse",
    "around",
    "evidence",
    "listing",
    "naming",
    "one",
    "said_first",
    "view",
    "write",
]


def view(row: CheckInRow, language: Language, *, to_who_reviews: bool = False) -> dict[str, object]:
    """A stored check-in as the contract shows it."""
    return {
        "id": row.id,
        "captured_at": row.captured_at,
        "visited_at": row.visited_at,
        "received_at": row.received_at,
        "position": None if row.lon is None else {"lon": row.lon, "lat": row.lat, "accuracy_m": row.accuracy_m},
        "village": row.village_id
        and {"id": row.village_id, "name": row.village_name, "geofence_version": row.geofence_version},
        "found_in_village": row.found_in_village_id
        and {"id": row.found_in_village_id, "name": row.found_in_village_name},
        "place": row.place,
        "distance_m": row.distance_m,
        "confidence": row.confidence,
        "household_distance_m": row.household_distance_m,
        "standing": row.standing,
        "reasons": [explain(reason, language, to_who_reviews=to_who_reviews) for reason in row.reasons],
        "night_of": row.night_of,
        "purpose": row.purpose,
        "household_id": row.household_id,
        "note": row.note,
    }


async def write(
    session: AsyncSession, *, county_id: str, new: Sequence[NewCheckIn], now: datetime
) -> dict[UUID, InsertedRow]:
    """See `store.insert`. The ids in `new` are distinct."""
    return await store.insert(session, county_id=county_id, new=new, now=now)


async def said_first(
    session: AsyncSession, *, county_id: str, visits: Sequence[Visit], stored: Mapping[UUID, CheckInRow]
) -> dict[UUID, bytes]:
    """The content of stored check-ins, as hashes by id.

    Where a visit's hash is another it is worked out anew, for an earlier release may have hashed by other rules.
    """
    hashes = {check_in_id: row.content_hash for check_in_id, row in stored.items()}
    differ = {visit.id for visit in visits if hashes.get(visit.id, visit.content_hash) != visit.content_hash}
    anew = await posted(session, county_id=county_id, ids=list(differ)) if differ else []
    again = {each.visit.id: first_said(each) for each in anew}
    said = {visit.id for visit in visits if visit.content_hash == again.get(visit.id)}
    return hashes | {check_in_id: again[check_in_id] for check_in_id in said}


async def listing(
    session: AsyncSession,
    *,
    county_id: str,
    person_id: UUID,
    since: datetime | None,
    cursor: str | None,
    limit: int,
    language: Language,
) -> dict[str, Any]:
    """The person's own check-ins, newest first."""
    after = decode_cursor("my-check-ins", cursor, datetime, UUID)
    found = await store.of_person(
        session,
        county_id=county_id,
        person_id=person_id,
        since=since,
        after=(after[0], after[1]) if after else None,
        limit=limit + 1,
    )
    return page(
        "my-check-ins",
        [view(row, language) for row in found],
        limit,
        [(row.visited_at, row.id) for row in found],
    )


async def one(
    session: AsyncSession, *, county_id: str, person_id: UUID, check_in_id: UUID, language: Language
) -> dict[str, Any]:
    """One of the person's own, with the review that stands. Raises `NOT_FOUND`."""
    row = await store.one(session, county_id=county_id, person_id=person_id, check_in_id=check_in_id)
    if row is None:
        raise Problem(NOT_FOUND)
    review = await reviews.shown(session, county_id=county_id, check_in_id=check_in_id)
    return view(row, language) | {"review": review}
