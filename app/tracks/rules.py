"""What a track is: which fixes are kept, for how long, and on which days they bear."""

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, time, timedelta
from typing import Literal
from uuid import UUID
from zoneinfo import ZoneInfo

from app.geo.stays import StayRule
from app.tracks.settings import TrackSettings

Refusal = Literal["too_old", "in_future", "bad_position"]

STAYS = StayRule()
GAP = timedelta(seconds=STAYS.gap_s)
"""A fix bears on the stays of a day as long before it begins, or after it ends."""
REST = timedelta(minutes=10)
"""So long the stays of a day are left as they are, since computing them takes in all of its fixes."""
_AHEAD = timedelta(days=7)  # a month's partition is made so long before it begins, if nobody needs it earlier


@dataclass(frozen=True, slots=True)
class NewFix:
    """轨迹点: one fix of a person's track. WGS-84 degrees, metres, m/s, degrees from north, battery 0 to 1.

    `key` is the fix's identity, at most 32 bytes: the same fix again, in whatever JSON, has the same key and time.
    """

    person_id: UUID
    session_id: UUID
    fixed_at: datetime
    lon: float
    lat: float
    accuracy_m: float | None
    altitude_m: float | None
    speed_mps: float | None
    heading_deg: float | None
    battery: float | None
    key: bytes


@dataclass(frozen=True, slots=True)
class RefusedFix:
    """A fix that will never be kept."""

    fix: NewFix
    reason: Refusal


@dataclass(frozen=True, slots=True)
class Added:
    """How many fixes were new, and which were refused; where tracks are off, 0 and none."""

    stored: int = 0
    refused: tuple[RefusedFix, ...] = ()


@dataclass(frozen=True, slots=True)
class DayStay:
    """在村停留: a stay in a village, cut to one day; it begins or ends at midnight where it goes on there.

    It counts as received when the first of the fixes made meanwhile was: a later upload, which may lengthen it,
    never makes late what was in time.
    """

    person_id: UUID
    day: date
    village_id: str
    geofence_version: int
    from_at: datetime
    until_at: datetime
    fixes: int
    received_at: datetime


@dataclass(frozen=True, slots=True)
class Dwell:
    """在村时长: a person's hours in a village on one day."""

    person_id: UUID
    day: date
    village_id: str
    hours: float


@dataclass(frozen=True, slots=True)
class Purged:
    """How much of a county's tracks was deleted: days of people, and the fixes on them."""

    days: int = 0
    fixes: int = 0

    def __add__(self, other: "Purged") -> "Purged":
        return Purged(self.days + other.days, self.fixes + other.fixes)


@dataclass(frozen=True, slots=True)
class TrackCounty:
    """A county that keeps tracks, or did, as the clock needs it."""

    id: str
    timezone: str
    settings: TrackSettings
    clock_skew_s: int

    def first_open(self, now: datetime) -> date:
        """The oldest day of which fixes are still taken: with it, as many days as the retention time has.

        None are where tracks are off.
        """
        today = now.astimezone(ZoneInfo(self.timezone)).date()
        return today + timedelta(days=1 - self.settings.track_retention_d if self.settings.tracks else 2)

    def first_kept(self, now: datetime) -> date:
        """The oldest day whose fixes are not deleted: one before, which the stays of the next still lean on."""
        return self.first_open(now) - timedelta(days=1)

    def recently(self, now: datetime) -> datetime:
        """Stays computed after this are left alone; where tracks are off nothing waits, for the fixes will go."""
        return now - REST if self.settings.tracks else now

    def bounds(self, day: date) -> tuple[datetime, datetime]:
        """When a day begins and ends."""
        first, last = (
            datetime.combine(each, time(), ZoneInfo(self.timezone)) for each in (day, day + timedelta(days=1))
        )
        return first.astimezone(UTC), last.astimezone(UTC)


def admit(
    fixes: Sequence[NewFix], county: TrackCounty, now: datetime
) -> tuple[list[NewFix], tuple[RefusedFix, ...]]:
    """The fixes to keep, and those refused."""
    oldest = county.bounds(county.first_open(now))[0]
    latest = now + timedelta(seconds=county.clock_skew_s)
    kept, refused = [], []
    for fix in fixes:
        reason = _refusal(fix, oldest, latest)
        if reason:
            refused.append(RefusedFix(fix, reason))
        else:
            kept.append(_finite(fix))
    return kept, tuple(refused)


def _refusal(fix: NewFix, oldest: datetime, latest: datetime) -> Refusal | None:
    if not (abs(fix.lon) <= 180 and abs(fix.lat) <= 90):  # noqa: PLR2004 - false for NaN too
        return "bad_position"
    if fix.fixed_at < oldest:
        return "too_old"
    return "in_future" if fix.fixed_at > latest else None


def _finite(fix: NewFix) -> NewFix:
    """What is no number is unknown."""
    return replace(
        fix,
        accuracy_m=_known(fix.accuracy_m),
        altitude_m=_known(fix.altitude_m),
        speed_mps=_known(fix.speed_mps),
        heading_deg=_known(fix.heading_deg),
        battery=_known(fix.battery),
    )


def _known(value: float | None) -> float | None:
    return value if value is not None and math.isfinite(value) else None


def months(moments: Iterable[datetime]) -> list[date]:
    """The first days of the months (UTC) that hold these moments."""
    return sorted({moment.astimezone(UTC).date().replace(day=1) for moment in moments})


def months_ahead(now: datetime) -> list[date]:
    """The months whose partitions are to be there already."""
    return months([now, now + _AHEAD])


def droppable_before(counties: Iterable[TrackCounty], now: datetime) -> datetime:
    """A month that ends before this can hold nothing that any county keeps."""
    return min((county.bounds(county.first_kept(now))[0] for county in counties), default=now)
