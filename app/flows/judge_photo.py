"""Judge anew the check-ins that a photo says something about when it arrives after them."""

from collections.abc import Collection
from datetime import datetime
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from app.checkins import rejudging
from app.checkins import service as checkins
from app.checkins.judging_again import Anew, photos_judged_again
from app.checkins.service import PhotoUse
from app.checkins.settings import VisitSettings
from app.checkins.words import RejudgementCause
from app.directory.service import County
from app.flows.judge import judge_stored
from app.flows.judge_again import judge_again
from app.geo.fences import FenceIndex
from app.kernel import audit
from app.kernel.ids import new_id
from app.photos import service as photos
from app.photos.rules import Photo


async def concerned(session: AsyncSession, county_id: str, photo: Photo) -> list[PhotoUse]:
    """The check-ins that name the photo, and those with a copy of it or its picture that came after the first."""
    naming = await checkins.naming(session, county_id=county_id, photo_ids=[photo.id])
    if not naming:
        return []
    first = min(use.arrival for use in naming)
    copies = await photos.same_bytes(session, county_id=county_id, sha256=photo.sha256)
    pictures = await photos.alike_to(session, county_id=county_id, photo=photo)
    uses = await checkins.naming(session, county_id=county_id, photo_ids={photo.id, *copies, *pictures})
    return [use for use in uses if photo.id in use.photo_ids or use.arrival > first]


async def judge_photo(
    session: AsyncSession,
    county: County,
    index: FenceIndex,
    photo: Photo,
    *,
    people: Collection[UUID],
    now: datetime,
) -> None:
    """Write what the photo changes; whose standing changes is told. The caller has locked the rows of `people`.

    Whatever else may be judged otherwise by now (fences, settings) stays as it was.
    """
    uses = await concerned(session, county.id, photo)
    ids = [use.check_in_id for use in uses if use.person_id in people]
    if not ids:
        return
    before = await rejudging.stored(session, county_id=county.id, ids=ids)
    anew = []
    for evidence, judgement in await judge_stored(session, county, index, ids, now=now):
        stood = before[evidence.visit.id]
        standing, reasons = photos_judged_again(stood, judgement.reasons, county.setting(VisitSettings))
        if reasons != stood.reasons:
            anew.append(Anew(evidence.visit.id, new_id(), stood.judged, standing, reasons))
    if not anew:
        return
    changed, _ = await judge_again(session, county, anew, cause=RejudgementCause.PHOTO, now=now)
    await audit.record(
        session,
        county_id=county.id,
        at=now,
        actor_id=None,  # nobody decided: the rules did
        action="photo.judged",
        subject=f"photo:{photo.id}",
        detail={"check_ins": [each.check_in_id for each in changed]},
    )
