"""Boundary files as offices have them: every format, encodings and coordinate systems included."""

import io
import tempfile
import zipfile
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pyogrio
import shapely

DRIVERS = {"shp": "ESRI Shapefile", "gpkg": "GPKG", "geojson": "GeoJSON", "kml": "KML"}


def boundary_file(
    extension: str,
    shapes: Sequence[Any],
    fields: dict[str, Sequence[Any]],
    *,
    crs: str | None = "EPSG:4326",
    encoding: str | None = None,
    without: Sequence[str] = (),
    cpg: str | None = None,
    kind: str = "Polygon",
) -> bytes:
    """`zip` is a Shapefile; `without` leaves parts of it out, `cpg` says what its encoding is to be taken for."""
    driver = DRIVERS[{"zip": "shp", "kmz": "kml", "ovkml": "kml", "json": "geojson"}.get(extension, extension)]
    with tempfile.TemporaryDirectory() as folder:
        suffix = {"zip": "shp", "kmz": "kml", "ovkml": "kml"}.get(extension, extension)
        path = Path(folder) / f"村界.{suffix}"
        pyogrio.raw.write(
            path,
            np.array([shapely.to_wkb(shape) if shape is not None else None for shape in shapes], dtype=object),
            [np.array(values, dtype=object) for values in fields.values()],
            list(fields),
            driver=driver,
            geometry_type=kind,
            crs=crs,
            encoding=encoding,
        )
        if cpg is not None:
            path.with_suffix(".cpg").write_text(cpg)
        if extension in ("zip", "kmz"):
            return packed(
                {each.name: each.read_bytes() for each in Path(folder).iterdir() if each.suffix not in without}
            )
        return path.read_bytes()


def packed(files: dict[str, bytes]) -> bytes:
    made = io.BytesIO()
    with zipfile.ZipFile(made, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in files.items():
            archive.writestr(name, content)
    return made.getvalue()
