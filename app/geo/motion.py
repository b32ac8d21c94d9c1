"""How fast somebody must have been to be in two places."""

import math

_EARTH_M = 6_371_008.8  # mean radius: off by 0.3 % at most here, which no speed limit notices


def metres_between(lon: float, lat: float, to_lon: float, to_lat: float) -> float:
    """Metres on the sphere between two points in degrees; for arrays and to the centimetre see `geodesic_m`."""
    phi, to_phi = math.radians(lat), math.radians(to_lat)
    across, along = math.radians(to_lon - lon) / 2, (to_phi - phi) / 2
    chord = math.sin(along) ** 2 + math.cos(phi) * math.cos(to_phi) * math.sin(across) ** 2
    return 2 * _EARTH_M * math.asin(math.sqrt(min(1.0, chord)))


def east_north(lon: float, lat: float, to_lon: float, to_lat: float) -> tuple[float, float]:
    """Metres to the east and to the north of a point that is near."""
    across = math.radians(to_lon - lon) * math.cos(math.radians(lat))
    return across * _EARTH_M, math.radians(to_lat - lat) * _EARTH_M


def kmh(metres: float, seconds: float) -> float:
    """Kilometres per hour; what takes no time is counted as a second."""
    return metres / max(abs(seconds), 1.0) * 3.6
