"""Photos of the people in sight: one by its id, and those that a check-in or an appeal names."""

from collections.abc import Sequence
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from app.kernel.problems import NOT_FOUND, Problem
from app.kernel.statements import Statement
from app.photos import service
from app.photos.rules import Photo
from app.photos.store import SHOWN, PhotoRow, photo_of
from app.reads.answers.check_ins import Photo as ShownPhoto
from app.reads.visibility import VISIBLE, VisibleScope

_ONE = Statement(
    PhotoRow,
    f"""
WITH {VISIBLE}
SELECT {SHOWN} FROM photo JOIN visible_person ON visible_person.id = photo.person_id
WHERE photo.county_id = :county_id AND photo.id = :photo_id
""",
)
# In the order in which they are named. Somebody else's photo is no evidence of this person's.
_NAMED = Statement(
    PhotoRow,
    f"""
SELECT {SHOWN} FROM unnest(CAST(:photo_ids AS uuid[])) WITH ORDINALITY AS named (id, place)
JOIN photo ON photo.county_id = :county_id AND photo.id = named.id AND photo.person_id = :person_id
ORDER BY named.place
""",
)


async def photo(session: AsyncSession, visible: VisibleScope, photo_id: UUID) -> Photo:
    """Raises `NOT_FOUND` out of sight, and `PHOTO_DELETED` after its retention time."""
    found = await _ONE.all(session, **visible.parameters(), photo_id=photo_id)
    if not found:
        raise Problem(NOT_FOUND)
    return service.still_kept(photo_of(found[0]))


async def photos(
    session: AsyncSession, visible: VisibleScope, *, person_id: UUID, photo_ids: Sequence[UUID]
) -> list[ShownPhoto]:
    """What a check-in or an appeal in sight shows of the photos that it names and its person has uploaded."""
    if not photo_ids:
        return []
    found = await _NAMED.all(session, county_id=visible.county_id, person_id=person_id, photo_ids=list(photo_ids))
    at = f"/v1/counties/{visible.county_id}/photos"
    return [
        ShownPhoto(**photo_of(row).as_dict(), original=f"{at}/{row.id}", thumbnail=f"{at}/{row.id}/thumbnail")
        for row in found
    ]
