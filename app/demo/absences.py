"""Who is away when: leave and filed duty as people ask for it, and what becomes of it.

Everything follows from `SEED` and the person. Who asked and was not refused makes no visits while away.
"""

import random
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import Literal
from uuid import UUID

from app.demo.counties import SEED, TIMEZONE, DemoCounty
from app.demo.handsets import lent_phones
from app.directory.rows import Person

Fate = Literal["approved", "refused", "overrun"]

_AWAY = 0.05  # of those who owe are away once in six weeks
_OWING = frozenset({"helper", "resident", "first_secretary", "leader"})
_DAYS = (1, 1, 1, 2, 2, 3, 3, 5, 7)  # three and more than three: the county's to decide
_FATES: dict[Fate, int] = {"approved": 84, "refused": 10, "overrun": 6}
_AFTERWARDS = 0.15  # file when it is over
_LATE_BY = timedelta(days=2)  # who overruns
_REASONS = {
    "personal": ("家中有事", "孩子家长会", "老人住院陪护"),
    "sick": ("感冒发烧", "住院检查"),
    "official": ("赴市里开会",),
    "filed_duty": ("县里培训", "到县局办理项目手续", "带队外出考察产业"),
    "annual": ("年休假",),
    "rotation": ("轮休",),
}


@dataclass(frozen=True, slots=True)
class Absence:
    """One leave: `until` is its last day. `back` is None for who does not come back from it in time."""

    id: UUID
    person: Person
    kind: str
    reason: str
    first: date
    until: date
    asked_at: datetime
    decided_at: datetime
    fate: Fate

    @property
    def body(self) -> dict[str, object]:
        """As the phone asks for it."""
        return {
            "id": str(self.id),
            "kind": self.kind,
            "from_date": f"{self.first}",
            "until_date": f"{self.until}",
            "reason": self.reason,
        }

    @property
    def back_at(self) -> datetime | None:
        """When the person says to be back; filed afterwards it needs no return."""
        late = _LATE_BY if self.fate == "overrun" else timedelta(0)
        morning = datetime.combine(self.until + timedelta(days=1), time(8), TIMEZONE) + late
        return morning if self.fate != "refused" and self.asked_at < morning else None

    def covers(self, at: datetime) -> bool:
        """Whether the person makes no visit then."""
        late = _LATE_BY if self.fate == "overrun" else timedelta(0)
        return self.fate != "refused" and self.first <= at.date() <= self.until + late


def absences(county: DemoCounty, mondays: Sequence[date], absent: frozenset[str]) -> Mapping[UUID, Absence]:
    """By person. Those with the phone numbers `absent`, and those who share a phone, are never away."""
    lent = lent_phones(county)
    sharing = lent.keys() | {lender.id for lender in lent.values()}
    away = (
        _absence(person, mondays)
        for person in county.roster.people
        if person.category in _OWING and person.phone not in absent and person.id not in sharing
    )
    return {one.person.id: one for one in away if one}


def _absence(person: Person, mondays: Sequence[date]) -> Absence | None:
    rng = random.Random(f"{SEED} {person.id} away")
    if rng.random() >= _AWAY:
        return None
    kind = rng.choice(list(_REASONS))
    first = mondays[0] + timedelta(days=rng.randrange(1, 7 * len(mondays) + 4))
    until = first + timedelta(days=rng.choice(_DAYS) - 1)
    fate = rng.choices(list(_FATES), list(_FATES.values()))[0]
    afterwards = fate != "overrun" and rng.random() < _AFTERWARDS
    asked_on = (
        until + timedelta(days=1) if afterwards else max(first - timedelta(days=rng.choice((1, 2, 3))), mondays[0])
    )
    asked_at = datetime.combine(asked_on, time(8), TIMEZONE) + timedelta(minutes=rng.randrange(9 * 60))
    decided_on = asked_on + timedelta(days=rng.choice((1, 1, 2, 3)))
    decided_at = datetime.combine(decided_on, time(9), TIMEZONE) + timedelta(minutes=rng.randrange(8 * 60))
    return Absence(
        id=UUID(int=rng.getrandbits(128), version=4),
        person=person,
        kind=kind,
        reason=rng.choice(_REASONS[kind]),
        first=first,
        until=until,
        asked_at=asked_at,
        decided_at=decided_at,
        fate=fate,
    )
