"""Two records of one person: which stays, what it takes from the other, and what is said to be two people."""

from dataclasses import dataclass
from datetime import date, datetime
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from app.directory.store import merging as store
from app.directory.store.merging import RecordRow
from app.kernel.ids import new_id
from app.kernel.language import Text
from app.kernel.problems import CONFLICT, INVALID, NOT_FOUND, FieldError, Problem

_SAME = Text("同一份档案不能与自己合并", "A record does not go into itself")
_ONE_RECORD = Text("须是两份不同的档案", "Must be two records")
_MERGED = Text("{name}的这份档案已经合并", "This record of {name} went into another already")
_APART = Text(
    "两份档案的任职期间不相连（{first} 至 {next} 之间无人在任），合并后这段时间会算作在任。请先核对起止日期",
    "Between {first} and {next} neither serves, and would be held to serve: correct the dates of the two first",
)


@dataclass(frozen=True, slots=True)
class Merge:
    """The record `from_id` goes into `into_id`."""

    from_id: UUID
    into_id: UUID


async def staying(session: AsyncSession, county_id: str, person_id: UUID) -> UUID:
    """Whose record this id stands for today: its own, or the one into which it went."""
    return await store.STAYING.first(session, county_id=county_id, person_id=person_id) or person_id


async def check(session: AsyncSession, county_id: str, merge: Merge) -> None:
    """Raises `NOT_FOUND`, `CONFLICT` for what went into another already, `INVALID` where it does not fit."""
    if merge.from_id == merge.into_id:
        raise Problem(INVALID, errors=(FieldError("/from_id", "same", _SAME),))
    found = await store.RECORDS.all(session, county_id=county_id, **_of(merge))
    if len(found) < 2:  # noqa: PLR2004 - two records
        raise Problem(NOT_FOUND)
    for row in found:
        if row.merged_into:
            raise Problem(CONFLICT, _MERGED, name=row.name)
    gap = gap_between(*found)
    if gap:
        values: dict[str, object] = {"first": gap[0].isoformat(), "next": gap[1].isoformat()}
        raise Problem(INVALID, errors=(FieldError("/from_id", "apart", _APART, values),))


def gap_between(one: RecordRow, other: RecordRow) -> tuple[date, date] | None:
    """The days [first, next) on which neither served, between the service of the two; None without such."""
    first, later = sorted((one, other), key=lambda row: row.from_date)
    if first.until_date is None or first.until_date >= later.from_date:
        return None
    return first.until_date, later.from_date


async def put_together(
    session: AsyncSession, county_id: str, merge: Merge, *, made_by: UUID, now: datetime
) -> tuple[int, int]:
    """Service, posts and assignments of both are of the one that stays: how many posts and assignments came.

    The caller holds both rows. Visits may go over from here on, and not before.
    """
    of: dict[str, object] = {"county_id": county_id, **_of(merge)}
    await store.REMEMBER.run(session, **of, id=new_id(), made_by=made_by, now=now)
    await store.CUT_POSTS.run(session, **of)
    await store.CUT_ASSIGNMENTS.run(session, **of)
    posts = await store.GIVE_POSTS.one(session, **of, now=now)
    assignments = await store.GIVE_ASSIGNMENTS.one(session, **of, now=now)
    await store.END.run(session, **of)
    await store.EXTEND.run(session, **of)
    return posts, assignments


async def remember_visits(session: AsyncSession, county_id: str, merge: Merge, check_in_ids: list[UUID]) -> None:
    """Which visits were recorded under the other: what the phone said stays provable."""
    await store.REMEMBER_VISITS.run(session, county_id=county_id, from_id=merge.from_id, check_in_ids=check_in_ids)


async def say_two_people(
    session: AsyncSession, county_id: str, one_id: UUID, other_id: UUID, *, said_by: UUID, now: datetime
) -> None:
    """The two are not offered again."""
    if one_id == other_id:
        raise Problem(INVALID, errors=(FieldError("/other_id", "same", _ONE_RECORD),))
    await store.SAY_TWO.run(
        session, county_id=county_id, one_id=one_id, other_id=other_id, said_by=said_by, now=now
    )


def _of(merge: Merge) -> dict[str, UUID]:
    return {"from_id": merge.from_id, "into_id": merge.into_id}
