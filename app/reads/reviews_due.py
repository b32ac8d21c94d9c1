"""待核实: what waits for a leader's review for too long, and what those below have left so. For the daily summary.

Who is to review a check-in is whoever answers for its person: the nearest leaders on both lines, or else the
office. They are reminded when nobody has for `review_remind_days`; those one level up, for `review_escalate_days`.
"""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import NamedTuple
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from app.directory import service as directory
from app.directory.leaders import LeaderQuery, answering
from app.directory.service import County
from app.duties.counting import HELD_SINCE
from app.duties.settings import DutySettings
from app.kernel.days import say_day
from app.kernel.language import Language, Text
from app.kernel.statements import Statement


class HeldRow(NamedTuple):
    """What waits for the review of somebody's check-ins."""

    person_id: UUID
    check_ins: int
    oldest: datetime
    newest: datetime
    newest_late: datetime | None
    late: int
    duties: int


class NameRow(NamedTuple):
    """A person by name."""

    id: UUID
    name: str


_HELD = Statement(
    HeldRow,
    f"""
WITH waits AS (
  SELECT duty.person_id, count(*) AS duties FROM duty
  WHERE duty.county_id = :county_id AND duty.closed_at IS NULL AND duty.status = 'open'
    AND duty.review_due_at IS NOT NULL
  GROUP BY duty.person_id
)
SELECT held.person_id, count(*) AS check_ins, min(held.since) AS oldest, max(held.since) AS newest,
  max(held.since) FILTER (WHERE held.since <= :escalate) AS newest_late,
  count(*) FILTER (WHERE held.since <= :escalate) AS late, coalesce(max(waits.duties), 0) AS duties
FROM (
  SELECT check_in.person_id, {HELD_SINCE.format(check_in="check_in")} AS since FROM check_in
  WHERE check_in.county_id = :county_id AND check_in.standing = 'held' AND check_in.received_at <= :remind
) AS held LEFT JOIN waits ON waits.person_id = held.person_id
WHERE held.since <= :remind
GROUP BY held.person_id ORDER BY held.person_id
""",
)
_NAMES = Statement(
    NameRow,
    "SELECT id, name FROM person WHERE county_id = :county_id AND id = ANY(CAST(:ids AS uuid[])) ORDER BY id",
)

_OWN = Text(
    "{n} 次签到待您核实，涉及 {people} 人，最早的自{since}起",
    "{n} check-ins of {people} people await your review, the oldest since {since}",
)
_BELOW = Text(
    "{n} 次签到下级逾期未核实（{names}），涉及 {people} 人，最早的自{since}起",
    "{n} check-ins of {people} people were left without review below you ({names}), the oldest since {since}",
)
_DUTIES = Text("，{duties} 项任务因此未能定论", "; duties that wait for it: {duties}")
_COMMA = Text("、", ", ")
_MORE = Text("等 {n} 人", " and others, {n} in all")
NAMED = 3
"""So many who should have reviewed are named; of more there is the number."""


@dataclass(frozen=True, slots=True)
class Waiting:
    """Check-ins that wait for review, of how many people, since which day, and how many duties wait for that."""

    check_ins: int
    people: int
    since: date
    duties: int


@dataclass(frozen=True, slots=True)
class ReviewsDue:
    """What waits for one leader: `own` to review, and what was left `below` by `left_by`, by name.

    `put_at` is when the last of it began to wait too long.
    """

    leader_id: UUID
    own: Waiting | None
    below: Waiting | None
    left_by: tuple[str, ...]
    put_at: datetime

    def lines(self, language: Language) -> list[str]:
        """A line for each, without a full stop."""
        comma = _COMMA.say(language)
        names = comma.join(self.left_by[:NAMED])
        if len(self.left_by) > NAMED:
            names += _MORE.say(language, n=len(self.left_by))
        return [
            text.say(
                language,
                n=waiting.check_ins,
                people=waiting.people,
                since=say_day(waiting.since, language),
                names=names,
            )
            + (_DUTIES.say(language, duties=waiting.duties) if waiting.duties else "")
            for text, waiting in ((_OWN, self.own), (_BELOW, self.below))
            if waiting
        ]


async def reviews_due(session: AsyncSession, *, county_id: str, now: datetime) -> dict[UUID, ReviewsDue]:
    """By leader, all of the county's for whom something has waited too long."""
    county = await directory.county(session, county_id)
    remind = timedelta(days=county.setting(DutySettings).review_remind_days)
    escalate = timedelta(days=county.setting(DutySettings).review_escalate_days)
    held = await _HELD.all(session, county_id=county_id, remind=now - remind, escalate=now - escalate)
    if not held:
        return {}
    late = [person for person in held if person.late]
    asked = [
        *(LeaderQuery(person.person_id) for person in held),
        *(LeaderQuery(person.person_id, 2) for person in late),
    ]
    found = await answering(session, county_id=county_id, asked=asked, today=county.day(now))
    told = [tuple(dict.fromkeys(each.person_id for each in who)) for who in found]
    first = {person.person_id: who for person, who in zip(held, told, strict=False)}
    own, below, left_by = _shared_out(held, late, first, told[len(held) :])
    names = await _names(session, county_id, {each for who in left_by.values() for each in who})
    return {
        leader: ReviewsDue(
            leader,
            _waiting(own[leader], county, "check_ins") if leader in own else None,
            _waiting(below[leader], county, "late") if leader in below else None,
            tuple(names[each] for each in sorted(left_by.get(leader, ()))),
            max(
                [person.newest + remind for person in own.get(leader, ())]
                + [person.newest_late + escalate for person in below.get(leader, ()) if person.newest_late]
            ),
        )
        for leader in sorted(own.keys() | below.keys())
    }


def _shared_out(
    held: Sequence[HeldRow],
    late: Sequence[HeldRow],
    first: dict[UUID, tuple[UUID, ...]],
    above: Sequence[tuple[UUID, ...]],
) -> tuple[dict[UUID, list[HeldRow]], dict[UUID, list[HeldRow]], dict[UUID, set[UUID]]]:
    """By leader: the people of their own to review, those put up to them, and who left those."""
    own: dict[UUID, list[HeldRow]] = defaultdict(list)
    below: dict[UUID, list[HeldRow]] = defaultdict(list)
    left_by: dict[UUID, set[UUID]] = defaultdict(set)
    for person in held:
        for leader in first[person.person_id]:
            own[leader].append(person)
    for person, who in zip(late, above, strict=True):
        for leader in set(who) - set(first[person.person_id]):
            below[leader].append(person)
            left_by[leader].update(first[person.person_id])
    return own, below, left_by


def _waiting(people: Sequence[HeldRow], county: County, which: str) -> Waiting:
    return Waiting(
        sum(getattr(person, which) for person in people),
        len(people),
        min(county.day(person.oldest) for person in people),
        sum(person.duties for person in people),
    )


async def _names(session: AsyncSession, county_id: str, ids: Iterable[UUID]) -> dict[UUID, str]:
    found = await _NAMES.all(session, county_id=county_id, ids=list(ids))
    return {row.id: row.name for row in found}
