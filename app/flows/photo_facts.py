"""What is known of the photos that check-ins name: uploaded or not, used before, taken when and where."""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from datetime import timedelta
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from app.checkins import service as checkins
from app.checkins.rules import Evidence, PhotoFact, Visit
from app.checkins.service import PhotoUse
from app.photos import service as photos
from app.photos.service import Copied

PhotoFacts = Mapping[UUID, tuple[PhotoFact, ...]]
"""By check-in."""


async def photo_facts(session: AsyncSession, *, county_id: str, evidence: Sequence[Evidence]) -> PhotoFacts:
    """Three statements for a set of check-ins, stored or new; none where they name no photo."""
    named = {photo_id for each in evidence for photo_id in each.visit.photo_ids}
    if not named:
        return {}
    known = await photos.with_copies(session, county_id=county_id, photo_ids=named)
    alike = await photos.alike(session, county_id=county_id, photo_ids=named)
    pictures = named.union(*(photo.copies for photo in known.values()), *alike.values())
    stored = await checkins.naming(session, county_id=county_id, photo_ids=pictures)
    uses = {use.check_in_id: use for use in (*map(_use, evidence), *stored)}
    asked = [uses[each.visit.id] for each in evidence if each.visit.photo_ids]
    return _facts(asked, uses.values(), known, alike)


def _facts(
    asked: Iterable[PhotoUse],
    uses: Iterable[PhotoUse],
    known: Mapping[UUID, Copied],
    alike: Mapping[UUID, Sequence[UUID]],
) -> dict[UUID, tuple[PhotoFact, ...]]:
    uses_of: dict[UUID, list[PhotoUse]] = defaultdict(list)
    for use in uses:
        for photo_id in use.photo_ids:
            uses_of[photo_id].append(use)
    return {
        use.check_in_id: tuple(
            replace(
                _fact(use, photo_id, uses_of, known.get(photo_id)),
                alike_in=_alike_in(use, alike.get(photo_id, ()), uses_of),
            )
            for photo_id in use.photo_ids
        )
        for use in asked
    }


def _fact(
    use: PhotoUse, photo_id: UUID, uses_of: Mapping[UUID, Sequence[PhotoUse]], known: Copied | None
) -> PhotoFact:
    """Somebody else's photo is not uploaded: it is no evidence of this visit. Used before it may be."""
    copies = known.copies if known else (photo_id,)
    first = min(
        (other for copy in copies for other in uses_of.get(copy, ()) if other.arrival < use.arrival),
        key=lambda other: other.arrival,
        default=None,
    )
    reused_in = first and first.check_in_id
    if known is None or known.photo.person_id != use.person_id:
        return PhotoFact(photo_id, uploaded=False, reused_in=reused_in)
    taken = known.photo.taken
    return PhotoFact(photo_id, uploaded=True, reused_in=reused_in, taken_at=taken.at, lon=taken.lon, lat=taken.lat)


_ONE_VISIT = timedelta(hours=1)


def _alike_in(use: PhotoUse, pictures: Sequence[UUID], uses_of: Mapping[UUID, Sequence[PhotoUse]]) -> UUID | None:
    """The first other check-in with such a picture; not the person's of the same hour, who photographs twice."""
    others = (other for picture in pictures for other in uses_of.get(picture, ()) if other.arrival < use.arrival)
    first = min(
        (
            other
            for other in others
            if other.person_id != use.person_id or abs(other.captured_at - use.captured_at) > _ONE_VISIT
        ),
        key=lambda other: other.arrival,
        default=None,
    )
    return first and first.check_in_id


def _use(evidence: Evidence) -> PhotoUse:
    visit: Visit = evidence.visit
    return PhotoUse(visit.id, visit.person_id, evidence.received_at, visit.captured_at, list(visit.photo_ids))
