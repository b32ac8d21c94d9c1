"""Two records of one person become one: visits, posts, leave and phones of both are of the record that stays.

The other's id lives on and leads to it. Everything that names a person by id goes over in one transaction, so that
every statement of the house counts the same ([decision 12](../../docs/decisions/0012-one-person-one-record.md)).
"""

from dataclasses import asdict, dataclass
from datetime import date, datetime
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from app.access import merging as access_merging
from app.checkins import merging as checkin_merging
from app.directory import merging
from app.directory import service as directory
from app.directory.merging import Merge
from app.duties import merging as duty_merging
from app.duties import people as duty_people
from app.duties import service as duties
from app.duties.service import DutyCounty
from app.exchange import service as exchange
from app.flows import change_directory
from app.kernel import audit
from app.kernel.database import rehearsed
from app.notices import merging as notice_merging
from app.photos import service as photos
from app.tracks import service as tracks


@dataclass(frozen=True, slots=True)
class Merged:
    """What went over to the record that stays, and what follows for what is owed by it."""

    visits: int
    posts: int
    assignments: int
    leave: int
    appeals: int
    sessions: int  # phones and browsers that stay signed in, as who stays
    duties_counted: int
    duties_changed: int
    flags_raised: int
    flags_withdrawn: int


async def merge(
    session: AsyncSession, county: DutyCounty, asked: Merge, *, actor_id: UUID, now: datetime
) -> Merged:
    """All of it in the caller's transaction. Raises what `merging.check` does.

    Visits of both that arrive meanwhile wait for it, and then belong to who stays.
    """
    both = [asked.from_id, asked.into_id]
    of = {"from_id": asked.from_id, "into_id": asked.into_id}
    await change_directory.alone(session, county.id)
    await directory.lock_people(session, county_id=county.id, person_ids=both)
    await merging.check(session, county.id, asked)
    before = await duty_people.flags_of(session, county.id, both)
    posts, assignments = await merging.put_together(session, county.id, asked, made_by=actor_id, now=now)
    visits = await checkin_merging.take_over(session, county.id, **of)
    await merging.remember_visits(session, county.id, asked, visits)
    await photos.take_over(session, county.id, **of)
    await tracks.take_over(session, county.id, **of)
    sessions = await access_merging.take_over(session, county.id, **of, now=now)
    given = await duty_merging.take_over(session, county.id, **of)
    counted = await duties.recount_days(
        session, county, person_ids=both, from_day=date.min, until_day=None, now=now
    )
    # Last, so that what the recount told the other is told to who stays.
    await notice_merging.take_over(session, county.id, **of)
    await exchange.take_over(session, county.id, **of)
    after = await duty_people.flags_of(session, county.id, both)
    turned = [status for flag_id, status in after.items() if before.get(flag_id) != status]
    merged = Merged(
        visits=len(visits),
        posts=posts,
        assignments=assignments,
        leave=given.leave,
        appeals=given.appeals,
        sessions=sessions,
        duties_counted=counted.counted,
        duties_changed=len(counted.changed),
        flags_raised=turned.count("open"),
        flags_withdrawn=turned.count("withdrawn"),
    )
    await _trace(session, county, "person.merged", asked, actor_id, now, asdict(merged))
    return merged


async def preview(
    session: AsyncSession, county: DutyCounty, asked: Merge, *, actor_id: UUID, now: datetime
) -> Merged:
    """What `merge` would do: it is done, and taken back."""
    async with rehearsed(session):
        return await merge(session, county, asked, actor_id=actor_id, now=now)


async def two_people(
    session: AsyncSession, county: DutyCounty, one_id: UUID, other_id: UUID, *, actor_id: UUID, now: datetime
) -> None:
    """The office says that two records that look alike are of two people: they are not offered again."""
    await merging.say_two_people(session, county.id, one_id, other_id, said_by=actor_id, now=now)
    await _trace(session, county, "person.two_people", Merge(one_id, other_id), actor_id, now, {})


async def _trace(
    session: AsyncSession,
    county: DutyCounty,
    action: str,
    of: Merge,
    actor_id: UUID,
    now: datetime,
    detail: dict[str, object],
) -> None:
    """Under the record that stays, naming the other."""
    await audit.record(
        session,
        county_id=county.id,
        at=now,
        actor_id=actor_id,
        action=action,
        subject=f"person:{of.into_id}",
        detail={"from_id": of.from_id, **detail},
    )
