"""Reads boundary files: Shapefile (.zip), GeoPackage, GeoJSON, KML and KMZ, Ovital's .ovkml and .ovkmz.

What comes is features with their attributes as text and their shape in WGS-84, and what was done on the way. Runs
in a process of its own (`apart.py`), as sheets are read. Rules and their reasons: `docs/boundaries.md`.
"""

import codecs
import re
import tempfile
import zipfile
from collections.abc import Sequence
from dataclasses import dataclass, field
from io import BytesIO
from pathlib import Path
from typing import Any

import numpy as np
import pyogrio
import pyproj
import shapely
from pyproj import CRS, Transformer
from shapely.geometry.base import BaseGeometry

from app.exchange.boundary_guards import look
from app.exchange.guards import MOST_BYTES, pieces, unpacked
from app.exchange.readings import ANY_ZONE, DEGREES, ZONES, Shapes, placed
from app.exchange.refusals import refused
from app.geo.words import Crs

_PARTS = (".shp", ".shx", ".dbf", ".prj", ".cpg")
_NEEDED = (".shp", ".shx", ".dbf")
_KINDS = {
    "gpkg": ".gpkg",
    "geojson": ".geojson",
    "json": ".geojson",
    "kml": ".kml",
    "ovkml": ".kml",
}
FORMATS = frozenset({"zip", "kmz", "ovkmz", *_KINDS})
"""By the ends of their names."""
_OVITAL = ("ovkml", "ovkmz")  # shifted to GCJ-02 since version 9.3
_OLD_DATUMS = re.compile(r"Xian|Xi'an|西安|1980|Beijing|北京|1954|Krasovsky|New Beijing", re.IGNORECASE)
_MOST_FEATURES = 20_000
MOST_VERTICES = 500_000
_MOST_CHANGED = 0.01  # of an area, by mending it
_LON, _LAT = (73.0, 136.0), (3.0, 54.0)
_ZONES = range(25, 46)
_FIRST_ZONED = 4513  # EPSG of the 3-degree zone 25 of CGCS2000, its number before the easting
_FALSE_EASTING = (250_000, 750_000)
_AREAS = pyproj.Geod(ellps="WGS84")


@dataclass(slots=True)
class Feature:
    """A boundary; `area` is hexadecimal well-known binary in WGS-84, None where it has none that can be used."""

    attributes: dict[str, str]
    area: str | None
    problem: str | None = None  # code
    drawn: str | None = None  # the same of one that cannot be used, to be looked at
    km2_before: float | None = None  # where it had to be mended
    km2: float | None = None


@dataclass(slots=True)
class Boundaries:
    """All of a file's features, and how it was read."""

    features: list[Feature]
    fields: list[str]
    crs: str  # as we took it
    reading: str | None = None  # where others are possible, the one that was taken (`readings.py`)
    readings: list[str] = field(default_factory=list)
    undecided: bool = False  # metres whose zone nobody has said: the reading is any
    notes: list[str] = field(default_factory=list)  # codes


def read(data: bytes, extension: str, crs: str | None) -> Boundaries:
    """`crs`: as the office says; None: as the file says. Raises `Refusal`."""
    if len(data) > MOST_BYTES:
        raise refused("too_large", most=MOST_BYTES // 1024 // 1024)
    with tempfile.TemporaryDirectory() as folder:
        path = _unpack(data, extension, Path(folder))
        look(path)
        notes: list[str] = []
        meta, shapes, columns = _layer(path)
        names, texts = _texts(path, [str(name) for name in meta["fields"]], columns, notes)
        system = crs or (Crs.GCJ02.value if extension in _OVITAL else None)
        geometries = shapely.force_2d(shapely.from_wkb(shapes))
        if int(shapely.get_num_coordinates(geometries).sum()) > MOST_VERTICES * 4:
            raise refused("too_many_corners", most=MOST_VERTICES * 4)
        taken = _in_wgs84(geometries, meta["crs"], system, notes)
    features = [
        _feature(dict(zip(names, row, strict=True)), shape)
        for row, shape in zip(
            zip(*texts, strict=True) if texts else [()] * len(taken.shapes), taken.shapes, strict=True
        )
    ]
    undecided = taken.reading in ZONES and not crs
    return Boundaries(features, names, taken.said, taken.reading, list(taken.readings), undecided, notes)


def _unpack(data: bytes, extension: str, folder: Path) -> Path:
    """The file, or what of the archive belongs together, under names of ours."""
    if extension in ("zip", "kmz", "ovkmz"):
        return _from_archive(data, folder, (".kml",) if extension.endswith("kmz") else _PARTS)
    if extension not in _KINDS:
        raise refused("no_boundaries")
    path = folder / f"file{_KINDS[extension]}"
    path.write_bytes(data)
    return path


def _from_archive(data: bytes, folder: Path, wanted: tuple[str, ...]) -> Path:
    found: dict[str, set[str]] = {}
    try:
        with zipfile.ZipFile(BytesIO(data)) as archive:
            for entry, file in unpacked(archive):
                name = Path(entry.filename.replace("\\", "/")).name
                suffix = Path(name).suffix.lower()
                if entry.is_dir() or suffix not in wanted or name.startswith("._"):
                    continue
                stem = Path(name).stem
                found.setdefault(stem, set()).add(suffix)
                with (folder / f"{len(found) - 1}{suffix}").open("wb") as to:
                    for piece in pieces(entry, file):
                        to.write(piece)
    except (zipfile.BadZipFile, EOFError, ValueError, NotImplementedError, RuntimeError) as error:
        raise refused("unreadable") from error
    layers = [stem for stem, suffixes in found.items() if wanted[0] in suffixes]
    if len(layers) > 1 and wanted[0] == ".shp":
        raise refused("several_layers", names="、".join(layers))
    if not layers:
        raise refused("no_boundaries")
    at = list(found).index(layers[0])
    missing = [suffix for suffix in _NEEDED if wanted[0] == ".shp" and suffix not in found[layers[0]]]
    if missing:
        raise refused("incomplete", missing="、".join(missing))
    return folder / f"{at}{wanted[0]}"


def _layer(path: Path) -> tuple[dict[str, Any], Shapes, Sequence[Sequence[object]]]:
    try:
        layers = [str(name) for name, kind in pyogrio.list_layers(path) if kind]
        if not layers:
            raise refused("no_boundaries")
        if len(layers) > 1 and path.suffix != ".kml":
            raise refused("several_layers", names="、".join(layers))
        info = pyogrio.read_info(path, layer=layers[0], force_feature_count=True)
        if info["features"] > _MOST_FEATURES:
            raise refused("too_many_rows", most=_MOST_FEATURES)
        encoding = "ISO-8859-1" if path.suffix == ".shp" else None
        meta, _, shapes, columns = pyogrio.raw.read(
            path, layer=layers[0], encoding=encoding, datetime_as_string=True
        )
    except (pyogrio.errors.DataSourceError, pyogrio.errors.DataLayerError, ValueError, OSError) as error:
        raise refused("unreadable") from error
    return meta, shapes, columns


def _texts(
    path: Path, fields: list[str], columns: Sequence[Sequence[object]], notes: list[str]
) -> tuple[list[str], list[list[str]]]:
    """Names of fields, and attributes as text.

    A Shapefile is in UTF-8 where all of its bytes are, else in GB18030, say what it may. A name has ten bytes at
    most, and may end within a sign.
    """
    said = [[_said(value) for value in column] for column in columns]
    if path.suffix != ".shp":
        return fields, said
    raw = [[value.encode("iso-8859-1", "replace") for value in column] for column in said]
    names = [name.encode("iso-8859-1", "replace") for name in fields]
    try:
        fields = [codecs.getincrementaldecoder("utf-8")().decode(name) for name in names]
        read_as, texts = "utf-8", [[value.decode("utf-8") for value in column] for column in raw]
    except UnicodeDecodeError:
        fields = [codecs.getincrementaldecoder("gb18030")("replace").decode(name) for name in names]
        read_as, texts = "gb18030", [[value.decode("gb18030", "replace") for value in column] for column in raw]
    declared = path.with_suffix(".cpg")
    says = declared.read_text("ascii", "replace").strip().lower().replace("_", "-") if declared.exists() else ""
    if says and ("utf" in says) != (read_as == "utf-8"):
        notes.append("other_encoding")
    return fields, texts


def _said(value: object) -> str:
    if value is None or (isinstance(value, float) and np.isnan(value)):
        return ""
    if isinstance(value, float | np.floating) and float(value).is_integer():
        return str(int(value))
    return str(value).strip()


@dataclass(frozen=True, slots=True)
class _Taken:
    """Shapes in WGS-84, the system that they were taken to be in, and what else they may be in."""

    shapes: Shapes
    said: str
    reading: str | None = None
    readings: Sequence[str] = ()


def _in_wgs84(shapes: Shapes, written: str | None, asked: str | None, notes: list[str]) -> _Taken:
    system = CRS.from_user_input(written) if written and not asked else None
    if asked:
        shapes = _in_order(shapes, notes) if asked in DEGREES else shapes
        return _Taken(_read_as(shapes, asked), asked, asked, DEGREES if asked in DEGREES else tuple(ZONES))
    if system is None:
        return _without_system(shapes, notes)
    if _OLD_DATUMS.search(system.name) or (system.datum and _OLD_DATUMS.search(system.datum.name)):
        raise refused("old_datum", name=system.name)
    if system.is_geographic:  # maps drawn on a shifted base say WGS-84 all the same
        return _Taken(_in_order(shapes, notes), system.name, Crs.WGS84.value, DEGREES)
    convert = Transformer.from_crs(system, 4326, always_xy=True)
    return _Taken(shapely.transform(shapes, lambda at: np.column_stack(convert.transform(*at.T))), system.name)


def _without_system(shapes: Shapes, notes: list[str]) -> _Taken:
    """Degrees are taken as they are; metres that begin with their zone tell it; of others the zone is asked."""
    west, _, east, _ = shapely.total_bounds(shapes)
    if _are_degrees(shapes):
        return _Taken(_in_order(shapes, notes), "WGS-84", Crs.WGS84.value, DEGREES)
    zone = int(west // 1_000_000)
    if zone in _ZONES and zone == int(east // 1_000_000):
        notes.append("zone_guessed")
        convert = Transformer.from_crs(_FIRST_ZONED + zone - _ZONES[0], 4326, always_xy=True)
        moved = shapely.transform(shapes, lambda at: np.column_stack(convert.transform(*at.T)))
        return _Taken(moved, f"CGCS2000, {zone}")
    if not _FALSE_EASTING[0] < west < _FALSE_EASTING[1]:
        raise refused("no_system")
    return _Taken(_read_as(shapes, ANY_ZONE), ANY_ZONE, ANY_ZONE, tuple(ZONES))


def _read_as(shapes: Shapes, asked: str) -> Shapes:
    """Raises `Refusal` where degrees are called metres, or metres degrees."""
    if (asked in DEGREES) != _are_degrees(shapes):
        raise refused("no_system")
    return placed(shapes, asked)


def _are_degrees(shapes: Shapes) -> bool:
    _, _, east, north = shapely.total_bounds(shapes)
    return bool(abs(east) <= 180 and abs(north) <= 180)  # noqa: PLR2004


def _in_order(shapes: Shapes, notes: list[str]) -> Shapes:
    """Longitude first; where a file has latitude first for all of it, that is plain to see in China."""
    west, south, east, north = shapely.total_bounds(shapes)
    if _LAT[0] <= west <= east <= _LAT[1] and _LON[0] <= south <= north <= _LON[1]:
        notes.append("swapped")
        shapes = shapely.transform(shapes, lambda at: at[:, ::-1])
    return shapes


def _feature(attributes: dict[str, str], shape: BaseGeometry | None) -> Feature:
    """A valid area of at most so many corners, or what is wrong with it."""
    if shape is None or shape.is_empty:
        return Feature(attributes, None, "empty")
    if shape.geom_type not in ("Polygon", "MultiPolygon"):
        parts = [part for part in getattr(shape, "geoms", ()) if part.geom_type == "Polygon"]
        if not parts:
            return Feature(attributes, None, "no_polygon", shapely.to_wkb(_single(shape), hex=True))
        shape = shapely.multipolygons(parts)
    if shapely.get_num_coordinates(shape) > MOST_VERTICES:
        return Feature(attributes, None, "too_many_corners")
    before = None
    if not shape.is_valid:
        before = _km2(shape)
        shape = shapely.make_valid(shape, method="structure", keep_collapsed=False)
        if shape.is_empty or shape.geom_type not in ("Polygon", "MultiPolygon"):
            return Feature(attributes, None, "not_mended", None, before)
        if abs(_km2(shape) - before) > _MOST_CHANGED * max(before, 1e-9):
            seen = shapely.to_wkb(shape, hex=True)
            return Feature(attributes, None, "not_mended", seen, before, _km2(shape))
    return Feature(attributes, shapely.to_wkb(shape, hex=True), None, None, before, _km2(shape))


def _single(shape: BaseGeometry) -> BaseGeometry:
    """A point that a file has among several, of which it is the only one."""
    parts = list(getattr(shape, "geoms", ()))
    return parts[0] if len(parts) == 1 else shape


def _km2(shape: BaseGeometry) -> float:
    return float(abs(_AREAS.geometry_area_perimeter(shape)[0]) / 1e6)
