"""From fixes to stays in villages, proof against jitter (docs/tracks.md). Pure: the order of fixes is no matter.

A fix is inside a village as a check-in is (geo/verdict.py). It is *away* from it where it is clearly outside
beyond the tolerance, or surely in another village. All others say nothing, and neither begin nor end a stay.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from app.geo.fences import FenceIndex, Floats, Positions
from app.geo.verdict import Fixes, Limits, believed_radius, place_of, probability_inside

Flags = NDArray[np.bool_]


@dataclass(frozen=True, slots=True)
class StayRule:
    """When two fixes inside a village, with none inside it between them, are one stay. Times are seconds."""

    gap_s: float = 3600.0
    """Not when they are further apart than this: nothing shows where the phone was."""
    away_s: float = 180.0
    """Not when fixes between them were away for as long as this ..."""
    away_fixes: int = 2
    """... and were at least so many: one false fix is no exit, nor is a burst of them within seconds."""


@dataclass(frozen=True, slots=True)
class Stay:
    """在村: from the first to the last fix inside the village, seconds since 1970, so never longer than it was.

    `fixes` are those inside the village. `geofence_version` is the one that the first of them was judged by; where
    a span lies between two fixes, the one before.
    """

    village_id: str
    geofence_version: int
    from_at: float
    until_at: float
    fixes: int


@dataclass(frozen=True, slots=True, eq=False)
class _Sightings:
    """Fixes as seen from each village that contains some, ordered by village and time."""

    village: Positions
    fence: Positions
    at: Floats
    inside: Flags
    away: Flags


def stays(
    index: FenceIndex,
    fixes: Fixes,
    limits: Limits,
    rule: StayRule,
    span: tuple[float, float] = (-np.inf, np.inf),
) -> list[Stay]:
    """By village and time. A single fix is no stay. Where fences overlap, so do stays.

    Cut to `span`, [from, until): there they are the same whichever fixes more than `rule.gap_s` outside of it are
    given.
    """
    seen = _sightings(index, fixes, limits)
    inside = np.flatnonzero(seen.inside)
    if not inside.size:
        return []
    at, fence = seen.at[inside], seen.fence[inside]
    first = np.append(0, np.flatnonzero(_parted(seen, inside, rule)) + 1)
    ends = np.append(first[1:], len(inside))
    from_at, until_at = np.maximum(at[first], span[0]), np.minimum(at[ends - 1], span[1])
    # Of each stay: how many fixes lie before the span and within it, and the fence of the first within. Where none
    # is (a span shorter than a gap), that of the last before.
    earlier, within = _count(at < span[0], first, ends), _count((at >= span[0]) & (at < span[1]), first, ends)
    judging = fence[np.where(within > 0, first + earlier, np.maximum(first + earlier - 1, first))]
    return [
        Stay(
            village_id=index.fences[judging[stay]].village_id,
            geofence_version=index.fences[judging[stay]].version,
            from_at=float(from_at[stay]),
            until_at=float(until_at[stay]),
            fixes=int(within[stay]),
        )
        for stay in np.flatnonzero(until_at > from_at)
    ]


def _count(which: Flags, first: Positions, ends: Positions) -> Positions:
    """How many are true from each first one up to its end."""
    total: Positions = np.append(0, np.cumsum(which))
    return total[ends] - total[first]


def _sightings(index: FenceIndex, fixes: Fixes, limits: Limits) -> _Sightings:
    order = np.lexsort((fixes.accuracy_m, fixes.lat, fixes.lon, fixes.captured_at))
    lon, lat, at = fixes.lon[order], fixes.lat[order], fixes.captured_at[order]
    radius = believed_radius(fixes.accuracy_m[order], limits)
    fix, fence, village = _between_visits(index, lon, lat, at)
    distance = index.signed_distance(lon[fix], lat[fix], fence)
    probability = probability_inside(distance, radius[fix])
    place = place_of(distance, radius[fix], probability, limits)

    surely = np.zeros(len(at), bool)  # in some village
    surely[fix[probability >= limits.inside_probability]] = True
    away = (probability <= 1 - limits.inside_probability) & ((distance > limits.tolerance_m) | surely[fix])
    by_village = np.lexsort((fix, village))
    return _Sightings(
        village[by_village],
        fence[by_village],
        at[fix[by_village]],
        (place == "inside")[by_village],
        away[by_village],
    )


def _between_visits(
    index: FenceIndex, lon: Floats, lat: Floats, at: Floats
) -> tuple[Positions, Positions, Positions]:
    """For each village that contains fixes, the fixes from the first to the last of these: fix, fence, village."""
    contained, containing = index.containing(lon, lat, at)
    visited = sorted({index.fences[fence].village_id for fence in np.unique(containing)})
    number = {village: n for n, village in enumerate(visited)}

    def villages(fences: Positions) -> Positions:
        return np.array([number[index.fences[fence].village_id] for fence in fences.tolist()], np.intp)

    first, last = np.full(len(visited), len(at)), np.zeros(len(visited), np.intp)
    np.minimum.at(first, villages(containing), contained)
    np.maximum.at(last, villages(containing), contained)
    fix, fence = index.valid([visited] * len(at), at)
    village = villages(fence)
    between = (first[village] <= fix) & (fix <= last[village])
    return fix[between], fence[between], village[between]


def _parted(seen: _Sightings, inside: Positions, rule: StayRule) -> Flags:
    """For each two consecutive sightings inside: whether they belong to two stays."""
    before, after = inside[:-1], inside[1:]
    away = np.flatnonzero(seen.away)
    begun, ended = np.searchsorted(away, before), np.searchsorted(away, after)
    number = ended - begun
    gone = np.zeros(len(before))
    left = number > 0
    gone[left] = seen.at[away[ended[left] - 1]] - seen.at[away[begun[left]]]
    parted: Flags = (
        (seen.village[before] != seen.village[after])
        | (seen.at[after] - seen.at[before] > rule.gap_s)
        | ((number >= rule.away_fixes) & (gone >= rule.away_s))
    )
    return parted
