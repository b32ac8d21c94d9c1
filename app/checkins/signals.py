"""Integrity signals: each a small pure rule that looks at what is known of one visit and may find a reason.

A rule's name is its reason's code. What each means, and why its severity is what it is: docs/integrity.md.
"""

from datetime import timedelta
from functools import lru_cache
from itertools import groupby, takewhile

from app.checkins.handed_over import fix_came_late, in_touch_since, not_handed_over
from app.checkins.history import Step, digits_of, is_same
from app.checkins.judging_facts import JudgingFacts, Signal
from app.checkins.made_up import (
    alike_fixes,
    constant_sensors,
    constant_speed,
    copied_fix,
    fewer_decimals,
    household_point,
    replayed_way,
    same_minute,
    typed_centre,
)
from app.checkins.rules import PhotoFact, Reason
from app.checkins.settings import VisitSettings
from app.checkins.words import Severity
from app.geo.motion import kmh, metres_between

__all__ = ["JudgingFacts", "found", "severity_of"]


# About the fix itself


def no_fix(known: JudgingFacts) -> Reason | None:
    if known.visit.fix or known.visit.record:
        return None
    return Reason("no_fix", {"problem": known.visit.position_problem})


def mock_location(known: JudgingFacts) -> Reason | None:
    fix, record = known.visit.fix, known.visit.record
    return Reason("mock_location") if (fix and fix.mock) or (record and record.mock) else None


def stale_fix(known: JudgingFacts) -> Reason | None:
    """The place was measured at another time than the visit (cht-core accepts 5 minutes; so do we)."""
    if known.visit.fix is None:
        return None
    age = abs(known.visit.captured_at - known.visit.fix.fixed_at)
    if age <= timedelta(seconds=known.county.stale_fix_s):
        return None
    return Reason("stale_fix", {"age_s": int(age.total_seconds())})


def poor_accuracy(known: JudgingFacts) -> Reason | None:
    unclear = known.judged.place == "unsure" and known.judged.lon is not None
    return Reason("poor_accuracy") if unclear else None


def perfect_accuracy(known: JudgingFacts) -> Reason | None:
    claim = _claim(known)
    if claim is None or claim >= known.county.perfect_accuracy_m:
        return None
    return Reason("perfect_accuracy", {"accuracy_m": claim})


# About what another platform recorded


def no_coordinates(known: JudgingFacts) -> Reason | None:
    """The platform wrote down the name of a place: whoever looks at it says whether that is the village."""
    record = known.visit.record
    if record is None or known.visit.fix:
        return None
    return Reason("no_coordinates", {"source": record.source, "place": record.said.get("place") or "—"})


def from_platform(known: JudgingFacts) -> Reason | None:
    """It is never taken for a phone's own fix; what the platform found odd is told, or where it puts it."""
    record = known.visit.record
    if record is None:
        return None
    odd = [str(said) for name in ("result", "oddities", "device") if (said := record.said.get(name))]
    told = "，".join(odd) or record.said.get("place") or "—"
    return Reason("from_platform", {"source": record.source, "said": told})


# About where it was


def no_fence(known: JudgingFacts) -> Reason | None:
    """There was nothing to judge by: villages were assigned, none with a boundary at that time."""
    judged = known.judged
    return Reason("no_fence") if judged.lon is not None and judged.assigned and not judged.village_id else None


def crs_mismatch(known: JudgingFacts) -> Reason | None:
    """Astray as labelled, right in another coordinate system: an error of the app's, not a cheat."""
    if known.judged.fits_crs is None or known.visit.fix is None:
        return None
    return Reason("crs_mismatch", {"crs": known.visit.fix.crs, "fits": known.judged.fits_crs})


def far_from_household(known: JudgingFacts) -> Reason | None:
    """The house is further away than its radius and what the fix may be wrong by."""
    judged = known.judged
    if judged.household_distance_m is None or judged.household_radius_m is None:
        return None
    if judged.household_distance_m <= judged.household_radius_m + (_claim(known) or 0):
        return None
    return Reason("far_from_household", {"distance_m": round(judged.household_distance_m)})


def not_your_household(known: JudgingFacts) -> Reason | None:
    """Somebody else's, or no longer one's own. It is kept: each rule says whose households it wants."""
    return None if known.judged.household_theirs else Reason("not_your_household")


# About when


def clock_skew(known: JudgingFacts) -> Reason | None:
    """The phone's clock cannot be right: the visit lies in the future, or impossibly far back."""
    ahead = known.visit.captured_at - known.received_at
    far_back = -ahead > timedelta(days=known.county.oldest_visit_d)
    if ahead <= timedelta(seconds=known.clock_skew_s) and not far_back:
        return None
    return Reason("clock_skew", {"ahead_s": int(ahead.total_seconds())})


def late_upload(known: JudgingFacts) -> Reason | None:
    late = known.received_at - known.visit.captured_at
    if late <= timedelta(hours=known.county.late_upload_h) or late > timedelta(days=known.county.oldest_visit_d):
        return None
    return Reason("late_upload", {"late_h": int(late.total_seconds() // 3600)})


def after_service(known: JudgingFacts) -> Reason | None:
    """Captured when the person had left: they owe nothing by then, and a person decides what it is."""
    return None if known.judged.in_service else Reason("after_service")


# Against the person's other check-ins


def impossible_speed(known: JudgingFacts) -> Reason | None:
    """From the last believed fix, or to the next one, nobody travels so fast."""
    ways = (_way(known, other) for other in (known.history.previous, known.history.following) if other)
    return next((way for way in ways if way), None)


_SURELY = 2.0
"""A true place is further off than so many times the 68 % radius once in a hundred fixes."""
_NO_JOURNEY_M = 300_000.0
"""A fix outside that lies further off tells of a broken fix, not of where the person was."""
_UNKNOWN_M = 100.0
"""The radius of a fix that claims none, as in `geo/verdict.py`."""


_SHORT_S = 15 * 60


def _way(known: JudgingFacts, other: Step) -> Reason | None:
    fix, judged, county = known.visit.fix, known.judged, known.county
    if fix is None or judged.lon is None or judged.lat is None:
        return None
    metres = metres_between(judged.lon, judged.lat, other.lon, other.lat)
    if other.standing == "outside" and metres > _NO_JOURNEY_M:
        return None
    surely = metres - _SURELY * ((fix.accuracy_m or _UNKNOWN_M) + (other.accuracy_m or _UNKNOWN_M))
    seconds = abs(fix.fixed_at.timestamp() - other.fixed_at)
    limit = min(county.short_way_kmh, county.max_speed_kmh) if seconds <= _SHORT_S else county.max_speed_kmh
    if surely <= county.jump_m or kmh(surely, seconds) <= limit:
        return None
    return Reason(
        "impossible_speed",
        {
            "check_in_id": str(other.check_in_id),
            "distance_m": round(metres),
            "seconds": round(seconds),
            "kmh": round(kmh(metres, seconds)),
        },
    )


def repeated_fix(known: JudgingFacts) -> Reason | None:
    """Satellites never place a phone twice alike; on one day it may lie still and repeat what it knew.

    One that was rounded is the same. Places that a network knows (Wi-Fi, cells) do repeat, and coarse coordinates
    too: neither is compared.
    """
    fix, history = known.visit.fix, known.history
    if fix is None or not known.measured_by_satellites:
        return None
    # Of fixes of six decimals every tenth longitude ends in a zero: only both together say that there are five.
    coarse = digits_of(fix.lon, fix.lat) <= _COARSE
    days = history.rounded_days + (0 if coarse else history.same_place_days)
    if days < max(known.county.repeated_fix_days, 1):
        return None
    same = [step.check_in_id for step in history.before if history.here and is_same(history.here, step)]
    return Reason("repeated_fix", {"days": days}, tuple(same[:-1]))  # the oldest may have been measured


_COARSE = 5
_ON_DAYS = 3


def constant_accuracy(known: JudgingFacts) -> Reason | None:
    history = known.history
    if _claim(known) is None or history.same_accuracy < known.county.constant_accuracy_fixes:
        return None
    if history.same_accuracy_days < _ON_DAYS:
        return None
    return Reason("constant_accuracy", {"accuracy_m": _claim(known), "fixes": history.same_accuracy})


def shared_device(known: JudgingFacts) -> Reason | None:
    """The phone is somebody else's, who used it first and used it again within a day."""
    lender = known.history.lender_id
    return Reason("shared_device", {"person_id": str(lender)}) if lender else None


def unknown_phone(known: JudgingFacts) -> Reason | None:
    """No phone is named, so that nothing can be said of whose it is, nor of what it held when."""
    return Reason("unknown_phone") if known.device_id is None else None


def key_of_office(known: JudgingFacts) -> Reason | None:
    """Sent with a key that somebody else has made, and so may hold as well."""
    issuer = known.history.issuer_id
    return Reason("key_of_office", {"person_id": str(issuer)}) if issuer else None


def several_devices(known: JudgingFacts) -> Reason | None:
    devices = known.history.devices
    if devices < known.county.several_devices:
        return None
    return Reason("several_devices", {"devices": devices})


def devices_in_turn(known: JudgingFacts) -> Reason | None:
    """Several phones, and back to one that was left before: who changes phones does not go back.

    Chance: of those with two phones one in some hundred borrows a third within the month.
    """
    here, days = known.history.here, known.county.several_devices_d
    if here is None or known.history.devices < known.county.several_devices:
        return None
    since = here.fixed_at - timedelta(days=days).total_seconds()
    steps = [here, *takewhile(lambda step: step.fixed_at > since, known.history.before)]
    phones = [phone for phone, _ in groupby(step.device_id for step in steps if step.device_id)]
    if len(phones) - len(set(phones)) < _RETURNS:
        return None
    return Reason("devices_in_turn", {"devices": len(set(phones))})


_RETURNS = 1


# Against its photos


def photo_reused(known: JudgingFacts) -> Reason | None:
    reused = next((photo for photo in known.photos if photo.reused_in), None)
    if reused is None:
        return None
    return Reason("photo_reused", {"photo_id": str(reused.id), "check_in_id": str(reused.reused_in)})


def photo_alike(known: JudgingFacts) -> Reason | None:
    """The picture of another check-in, encoded anew, made smaller, mirrored or cropped.

    Not where the camera has written that it was taken on this visit: one photographs the same board each week.
    """
    for photo in known.photos:
        if photo.alike_in is None or photo.reused_in is not None:
            continue
        apart = None if photo.taken_at is None else abs(photo.taken_at - known.visit.captured_at)
        if apart is None or apart > timedelta(hours=known.county.photo_apart_h):
            return Reason("photo_alike", {"photo_id": str(photo.id), "check_in_id": str(photo.alike_in)})
    return None


def photo_elsewhere(known: JudgingFacts) -> Reason | None:
    for photo in known.photos:
        metres = _from_fix(known, photo)
        if metres is not None and metres > known.county.photo_apart_m:
            return Reason("photo_elsewhere", {"photo_id": str(photo.id), "distance_m": round(metres)})
    return None


def _from_fix(known: JudgingFacts, photo: PhotoFact) -> float | None:
    """Metres that the photo was surely taken away from the fix."""
    judged = known.judged
    if photo.lon is None or photo.lat is None or judged.lon is None or judged.lat is None:
        return None
    radius = _SURELY * (_claim(known) or _UNKNOWN_M)
    return metres_between(judged.lon, judged.lat, photo.lon, photo.lat) - radius


def photo_time(known: JudgingFacts) -> Reason | None:
    for photo in known.photos:
        if photo.taken_at is None:
            continue
        apart = abs(photo.taken_at - known.visit.captured_at)
        if apart > timedelta(hours=known.county.photo_apart_h):
            return Reason("photo_time", {"photo_id": str(photo.id), "hours": int(apart.total_seconds() // 3600)})
    return None


def _claim(known: JudgingFacts) -> float | None:
    return known.visit.fix.accuracy_m if known.visit.fix else None


SEVERITY: dict[Signal, Severity] = {
    no_fix: Severity.HOLD,
    no_coordinates: Severity.HOLD,
    mock_location: Severity.HOLD,
    stale_fix: Severity.HOLD,
    poor_accuracy: Severity.HOLD,
    no_fence: Severity.HOLD,
    clock_skew: Severity.HOLD,
    after_service: Severity.HOLD,
    impossible_speed: Severity.HOLD,
    repeated_fix: Severity.HOLD,
    copied_fix: Severity.HOLD,
    alike_fixes: Severity.HOLD,
    replayed_way: Severity.HOLD,
    constant_speed: Severity.HOLD,
    constant_sensors: Severity.HOLD,
    typed_centre: Severity.HOLD,
    same_minute: Severity.HOLD,
    not_handed_over: Severity.HOLD,
    shared_device: Severity.HOLD,
    unknown_phone: Severity.HOLD,
    devices_in_turn: Severity.HOLD,
    photo_reused: Severity.HOLD,
    photo_alike: Severity.HOLD,
    crs_mismatch: Severity.NOTE,  # of a visit outside it makes one that awaits a person, see standing.py
    far_from_household: Severity.NOTE,
    not_your_household: Severity.NOTE,
    late_upload: Severity.NOTE,
    perfect_accuracy: Severity.NOTE,
    constant_accuracy: Severity.NOTE,
    several_devices: Severity.NOTE,
    in_touch_since: Severity.NOTE,
    fix_came_late: Severity.NOTE,
    key_of_office: Severity.NOTE,
    household_point: Severity.NOTE,
    fewer_decimals: Severity.NOTE,
    photo_elsewhere: Severity.NOTE,
    photo_time: Severity.NOTE,
    from_platform: Severity.NOTE,
}
"""Every signal, in the order in which its reasons are told, with its severity where the county sets none."""

OF_PHONES: frozenset[Signal] = frozenset(
    {
        *(not_handed_over, in_touch_since, same_minute),
        *(shared_device, unknown_phone, key_of_office, several_devices, devices_in_turn),
    }
)
"""What a phone had, and when it handed it over: an import comes from an office, all of it at once."""

ALWAYS_HOLD = frozenset({"no_fix", "no_coordinates", "poor_accuracy"})
"""Without a place there is nothing to count; no county can set these otherwise."""


_USUAL = {signal.__name__: severity for signal, severity in SEVERITY.items()}


def severity_of(code: str, county: VisitSettings) -> Severity | None:
    """What a reason of this code weighs in this county; None for one that no signal gives."""
    usual = _USUAL.get(code)
    return usual if usual is None or code in ALWAYS_HOLD else Severity.of(county.signals.get(code, usual))


def found(known: JudgingFacts) -> tuple[list[Reason], list[Reason]]:
    """The reasons that hold the visit, and those that are only told."""
    reasons: dict[Severity, list[Reason]] = {Severity.HOLD: [], Severity.NOTE: []}
    for signal, severity in _looked_for(tuple(known.county.signals.items())):
        if known.visit.record and signal in OF_PHONES:
            continue
        if reason := signal(known):
            reasons[severity].append(reason)
    return reasons[Severity.HOLD], reasons[Severity.NOTE]


@lru_cache(maxsize=1000)
def _looked_for(set_by_county: tuple[tuple[str, Severity], ...]) -> tuple[tuple[Signal, Severity], ...]:
    """The signals that are not off, with what they weigh."""
    county = VisitSettings(signals=dict(set_by_county))
    weighed = ((signal, severity_of(signal.__name__, county) or Severity.OFF) for signal in SEVERITY)
    return tuple((signal, severity) for signal, severity in weighed if severity is not Severity.OFF)
