"""What coordinates may mean where a file does not say: degrees in three systems, metres in one of the zones.

A reading is named by its system (`wgs84`, `gcj02`, `bd09`) or its EPSG code (`epsg:4545`).
"""

import numpy as np
import numpy.typing as npt
import shapely
from pyproj import Transformer

from app.geo.coordinates import from_wgs84, to_wgs84
from app.geo.words import Crs

Shapes = npt.NDArray[np.object_]
Coordinates = npt.NDArray[np.float64]
"""Of shape (n, 2): longitude or easting first."""

DEGREES = tuple(Crs.codes())
_FIRST_ZONE, _FIRST_MERIDIAN = 4534, 75  # CGCS2000 in zones of 3 degrees, no number before the easting
ZONES = {f"epsg:{_FIRST_ZONE + at}": _FIRST_MERIDIAN + 3 * at for at in range(21)}
"""Of each zone its central meridian. Zones of 6 degrees are among them: the same projection."""

ANY_ZONE = "epsg:4545"
"""108 E, that something can be drawn before anybody has said which."""


def placed(shapes: Shapes, reading: str) -> Shapes:
    """Coordinates as the file has them, longitude or easting first, in WGS-84."""
    moved: Shapes = shapely.transform(shapes, lambda at: _forth(at, reading))
    return moved


def read_again(shapes: Shapes, taken: str, reading: str) -> Shapes:
    """Shapes that were read as one thing, read as another."""
    if taken == reading:
        return shapes
    moved: Shapes = shapely.transform(shapes, lambda at: _forth(_back(at, taken), reading))
    return moved


def _forth(at: Coordinates, reading: str) -> Coordinates:
    if reading in ZONES:
        return np.column_stack(Transformer.from_crs(reading, 4326, always_xy=True).transform(*at.T))
    return np.column_stack(to_wgs84(at[:, 0], at[:, 1], reading))


def _back(at: Coordinates, reading: str) -> Coordinates:
    if reading in ZONES:
        return np.column_stack(Transformer.from_crs(4326, reading, always_xy=True).transform(*at.T))
    return np.column_stack(from_wgs84(at[:, 0], at[:, 1], reading))
