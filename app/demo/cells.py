"""Invented village boundaries that tile a county's real outline exactly: no gap, no overlap.

The outline is cut into many small facets (a Voronoi mesh of scattered points). Townships grow on the mesh from
seeds until each has its share of the area, then the villages in each township likewise, so that every township
and every village is in one piece. The lines between villages are then rounded; each is kept once and shared by
the cells on both sides, which is what makes the tiling exact.
"""

import heapq
import math
import random
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise

import numpy as np
import shapely
from numpy.typing import NDArray
from shapely import LineString, Point, Polygon

_FACETS_PER_VILLAGE = 64
_TOWNSHIP_ROUNDS = 6
_VILLAGE_ROUNDS = 5
_UNEVEN = 0.2  # spread of village areas: two in three within a fifth of the mean
_KM_PER_DEGREE = 111.2

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]


def tile(outline: Polygon, villages: Sequence[int], seat: Point, seed: int) -> list[list[Polygon]]:
    """Cells for `villages[i]` villages of the i-th township, township by township; degrees in, degrees out.

    The first township holds `seat`. The same arguments give the same cells.
    """
    plane = _Plane.at(outline.centroid)
    rng = random.Random(seed)
    mesh = _Mesh.of(plane.to_km(outline), _FACETS_PER_VILLAGE * sum(villages), rng)
    everywhere = np.arange(len(mesh.area))
    township = mesh.divide(everywhere, villages, _TOWNSHIP_ROUNDS, rng, first=plane.to_km(seat))
    village = np.zeros(len(everywhere), np.int64)
    start = 0
    for number, count in enumerate(villages):
        members = everywhere[township == number]
        shares = [rng.lognormvariate(0, _UNEVEN) for _ in range(count)]
        village[members] = start + mesh.divide(members, shares, _VILLAGE_ROUNDS, rng)
        start += count
    cells = iter([plane.to_degrees(cell) for cell in mesh.cells(village)])
    return [[next(cells) for _ in range(count)] for count in villages]


@dataclass(frozen=True, slots=True)
class _Plane:
    """Kilometres east and north of a point; good to 1 % across a county, which is all that shapes need."""

    lon: float
    lat: float

    @classmethod
    def at(cls, origin: Point) -> "_Plane":
        return cls(origin.x, origin.y)

    def _scale(self) -> Floats:
        return np.array([math.cos(math.radians(self.lat)), 1.0]) * _KM_PER_DEGREE

    def to_km(self, shape: shapely.Geometry) -> shapely.Geometry:
        return shapely.transform(shape, lambda xy: (xy - [self.lon, self.lat]) * self._scale())

    def to_degrees(self, shape: shapely.Geometry) -> shapely.Geometry:
        return shapely.transform(shape, lambda xy: xy / self._scale() + [self.lon, self.lat])


class _Mesh:
    """Facets that tile a polygon, the segments between them, and who is whose neighbour."""

    def __init__(self, facets: NDArray[np.object_]) -> None:
        self.area: Floats = shapely.area(facets)
        self.centre: Floats = shapely.get_coordinates(shapely.centroid(facets))
        corners, owner = shapely.get_coordinates(facets, return_index=True)
        points, number = np.unique(corners, axis=0, return_inverse=True)
        inside = owner[:-1] == owner[1:]  # consecutive corners of one facet
        ends = np.sort(np.column_stack([number.ravel()[:-1], number.ravel()[1:]])[inside], axis=1)
        owners = owner[:-1][inside]
        order = np.lexsort((ends[:, 1], ends[:, 0]))
        ends, owners = ends[order], owners[order]
        shared = np.flatnonzero((ends[:-1] == ends[1:]).all(axis=1))
        lonely = np.ones(len(ends), bool)
        lonely[shared] = lonely[shared + 1] = False
        self.between: Ints = np.column_stack([owners[shared], owners[shared + 1]])
        self.lines: Floats = points[ends[shared]]  # of `between`, same order
        self.border: Floats = points[ends[lonely]]
        self.neighbours: list[list[int]] = [[] for _ in range(len(facets))]
        for one, other in self.between.tolist():
            self.neighbours[one].append(other)
            self.neighbours[other].append(one)

    @classmethod
    def of(cls, outline: Polygon, count: int, rng: random.Random) -> "_Mesh":
        west, south, east, north = outline.bounds
        step = math.sqrt(outline.area / count)
        points = [
            (x * step + west + rng.uniform(0, step), y * step + south + rng.uniform(0, step))
            for x in range(-1, int((east - west) / step) + 2)
            for y in range(-1, int((north - south) / step) + 2)
        ]
        edges = shapely.voronoi_polygons(shapely.multipoints(points), only_edges=True)
        noded = shapely.union_all([edges, outline.boundary])
        facets = shapely.get_parts(shapely.polygonize(shapely.get_parts(noded)))
        shapely.prepare(outline)
        return cls(facets[shapely.contains(outline, shapely.point_on_surface(facets))])

    def divide(
        self,
        members: Ints,
        shares: Sequence[float],
        rounds: int,
        rng: random.Random,
        first: Point | None = None,
    ) -> Ints:
        """Which part each of `members` falls to: connected parts with areas near to their shares."""
        total = self.area[members].sum()
        targets = [total * share / sum(shares) for share in shares]
        seeds = self._scattered(members, len(shares), rng, first)
        part: dict[int, int] = {}
        for _ in range(rounds):
            part = self._grow(members, seeds, targets)
            labels = np.array([part[facet] for facet in members.tolist()])
            seeds = [self._middle(members[labels == number]) for number in range(len(shares))]
            if first is not None:
                seeds[0] = self._nearest(members, np.array([first.x, first.y]))
        part = self._grow(members, seeds, targets)
        return np.array([part[facet] for facet in members.tolist()])

    def _scattered(self, members: Ints, count: int, rng: random.Random, first: Point | None) -> list[int]:
        """Seeds far from one another: each the farthest of the facets not yet near a seed."""
        start = self._nearest(members, np.array([first.x, first.y])) if first else rng.choice(members.tolist())
        seeds = [start]
        away = np.full(len(members), np.inf)
        while len(seeds) < count:
            away = np.minimum(away, ((self.centre[members] - self.centre[seeds[-1]]) ** 2).sum(axis=1))
            seeds.append(int(members[int(away.argmax())]))
        return seeds

    def _grow(self, members: Ints, seeds: Sequence[int], targets: Sequence[float]) -> dict[int, int]:
        """Parts take turns, the one with least of its target first, and each takes its nearest free facet."""
        free = set(members.tolist())
        x, y = self.centre[:, 0].tolist(), self.centre[:, 1].tolist()
        area = self.area.tolist()
        part: dict[int, int] = {}
        fronts = [[(0.0, seed)] for seed in seeds]
        turns = [(0.0, number) for number in range(len(seeds))]
        while turns:
            filled, number = heapq.heappop(turns)
            front, seed = fronts[number], seeds[number]
            while front and front[0][1] not in free:
                heapq.heappop(front)
            if not front:
                continue  # hemmed in by others
            facet = heapq.heappop(front)[1]
            free.remove(facet)
            part[facet] = number
            for other in self.neighbours[facet]:
                if other in free:
                    heapq.heappush(front, ((x[other] - x[seed]) ** 2 + (y[other] - y[seed]) ** 2, other))
            heapq.heappush(turns, (filled + area[facet] / targets[number], number))
        return part

    def _nearest(self, members: Ints, point: Floats) -> int:
        return int(members[int(((self.centre[members] - point) ** 2).sum(axis=1).argmin())])

    def _middle(self, members: Ints) -> int:
        return self._nearest(members, np.average(self.centre[members], axis=0, weights=self.area[members]))

    def cells(self, label: Ints) -> list[Polygon]:
        """The facets with label 0, 1, ... merged into one polygon each, with rounded lines between them."""
        apart = label[self.between[:, 0]] != label[self.between[:, 1]]
        arcs = shapely.get_parts(
            shapely.line_merge(shapely.multilinestrings(shapely.linestrings(self.lines[apart])))
        )
        lines = [_rounded(arc) for arc in arcs] + list(shapely.linestrings(self.border))
        cells = shapely.get_parts(shapely.polygonize(lines))
        tree = shapely.STRtree(cells)
        return [
            cells[int(tree.query(Point(self.centre[self._middle(np.flatnonzero(label == number))]), "within")[0])]
            for number in range(int(label.max()) + 1)
        ]


def _rounded(arc: LineString, times: int = 2) -> LineString:
    """Chaikin's corner cutting, ends fixed.

    It stays inside the convex facets that the corners belong to, so that no two lines come to cross.
    """
    points = [tuple(point) for point in shapely.get_coordinates(arc).tolist()]
    for _ in range(times):
        cut = [points[0]]
        for (ax, ay), (bx, by) in pairwise(points):
            cut += [(0.75 * ax + 0.25 * bx, 0.75 * ay + 0.25 * by), (0.25 * ax + 0.75 * bx, 0.25 * ay + 0.75 * by)]
        points = [*cut, points[-1]]
    return LineString(points)
