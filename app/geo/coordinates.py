"""Between WGS-84 and the two systems that Chinese map SDKs report, GCJ-02 and BD-09.

GCJ-02 shifts a place in China by 100 to 700 m, and BD-09 shifts it once more by about 1 km. The shift is a
published formula; its inverse has no closed form and is iterated. Whether a place is in China is asked of its
WGS-84 position, so that a place inside the gate always comes back to itself. Places outside are left alone.

All functions take and give longitude and latitude in degrees, in this order, as arrays of equal shape (scalars
work). The bare functions `*_to_*` shift without asking for the gate.
"""

from collections.abc import Callable
from functools import lru_cache

import numpy as np
from numpy.typing import ArrayLike, NDArray

from app.geo.words import Crs

Floats = NDArray[np.float64]
LonLat = tuple[Floats, Floats]
Shift = Callable[[Floats, Floats], LonLat]


CHINA_GATE = (72.004, 0.8293, 137.8347, 55.8271)
"""The rough box within which the shift applies: west, south, east, north."""

_SEMI_MAJOR = 6378245.0  # Krasovsky 1940, as in the published formula
_ECCENTRICITY_SQUARED = 0.00669342162296594323
# Waves of the shift: metres of amplitude, and degrees of half a wavelength.
_RIPPLE = np.array([[40 / 3, 40 / 3], [1 / 6, 1 / 2]])
_EASTWARD = np.array([[40 / 3, 80 / 3, 100, 200], [1, 3, 12, 30]])
_NORTHWARD = np.array([[40 / 3, 80 / 3, 320 / 3, 640 / 3], [1, 3, 12, 30]])
_BD_FREQUENCY = np.pi * 3000 / 180
_BD_LON, _BD_LAT = 0.0065, 0.006
_UNSET = 1.0  # degrees
_MOST_LON, _MOST_LAT = 180, 90
_REACH = 0.05  # degrees that no shift exceeds: what lies further from the gate did not come from inside
_CONVERGED = 1e-9  # degrees of the last step; what remains is a fiftieth of it or less
_ROUNDS = 12  # each gains at least one and a half digits; 4 to 8 are used


def to_wgs84(lon: ArrayLike, lat: ArrayLike, crs: ArrayLike) -> LonLat:
    """Positions in the systems named by `crs` (one name, or one for each), as WGS-84 exact to 1e-8 degrees.

    Raises ValueError for a name that is not in `Crs`.
    """
    return _each_system((lon, lat), crs, {Crs.GCJ02: gcj02_to_wgs84, Crs.BD09: bd09_to_wgs84}, back=True)


def from_wgs84(lon: ArrayLike, lat: ArrayLike, crs: ArrayLike) -> LonLat:
    """WGS-84 positions in the systems named by `crs`: what such a phone would have reported. Errors as above."""
    return _each_system((lon, lat), crs, {Crs.GCJ02: wgs84_to_gcj02, Crs.BD09: wgs84_to_bd09}, back=False)


def is_unset(lon: float, lat: float) -> bool:
    """Whether the pair is what programs write where they know no position, near enough to be that and jitter.

    They write 0 for both or for one of them (Baidu's SDK 4.9E-324), -1, or the ends of the range. No place within
    the gate has a coordinate so small.
    """
    return min(abs(lon), abs(lat)) <= _UNSET or abs(lon) == _MOST_LON or abs(lat) == _MOST_LAT


@lru_cache(maxsize=1 << 16)
def decimals(degrees: float) -> int:
    """How many decimals a coordinate was written with, nine at most: beyond are the rounding errors of sums.

    Remembered, for a person's last fixes are looked at again with each new one.
    """
    return len(f"{degrees:.9f}".partition(".")[2].rstrip("0"))


def in_china(lon: ArrayLike, lat: ArrayLike, margin: float = 0.0) -> NDArray[np.bool_]:
    """Whether WGS-84 positions lie in the gate, widened by `margin` degrees."""
    lon, lat = np.asarray(lon, np.float64), np.asarray(lat, np.float64)
    west, south, east, north = CHINA_GATE
    return (lon >= west - margin) & (lon <= east + margin) & (lat >= south - margin) & (lat <= north + margin)


def wgs84_to_gcj02(lon: Floats, lat: Floats) -> LonLat:
    x, y = lon - 105.0, lat - 35.0
    bend, ripple = np.sqrt(np.abs(x)), _waves(x, _RIPPLE)
    east = 300 + x + 2 * y + 0.1 * x * x + 0.1 * x * y + 0.1 * bend + ripple + _waves(x, _EASTWARD)
    north = -100 + 2 * x + 3 * y + 0.2 * y * y + 0.1 * x * y + 0.2 * bend + ripple + _waves(y, _NORTHWARD)
    phi = np.radians(lat)
    flattening = 1 - _ECCENTRICITY_SQUARED * np.sin(phi) ** 2
    parallel = _SEMI_MAJOR / np.sqrt(flattening) * np.cos(phi)
    meridian = _SEMI_MAJOR * (1 - _ECCENTRICITY_SQUARED) / flattening**1.5
    return lon + np.degrees(east / parallel), lat + np.degrees(north / meridian)


def gcj02_to_wgs84(lon: Floats, lat: Floats) -> LonLat:
    return _inverse(wgs84_to_gcj02, lon, lat)


def gcj02_to_bd09(lon: Floats, lat: Floats) -> LonLat:
    radius = np.hypot(lon, lat) + 0.00002 * np.sin(lat * _BD_FREQUENCY)
    angle = np.arctan2(lat, lon) + 0.000003 * np.cos(lon * _BD_FREQUENCY)
    return radius * np.cos(angle) + _BD_LON, radius * np.sin(angle) + _BD_LAT


def bd09_to_gcj02(lon: Floats, lat: Floats) -> LonLat:
    return _inverse(gcj02_to_bd09, lon, lat)


def wgs84_to_bd09(lon: Floats, lat: Floats) -> LonLat:
    return gcj02_to_bd09(*wgs84_to_gcj02(lon, lat))


def bd09_to_wgs84(lon: Floats, lat: Floats) -> LonLat:
    return gcj02_to_wgs84(*bd09_to_gcj02(lon, lat))


def _waves(degrees: Floats, waves: Floats) -> Floats:
    amplitude, half_wavelength = waves
    swing: Floats = np.sin(np.multiply.outer(degrees, np.pi / half_wavelength)) @ amplitude
    return swing


def _inverse(shift: Shift, lon: Floats, lat: Floats) -> LonLat:
    """Where `shift` leads to (lon, lat) from. The shift changes slowly, so walking back by it contracts."""
    from_lon, from_lat = lon, lat
    for _ in range(_ROUNDS):
        there_lon, there_lat = shift(from_lon, from_lat)
        step_lon, step_lat = lon - there_lon, lat - there_lat
        from_lon, from_lat = from_lon + step_lon, from_lat + step_lat
        if max(np.max(np.abs(step_lon), initial=0.0), np.max(np.abs(step_lat), initial=0.0)) < _CONVERGED:
            break
    return from_lon, from_lat


def _each_system(
    position: tuple[ArrayLike, ArrayLike], crs: ArrayLike, shifts: dict[Crs, Shift], *, back: bool
) -> LonLat:
    lon, lat = (np.array(axis, np.float64) for axis in position)
    names = np.broadcast_to(np.asarray(crs, dtype=np.str_), lon.shape)
    present = set(names.ravel().tolist())
    if not present <= set(Crs):
        raise ValueError(f"crs is one of {', '.join(Crs)}")
    for name, shift in shifts.items():
        if name not in present:
            continue
        chosen = (names == name) & in_china(lon, lat, _REACH if back else 0.0)
        there_lon, there_lat = shift(lon[chosen], lat[chosen])
        if back:
            inside = in_china(there_lon, there_lat, _CONVERGED)
            there_lon = np.where(inside, there_lon, lon[chosen])
            there_lat = np.where(inside, there_lat, lat[chosen])
        lon[chosen], lat[chosen] = there_lon, there_lat
    return lon, lat
