"""Integrity signals: each a small pure rule that looks at one visit and may find a reason."""

from collections.abc import Callable
from datetime import datetime, timedelta

from app.checkins.rules import Judged, Reason, Visit
from app.directory.rules import CountySettings

Signal = Callable[[Visit, Judged, datetime, CountySettings], Reason | None]


def no_fix(visit: Visit, _judged: Judged, _now: datetime, _county: CountySettings) -> Reason | None:
    return None if visit.fix else Reason("no_fix", {"problem": visit.position_problem})


def mock_location(visit: Visit, _judged: Judged, _now: datetime, _county: CountySettings) -> Reason | None:
    return Reason("mock_location") if visit.fix and visit.fix.mock else None


def clock_skew(visit: Visit, _judged: Judged, now: datetime, county: CountySettings) -> Reason | None:
    """The phone's clock cannot be right: the visit lies in the future, or impossibly far back."""
    ahead = visit.captured_at - now
    if ahead > timedelta(seconds=county.clock_skew_s):
        return Reason("clock_skew", {"ahead_s": int(ahead.total_seconds())})
    if -ahead > timedelta(days=county.oldest_visit_d):
        return Reason("clock_skew", {"ahead_s": int(ahead.total_seconds())})
    return None


def stale_fix(visit: Visit, _judged: Judged, _now: datetime, county: CountySettings) -> Reason | None:
    """The place was measured at another time than the visit (cht-core accepts 5 minutes; so do we)."""
    if visit.fix is None:
        return None
    age = abs(visit.captured_at - visit.fix.fixed_at)
    if age <= timedelta(seconds=county.stale_fix_s):
        return None
    return Reason("stale_fix", {"age_s": int(age.total_seconds())})


def poor_accuracy(_visit: Visit, judged: Judged, _now: datetime, _county: CountySettings) -> Reason | None:
    unclear = judged.place == "unsure" and judged.lon is not None
    return Reason("poor_accuracy") if unclear else None


HOLDING: tuple[Signal, ...] = (no_fix, mock_location, clock_skew, stale_fix, poor_accuracy)
"""Signals that put a visit before a person."""


def late_upload(visit: Visit, _judged: Judged, now: datetime, county: CountySettings) -> Reason | None:
    late = now - visit.captured_at
    if late <= timedelta(hours=county.late_upload_h) or late > timedelta(days=county.oldest_visit_d):
        return None
    return Reason("late_upload", {"late_h": int(late.total_seconds() // 3600)})


def far_from_household(visit: Visit, judged: Judged, _now: datetime, _county: CountySettings) -> Reason | None:
    """The house is further away than its radius and what the fix may be wrong by."""
    if judged.household_distance_m is None or judged.household_radius_m is None or visit.fix is None:
        return None
    if judged.household_distance_m <= judged.household_radius_m + (visit.fix.accuracy_m or 0):
        return None
    return Reason("far_from_household", {"distance_m": round(judged.household_distance_m)})


NOTED: tuple[Signal, ...] = (late_upload, far_from_household)
"""Signals that are told beside a visit and change nothing."""
