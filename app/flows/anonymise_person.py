"""A person who has left is made anonymous: what the county counted stays, and nobody knows whose it was.

Photos and all that is of the person alone go; visits, duties and flags stay under an id without a name. It cannot
be undone: nobody keeps who it was. Files of the office that name them go after `import_retention_d`.
"""

import re
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from app.access import anonymising as access
from app.checkins import anonymising as checkins
from app.directory import anonymising
from app.directory import service as directory
from app.duties import anonymising as duties
from app.exchange import service as exchange
from app.kernel import audit
from app.kernel.database import Database, rehearsed
from app.notices import anonymising as notices
from app.photos import service as photos
from app.photos.objects import PhotoObjects
from app.photos.rules import thumbnail_key
from app.tracks import service as tracks


@dataclass(frozen=True, slots=True)
class Anonymised:
    """What went of the person, and what stays without a name."""

    photos: int
    notices: int
    sessions: int
    devices: int
    sign_ins: int
    track_fixes: int
    visits: int  # that stay
    leave: int  # that stays
    audit_entries: int  # that named them


@dataclass(frozen=True, slots=True)
class Wanted:
    """Whom the office wants to be anonymous, and why; `actor_id` is None for the command line."""

    county_id: str
    person_id: UUID
    reason: str
    actor_id: UUID | None


async def preview(session: AsyncSession, wanted: Wanted, *, now: datetime) -> Anonymised:
    """What `anonymise` would do: it is done, and taken back. Raises what that does."""
    async with rehearsed(session):
        ids = await _refuse(session, wanted, now)
        kept = await photos.kept_of(session, wanted.county_id, ids)
        return await _anonymise(session, wanted, list(kept), now)


async def anonymise(database: Database, objects: PhotoObjects, wanted: Wanted, *, now: datetime) -> Anonymised:
    """Raises `NOT_FOUND`, and `CONFLICT` while the person serves or anything of theirs is open.

    Photos go first: whatever stops half way, the same again goes on with it.
    """
    async with database.transaction(wanted.county_id) as session:
        ids = await _refuse(session, wanted, now)
        kept = await photos.kept_of(session, wanted.county_id, ids)
    await objects.delete([*kept.values(), *map(thumbnail_key, kept.values())])
    async with database.transaction(wanted.county_id) as session:
        return await _anonymise(session, wanted, list(kept), now)


async def _refuse(session: AsyncSession, wanted: Wanted, now: datetime) -> list[UUID]:
    """The ids of all records of the person."""
    county = await directory.county(session, wanted.county_id)
    found = await anonymising.records(session, county.id, wanted.person_id, county.day(now))
    ids = [row.id for row in found]
    await duties.refuse_open(session, county.id, ids)
    return ids


async def _anonymise(session: AsyncSession, wanted: Wanted, photo_ids: list[UUID], now: datetime) -> Anonymised:
    county_id = wanted.county_id
    county = await directory.county(session, county_id)
    found = await anonymising.records(session, county_id, wanted.person_id, county.day(now))
    ids = [row.id for row in found]
    words = {word for row in found for word in (row.name, row.phone, row.number, str(row.id)) if word}
    told = await notices.delete(session, county_id, ids, _quoted(words))
    gone = await access.delete(session, county_id, ids)
    await photos.mark_deleted(session, county_id=county_id, ids=photo_ids, now=now)
    await photos.forget_looks(session, county_id, ids)
    await exchange.forget_names(session, county_id, ids)
    fixes = await tracks.delete_of(session, county_id, ids)
    await duties.empty(session, county_id, ids)
    went = {"photos": len(photo_ids), "notices": told, **gone._asdict(), "track_fixes": fixes}
    await audit.record(
        session,
        county_id=county_id,
        at=now,
        actor_id=wanted.actor_id,
        action="person.anonymised",
        subject=f"person:{wanted.person_id}",
        detail={"reason": wanted.reason, **went},
    )
    emptied = await checkins.empty(session, county_id, wanted.person_id, now)  # which wants that entry
    await anonymising.forget(session, county_id, ids)
    return Anonymised(**went, visits=emptied.visits, leave=emptied.absences, audit_entries=emptied.entries)


def _quoted(words: set[str]) -> str:
    """A pattern for any of these words as a member of JSON."""
    return f'"({"|".join(map(re.escape, sorted(words)))})"'
