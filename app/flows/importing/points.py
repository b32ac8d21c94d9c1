"""Households as points on a map: a Shapefile, GeoPackage, GeoJSON, KML or ovkml is read as if it were a sheet."""

from dataclasses import dataclass

import shapely

from app.exchange import apart
from app.exchange.boundaries import FORMATS, Boundaries, Feature
from app.exchange.workbooks import Sheet, Value
from app.flows.importing.columns import COLUMNS, ImportKind
from app.flows.importing.fences import FIRST_SHAPE

_LON, _LAT = (
    next(column.heading.zh for column in COLUMNS[ImportKind.HOUSEHOLDS] if column.key == key)
    for key in ("lon", "lat")
)


@dataclass(frozen=True, slots=True)
class Located:
    """The sheets of a file; `read` where they were shapes, whose coordinates are in WGS-84 by now."""

    sheets: list[Sheet]
    read: Boundaries | None = None


async def located(kind: ImportKind, content: bytes, file_name: str, crs: str | None) -> Located:
    """`crs`: as the office says. Raises `Refusal`."""
    if kind is not ImportKind.HOUSEHOLDS or file_name.rpartition(".")[2].lower() not in FORMATS:
        return Located(await apart.sheets(content, file_name))
    read = await apart.boundaries(content, file_name, crs)
    return Located([sheet(read)], read)


def sheet(read: Boundaries) -> Sheet:
    """A row a shape, counted as shapes are; where its point is goes before what its attributes may say of that."""
    rows: list[list[Value]] = [
        [*_point(each), *(each.attributes.get(name) or None for name in read.fields)] for each in read.features
    ]
    return Sheet("", [[_LON, _LAT, *read.fields], *rows], first=FIRST_SHAPE - 1)


def _point(feature: Feature) -> tuple[float | None, float | None]:
    shape = shapely.from_wkb(feature.drawn) if feature.drawn else None
    return (shape.x, shape.y) if isinstance(shape, shapely.Point) else (None, None)
