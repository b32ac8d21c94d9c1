"""What a person's other check-ins say about one: the trail of their fixes, and what stands out against it."""

from bisect import bisect_right, insort
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from itertools import takewhile
from operator import attrgetter
from typing import NamedTuple
from uuid import UUID
from zoneinfo import ZoneInfo

from app.geo.coordinates import decimals, in_china

LAST = 20
"""So many fixes back a visit is compared with: a month of a resident, a quarter of a helper."""
NEXT = 5
"""And so many ahead, where it comes late."""
TWINS_DEGREES = 2e-5
"""Fixes so near to each other may be one and the same: two metres."""

_DAY_S = 24 * 60 * 60
_SITTING_S = 30 * 60
_SURE_OF_LAG = 2  # fixes
_AT_THE_BORDER = 0.1  # degrees
_COARSE = 5  # decimals: coordinates of a metre coincide by chance
_ROUNDING = 10.0**-_COARSE  # degrees, twice what rounding to so many moves a point

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
    altitude_m: float | None
    speed_mps: float | None
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


class Twin(NamedTuple):
    """A check-in, whoever's, whose fix is within some metres of the visit's, both claimed to be of satellites."""

    check_in_id: UUID
    person_id: UUID
    captured_at: float
    arrived_at: float
    raw_lon: float
    raw_lat: float
    device_id: str | None


class Contact(NamedTuple):
    """When the phone was in touch between a visit and its arrival, seconds since 1970; None where it was not.

    `empty_at`: the last time when it said that it held nothing from then. `first_at`, `last_at`: it was in touch
    and did not say what it held. `still_held`: it said that it held something from then.
    """

    empty_at: float | None = None
    first_at: float | None = None
    last_at: float | None = None
    still_held: bool = False


@dataclass(frozen=True, slots=True)
class Around:
    """What was found around one visit beside the trail: lender, maker of the key, contacts, fixes alike."""

    lender_id: UUID | None = None
    issuer_id: UUID | None = None
    contact: Contact | None = None
    own_twins: tuple[Twin, ...] = ()
    others_twins: tuple[Twin, ...] = ()


NOTHING = Around()


class UploadGroup(NamedTuple):
    """What a person sent within one half hour: on how many local days it was made, and whose ids it has.

    `minute` is the time of day, HH:MM, of a sitting all of which was made in one and the same; else None.
    """

    days: int
    minute: str | None
    ids: tuple[UUID, ...]


@dataclass(frozen=True, slots=True)
class History:
    """What was known of a person around one visit when it came.

    `here` is the visit's own fix, `before` those before it, the newest first, and `later` those after it.
    `previous` and `following` are the nearest believed ones. `same_place_days` counts the other days with the very
    same coordinates, `rounded_days` those where one is the other rounded, `same_accuracy` the fixes in a row that
    claim the very same accuracy over `same_accuracy_days` days (this one with them), `devices` the person's
    devices lately. `sitting` is what the person sent with it, itself among them; None where it came alone.
    `lag_s`: the quickest of the phone's fixes came so long after it was made.
    `lender_id` is somebody who used this device before the person ever did, and used it again within a day of the
    visit. `issuer_id` is who made the key with which it came, if it was somebody else. `twins` are others' fixes.
    """

    previous: Step | None = None
    following: Step | None = None
    same_place_days: int = 0
    rounded_days: int = 0
    same_accuracy: int = 1
    same_accuracy_days: int = 1
    devices: int = 1
    lender_id: UUID | None = None
    issuer_id: UUID | None = None
    here: Step | None = None
    before: tuple[Step, ...] = ()
    later: tuple[Step, ...] = ()
    sitting: UploadGroup | None = None
    lag_s: float = 0.0
    contact: Contact | None = None
    twins: tuple[Twin, ...] = ()
    timezone: str = "Asia/Shanghai"

    def day(self, at: float) -> date:
        return _local(at, ZoneInfo(self.timezone)).date()


ALONE = History()


def _local(at: float, zone: ZoneInfo) -> datetime:
    return datetime.fromtimestamp(at, zone)


class Trail:
    """A person's fixes, stored and new: `steps` are stored, `coming` are judged one after the other.

    What came after a visit is not known to it, so that judging it again finds what was found at first.
    """

    def __init__(self, steps: Iterable[Step], timezone: str, coming: Sequence[Step] = ()) -> None:
        self._steps = sorted(steps, key=_moment)
        self._all = {step.check_in_id: step for step in (*self._steps, *coming)}
        self._sittings: dict[float, UploadGroup | None] = {}
        self._timezone = timezone
        self._zone = ZoneInfo(timezone)

    def add(self, step: Step) -> None:
        insort(self._steps, step, key=_moment)

    def around(self, step: Step, *, devices_d: int, found: Around = NOTHING) -> History:
        """`devices_d`: how many days back the person's devices are counted."""
        here = bisect_right(self._steps, step.fixed_at, key=_moment)
        last = [other for other in reversed(self._steps[max(0, here - LAST) : here]) if other.known_to(step)]
        ahead = [other for other in self._steps[here : here + NEXT] if other.known_to(step)]
        same_claim = list(takewhile(lambda other: other.accuracy_m == step.accuracy_m, last))
        own: list[Step | Twin] = [*last, *_come(found.own_twins, step)]
        same_place = [other for other in own if (other.raw_lon, other.raw_lat) == (step.raw_lon, step.raw_lat)]
        rounded = [other for other in own if is_rounded(step, other)]
        lately = step.fixed_at - devices_d * _DAY_S
        return History(
            previous=next((other for other in last if other.believed), None),
            following=next((other for other in ahead if other.believed), None),
            same_place_days=len(self._days(same_place) - self._days([step])) if same_place else 0,
            rounded_days=len(self._days(rounded) - self._days([step])) if rounded else 0,
            same_accuracy=1 + len(same_claim),
            same_accuracy_days=len(self._days([step, *same_claim])) if same_claim else 1,
            devices=len(_devices([step, *(other for other in last if other.fixed_at > lately)])) or 1,
            lender_id=found.lender_id,
            issuer_id=found.issuer_id,
            here=step,
            before=tuple(last),
            later=tuple(other for other in ahead if other.device_id == step.device_id),
            sitting=self._sitting(step.arrived_at),
            lag_s=_lag(step, last),
            contact=found.contact,
            twins=tuple(_come(found.others_twins, step)),
            timezone=self._timezone,
        )

    def _sitting(self, arrived_at: float) -> UploadGroup | None:
        if arrived_at not in self._sittings:
            together = [
                step
                for step in self._all.values()
                if step.device_id is not None and 0 <= arrived_at - step.arrived_at <= _SITTING_S
            ]
            self._sittings[arrived_at] = self._sat(together) if len(together) > 1 else None
        return self._sittings[arrived_at]

    def _sat(self, together: Sequence[Step]) -> UploadGroup:
        made = [_local(step.captured_at, self._zone) for step in together]
        minutes = {f"{at:%H:%M}" for at in made}
        return UploadGroup(
            len({at.date() for at in made}),
            minutes.pop() if len(minutes) == 1 else None,
            tuple(step.check_in_id for step in together),
        )

    def _days(self, steps: Sequence[Step | Twin]) -> set[date]:
        return {_local(step.captured_at, self._zone).date() for step in steps}


def _devices(steps: Iterable[Step]) -> set[str]:
    """What another platform recorded is of no phone that we know."""
    return {step.device_id for step in steps if step.device_id is not None}


def _come(twins: Sequence[Twin], step: Step) -> list[Twin]:
    return [twin for twin in twins if twin.arrived_at <= step.arrived_at]


def _lag(step: Step, last: Sequence[Step]) -> float:
    lags = [other.arrived_at - other.captured_at for other in last if other.device_id == step.device_id]
    return max(0.0, min(lags)) if len(lags) >= _SURE_OF_LAG else 0.0


def is_rounded(one: Step | Twin, other: Step | Twin) -> bool:
    """Whether one fix is the other, rounded to what it has of decimals, five or more."""
    if max(abs(one.raw_lon - other.raw_lon), abs(one.raw_lat - other.raw_lat)) > _ROUNDING:
        return False
    digits, others = digits_of(one.raw_lon, one.raw_lat), digits_of(other.raw_lon, other.raw_lat)
    fewer = min(digits, others)
    return fewer >= _COARSE and digits != others and _rounded(one, fewer) == _rounded(other, fewer)


def is_same(one: Step | Twin, other: Step | Twin) -> bool:
    """Whether two fixes are one: alike to the last decimal, or one of them rounded."""
    return (one.raw_lon, one.raw_lat) == (other.raw_lon, other.raw_lat) or is_rounded(one, other)


def _rounded(one: Step | Twin, digits: int) -> tuple[float, float]:
    return round(one.raw_lon, digits), round(one.raw_lat, digits)


def digits_of(lon: float, lat: float) -> int:
    """Decimals of the coordinate that has more of them."""
    return max(decimals(lon), decimals(lat))
