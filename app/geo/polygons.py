"""Reading a boundary as GeoJSON (RFC 7946), and saying what is wrong with it: which corner, as it was sent.

What the standard lets pass is taken: heights, corners said twice, either direction of a ring, a polygon wrapped in
a Feature or in a FeatureCollection of one, further members. What it forbids is refused for that very reason.
"""

import math
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple

import numpy as np
import shapely
from shapely import MultiPolygon, Polygon

from app.geo.coordinates import Floats, from_wgs84, to_wgs84
from app.geo.words import Crs
from app.kernel.language import Text

MOST_VERTICES = 200_000
_FEWEST = 4  # positions of a ring, of which the last is the first
_SAME_AS_WGS84 = re.compile(r"CRS84|\b4326|\b4490|WGS ?84", re.IGNORECASE)  # 4490: CGCS2000, within centimetres
_WHERE = re.compile(r"(.*)\[(\S+) (\S+)\]", re.DOTALL)

_NOT_A_POLYGON = Text(
    "应为一个面或多面图形（POLYGON 或 MULTIPOLYGON）", "Must be a GeoJSON Polygon or MultiPolygon"
)
_SEVERAL = Text("要素集中有 {found} 个要素，村界应恰好是其中一个", "{found} features; a boundary is exactly one")
_OTHER_CRS = Text(
    "图形注明了其他坐标系，请先转换为经纬度（CGCS2000 或 WGS-84）",
    "It names another coordinate system; convert it to longitude and latitude (WGS-84 or CGCS2000) first",
)
_TOO_MANY = Text("顶点最多 {most} 个", "At most {most} vertices")
_NOT_NUMBERS = Text("{where}的坐标不是数字", "The coordinates of {where} are not numbers")
_NO_RING = Text("{where}不是由坐标组成的环", "{where} is not a ring of positions")
_TOO_SHORT = Text(
    "{where}至少要有四个坐标，首尾相同", "{where} needs four positions or more, the last equal to the first"
)
_NOT_CLOSED = Text(
    "{where}没有闭合：首点 {first}，尾点 {last}，两者应相同",
    "{where} is not closed: it begins at {first} and ends at {last}, which must be equal",
)
_NO_AREA = Text("{where}不足三个不同的顶点，围不成面", "{where} has fewer than three different corners")
_OFF_EARTH = Text(
    "{where}不是经纬度；请检查经纬度次序和坐标系",
    "{where} is no longitude and latitude; check their order and the coordinate system",
)
_NOT_VALID = Text("图形有误，{where}处{why}", "The polygon is not valid: {why} at {where}")

# GEOS's own reasons (its `TopologyValidationError`), in our words.
_REASONS = {
    "Self-intersection": Text("边界自相交", "the boundary crosses itself"),
    "Ring Self-intersection": Text("同一个环与自身相交或相接", "a ring touches or crosses itself"),
    "Hole lies outside shell": Text("内环不在外环之内", "a hole lies outside the outer ring"),
    "Holes are nested": Text("内环互相嵌套", "holes lie in holes"),
    "Nested holes": Text("内环互相嵌套", "holes lie in holes"),
    "Nested shells": Text("各部分互相嵌套", "parts lie in parts"),
    "Duplicate Rings": Text("有重复的环", "a ring is there twice"),
    "Interior is disconnected": Text("内环把面割断了", "the holes cut the area into pieces"),
    "Too few points in geometry component": Text(
        "有的环不足三个不同的顶点", "a ring has fewer than three corners"
    ),
}
_BROKEN = Text("图形拓扑有误", "the shape contradicts itself")


class Unfit(ValueError):  # noqa: N818 - as a problem is raised
    """What is wrong with a boundary; `values` fill the text."""

    def __init__(self, code: str, text: Text, **values: object) -> None:
        super().__init__(code)
        self.code = code
        self.text = Text(
            text.zh.format(**{name: _said(value, "zh-CN") for name, value in values.items()}),
            text.en.format(**{name: _said(value, "en") for name, value in values.items()}),
        )


def _said(value: object, language: Any) -> object:
    return value.say(language) if isinstance(value, Text) else value


class Corner(NamedTuple):
    """Which position of which ring of which part, from 1; `part` 0 where there is but one."""

    part: int
    ring: int
    number: int

    def named(self, place: tuple[float, float] | None = None, crs: str = Crs.WGS84) -> Text:
        at = point(*place, crs) if place else Text("", "")
        ring = _ring(self.part, self.ring)
        return Text(
            f"{ring.zh}第 {self.number} 个顶点{at.zh}",
            f"corner {self.number} {at.en} of {ring.en}".replace("  ", " "),
        )


def _ring(part: int, ring: int) -> Text:
    name = Text("外环", "the outer ring") if ring == 1 else Text(f"第 {ring - 1} 个内环", f"hole {ring - 1}")
    return Text(f"第 {part} 部分{name.zh}", f"{name.en} of part {part}") if part else name


def point(lon: float, lat: float, crs: str = Crs.WGS84) -> Text:
    """A place as it was sent, with its system where that is not the usual one."""
    system = {Crs.GCJ02: "GCJ-02 ", Crs.BD09: "BD-09 "}.get(Crs.of(crs), "")
    pair = f"({system}{lon:.10g}, {lat:.10g})"
    return Text(pair.replace("e", "E"), pair)


@dataclass(frozen=True, slots=True, eq=False)
class Drawn:
    """A boundary made of rings, as it was sent and in WGS-84, and the name of each corner in the same order."""

    sent: Polygon | MultiPolygon
    area: Polygon | MultiPolygon
    corners: Sequence[Corner]
    crs: str

    @classmethod
    def of(cls, area: object) -> "Drawn":
        """One that is a shape already. Raises `Unfit`."""
        if not isinstance(area, Polygon | MultiPolygon) or area.is_empty:
            raise Unfit("not_a_polygon", _NOT_A_POLYGON)
        parts = [(part.exterior, *part.interiors) for part in _parts(area)]
        rings = [[shapely.get_coordinates(ring) for ring in part] for part in parts]
        return _drawn(rings, several=isinstance(area, MultiPolygon), crs=Crs.WGS84)

    def named(self, index: int) -> Text:
        lon, lat = shapely.get_coordinates(self.sent)[index].tolist()
        return self.corners[index].named((lon, lat), self.crs)

    def refuse_invalid(self) -> None:
        """Raises `Unfit` for what is no area, or crosses itself."""
        for shape in (self.sent, self.area):
            if not (shape.is_valid and shape.area > 0):
                raise Unfit("not_valid", _NOT_VALID, **_why(shape, self.crs, shifted=shape is not self.sent))


def read(said: object, crs: str = Crs.WGS84) -> Drawn:
    """A GeoJSON geometry whose coordinates are in the system `crs`. Raises `Unfit` for what is none.

    Whether it is also valid, `Drawn.refuse_invalid` says: a corner that went astray is the better reason.
    """
    kind, coordinates = _geometry(said)
    parts = coordinates if kind == "MultiPolygon" else [coordinates]
    if not isinstance(parts, list) or not parts or not all(isinstance(part, list) and part for part in parts):
        raise Unfit("not_a_polygon", _NOT_A_POLYGON)
    if _count(parts) > MOST_VERTICES:
        raise Unfit("too_many", _TOO_MANY, most=MOST_VERTICES)
    several = kind == "MultiPolygon" and len(parts) > 1
    rings = [
        [_positions(ring, number if several else 0, place, crs) for place, ring in enumerate(part, 1)]
        for number, part in enumerate(parts, 1)
    ]
    return _drawn(rings, several=several, crs=crs)


def _geometry(said: object) -> tuple[str, object]:
    """Type and coordinates of the polygon in a geometry, a Feature, or a FeatureCollection of one."""
    if not isinstance(said, Mapping):
        raise Unfit("not_a_polygon", _NOT_A_POLYGON)
    _refuse_other_crs(said.get("crs"))
    match said.get("type"):
        case "Polygon" | "MultiPolygon" as kind:
            return kind, said.get("coordinates")
        case "Feature" if isinstance(said.get("geometry"), Mapping) and said["geometry"].get("type") != "Feature":
            return _geometry(said["geometry"])
        case "FeatureCollection" if isinstance(said.get("features"), list):
            found = said["features"]
            if len(found) != 1:
                raise Unfit("several", _SEVERAL, found=len(found))
            if isinstance(found[0], Mapping) and found[0].get("type") == "Feature":
                return _geometry(found[0])
    raise Unfit("not_a_polygon", _NOT_A_POLYGON)


def _refuse_other_crs(named: object) -> None:
    """The `crs` of GeoJSON before RFC 7946, where it names another system; else it is a member like any other."""
    properties = named.get("properties") if isinstance(named, Mapping) else None
    name = properties.get("name") if isinstance(properties, Mapping) else None
    if isinstance(name, str) and not _SAME_AS_WGS84.search(name):
        raise Unfit("other_crs", _OTHER_CRS)


def _count(parts: list[Any]) -> int:
    return sum(len(ring) for part in parts for ring in part if isinstance(ring, list))


def _positions(ring: object, part: int, place: int, crs: str) -> Floats:
    """The positions of one ring, (corners, 2), heights left out."""
    if not isinstance(ring, list):
        raise Unfit("not_a_polygon", _NO_RING, where=_ring(part, place))
    for number, position in enumerate(ring, 1):
        where = Corner(part, place, number)
        if not isinstance(position, list) or len(position) < 2 or not all(map(_is_number, position)):  # noqa: PLR2004
            raise Unfit("not_a_number", _NOT_NUMBERS, where=where.named())
        lon, lat = position[:2]
        if abs(lon) > 180 or abs(lat) > 90:  # noqa: PLR2004 - degrees
            raise Unfit("elsewhere", _OFF_EARTH, where=where.named((float(lon), float(lat)), crs))
    if len(ring) > 1 and ring[0][:2] != ring[-1][:2]:
        first, last = (point(position[0], position[1], crs) for position in (ring[0], ring[-1]))
        raise Unfit("not_closed", _NOT_CLOSED, where=_ring(part, place), first=first, last=last)
    if len(ring) < _FEWEST:
        raise Unfit("too_short", _TOO_SHORT, where=_ring(part, place))
    return np.array([position[:2] for position in ring], np.float64)


def _is_number(value: object) -> bool:
    try:
        return isinstance(value, int | float) and not isinstance(value, bool) and math.isfinite(value)
    except OverflowError:  # a whole number beyond all floats
        return False


def _drawn(rings: list[list[Floats]], *, several: bool, crs: str) -> Drawn:
    for number, part in enumerate(rings, 1):
        for place, ring in enumerate(part, 1):
            if len(np.unique(ring, axis=0)) < _FEWEST - 1:
                raise Unfit("not_valid", _NO_AREA, where=_ring(number if several else 0, place))
    polygons = [Polygon(shell, holes) for shell, *holes in rings]
    sent = MultiPolygon(polygons) if several else polygons[0]
    area = shapely.transform(sent, lambda at: np.column_stack(to_wgs84(at[:, 0], at[:, 1], np.full(len(at), crs))))
    corners = [
        Corner(number if several else 0, place, at)
        for number, part in enumerate(rings, 1)
        for place, ring in enumerate(part, 1)
        for at in range(1, len(ring) + 1)
    ]
    return Drawn(sent, area, corners, crs)


def _why(shape: Polygon | MultiPolygon, crs: str, *, shifted: bool) -> dict[str, Text]:
    """Why and where GEOS finds a shape invalid; where as in the system sent, if the shape is `shifted` from it."""
    found = _WHERE.fullmatch(shapely.is_valid_reason(shape))
    if not found:
        return {"why": _BROKEN, "where": Text("", "the whole")}
    lon, lat = float(found[2]), float(found[3])
    if shifted:
        lon, lat = (float(axis) for axis in from_wgs84(lon, lat, crs))
    why = _REASONS.get(found[1].strip(), _BROKEN)
    return {"why": why, "where": point(round(lon, 7), round(lat, 7), crs)}


def _parts(area: Polygon | MultiPolygon) -> list[Polygon]:
    return list(area.geoms) if isinstance(area, MultiPolygon) else [area]
