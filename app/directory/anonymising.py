"""A person who has left is made anonymous: of their record nothing is left that says who it was."""

from datetime import date, timedelta
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from app.directory.rules import UPLOAD_AFTER_SERVICE
from app.directory.store import anonymising as store
from app.directory.store.anonymising import RecordRow
from app.kernel.language import Text
from app.kernel.problems import CONFLICT, NOT_FOUND, Problem

ANONYMOUS = "（已匿名）"
_SERVES = Text(
    "{name}仍在任，或离任不满 {days} 天（期间仍可补传签到），不能匿名",
    "{name} serves, or has left less than {days} days ago and may still upload visits",
)
_ALREADY = Text("已经匿名", "This person is anonymous already")


async def records(session: AsyncSession, county_id: str, person_id: UUID, today: date) -> list[RecordRow]:
    """The person's record and those that went into it, locked. Raises `NOT_FOUND`, `CONFLICT` while they serve."""
    found = await store.RECORDS.all(session, county_id=county_id, person_id=person_id)
    own = next((row for row in found if row.id == person_id), None)
    if own is None or own.merged_into:
        raise Problem(NOT_FOUND)
    if own.anonymised_at:
        raise Problem(CONFLICT, _ALREADY)
    if own.until_date is None or own.until_date + _UPLOADS > today:
        raise Problem(CONFLICT, _SERVES, name=own.name, days=_UPLOADS.days)
    return found


async def forget(session: AsyncSession, county_id: str, ids: list[UUID]) -> None:
    """Names, phones and titles of these records, which are marked anonymous."""
    await store.FORGET.run(session, county_id=county_id, ids=ids, name=ANONYMOUS)


_UPLOADS = timedelta(days=UPLOAD_AFTER_SERVICE.days)
