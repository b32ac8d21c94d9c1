"""Writes features as GeoJSON (RFC 7946) or GeoPackage: what a GIS opens. Coordinates are WGS-84."""

import json
from collections.abc import Iterable, Sequence
from pathlib import Path
from types import TracebackType
from typing import Any, Self

import numpy as np
import pyogrio
import shapely
from shapely.geometry.base import BaseGeometry

from app.exchange.lists import Value

_DIGITS = 7  # of a degree: a centimetre


class GeoJsonFile:
    """Features one after another; each row is the values of its properties, and its shape."""

    def __init__(self, path: Path, fields: Sequence[str]) -> None:
        self._fields = fields
        self._file = path.open("w", encoding="utf-8")
        self._file.write('{"type": "FeatureCollection", "features": [')
        self._between = "\n"

    def write(self, rows: Iterable[tuple[Sequence[Value], BaseGeometry | None]]) -> None:
        for values, shape in rows:
            feature = {
                "type": "Feature",
                "properties": dict(zip(self._fields, map(_plain, values), strict=True)),
                "geometry": None if shape is None else _rounded(shape),
            }
            self._file.write(self._between + json.dumps(feature, ensure_ascii=False))
            self._between = ",\n"

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._file.write("\n]}\n")
        self._file.close()


class GeoPackageFile:
    """One layer, written at the end: GDAL wants the columns whole."""

    def __init__(self, path: Path, fields: Sequence[str], layer: str) -> None:
        self._path = path
        self._fields = fields
        self._layer = layer
        self._rows: list[Sequence[Value]] = []
        self._shapes: list[BaseGeometry | None] = []

    def write(self, rows: Iterable[tuple[Sequence[Value], BaseGeometry | None]]) -> None:
        for values, shape in rows:
            self._rows.append(values)
            self._shapes.append(shape)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if error:
            return
        kinds = {shape.geom_type for shape in self._shapes if shape is not None}
        self._path.unlink(missing_ok=True)  # GDAL makes it itself
        pyogrio.raw.write(
            self._path,
            np.array([shape and shapely.to_wkb(shape) for shape in self._shapes], dtype=object),
            [_column([_plain(row[at]) for row in self._rows]) for at in range(len(self._fields))],
            list(self._fields),
            layer=self._layer,
            driver="GPKG",
            geometry_type=kinds.pop() if len(kinds) == 1 else "Unknown",
            crs="EPSG:4326",
        )


def _rounded(shape: BaseGeometry) -> Any:
    """A ring stays closed: corners that are equal are rounded alike."""
    return json.loads(shapely.to_geojson(shapely.transform(shape, lambda at: np.round(at, _DIGITS))))


def _plain(value: Value) -> object:
    return value if isinstance(value, str | int | float | bool) or value is None else value.isoformat()


def _column(values: list[object]) -> Any:
    """Numbers as such, where all of a column are or are wanting; else text."""
    if any(values) and all(value is None or type(value) in (int, float) for value in values):
        return np.array([np.nan if value is None else value for value in values], np.float64)
    return np.array([None if value is None else str(value) for value in values], dtype=object)
