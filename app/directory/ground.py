"""Where a county lies, and whether a boundary or a house can lie there: corner by corner, and as a whole.

A boundary with a corner at 0, 0 reaches from the village to the Gulf of Guinea, and whoever is between them is
"inside". So every corner must lie in or near the county, and the whole must be of a size and in a place that a
village can have. Known are the county's outline, or else its other fences; of a county that has neither, that it
is in China.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import shapely
from numpy.typing import NDArray
from shapely import MultiPolygon, Point, Polygon
from shapely.geometry.base import BaseGeometry

from app.geo.coordinates import CHINA_GATE, Floats
from app.geo.polygons import Drawn, Unfit
from app.kernel.language import Text

MOST_RADIUS_M = 5_000.0  # of a household: a hamlet lies within
_KM_PER_DEGREE = 111.195
_ROUND_OUTLINE_KM = 5.0  # outlines are drawn more coarsely than fences
_ROUND_FENCES_KM = 100.0  # where the county's other fences alone say where it is
_MOST_OUTSIDE = 0.5  # of a fence's area, of the county's outline
_NEAR_KM = 15.0  # to the next fence of its township; or once across the township, if that is more
_LEAST_KM2 = 0.001  # a third of a football pitch: less than fixes scatter over
_MOST_KM2 = 2_000.0  # where nothing but a fence itself says how large villages are here
_MOST_OF_COUNTY = 0.75
_TIMES_MEAN = 20.0  # a village of so many times the mean size is none
_SPIKE_TIMES = 3.0  # a corner so many times farther off than all others lie apart
_SPIKE_KM = 0.5  # sides that long
_SPIKE_DEGREES = 1.0  # that turn back on themselves

_FAR_OFF = Text(
    "{where}不在本县范围内；请检查经纬度次序和坐标系",
    "{where} is not in this county; check the order of coordinates and their system",
)
_OUTSIDE = Text(
    "大部分在本县范围之外；请检查坐标系", "Most of it lies outside this county; check the coordinate system"
)
_SPIKE = Text(
    "边界在{where}突出成尖角，远离其余各点；请检查该点坐标",
    "The boundary juts out to {where}, far from all its other corners; check that corner",
)
_TOO_LARGE = Text(
    "面积 {area:.0f} 平方公里，大于一个村所能有的 {most:.0f} 平方公里",
    "{area:.0f} km² are more than the {most:.0f} km² that a village can have",
)
_TOO_SMALL = Text("面积过小，不足 {least:.0f} 平方米", "Less than {least:.0f} m² is too small")
_APART = Text(
    "{where}所在的部分与本乡镇其他村相距 {away:.0f} 公里；请检查是否为这个村的村界",
    "The part with {where} is {away:.0f} km from the township's other villages; is it this village's boundary?",
)
_PART_APART = Text(
    "{where}所在的部分与其余部分相距 {away:.0f} 公里", "The part with {where} is {away:.0f} km from the rest"
)
_NOT_HERE = Text("位置不在本县范围内", "The position is not in this county")
_RADIUS = Text("半径应大于 0，至多 {most:.0f} 米", "The radius must be above 0 and at most {most:.0f} m")


@dataclass(frozen=True, slots=True, eq=False)
class Ground:
    """What is known of where a county lies, in WGS-84: its outline, or the extent of its other fences.

    `villages` is how many it has; 0 where nobody knows.
    """

    outline: BaseGeometry | None = None
    fenced: BaseGeometry | None = None
    villages: int = 0
    _reach: BaseGeometry = field(init=False)

    def __post_init__(self) -> None:
        if self.outline and not self.outline.is_valid:
            object.__setattr__(self, "outline", shapely.make_valid(self.outline))
        known, round_km = (self.outline, _ROUND_OUTLINE_KM) if self.outline else (self.fenced, _ROUND_FENCES_KM)
        gate = shapely.box(*CHINA_GATE)
        reach = gate if known is None else _grown(known, round_km).intersection(gate)
        shapely.prepare(reach)
        object.__setattr__(self, "_reach", reach)

    def refuse_unfit(self, drawn: Drawn, neighbours: BaseGeometry | None = None) -> None:
        """Raises `Unfit` where no fence of a village here can be so. `neighbours`: its township's other fences."""
        self.refuse_elsewhere(drawn)
        drawn.refuse_invalid()
        flat = _Plane(drawn.area)
        _refuse_spikes(drawn, flat)
        self._refuse_size(flat)
        if self.outline and drawn.area.difference(self.outline).area > _MOST_OUTSIDE * drawn.area.area:
            raise Unfit("elsewhere", _OUTSIDE)
        _refuse_apart(drawn, flat, neighbours)

    def refuse_elsewhere(self, drawn: Drawn) -> None:
        """Raises `Unfit` for a corner that does not lie in or near the county."""
        far = np.flatnonzero(~shapely.intersects_xy(self._reach, shapely.get_coordinates(drawn.area)))
        if far.size:
            raise Unfit("elsewhere", _FAR_OFF, where=drawn.named(int(far[0])))

    def refuse_house(self, position: Point) -> None:
        """Raises `Unfit` where no house of the county can be."""
        if position.is_empty or not shapely.intersects_xy(self._reach, position.x, position.y):
            raise Unfit("elsewhere", _NOT_HERE)

    def _refuse_size(self, flat: "_Plane") -> None:
        area, most = flat.area.area, _MOST_KM2
        if self.outline:
            share = _TIMES_MEAN / self.villages if self.villages else _MOST_OF_COUNTY
            most = flat.of(self.outline).area * min(share, _MOST_OF_COUNTY)
        if area > most:
            raise Unfit("too_large", _TOO_LARGE, area=area, most=most)
        if area < _LEAST_KM2:
            raise Unfit("too_small", _TOO_SMALL, least=_LEAST_KM2 * 1e6)


def refuse_radius(radius_m: float) -> None:
    """Raises `Unfit` for a household's radius that takes in nothing, or half the township."""
    if not 0 < radius_m <= MOST_RADIUS_M:
        raise Unfit("bad_radius", _RADIUS, most=MOST_RADIUS_M)


class _Plane:
    """A boundary on a plane of kilometres, true to scale in its middle, and other shapes beside it."""

    def __init__(self, area: Polygon | MultiPolygon) -> None:
        west, south, east, north = area.bounds
        self._middle = np.array([(west + east) / 2, (south + north) / 2])
        self._scale = _KM_PER_DEGREE * np.array([np.cos(np.radians(self._middle[1])), 1.0])
        self.area = self.of(area)

    def of(self, shape: object) -> Any:
        return shapely.transform(shape, lambda at: (at - self._middle) * self._scale)


def _grown(shape: BaseGeometry, km: float) -> BaseGeometry:
    """By so many kilometres to every side, roughly."""
    _, south, _, north = shape.bounds
    wider = 1 / np.cos(np.radians((south + north) / 2))
    narrow = shapely.transform(shape, lambda at: at / [wider, 1.0])
    grown: BaseGeometry = shapely.transform(narrow.buffer(km / _KM_PER_DEGREE), lambda at: at * [wider, 1.0])
    return grown


def _refuse_spikes(drawn: Drawn, flat: _Plane) -> None:
    """A corner far off from all others, or sides that turn back on themselves."""
    start = 0
    for ring in _rings(flat.area):
        at = shapely.get_coordinates(ring)
        here, kept = _distinct(at[:-1])
        if len(here) >= 3:  # noqa: PLR2004 - corners of a triangle
            spike = _spike(here)
            if spike is not None:
                raise Unfit("spike", _SPIKE, where=drawn.named(start + int(kept[spike])))
        start += len(at)


def _distinct(ring: Floats) -> tuple[Floats, NDArray[np.intp]]:
    """The corners of a ring that is not said to be closed, each once in a row, and their positions in it."""
    kept = np.flatnonzero(np.any(ring != np.roll(ring, 1, axis=0), axis=1))
    return ring[kept], kept


def _spike(ring: Floats) -> int | None:
    before, after = np.roll(ring, 1, axis=0) - ring, np.roll(ring, -1, axis=0) - ring
    to_before, to_after = np.hypot(*before.T), np.hypot(*after.T)
    shorter = np.minimum(to_before, to_after)
    turn = np.abs(
        np.degrees(np.arctan2(before[:, 0] * after[:, 1] - before[:, 1] * after[:, 0], (before * after).sum(1)))
    )
    back = np.flatnonzero((shorter > _SPIKE_KM) & (turn < _SPIKE_DEGREES))
    if back.size:
        return int(back[np.argmax(shorter[back])])
    farthest = int(np.argmax(shorter))
    others = np.delete(ring, farthest, axis=0)
    across = float(np.hypot(*np.ptp(others, axis=0)))
    return farthest if shorter[farthest] > max(_SPIKE_TIMES * across, _SPIKE_KM) else None


def _refuse_apart(drawn: Drawn, flat: _Plane, neighbours: BaseGeometry | None) -> None:
    """Each part must be near the township's other fences or the largest part, which must be near the others."""
    parts = [flat.area] if isinstance(flat.area, Polygon) else list(flat.area.geoms)
    largest = max(range(len(parts)), key=lambda number: parts[number].area)
    others = flat.of(neighbours) if neighbours is not None and not neighbours.is_empty else None
    reach = _NEAR_KM
    if others is not None:
        west, south, east, north = others.bounds
        reach = max(reach, float(np.hypot(east - west, north - south)))
    first = np.cumsum([0, *(shapely.get_num_coordinates(part) for part in parts)])
    for number, part in enumerate(parts):
        known = [each for each in (others, parts[largest] if number != largest else None) if each is not None]
        away = min((float(part.distance(each)) for each in known), default=0.0)
        if away > reach:
            text = _APART if number == largest else _PART_APART
            raise Unfit("apart", text, where=drawn.named(int(first[number])), away=away)


def _rings(area: Any) -> list[object]:
    parts = [area] if isinstance(area, Polygon) else list(area.geoms)
    return [ring for part in parts for ring in (part.exterior, *part.interiors)]


def township_fences(fences: Sequence[tuple[str, str, object]]) -> Mapping[str, object]:
    """Of (village, township, area): for each village the fences of its township's others, as one shape."""
    of_township: dict[str, list[tuple[str, object]]] = {}
    for village, township, area in fences:
        of_township.setdefault(township, []).append((village, area))
    return {
        village: shapely.geometrycollections([area for other, area in of_township[township] if other != village])
        for village, township, _ in fences
    }
