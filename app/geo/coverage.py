"""Where areas that should meet do not: ground that two of them claim, and ground between them that none does.

Villages of a county lie side by side. Borders drawn twice never quite fall together; what is too small to
matter is not told.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import shapely
from numpy.typing import NDArray
from shapely.geometry.base import BaseGeometry

LEAST_KM2 = 0.01
"""Overlaps and enclosed gaps of less are not told."""

GAP_M = 100.0
"""What is wider is no gap in the drawing but land between two villages, as far as anybody can tell."""

_LEAST_WIDTH_M = 1.0
_LEAST_LENGTH_M = 200.0  # less is a corner, as beside an overlap
_STEP_M = 50.0
_MOST_STEPS = 100_000
_M_PER_DEGREE = 111_195.0


@dataclass(frozen=True, slots=True, eq=False)
class Overlap:
    """Two areas, by their place in the sequence, and what both of them claim."""

    one: int
    other: int
    place: BaseGeometry
    km2: float


@dataclass(frozen=True, slots=True, eq=False)
class Gap:
    """Ground that no area claims, and the areas beside it. Enclosed it is a polygon, else the line along it."""

    beside: tuple[int, ...]
    place: BaseGeometry
    km2: float = 0.0
    width_m: float = 0.0  # at its widest
    length_m: float = 0.0


def overlaps(areas: Sequence[BaseGeometry]) -> list[Overlap]:
    """Of all pairs, one inside another included; areas in degrees."""
    if len(areas) < 2:  # noqa: PLR2004 - a pair
        return []
    drawn = np.array(areas, dtype=object)
    one, other = shapely.STRtree(drawn).query(drawn, predicate="intersects")
    one, other = one[one < other], other[one < other]
    shared = shapely.intersection(drawn[one], drawn[other])
    km2 = shapely.area(_flat(shared, _squeeze(drawn))) / 1e6
    return [
        Overlap(int(first), int(second), place, float(size))
        for first, second, place, size in zip(one, other, shared, km2, strict=True)
        if size >= LEAST_KM2
    ]


def gaps(areas: Sequence[BaseGeometry]) -> list[Gap]:
    """What lies enclosed between areas, and narrow gaps along their borders; areas in degrees."""
    if len(areas) < 2:  # noqa: PLR2004 - a pair
        return []
    drawn = np.array(areas, dtype=object)
    squeeze = _squeeze(drawn)
    flat = _flat(drawn, squeeze)
    found = [*_enclosed(flat), *_narrow(flat)]
    holes = [gap.place for gap in found if gap.km2]
    return [
        replace(gap, place=_round(gap.place, squeeze))
        for gap in found
        if gap.km2 or not any(hole.distance(gap.place) < _LEAST_WIDTH_M for hole in holes)
    ]


def _squeeze(areas: NDArray[np.object_]) -> float:
    """How much shorter a degree is to the east than to the north."""
    _, south, _, north = shapely.total_bounds(areas)
    return float(np.cos(np.radians((south + north) / 2)))


def _flat(shapes: Any, squeeze: float) -> Any:
    """Degrees as metres, right to a percent across a county."""
    return shapely.transform(shapes, lambda at: at * (squeeze * _M_PER_DEGREE, _M_PER_DEGREE))


def _round(place: BaseGeometry, squeeze: float) -> BaseGeometry:
    """Back to degrees."""
    return shapely.transform(place, lambda at: at / (squeeze * _M_PER_DEGREE, _M_PER_DEGREE))


def _enclosed(flat: NDArray[np.object_]) -> list[Gap]:
    whole = shapely.union_all(flat)
    rings = [ring for part in shapely.get_parts([whole]) for ring in getattr(part, "interiors", ())]
    holes = [hole for hole in shapely.polygons(rings) if hole.area >= LEAST_KM2 * 1e6] if rings else []
    if not holes:
        return []
    at, beside = shapely.STRtree(flat).query(holes, predicate="dwithin", distance=_LEAST_WIDTH_M)
    return [
        Gap(tuple(int(each) for each in beside[at == number]), hole, hole.area / 1e6)
        for number, hole in enumerate(holes)
    ]


def _narrow(flat: NDArray[np.object_]) -> list[Gap]:
    """Steps along all edges that meet no other edge: those beside another area, and not upon one."""
    edges = shapely.coverage_invalid_edges(flat, gap_width=GAP_M)
    step = max(_STEP_M, float(shapely.length(edges).sum()) / _MOST_STEPS)
    steps, whose = _steps(shapely.segmentize(edges, step))
    if not len(steps):
        return []
    middles = shapely.line_interpolate_point(steps, 0.5, normalized=True)
    beside, widths = _nearest(steps, whose, middles)
    gap = (beside >= 0) & (widths >= _LEAST_WIDTH_M) & ~_upon(flat, whose, middles)
    found = []
    for one, other in sorted({(min(pair), max(pair)) for pair in zip(whose[gap], beside[gap], strict=True)}):
        between = gap & (((whose == one) & (beside == other)) | ((whose == other) & (beside == one)))
        length = float(shapely.length(steps[between]).sum()) / 2  # both sides were walked along
        if length >= _LEAST_LENGTH_M:
            line = shapely.line_merge(shapely.multilinestrings(steps[between]))
            pair = int(one), int(other)
            found.append(Gap(pair, line, width_m=float(widths[between].max()), length_m=length))
    return found


def _steps(edges: NDArray[np.object_]) -> tuple[NDArray[np.object_], NDArray[np.intp]]:
    """The segments of lines, and of which area each is."""
    parts, of_part = shapely.get_parts(edges, return_index=True)
    at, of_point = shapely.get_coordinates(parts, return_index=True)
    same = of_point[1:] == of_point[:-1]
    pairs = np.stack([at[:-1], at[1:]], axis=1)[same]
    return shapely.linestrings(pairs), of_part[of_point[:-1][same]]


def _nearest(
    steps: NDArray[np.object_], whose: NDArray[np.intp], middles: NDArray[np.object_]
) -> tuple[NDArray[np.intp], NDArray[np.float64]]:
    """For each step the area whose edge is nearest across from it, -1 for none, and how far off that is."""
    beside, widths = np.full(len(steps), -1), np.full(len(steps), np.inf)
    at, near = shapely.STRtree(steps).query(middles, predicate="dwithin", distance=GAP_M)
    at, near = at[whose[at] != whose[near]], near[whose[at] != whose[near]]
    away = shapely.distance(middles[at], steps[near])
    order = np.lexsort((-away, at))  # the nearest last: it stays
    beside[at[order]], widths[at[order]] = whose[near[order]], away[order]
    return beside, widths


def _upon(flat: NDArray[np.object_], whose: NDArray[np.intp], middles: NDArray[np.object_]) -> NDArray[np.bool_]:
    """Whether a step lies upon another area: that is an overlap."""
    shapely.prepare(flat)
    at, area = shapely.STRtree(flat).query(middles)
    at, area = at[whose[at] != area], area[whose[at] != area]
    inside = shapely.intersects_xy(flat[area], shapely.get_x(middles[at]), shapely.get_y(middles[at]))
    upon = np.zeros(len(middles), bool)
    upon[at[inside]] = True
    return upon
