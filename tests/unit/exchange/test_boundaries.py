"""Boundary files: in WGS-84 whatever they come in, names in their own signs, and refused where that cannot be."""

import pytest
import shapely
from pyproj import Transformer
from shapely import MultiPolygon, Polygon

from app.exchange import apart
from app.exchange.boundaries import read
from app.exchange.readings import read_again
from app.exchange.refusals import Refusal
from app.geo.coordinates import from_wgs84
from tests.support.boundaries import boundary_file, packed

BOX = shapely.box(106.20, 24.30, 106.24, 24.34)
FIELDS = {"ZLDWMC": ["浪平村"], "ZLDWDM": ["4510291042010000000"]}


def shape(feature) -> shapely.Geometry:
    return shapely.from_wkb(feature.area)


def moved(geometry, crs: str):
    convert = Transformer.from_crs(4326, crs, always_xy=True)
    return shapely.transform(
        geometry, lambda at: shapely.get_coordinates(shapely.points(*convert.transform(*at.T)))
    )


def same(found, wanted=BOX, within: float = 1e-7) -> bool:
    return shapely.hausdorff_distance(shape(found), wanted) < within


@pytest.mark.parametrize("extension", ["zip", "gpkg", "geojson", "json", "kml", "kmz"])
def test_every_format_gives_the_same(extension: str):
    fields = {"Name": ["浪平村"]} if extension in ("kml", "kmz") else FIELDS
    found = read(boundary_file(extension, [BOX], fields), extension, None)
    (feature,) = found.features
    assert same(feature)
    assert "浪平村" in feature.attributes.values()
    assert feature.km2 == pytest.approx(18, abs=1)


@pytest.mark.parametrize("crs", ["EPSG:4490", "EPSG:4524", "EPSG:4525", "EPSG:4545", "EPSG:32648", "EPSG:4502"])
def test_chinese_systems_come_out_in_wgs84(crs: str):
    found = read(boundary_file("zip", [moved(BOX, crs)], FIELDS, crs=crs), "zip", None)
    assert same(found.features[0])


@pytest.mark.parametrize(("crs", "notes"), [("EPSG:4524", ["zone_guessed"]), ("EPSG:4523", ["zone_guessed"])])
def test_metres_that_begin_with_their_zone_need_no_prj(crs: str, notes: list[str]):
    data = boundary_file("zip", [moved(BOX, crs)], FIELDS, crs=crs, without=[".prj"])
    found = read(data, "zip", None)
    assert same(found.features[0])
    assert found.notes == notes


@pytest.mark.parametrize(
    ("crs", "without", "code"),
    [
        ("EPSG:2361", [], "old_datum"),
        ("EPSG:4610", [], "old_datum"),
        ("EPSG:4214", [], "old_datum"),
        ("EPSG:3857", [".prj"], "no_system"),
    ],
)
def test_what_cannot_be_converted_exactly_is_not(crs: str, without: list[str], code: str):
    data = boundary_file("zip", [moved(BOX, crs)], FIELDS, crs=crs, without=without)
    with pytest.raises(Refusal) as caught:
        read(data, "zip", None)
    assert caught.value.code == code
    assert caught.value.say("zh-CN") != caught.value.say("en")


@pytest.mark.parametrize(
    ("extension", "crs"), [("ovkml", None), ("kml", "gcj02"), ("geojson", "gcj02"), ("geojson", "bd09")]
)
def test_shifted_maps_are_shifted_back(extension: str, crs: str | None):
    system = crs or "gcj02"
    there = shapely.transform(
        BOX,
        lambda at: shapely.get_coordinates(shapely.points(*from_wgs84(at[:, 0], at[:, 1], [system] * len(at)))),
    )
    found = read(boundary_file(extension, [there], {"Name": ["浪平村"]}), extension, crs)
    assert same(found.features[0], within=1e-6)


@pytest.mark.parametrize("encoding", ["UTF-8", "GB18030"])
@pytest.mark.parametrize("cpg", [None, "UTF-8", "936", "GBK"])
def test_names_are_read_in_the_encoding_that_they_are_in(encoding: str, cpg: str | None):
    fields = {"CUNMC": ["㙟𠅤村" if encoding == "GB18030" else "㙟村", "龙车村"]}
    data = boundary_file("zip", [BOX, BOX], fields, encoding=encoding, cpg=cpg, without=[] if cpg else [".cpg"])
    found = read(data, "zip", None)
    assert [each.attributes["CUNMC"] for each in found.features] == fields["CUNMC"]
    lies = cpg is not None and ("UTF" in cpg) != (encoding == "UTF-8")
    assert found.notes == (["other_encoding"] if lies else [])


def test_latitude_first_and_heights_are_put_right():
    swapped = shapely.transform(BOX, lambda at: at[:, ::-1])
    found = read(boundary_file("geojson", [swapped], FIELDS), "geojson", None)
    assert same(found.features[0])
    assert found.notes == ["swapped"]
    high = shapely.force_3d(BOX, 410.0)
    found = read(boundary_file("zip", [high], FIELDS, kind="Polygon Z"), "zip", None)
    assert not shapely.has_z(shape(found.features[0]))


def test_small_crossings_are_mended_and_large_ones_are_not():
    small = Polygon(
        [(106.2, 24.3), (106.24, 24.3), (106.24, 24.34), (106.2402, 24.3402), (106.2401, 24.34), (106.2, 24.34)]
    )
    knot = Polygon(
        [
            (106.2, 24.3),
            (106.24, 24.3),
            (106.24, 24.34),
            (106.2, 24.34),
            (106.2, 24.3201),
            (106.1999, 24.32),
            (106.2, 24.32),
        ]
    )
    bow = Polygon([(106.2, 24.3), (106.24, 24.34), (106.24, 24.3), (106.2, 24.34)])
    found = read(boundary_file("geojson", [small, knot, bow], {"Name": ["a", "b", "c"]}), "geojson", None)
    assert [each.problem for each in found.features][2] == "not_mended"
    for each in found.features[:2]:
        assert each.area is not None
        assert shape(each).is_valid


def test_what_is_no_area_is_said_of_its_shape_alone():
    shapes = [BOX, None, shapely.Point(106.2, 24.3), MultiPolygon([BOX])]
    data = boundary_file("geojson", shapes, {"Name": list("abcd")}, kind="Unknown")
    assert [each.problem for each in read(data, "geojson", None).features] == [None, "empty", "no_polygon", None]


@pytest.mark.parametrize(
    ("data", "extension", "code"),
    [
        (b"", "zip", "unreadable"),
        (b"{}", "geojson", "unreadable"),
        (b"x", "dwg", "no_boundaries"),
        (packed({"readme.txt": b"x"}), "zip", "no_boundaries"),
        (boundary_file("zip", [BOX], FIELDS, without=[".dbf", ".shx"]), "zip", "incomplete"),
        (packed({"a.shp": b"x", "b.shp": b"x"}), "zip", "several_layers"),
        (packed({"a.shp": bytes(60_000_000)}), "zip", "bomb"),
    ],
    ids=lambda value: value if isinstance(value, str) else "file",
)
def test_what_is_no_boundary_file_is_refused_in_words(data: bytes, extension: str, code: str):
    with pytest.raises(Refusal) as caught:
        read(data, extension, None)
    assert caught.value.code == code


async def test_a_process_of_its_own_reads_the_same():
    data = boundary_file("zip", [BOX], FIELDS)
    assert await apart.boundaries(data, "村界.ZIP", None) == read(data, "zip", None)


def test_metres_of_an_unknown_zone_may_be_of_any_until_one_is_said():
    data = boundary_file("zip", [moved(BOX, "EPSG:4544")], FIELDS, crs="EPSG:4544", without=[".prj"])
    found = read(data, "zip", None)
    assert found.undecided
    assert {"epsg:4544", "epsg:4545"} <= set(found.readings)
    said = read(data, "zip", "epsg:4544")
    assert not said.undecided
    drawn, taken = shapely.from_wkb(found.features[0].area), shapely.from_wkb(said.features[0].area)
    assert taken.hausdorff_distance(BOX) < 1e-8
    assert read_again(drawn, str(found.reading), "epsg:4544").hausdorff_distance(taken) < 1e-8


@pytest.mark.parametrize("asked", ["wgs84", "epsg:4545"])
def test_degrees_are_no_metres(asked: str):
    metres = boundary_file("zip", [moved(BOX, "EPSG:4545")], FIELDS, crs="EPSG:4545")
    degrees = boundary_file("geojson", [BOX], FIELDS)
    with pytest.raises(Refusal):
        read(metres if asked == "wgs84" else degrees, "zip" if asked == "wgs84" else "geojson", asked)
