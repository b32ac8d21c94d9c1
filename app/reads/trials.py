"""What a rule would have meant in a period that is over: who would have been flagged, and who stands otherwise."""

from collections import Counter
from collections.abc import Mapping, Sequence
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from app.duties.changing_rules import Tried
from app.duties.words import DutyStatus
from app.reads import named
from app.reads.answers.named import Period, PersonRef
from app.reads.answers.trials import Trial, TrialTotals, TriedPerson
from app.reads.visibility import VisibleScope

MOST = 500


async def compare(
    session: AsyncSession,
    visible: VisibleScope,
    period: Period,
    before: Sequence[Tried] | None,
    after: Sequence[Tried],
) -> Trial:
    """Totals of the people in sight, and those who would be flagged or stand otherwise, the flagged first."""
    then, now = _by_person(before or ()), _by_person(after)
    people = await named.people(session, visible, then.keys() | now.keys())
    then, now = _seen(then, people), _seen(now, people)
    turned = [
        person_id
        for person_id in people
        if _status(now, person_id) == "missed" or (before is not None and _differs(then, now, person_id))
    ]
    turned.sort(key=lambda person_id: (_status(now, person_id) != "missed", people[person_id].name, person_id))
    return Trial(
        period=period,
        before=None if before is None else _totals(then),
        after=_totals(now),
        missed=sum(each.status == "missed" for each in now.values()),
        items=[
            TriedPerson(
                person=people[person_id],
                before=_status(then, person_id),
                after=_status(now, person_id),
                required=now[person_id].required if person_id in now else 0,
                done=now[person_id].done if person_id in now else then[person_id].done,
            )
            for person_id in turned[:MOST]
        ],
        more=max(0, len(turned) - MOST),
    )


def _by_person(tried: Sequence[Tried]) -> dict[UUID, Tried]:
    return {each.person_id: each for each in tried}


def _seen(tried: Mapping[UUID, Tried], people: Mapping[UUID, PersonRef]) -> dict[UUID, Tried]:
    return {person_id: each for person_id, each in tried.items() if person_id in people}


def _status(tried: Mapping[UUID, Tried], person_id: UUID) -> str | None:
    return tried[person_id].status if person_id in tried else None


def _differs(then: Mapping[UUID, Tried], now: Mapping[UUID, Tried], person_id: UUID) -> bool:
    return _status(then, person_id) != _status(now, person_id)


def _totals(tried: Mapping[UUID, Tried]) -> TrialTotals:
    counts = Counter(each.status for each in tried.values())
    return TrialTotals(people=len(tried), **{str(status): counts[status] for status in DutyStatus})
