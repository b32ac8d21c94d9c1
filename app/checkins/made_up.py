"""Fixes and times that nobody measured: typed in, copied, replayed. Rules as those in `signals.py`.

Each looks for what honest phones hardly ever do by chance; the figures in the comments are what chance does.
"""

from collections.abc import Sequence
from itertools import pairwise, takewhile
from math import hypot, sqrt
from uuid import UUID

from app.checkins.history import Step, Twin, digits_of
from app.checkins.judging_facts import JudgingFacts
from app.checkins.rules import Fix, Reason
from app.geo.motion import east_north, metres_between

_LATE_S = 3 * 3600
_SAME_DAYS = 4


def same_minute(known: JudgingFacts) -> Reason | None:
    """What came together, late, is one visit a day on four days or more, each in the very same minute.

    Whoever is reminded at eight goes at two past and at five past; what is sent at once needs no believing.
    Chance: reminded people within five minutes of each other, four days running, once in a hundred such queues.
    """
    sitting = known.history.sitting
    if not sitting or (known.received_at - known.visit.captured_at).total_seconds() <= _LATE_S:
        return None
    if sitting.minute is None or sitting.days < max(_SAME_DAYS, len(sitting.ids)):
        return None
    others = tuple(check_in_id for check_in_id in sitting.ids if check_in_id != known.visit.id)
    return Reason("same_minute", {"days": sitting.days, "at": sitting.minute}, others)


_FINE = 5
"""Decimals: a metre. Coarser places coincide by chance."""
_TYPED_M = {4: 8.0}
"""How far a point may be from the one that was typed, by its decimals: a typed one may have been rounded."""
_EXACTLY_M = 2.0


def typed_centre(known: JudgingFacts) -> Reason | None:
    """The middle of the fence, to the metre: a person looks at the map, not at the ground.

    Chance: a village has some square kilometres, so once in a million visits.
    """
    fix, metres = known.visit.fix, known.judged.centre_m
    if fix is None or metres is None:
        return None
    digits = digits_of(fix.lon, fix.lat)
    if digits not in _TYPED_M and digits < _FINE:
        return None
    return Reason("typed_centre") if metres <= _TYPED_M.get(digits, _EXACTLY_M) else None


_AT_POINT_M = 0.5


def household_point(known: JudgingFacts) -> Reason | None:
    """The very point at which the household is on record. Chance: who stands at the door, once in some hundred."""
    fix, metres = known.visit.fix, known.judged.household_distance_m
    if fix is None or metres is None or metres > _AT_POINT_M or not known.measured_by_satellites:
        return None
    return Reason("household_point") if digits_of(fix.lon, fix.lat) >= _FINE else None


_USUAL_FIXES = 5
_FEWER = 2


def fewer_decimals(known: JudgingFacts) -> Reason | None:
    """The coordinates end two decimals sooner than any of this phone's: its map SDK writes always as many.

    Chance: both end in two zeros, once in ten thousand.
    """
    fix = known.visit.fix
    here = known.history.here
    if fix is None or here is None:
        return None
    before = [step for step in known.history.before if step.device_id == here.device_id]
    if len(before) < _USUAL_FIXES:
        return None
    usual = min(digits_of(step.raw_lon, step.raw_lat) for step in before[:_USUAL_FIXES])
    digits = digits_of(fix.lon, fix.lat)
    return Reason("fewer_decimals", {"decimals": digits, "usual": usual}) if digits <= usual - _FEWER else None


# Copied


_STAYS_STILL_S = 3600


def copied_fix(known: JudgingFacts) -> Reason | None:
    """The very coordinates of somebody else's check-in, from another phone, or from this one at another hour.

    Chance: at a village office, where there are thousands of fixes, once in some thousand.
    """
    fix, history = known.visit.fix, known.history
    if fix is None or not known.measured_by_satellites:
        return None
    for twin in history.twins:
        if not _same(fix, twin):
            continue
        apart_s = abs(twin.captured_at - known.visit.captured_at.timestamp())
        if history.here is None or twin.device_id != history.here.device_id or apart_s > _STAYS_STILL_S:
            return Reason("copied_fix", {"check_in_id": str(twin.check_in_id)})
    return None


def _same(fix: Fix, twin: Twin) -> bool:
    """Alike, or one of them rounded to what the other has: of a decimetre, for others' fixes are many."""
    digits = min(digits_of(fix.lon, fix.lat), digits_of(twin.raw_lon, twin.raw_lat))
    return digits > _FINE and (round(fix.lon, digits), round(fix.lat, digits)) == (
        round(twin.raw_lon, digits),
        round(twin.raw_lat, digits),
    )


_PLACE_M = 60.0
_ALIKE = {3: (0.1, 1.0), 4: (0.2, 2.0)}
"""By how many fixes: the share of their claim, and the metres, that they do not spread by."""
_USUAL_M = 10.0


def alike_fixes(known: JudgingFacts) -> Reason | None:
    """On three or four visits to a place, each on another day, the fixes lie closer than their claim allows.

    A claim is a radius of 68 %, so that of four honest fixes the spread is under a fifth of it once in a thousand,
    and of three under a tenth.
    """
    fix, judged, history = known.visit.fix, known.judged, known.history
    if fix is None or judged.lon is None or judged.lat is None or not known.measured_by_satellites:
        return None
    days, here, others = {history.day(known.visit.captured_at.timestamp())}, [(0.0, 0.0)], list[UUID]()
    for step in history.before:
        east, north = east_north(judged.lon, judged.lat, step.lon, step.lat)
        if hypot(east, north) > _PLACE_M or (step.accuracy_m or 0) >= known.county.repeated_fix_accuracy_m:
            continue
        day = history.day(step.captured_at)
        if day in days:
            continue
        days.add(day)
        here.append((east, north))
        others.append(step.check_in_id)
        share, metres = _ALIKE.get(len(here), (0.0, 0.0))
        spread = _spread(here)
        if len(set(here)) > 1 and spread <= min(metres, share * (fix.accuracy_m or _USUAL_M)):
            # The oldest may be the one that was measured, and the model of the others.
            return Reason("alike_fixes", {"fixes": len(here), "spread_m": round(spread, 1)}, tuple(others[:-1]))
        if len(here) == max(_ALIKE):
            break
    return None


def _spread(points: Sequence[tuple[float, float]]) -> float:
    """Root of the mean square distance from the middle."""
    x, y = (sum(axis) / len(points) for axis in zip(*points, strict=True))
    return sqrt(sum((east - x) ** 2 + (north - y) ** 2 for east, north in points) / len(points))


# Replayed


_SHIFT_S, _SHIFT_M, _LEG_M = 2.0, 5.0, 30.0
_LEGS = 2


def replayed_way(known: JudgingFacts) -> Reason | None:
    """Three fixes as three earlier ones: the same seconds and the same metres between them, to each direction.

    Chance: gaps of minutes to hours are equal to two seconds twice running once in a million.
    """
    trail = _trail(known)
    legs = [_leg(*pair) for pair in pairwise(trail[: _LEGS + 1])]
    # Whoever goes on and on as before repeats nothing.
    if len(legs) < _LEGS or _alike(*legs) or max(hypot(east, north) for east, north, _ in legs) < _LEG_M:
        return None
    for start in range(_LEGS + 1, len(trail) - _LEGS):
        earlier = [_leg(*pair) for pair in pairwise(trail[start : start + _LEGS + 1])]
        if all(map(_alike, legs, earlier)):
            return Reason(
                "replayed_way", {"check_in_id": str(trail[start].check_in_id)}, _ids(trail[1 : _LEGS + 1])
            )
    return None


def _alike(one: tuple[float, float, float], other: tuple[float, float, float]) -> bool:
    """Two ways of metres east and north, and seconds."""
    return hypot(one[0] - other[0], one[1] - other[1]) <= _SHIFT_M and abs(one[2] - other[2]) <= _SHIFT_S


_SLOWEST_MPS, _FASTEST_MPS = 0.8, 20.0
_STEADY_LEGS, _STEADY = 3, 1.07
_STEADY_FIXES = 3
_LEG_S = 2 * 3600


def constant_speed(known: JudgingFacts) -> Reason | None:
    """Always on the way and always as fast, as a recorded way is played back.

    By what the phone says of its speed, three times alike and no standing still, or by the way between four fixes.
    Who visits stands still; the legs of a drive with stops are hardly ever alike.
    """
    fix, trail = known.visit.fix, _trail(known)
    if fix is None or not trail:
        return None
    said = fix.speed_mps or 0.0
    alike = [*takewhile(lambda step: step.speed_mps == said, trail)]
    if said >= _SLOWEST_MPS and len(alike) >= _STEADY_FIXES:
        return Reason("constant_speed", {"fixes": len(alike), "kmh": round(said * 3.6, 1)}, _ids(alike[1:]))
    if len(trail) <= _STEADY_LEGS:
        return None
    speeds = [_speed(*pair) for pair in pairwise(trail[: _STEADY_LEGS + 1])]
    if min(speeds) < _SLOWEST_MPS or max(speeds) > _FASTEST_MPS or max(speeds) > _STEADY * min(speeds):
        return None
    others = _ids(trail[1 : _STEADY_LEGS + 1])
    return Reason("constant_speed", {"fixes": len(speeds) + 1, "kmh": round(speeds[0] * 3.6, 1)}, others)


def _speed(later: Step, earlier: Step) -> float:
    """Metres per second on a leg that is long enough to tell, else 0."""
    seconds = later.fixed_at - earlier.fixed_at
    metres = metres_between(later.lon, later.lat, earlier.lon, earlier.lat)
    return metres / seconds if metres >= _LEG_M and 0 < seconds <= _LEG_S else 0.0


def _trail(known: JudgingFacts) -> tuple[Step, ...]:
    """The fix and those before it, the newest first."""
    here = known.history.here
    return (here, *known.history.before) if here else ()


def _ids(steps: Sequence[Step]) -> tuple[UUID, ...]:
    return tuple(step.check_in_id for step in steps)


def _leg(later: Step, earlier: Step) -> tuple[float, float, float]:
    """Metres east and north, and seconds."""
    return (*east_north(earlier.lon, earlier.lat, later.lon, later.lat), later.fixed_at - earlier.fixed_at)


_SENSOR_FIXES, _SENSOR_DAYS = 8, 4


def constant_sensors(known: JudgingFacts) -> Reason | None:
    """One and the same accuracy and altitude in other places for days: what an app was told to say.

    A network's fix has neither, or 0; iPhones claim in steps, but their altitude is measured.
    """
    fix, trail = known.visit.fix, _trail(known)
    if fix is None or not fix.altitude_m or fix.accuracy_m is None or not known.measured_by_satellites:
        return None
    alike = [
        *takewhile(lambda step: (step.altitude_m, step.accuracy_m) == (fix.altitude_m, fix.accuracy_m), trail)
    ]
    if len({(step.raw_lon, step.raw_lat) for step in alike}) < _SENSOR_FIXES:
        return None
    if len({known.history.day(step.captured_at) for step in alike}) < _SENSOR_DAYS:
        return None
    return Reason("constant_sensors", {"fixes": len(alike), "altitude_m": fix.altitude_m}, _ids(alike[1:]))
