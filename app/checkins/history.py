"""What a person's other check-ins say about one: the trail of their fixes, and what stands out against it."""

from bisect import bisect_right, insort
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import takewhile
from operator import attrgetter
from typing import NamedTuple
from uuid import UUID
from zoneinfo import ZoneInfo

from app.geo.coordinates import in_china

LAST = 12
"""So many fixes back a visit is compared with: two weeks of a resident, two months of a helper."""
NEXT = 3
"""And so many ahead, where it comes late."""

_DAY_S = 24 * 60 * 60

_AT_THE_BORDER = 0.1  # degrees

_moment = attrgetter("fixed_at")


class Step(NamedTuple):
    """One fix on a person's trail; times are seconds since 1970.

    `lon` and `lat` are WGS-84, the raw ones are as the phone gave them.
    """

    check_in_id: UUID
    captured_at: float
    arrived_at: float
    fixed_at: float
    lon: float
    lat: float
    raw_lon: float
    raw_lat: float
    accuracy_m: float | None
    device_id: str | None
    standing: str

    @property
    def believed(self) -> bool:
        """Whether the person can be taken to have been there: what is held or refused proves nothing.

        Nor does one outside that is not even in the country: broken fixes lie anywhere.
        """
        return self.standing == "counted" or (
            self.standing == "outside" and bool(in_china(self.lon, self.lat, margin=_AT_THE_BORDER))
        )

    def known_to(self, other: "Step") -> bool:
        """Whether this fix had come when the other came; of one set, the earlier visit is known to the later."""
        return (self.arrived_at, self.captured_at) <= (other.arrived_at, other.captured_at)


@dataclass(frozen=True, slots=True)
class History:
    """What was known of a person around one visit when it came.

    `previous` and `following` are the nearest believed fixes by the time of the fix. `same_place_days` counts the
    other days with the very same coordinates, `same_accuracy` the fixes in a row that claim the very same accuracy
    over `same_accuracy_days` days (this one with them), `devices` the person's devices lately. `lender_id` is
    somebody who used this device before the person ever did, and used it again within a day of the visit.
    """

    previous: Step | None = None
    following: Step | None = None
    same_place_days: int = 0
    same_accuracy: int = 1
    same_accuracy_days: int = 1
    devices: int = 1
    lender_id: UUID | None = None


ALONE = History()


class Trail:
    """A person's fixes, stored and new.

    What came after a visit is not known to it, so that judging it again finds what was found at first.
    """

    def __init__(self, steps: Iterable[Step], timezone: str) -> None:
        self._steps = sorted(steps, key=_moment)
        self._zone = ZoneInfo(timezone)

    def add(self, step: Step) -> None:
        insort(self._steps, step, key=_moment)

    def around(self, step: Step, *, devices_d: int, lender_id: UUID | None = None) -> History:
        """`devices_d`: how many days back the person's devices are counted."""
        here = bisect_right(self._steps, step.fixed_at, key=_moment)
        last = [other for other in reversed(self._steps[max(0, here - LAST) : here]) if other.known_to(step)]
        ahead = [other for other in self._steps[here : here + NEXT] if other.known_to(step)]
        same_claim = list(takewhile(lambda other: other.accuracy_m == step.accuracy_m, last))
        same_place = [other for other in last if (other.raw_lon, other.raw_lat) == (step.raw_lon, step.raw_lat)]
        lately = step.fixed_at - devices_d * _DAY_S
        return History(
            previous=next((other for other in last if other.believed), None),
            following=next((other for other in ahead if other.believed), None),
            same_place_days=len(self._days(same_place) - self._days([step])) if same_place else 0,
            same_accuracy=1 + len(same_claim),
            same_accuracy_days=len(self._days([step, *same_claim])) if same_claim else 1,
            devices=len({step.device_id} | {other.device_id for other in last if other.fixed_at > lately}),
            lender_id=lender_id,
        )

    def _days(self, steps: Sequence[Step]) -> set[int]:
        return {datetime.fromtimestamp(step.captured_at, self._zone).toordinal() for step in steps}
