"""Boundaries as GeoJSON: what RFC 7946 lets pass is taken, what it forbids is refused for that, where it is."""

import math
from typing import Any

import pytest
import shapely

from app.geo.coordinates import from_wgs84
from app.geo.polygons import MOST_VERTICES, Drawn, Unfit, read

X, Y = 106.22, 24.32
RING = [[X, Y], [X + 0.02, Y], [X + 0.02, Y + 0.02], [X, Y + 0.02], [X, Y]]
SMALL = [[a * 0.25 + X * 0.75 + 0.005, b * 0.25 + Y * 0.75 + 0.005] for a, b in RING]
BOW_TIE = [RING[0], RING[2], RING[1], RING[3], RING[0]]


def polygon(*rings: Any, **members: Any) -> dict[str, Any]:
    return {"type": "Polygon", "coordinates": list(rings)} | members


def feature(geometry: Any) -> dict[str, Any]:
    return {"type": "Feature", "properties": None, "geometry": geometry}


def collection(*features: Any) -> dict[str, Any]:
    return {"type": "FeatureCollection", "features": list(features)}


def named(crs: str) -> dict[str, Any]:
    return {"type": "name", "properties": {"name": crs}}


def multi(*polygons: Any) -> dict[str, Any]:
    return {"type": "MultiPolygon", "coordinates": list(polygons)}


def refused(said: Any, crs: str = "wgs84") -> Unfit:
    with pytest.raises(Unfit) as raised:
        read(said, crs).refuse_invalid()
    return raised.value


@pytest.mark.parametrize(
    "said",
    [
        polygon(RING),
        polygon(RING[::-1]),
        polygon([[*at, 410.5] for at in RING]),
        polygon([[*at, 410.5, 7] for at in RING]),
        polygon([RING[0], *RING]),
        polygon([[round(a, 14), b] for a, b in RING]),
        polygon(RING, bbox=[X, Y, X + 0.02, Y + 0.02], remark="勘界"),
        polygon(RING, crs=named("urn:ogc:def:crs:OGC:1.3:CRS84")),
        polygon(RING, crs=named("EPSG:4326")),
        polygon(RING, crs=named("urn:ogc:def:crs:EPSG::4490")),
        polygon(RING, crs=None),
        multi([RING]),
        feature(polygon(RING)),
        collection(feature(multi([RING]))),
    ],
)
def test_what_the_standard_lets_pass_is_taken(said: dict[str, Any]):
    drawn = read(said)
    drawn.refuse_invalid()
    assert shapely.equals(drawn.area, shapely.box(X, Y, X + 0.02, Y + 0.02)) or drawn.area.area == pytest.approx(
        4e-4
    )


def test_holes_and_parts_stay():
    drawn = read(multi([RING, SMALL], [[[a + 0.05, b] for a, b in RING]]))
    drawn.refuse_invalid()
    assert drawn.area.area == pytest.approx(4e-4 * (2 - 1 / 16))


@pytest.mark.parametrize(
    ("said", "code"),
    [
        (None, "not_a_polygon"),
        ([], "not_a_polygon"),
        ({}, "not_a_polygon"),
        ({"type": ["Polygon"]}, "not_a_polygon"),
        ({"type": "Polygon"}, "not_a_polygon"),
        ({"type": "Polygon", "coordinates": "\0"}, "not_a_polygon"),
        (polygon(), "not_a_polygon"),
        (multi(), "not_a_polygon"),
        (multi([RING], []), "not_a_polygon"),
        ({"type": "LineString", "coordinates": RING}, "not_a_polygon"),
        ({"type": "GeometryCollection", "geometries": [polygon(RING)]}, "not_a_polygon"),
        (feature(None), "not_a_polygon"),
        (feature(feature(polygon(RING))), "not_a_polygon"),
        (collection(), "several"),
        (collection(feature(polygon(RING)), feature(polygon(RING))), "several"),
        (polygon("ring"), "not_a_polygon"),
        (polygon([]), "too_short"),
        (polygon([RING[0]]), "too_short"),
        (polygon([RING[0], RING[1], RING[0]]), "too_short"),
        (polygon(RING[:-1]), "not_closed"),
        (polygon([RING[0], RING[1]]), "not_closed"),
        (polygon(RING, SMALL[:-1]), "not_closed"),
        (polygon([[str(a), b] for a, b in RING]), "not_a_number"),
        (polygon([[a, None] for a, _ in RING]), "not_a_number"),
        (polygon([[a, b, None] for a, b in RING]), "not_a_number"),
        (polygon([[True, b] for _, b in RING]), "not_a_number"),
        (polygon([RING[0], [math.nan, Y], *RING[1:]]), "not_a_number"),
        (polygon([RING[0], [-math.inf, Y], *RING[1:]]), "not_a_number"),
        (polygon([RING[0], [10**400, Y], *RING[1:]]), "not_a_number"),
        (polygon([RING[0], [X], *RING[1:]]), "not_a_number"),
        (polygon([RING[0], {"lon": X}, *RING[1:]]), "not_a_number"),
        (polygon([RING]), "not_a_number"),
        (polygon([RING[0], [1e308, Y], *RING[1:]]), "elsewhere"),
        (polygon([[b, a] for a, b in RING]), "elsewhere"),
        (polygon([[a * 111319.5, b * 115000] for a, b in RING]), "elsewhere"),
        (polygon(RING, crs=named("urn:ogc:def:crs:EPSG::3857")), "other_crs"),
        (collection(feature(polygon(RING))) | {"crs": named("EPSG:2414")}, "other_crs"),
        (polygon([RING[0]] * 5), "not_valid"),
        (polygon([[X, Y], [X + 0.01, Y], [X + 0.02, Y], [X, Y]]), "not_valid"),
        (polygon(BOW_TIE), "not_valid"),
        (polygon(RING, [[a + 0.05, b] for a, b in SMALL]), "not_valid"),
        (polygon(RING, [[a + 0.015, b] for a, b in SMALL]), "not_valid"),
        (multi([RING], [RING]), "not_valid"),
        (multi([RING], [SMALL]), "not_valid"),
        (polygon([*RING[:2], [X + 0.05, Y], *RING[1:]]), "not_valid"),
        (polygon([RING[0]] * (MOST_VERTICES + 1)), "too_many"),
    ],
)
def test_what_is_no_boundary_is_refused_for_its_own_reason(said: Any, code: str):
    unfit = refused(said)
    assert unfit.code == code
    assert not any("a" <= letter <= "z" for letter in unfit.text.zh), "no English inside a Chinese text"
    assert unfit.text.en.isascii()


@pytest.mark.parametrize(
    ("said", "zh", "en"),
    [
        (polygon(BOW_TIE), "(106.23, 24.33)处边界自相交", "the boundary crosses itself at (106.23, 24.33)"),
        (
            polygon(RING[:-1]),
            "首点 (106.22, 24.32)，尾点 (106.22, 24.34)",
            "begins at (106.22, 24.32) and ends at",
        ),
        (polygon(RING, SMALL[:-1]), "第 1 个内环没有闭合", "hole 1 is not closed"),
        (
            multi([RING], [[*RING[:2], ["a", 1], *RING[2:]]]),
            "第 2 部分外环第 3 个顶点",
            "corner 3 of the outer ring of part 2",
        ),
        (
            polygon([[24.32, 106.22], *RING, [24.32, 106.22]]),
            "第 1 个顶点(24.32, 106.22)",
            "corner 1 (24.32, 106.22)",
        ),
    ],
)
def test_it_is_said_where_as_it_was_sent(said: Any, zh: str, en: str):
    text = refused(said).text
    assert zh in text.zh
    assert en in text.en


@pytest.mark.parametrize(("crs", "system"), [("gcj02", "GCJ-02"), ("bd09", "BD-09")])
def test_on_a_chinese_map_too(crs: str, system: str):
    lon, lat = from_wgs84([at[0] for at in RING], [at[1] for at in RING], crs)
    ring = [[float(a), float(b)] for a, b in zip(lon, lat, strict=True)]
    drawn = read(polygon(ring), crs)
    drawn.refuse_invalid()
    assert drawn.area.bounds == pytest.approx((X, Y, X + 0.02, Y + 0.02), abs=1e-7)
    crossed = refused(polygon([ring[0], ring[2], ring[1], ring[3], ring[0]]), crs).text.zh
    said = crossed.partition(f"({system} ")[2].partition(")")[0].split(", ")
    assert [float(axis) for axis in said] == pytest.approx(
        [(ring[0][n] + ring[2][n]) / 2 for n in (0, 1)], abs=1e-3
    )
    assert f"({system} {ring[0][0]:.10g}, {ring[0][1]:.10g})" in refused(polygon(ring[:-1]), crs).text.en


def test_a_shape_may_be_given_as_one():
    drawn = Drawn.of(shapely.MultiPolygon([shapely.box(0, 0, 1, 1), shapely.box(2, 0, 3, 1)]))
    assert drawn.named(5).en == "corner 1 (3, 0) of the outer ring of part 2"
    with pytest.raises(Unfit):
        Drawn.of(shapely.Point(0, 0))
