"""The village fences of one county, held in memory: which contain a fix, and how far it is from a border.

Longitude and latitude are WGS-84 degrees, edges are straight in them (RFC 7946, 3.1.1), times are seconds since
1970, distances are geodesic metres. What is judged together comes as arrays; a result about (fix, fence) pairs is
two arrays of positions, the first into the fixes and the second into `FenceIndex.fences`.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import chain
from threading import Lock
from typing import Any, Self

import numpy as np
import shapely
from numpy.typing import NDArray
from pyproj import Geod
from shapely import MultiPolygon, Polygon

Floats = NDArray[np.float64]
Positions = NDArray[np.intp]
Pairs = tuple[Positions, Positions]

_ELLIPSOID = Geod(ellps="WGS84")
_GEOS = Lock()  # GEOS makes its search structures when a shape is first asked about, and not safely
_METRES_PER_DEGREE = 111_195.0  # of a meridian; only compared with itself


@dataclass(frozen=True, slots=True)
class Fence:
    """村界围栏: one version of a village's polygon, for fixes captured in [valid_from, valid_until).

    Times carry their zone; `valid_until` None means still valid. The polygon may have parts and holes; its border
    belongs to it, so a shared border belongs to both neighbours.
    """

    village_id: str
    version: int
    valid_from: datetime
    valid_until: datetime | None
    geometry: Polygon | MultiPolygon


@dataclass(frozen=True, slots=True, eq=False)
class FenceIndex:
    """Every fence of a county, in order of village id and age. `version` is the county's fence version.

    Never changes; several threads may ask it.
    """

    version: int
    fences: tuple[Fence, ...]
    _numbers: dict[str, int]  # of the villages, in order of id
    _first: Positions  # of each village's fences; one more at the end
    _from: Floats
    _until: Floats
    _areas: NDArray[Any]
    _borders: NDArray[Any]  # on a plane of each fence's own, true to scale in its middle
    _middle: Floats  # (fences, 2): longitude and latitude
    _scale: Floats  # (fences, 2): metres per degree of longitude and latitude
    _centroid: Floats  # (fences, 2)
    _place: dict[tuple[str, int], int]  # of each village's version
    _tree: shapely.STRtree

    @classmethod
    def build(cls, fences: Sequence[Fence], version: int) -> Self:
        """Raises ValueError for a fence without an area."""
        ordered = tuple(sorted(fences, key=lambda fence: (fence.village_id, fence.valid_from)))
        areas = np.array([fence.geometry for fence in ordered], dtype=object)
        for empty in np.flatnonzero(~(shapely.area(areas) > 0)):
            raise ValueError(f"the fence of village {ordered[empty].village_id} has no area")
        west, south, east, north = shapely.bounds(areas).reshape(-1, 4).T
        middle = np.column_stack([(west + east) / 2, (south + north) / 2])
        scale = _METRES_PER_DEGREE * np.column_stack([np.cos(np.radians(middle[:, 1])), np.ones(len(ordered))])
        borders = _on_planes(shapely.boundary(areas), middle, scale)
        shapely.prepare(areas)
        shapely.prepare(borders)
        villages, first = np.unique([fence.village_id for fence in ordered], return_index=True)
        return cls(
            version=version,
            fences=ordered,
            _numbers={str(village): number for number, village in enumerate(villages)},
            _first=np.append(first, len(ordered)).astype(np.intp),
            _from=np.array([fence.valid_from.timestamp() for fence in ordered]),
            _until=np.array([fence.valid_until.timestamp() if fence.valid_until else np.inf for fence in ordered]),
            _areas=areas,
            _borders=borders,
            _middle=middle,
            _scale=scale,
            _centroid=shapely.get_coordinates(shapely.centroid(areas)),
            _place={(fence.village_id, fence.version): number for number, fence in enumerate(ordered)},
            _tree=shapely.STRtree(areas),
        )

    def containing(self, lon: Floats, lat: Floats, at: Floats) -> Pairs:
        """Every fence that was valid at a fix's time and contains it, ordered by fix and village id.

        A fix on a shared border is in both villages. One that is on the line but for rounding is in at least one.
        """
        with _GEOS:
            fix, fence = self._tree.query(shapely.points(lon, lat))
            hit = self._valid(fence, at[fix])
            hit[hit] = shapely.intersects_xy(self._areas[fence[hit]], lon[fix[hit]], lat[fix[hit]])
        fix, fence = fix[hit], fence[hit]
        order = np.lexsort((fence, fix))
        return fix[order], fence[order]

    def valid(self, villages: Sequence[Sequence[str]], at: Floats) -> Pairs:
        """The fences of the villages named for each fix that were valid at its time, ordered by fix.

        A village without a fence at that time is left out.
        """
        fix = np.repeat(np.arange(len(villages)), [len(named) for named in villages])
        numbers = (self._numbers.get(village, -1) for village in chain.from_iterable(villages))
        village = np.fromiter(numbers, np.intp, len(fix))
        fix, village = fix[village >= 0], village[village >= 0]
        versions = self._first[village + 1] - self._first[village]
        fix = np.repeat(fix, versions)
        # The n-th copy of a village means its n-th version.
        nth = np.arange(len(fix)) - np.repeat(np.cumsum(versions) - versions, versions)
        fence = np.repeat(self._first[village], versions) + nth
        hit = self._valid(fence, at[fix])
        return fix[hit], fence[hit]

    def signed_distance(self, lon: Floats, lat: Floats, fence: Positions) -> Floats:
        """Metres from each fix to the border (holes too) of the fence beside it, negative inside.

        The nearest point is sought on the fence's plane, which far away bends the choice but not the distance.
        """
        here = np.column_stack([lon, lat])
        flat = shapely.points((here - self._middle[fence]) * self._scale[fence])
        with _GEOS:
            inside = shapely.intersects_xy(self._areas[fence], lon, lat)
            shortest = shapely.shortest_line(self._borders[fence], flat)
        nearest = shapely.get_coordinates(shortest)[::2] / self._scale[fence] + self._middle[fence]
        metres = geodesic_m(lon, lat, nearest[:, 0], nearest[:, 1])
        return np.where(inside, -metres, metres)

    def from_centre(self, lon: float, lat: float, village_id: str, version: int) -> float:
        """Metres to the nearer of a fence's centroid and the middle of its bounds."""
        number = self._place[village_id, version]
        centres = np.array([self._centroid[number], self._middle[number]])
        return float(np.hypot(*((centres - (lon, lat)) * self._scale[number]).T).min())

    def _valid(self, fence: Positions, at: Floats) -> NDArray[np.bool_]:
        valid: NDArray[np.bool_] = (self._from[fence] <= at) & (at < self._until[fence])
        return valid


def geodesic_m(lon: Floats, lat: Floats, to_lon: Floats, to_lat: Floats) -> Floats:
    """Metres on the WGS-84 ellipsoid between points that lie side by side in the arrays."""
    _, _, metres = _ELLIPSOID.inv(lon, lat, to_lon, to_lat)
    return np.asarray(metres, np.float64)


def _on_planes(shapes: NDArray[Any], middle: Floats, scale: Floats) -> NDArray[Any]:
    coordinates, shape = shapely.get_coordinates(shapes, return_index=True)
    flat: NDArray[Any] = shapely.set_coordinates(shapes.copy(), (coordinates - middle[shape]) * scale[shape])
    return flat
