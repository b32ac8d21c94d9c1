"""What is refused of a boundary file before GDAL reads it, and what GDAL may take a file for.

GDAL goes by what is in a file, whatever its name: some of its formats name other files, or addresses, to be read.
"""

import re
import sqlite3
from contextlib import closing
from pathlib import Path

import pyogrio

from app.exchange.refusals import refused

FORMATS = frozenset({"ESRI Shapefile", "GPKG", "GeoJSON", "KML", "LIBKML"})
"""By GDAL's names."""
_BEGINS = {
    ".gpkg": re.compile(rb"SQLite format 3\0"),
    ".geojson": re.compile(rb"(?:\xef\xbb\xbf)?\s*\{"),
    ".shp": re.compile(rb"\0\0\x27\x0a"),
}
_XML_NAME = re.compile(rb"<(?![?!])(?:[\w.-]+:)?([\w.-]+)")
_HEAD = 64 * 1024
_INDEX = re.compile(r'create virtual table "?rtree_[^(]* using rtree\s?\([^()]*\)', re.IGNORECASE)


def environment() -> dict[str, str]:
    """For the process that reads: all other formats are not there."""
    return {"GDAL_SKIP": ",".join(sorted(set(pyogrio.list_drivers()) - FORMATS))}


def look(path: Path) -> None:
    """Raises `Refusal` for what is not what its name says, and for a database that reads more than itself."""
    with path.open("rb") as file:
        head = file.read(_HEAD)
    if path.suffix == ".kml":
        found = _XML_NAME.search(head)
        if not found or found[1].lower() != b"kml" or b"<!DOCTYPE" in head.upper():
            raise refused("no_boundaries")
    elif path.suffix in _BEGINS and not _BEGINS[path.suffix].match(head):
        raise refused("no_boundaries")
    if path.suffix == ".gpkg":
        _look_into_database(path)


def _look_into_database(path: Path) -> None:
    """Its tables are its own, but for indexes of places; and no layer is a view, which may ask anything."""
    try:
        with closing(sqlite3.connect(f"{path.as_uri()}?mode=ro&immutable=1", uri=True)) as database:
            parts = database.execute("SELECT type, name, coalesce(sql, '') FROM sqlite_master").fetchall()
            layers = {name for (name,) in database.execute("SELECT lower(table_name) FROM gpkg_contents")}
    except sqlite3.Error as error:
        raise refused("unreadable") from error
    for kind, name, sql in parts:
        if kind == "view" and name.lower() in layers:
            raise refused("no_boundaries")
        if kind == "table" and "virtual" in sql.lower() and not _INDEX.fullmatch(sql.strip()):
            raise refused("no_boundaries")
