"""Invented hamlets and households inside a village's cell."""

import math
import random
from dataclasses import dataclass
from functools import partial

import numpy as np
import shapely
from shapely import Polygon

from app.demo import names

Place = tuple[float, float]
"""Longitude and latitude in degrees, WGS-84."""

_M_PER_DEGREE = 111_200.0
_HAMLET_SPREAD_M = 110.0
_FROM_BORDER_M = 300.0


@dataclass(frozen=True, slots=True)
class Hamlet:
    """屯: a cluster of houses."""

    name: str
    centre: Place


@dataclass(frozen=True, slots=True)
class Site:
    """A village on the ground. The village office stands in the first hamlet; each next one is the nearest."""

    code: str
    cell: Polygon
    hamlets: tuple[Hamlet, ...]

    @property
    def village_office(self) -> Place:
        return self.hamlets[0].centre


def settle(code: str, cell: Polygon, rng: random.Random) -> Site:
    """Four to eight hamlets, away from the border where the cell is wide enough."""
    count = rng.randint(4, 8)
    inner = cell.buffer(-_FROM_BORDER_M / _M_PER_DEGREE)
    centres = _points_in(inner if inner.area > cell.area / 4 else cell, count, rng)
    ordered: list[Place] = []
    here = (cell.centroid.x, cell.centroid.y)
    while centres:
        here = min(centres, key=partial(math.dist, here))
        centres.remove(here)
        ordered.append(here)
    return Site(code, cell, tuple(map(Hamlet, names.hamlets(rng, count), ordered)))


def houses(site: Site, count: int, rng: random.Random) -> list[tuple[Hamlet, Place]]:
    """`count` houses of a village, hamlet after hamlet, so that neighbours in the list are neighbours."""
    weights = [rng.uniform(0.5, 1.5) for _ in site.hamlets]
    chosen = sorted(rng.choices(range(len(weights)), weights, k=count))
    return [(site.hamlets[number], _near(site.hamlets[number].centre, rng)) for number in chosen]


def moved(place: Place, east_m: float, north_m: float) -> Place:
    """The place so many metres away."""
    lon, lat = place
    return lon + east_m / (_M_PER_DEGREE * math.cos(math.radians(lat))), lat + north_m / _M_PER_DEGREE


def _near(centre: Place, rng: random.Random) -> Place:
    away = min(abs(rng.gauss(0, _HAMLET_SPREAD_M)), _FROM_BORDER_M - 50)
    angle = rng.uniform(0, 2 * math.pi)
    return moved(centre, away * math.cos(angle), away * math.sin(angle))


def _points_in(area: Polygon, count: int, rng: random.Random) -> list[Place]:
    west, south, east, north = area.bounds
    shapely.prepare(area)
    found: list[Place] = []
    while len(found) < count:
        tries = [(rng.uniform(west, east), rng.uniform(south, north)) for _ in range(4 * count)]
        inside = shapely.contains_xy(area, np.array(tries))
        found += [place for place, good in zip(tries, inside, strict=True) if good]
    return found[:count]
