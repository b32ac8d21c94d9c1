"""The check-in as the phone states it and as it is judged; pure decisions."""

from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from uuid import UUID
from zoneinfo import ZoneInfo

_DAY = 24 * 60


@dataclass(frozen=True, slots=True)
class Fix:
    """Where the phone believes it is. `accuracy_m` is the 68 % radius in metres, None where unknown."""

    lon: float
    lat: float
    crs: str
    accuracy_m: float | None
    altitude_m: float | None
    speed_mps: float | None
    mock: bool | None
    fixed_at: datetime


@dataclass(frozen=True, slots=True)
class PlatformRecord:
    """What another platform recorded of a visit. `key` stands for the row's own facts: the same row, the same key.

    `said` is what the platform says, in its own words: `place`, `result`, `oddities` (异常打卡原因), `device`,
    `phone_mark`, `customer`; where it came from: `file`, `sheet`, `row`; `mock` where it reports a simulated
    position.
    """

    source: str
    key: UUID
    said: dict[str, object]

    @property
    def mock(self) -> bool:
        return self.said.get("mock") is True


@dataclass(frozen=True, slots=True)
class Visit:
    """One check-in as the phone states it. `content_hash` tells a repeat from a reused id.

    `session_id` is only known on arrival.
    """

    id: UUID
    person_id: UUID
    session_id: UUID | None
    captured_at: datetime
    fix: Fix | None
    position_problem: str | None
    purpose: str
    household_id: UUID | None
    note: str
    photo_ids: tuple[UUID, ...]
    form: dict[str, object] | None
    app_version: str | None
    content_hash: bytes
    record: PlatformRecord | None = None  # where it was imported


@dataclass(frozen=True, slots=True)
class Evidence:
    """A visit with what the server itself saw of it: from which device, and when; the fix may have come later."""

    visit: Visit
    device_id: str | None
    received_at: datetime
    position_added_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class Reason:
    """Why a standing is what it is; the words for each code are in `reasons.py`."""

    code: str
    values: dict[str, object] = field(default_factory=dict)
    others: tuple[UUID, ...] = ()
    """Earlier check-ins that are as doubtful as this one: the pattern is made of them, and shows only now."""

    def as_dict(self) -> dict[str, object]:
        return {"code": self.code, **self.values}


@dataclass(frozen=True, slots=True)
class PhotoFact:
    """What is known of a photo that a check-in names; only its id until it is `uploaded`.

    `reused_in` is another check-in with the same photo, `alike_in` one with the same picture in other bytes.
    `taken_at`, `lon` and `lat` (WGS-84) are what the photo says itself.
    """

    id: UUID
    uploaded: bool
    reused_in: UUID | None = None
    alike_in: UUID | None = None
    taken_at: datetime | None = None
    lon: float | None = None
    lat: float | None = None


@dataclass(frozen=True, slots=True)
class Judged:
    """Where a visit was, in WGS-84, against which version of which fence. Distances in metres.

    `assigned` says whether any village was assigned that day, with a fence or without; `in_service` whether the
    person had not left by then; `household_theirs` whether the household named, if any, was the person's to visit.
    `fits_crs` is the coordinate system in which a fix that is outside, or away from the household named, would be
    where it ought.
    `centre_m` is how far the fix is from the middle of the fence, whichever middle a map shows.
    """

    lon: float | None
    lat: float | None
    village_id: str | None
    geofence_version: int | None
    found_in_village_id: str | None
    place: str
    distance_m: float | None
    confidence: float | None
    household_distance_m: float | None
    household_radius_m: float | None
    assigned: bool = True
    household_theirs: bool = True
    in_service: bool = True
    fits_crs: str | None = None
    centre_m: float | None = None


_ROLLOVER = timedelta(weeks=1024)  # GPS counts weeks in ten bits
_OLDEST_FIX = timedelta(weeks=1)


def unrolled(fixed_at: datetime, captured_at: datetime) -> datetime:
    """When a fix was measured, mended where the phone's receiver has lost count of the weeks.

    Such a fix lies n x 1024 weeks behind the visit; one that is merely old does not, to the week.
    """
    times = round((captured_at - fixed_at) / _ROLLOVER)
    mended = fixed_at + times * _ROLLOVER
    return mended if times > 0 and abs(captured_at - mended) <= _OLDEST_FIX else fixed_at


NOWHERE = Judged(None, None, None, None, None, "unsure", None, None, None, None)


def night_of(captured_at: datetime, *, timezone: str, start: int, until: int) -> date | None:
    """The date whose evening `captured_at` belongs to, None by day.

    The window is [start, until) in minutes after that midnight; past 1440 it is the next morning.
    """
    local = captured_at.astimezone(ZoneInfo(timezone))
    minute = local.hour * 60 + local.minute
    if start <= minute < until:
        return local.date()
    if start <= minute + _DAY < until:
        return local.date() - timedelta(days=1)
    return None
