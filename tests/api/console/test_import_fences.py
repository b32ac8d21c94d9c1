"""Boundary files become versions of fences: which shape is which village, and whether it can lie there."""

import json
from typing import Any

import numpy as np
import pytest
import shapely
from pyproj import Transformer
from sqlalchemy import text

from app.geo.coordinates import from_wgs84
from tests.support.boundaries import boundary_file
from tests.support.county import A1, A2, B1, COUNTY, HELPER_A1, OFFICE, SIDE, SOUTH, WEST
from tests.support.server import Api, check_in

BASE = f"/v1/counties/{COUNTY}/imports"


def box(village: str, grown: float = 0.0) -> shapely.Polygon:
    west = WEST[village]
    return shapely.box(west - grown, SOUTH - grown, west + SIDE + grown, SOUTH + SIDE + grown)


async def checked(
    api: Api, shapes: list[Any], fields: dict[str, list[str]], kind: str = "zip", **options: Any
) -> Any:
    data = boundary_file(kind, shapes, fields)
    async with await api.as_(OFFICE) as console:
        reply = await console.post(
            f"{BASE}/geofences", files={"file": (f"村界.{kind}", data)}, data={"options": json.dumps(options)}
        )
        assert reply.status_code == 202, reply.text
        return (await console.get(f"{BASE}/{reply.json()['id']}")).json()


async def act(api: Api, found: Any, what: str) -> Any:
    async with await api.as_(OFFICE) as console:
        reply = await console.post(f"{BASE}/{found['id']}/{what}")
        return reply, (await console.get(f"{BASE}/{found['id']}")).json()


async def ask(api: Api, statement: str) -> list[Any]:
    async with api.database.transaction() as session:
        return [tuple(row) for row in await session.execute(text(statement))]


VERSIONS = (
    "SELECT village_id, version, valid_until IS NULL, synthetic,"
    " CAST(valid_from AT TIME ZONE 'Asia/Shanghai' AS text)"
    " FROM geofence WHERE county_id = '451029' ORDER BY 1, 2"
)
PROBLEM = ("row", "column", "code")


def problems(found: Any) -> list[tuple[Any, ...]]:
    return [tuple(each[name] for name in PROBLEM) for each in found["problems"]]


async def test_a_shapefile_gives_villages_a_new_version_of_their_fence(api: Api):
    before = await ask(api, VERSIONS)
    fields = {"ZLDWDM": [f"{A1}0000000", f"{A2}0000000"], "ZLDWMC": ["甲一村", "甲二村"]}
    found = await checked(api, [box(A1, 0.001), box(A2)], fields)
    assert (found["state"], found["rows"]) == ("ready", 2), found["problems"]
    assert found["changes"]["effect"]["changed"] == {"geofences": 1}, "that of A2 is as it was"
    assert "overlap" in {each["code"] for each in found["notes"]}
    assert await ask(api, VERSIONS) == before
    _, done = await act(api, found, "apply")
    assert done["state"] == "applied", done["problems"]
    now = await ask(api, VERSIONS)
    assert set(now) - set(before) == {
        (A1, 1, False, *before[0][3:]),
        (A1, 2, True, False, "2026-11-18 00:00:00"),
    }
    async with await api.as_(HELPER_A1) as phone:
        just_inside = {"lon": WEST[A1] - 0.0005, "lat": SOUTH - 0.0005, "accuracy_m": 5.0}
        visit = (await phone.post("/v1/check-ins", json=check_in(A1, position=just_inside))).json()
        assert (visit["place"], visit["village"]["geofence_version"]) == ("inside", 2)
    refused, still = await act(api, found, "undo")
    assert (refused.status_code, still["state"]) == (409, "applied")
    assert "已有签到" in refused.json()["detail"]


async def test_fences_are_taken_back_while_no_visit_rests_on_them(api: Api):
    before = await ask(api, VERSIONS)
    found = await checked(api, [box(A1, 0.001), box(B1, -0.001)], {"村代码": [A1, B1]}, "gpkg")
    await act(api, found, "apply")
    assert await ask(api, VERSIONS) != before
    reply, back = await act(api, found, "undo")
    assert (reply.status_code, back["state"]) == (200, "undone"), reply.text
    assert await ask(api, VERSIONS) == before


async def test_what_is_wrong_is_said_at_its_shape(api: Api):
    await ask(api, f"UPDATE village SET name = '乙一村' WHERE id = '{A2}' RETURNING id")
    bow = shapely.Polygon([(106.2, 24.3), (106.24, 24.34), (106.24, 24.3), (106.2, 24.34)])
    away = shapely.box(110.0, 24.3, 110.04, 24.34)
    names = ["甲一村", "甲一村", "没有的村", "乙一村", B1, "乙二村"]
    found = await checked(api, [box(A1), box(A1), box(A1), box(A2), bow, away], {"name": names}, "geojson")
    assert found["state"] == "failed"
    assert sorted(problems(found)) == [
        (2, "name", "twice"),
        (3, "name", "unknown"),
        (4, "name", "which"),
        (5, None, "not_mended"),
        (6, "name", "elsewhere"),
    ]
    assert found["problems"][0]["detail"] == "与第 1 个图形是同一个村"


async def test_the_field_with_the_village_is_said_once_and_remembered(api: Api):
    found = await checked(api, [box(A1, 0.001)], {"QY": [A1]})
    assert (found["state"], found["unknown_headings"]) == ("failed", ["QY"])
    assert (await checked(api, [box(A1, 0.001)], {"QY": [A1]}, headings={"QY": "village"}))["state"] == "ready"
    assert (await checked(api, [box(A1, 0.001)], {"QY": [A1]}))["state"] == "ready"


async def test_a_county_without_an_outline_has_its_first_fences_from_the_file(api: Api):
    await ask(api, "UPDATE county SET outline = NULL WHERE id = '451029' RETURNING id")
    await ask(api, "DELETE FROM geofence WHERE county_id = '451029' RETURNING version")
    far = shapely.box(116.3, 39.9, 116.34, 39.94)
    found = await checked(api, [box(A1), box(A2), far], {"村代码": [A1, A2, B1]}, "geojson")
    assert problems(found) == [(3, "村代码", "elsewhere")]
    found = await checked(api, [box(A1), box(A2), box(B1)], {"村代码": [A1, A2, B1]}, "geojson")
    assert found["changes"]["effect"]["new"] == {"geofences": 3}
    assert found["changes"]["gone_named"] == ["乙二村"]
    await act(api, found, "apply")
    async with await api.as_(HELPER_A1) as phone:
        assert (await phone.post("/v1/check-ins", json=check_in(A1))).json()["place"] == "inside"


async def test_a_shifted_file_is_told_by_where_it_falls(api: Api):
    """Drawn on a map of Amap or Ovital: half a kilometre off, until the office says so."""
    shifted = shapely.transform(
        box(A1), lambda at: np.column_stack(from_wgs84(at[:, 0], at[:, 1], ["gcj02"] * len(at)))
    )
    overlaps = []
    for options in ({}, {"crs": "gcj02"}):
        found = await checked(api, [shifted], {"村代码": [A1]}, "geojson", **options)
        assert found["state"] == "ready"
        overlaps.append([each["code"] for each in found["notes"]].count("overlap"))
    assert overlaps == [1, 0]


async def mapped(api: Api, found: Any, reading: str = "") -> Any:
    async with await api.as_(OFFICE) as console:
        reply = await console.get(f"{BASE}/{found['id']}/map", params={"reading": reading} if reading else {})
        assert reply.status_code == 200, reply.text
        return reply.json()


async def test_what_comes_is_drawn_beside_what_is_there_and_what_does_not_meet_is_marked(api: Api):
    gap = shapely.box(WEST[A1], SOUTH, WEST[A1] + SIDE - 0.0005, SOUTH + SIDE)
    fields = {"ZLDWDM": [A1, A2, "999999999999"]}
    found = await checked(api, [box(A1, 0.001), gap, box(B1)], fields)
    drawn = await mapped(api, found)
    kinds = [each["kind"] for each in drawn["shapes"]]
    assert kinds.count("present") == len(WEST)
    assert {"changed", "refused", "overlap"} <= set(kinds)
    wrong = next(each for each in drawn["shapes"] if each["kind"] == "refused" and each["row"] == 3)
    assert wrong["detail"] == next(each["detail"] for each in found["problems"] if each["row"] == 3)


async def test_a_map_in_doubt_is_read_in_every_way_and_checked_anew_as_the_office_chooses(api: Api):
    shifted = shapely.transform(box(A1), lambda at: np.column_stack(from_wgs84(at[:, 0], at[:, 1], "gcj02")))
    found = await checked(api, [shifted], {"ZLDWDM": [A1]}, "geojson")
    assert found["changes"]["changed"] == 1
    drawn = await mapped(api, found)
    assert drawn["reading"] == "wgs84"
    by_code = {each["code"]: each for each in drawn["readings"]}
    assert set(by_code) == {"wgs84", "gcj02", "bd09"}
    assert by_code["gcj02"]["on_known"] > 0.999 > by_code["wgs84"]["on_known"]
    other = await mapped(api, found, "gcj02")
    assert (other["reading"], next(each["kind"] for each in other["shapes"] if each["row"])) == (
        "gcj02",
        "changed",
    )
    async with await api.as_(OFFICE) as console:
        reply = await console.put(f"{BASE}/{found['id']}/reading", json={"code": "gcj02"})
        assert reply.status_code == 202, reply.text
        again = (await console.get(f"{BASE}/{found['id']}")).json()
        assert (again["state"], again["id"]) == ("ready", found["id"])
        refused = await console.put(f"{BASE}/{found['id']}/reading", json={"code": "epsg:2361"})
        assert refused.status_code == 422
        await console.post(f"{BASE}/{found['id']}/apply")
        late = await console.put(f"{BASE}/{found['id']}/reading", json={"code": "wgs84"})
        assert late.status_code == 409
    areas = await ask(
        api, f"SELECT ST_AsText(area) FROM geofence WHERE village_id = '{A1}' AND valid_until IS NULL"
    )
    assert shapely.from_wkt(areas[0][0]).hausdorff_distance(box(A1)) < 1e-6


async def test_metres_of_an_unknown_zone_are_asked_about_on_the_map(api: Api):
    metres = shapely.transform(
        box(A1), lambda at: np.column_stack(Transformer.from_crs(4326, 4544, always_xy=True).transform(*at.T))
    )
    data = boundary_file("zip", [metres], {"ZLDWDM": [A1]}, crs="EPSG:4544", without=[".prj"])
    async with await api.as_(OFFICE) as console:
        sent = await console.post(f"{BASE}/geofences", files={"file": ("村界.zip", data)}, data={"options": "{}"})
        found = (await console.get(f"{BASE}/{sent.json()['id']}")).json()
        assert found["state"] == "failed"
        assert "哪一带" in found["problems"][0]["detail"]
    drawn = await mapped(api, found)
    assert drawn["readings"][0]["meridian"] == 105
    async with await api.as_(OFFICE) as console:
        await console.put(f"{BASE}/{found['id']}/reading", json={"code": "epsg:4544"})
        again = (await console.get(f"{BASE}/{found['id']}")).json()
    assert again["state"] == "ready", again["problems"]


HOMES = {"户编号": ["1", "2"], "户主": ["甲", "乙"], "村代码": [A1, A1]}


async def points_of(api: Api, kind: str, points: list[Any], crs: str = "EPSG:4326", **more: Any) -> Any:
    data = boundary_file(kind, points, HOMES, kind="Point", crs=crs, **more)
    async with await api.as_(OFFICE) as console:
        reply = await console.post(
            f"{BASE}/households", files={"file": (f"农户.{kind}", data)}, data={"options": "{}"}
        )
        assert reply.status_code == 202, reply.text
        return (await console.get(f"{BASE}/{reply.json()['id']}")).json()


AT_HOME, IN_A2 = shapely.Point(WEST[A1] + 0.02, SOUTH + 0.02), shapely.Point(WEST[A2] + 0.02, SOUTH + 0.02)
PLACED = (
    "SELECT number, round(CAST(ST_X(position) AS numeric), 5) FROM household WHERE number IN ('1', '2') ORDER BY 1"
)


@pytest.mark.parametrize("kind", ["zip", "gpkg", "geojson"])
async def test_households_come_as_points_on_a_map(api: Api, kind: str):
    """One of them lies in another village: it is told on the map, at its shape."""
    found = await points_of(api, kind, [AT_HOME, IN_A2])
    assert (found["state"], found["rows"]) == ("ready", 2), found["problems"]
    drawn = await mapped(api, found)
    (away,) = [each for each in drawn["shapes"] if each["kind"] == "away"]
    assert (away["row"], away["name"], away["detail"]) == (2, "乙", "坐标不在甲一村的村界内")
    assert drawn["points"] == 2
    assert {each["code"]: each["on_known"] for each in drawn["readings"]}["wgs84"] == 0.5
    await act(api, found, "apply")
    assert [(number, float(lon)) for number, lon in await ask(api, PLACED)] == [
        ("1", round(AT_HOME.x, 5)),
        ("2", round(IN_A2.x, 5)),
    ]


async def test_points_in_metres_of_an_unknown_zone_are_asked_about_too(api: Api):
    metres = [
        shapely.transform(
            each, lambda at: np.column_stack(Transformer.from_crs(4326, 4544, always_xy=True).transform(*at.T))
        )
        for each in (AT_HOME, IN_A2)
    ]
    found = await points_of(api, "zip", metres, crs="EPSG:4544", without=[".prj"])
    assert (found["state"], "哪一带" in found["problems"][0]["detail"]) == ("failed", True)
    assert (await mapped(api, found))["reading"] == "epsg:4544"
    async with await api.as_(OFFICE) as console:
        await console.put(f"{BASE}/{found['id']}/reading", json={"code": "epsg:4544"})
        again = (await console.get(f"{BASE}/{found['id']}")).json()
    assert again["state"] == "ready", again["problems"]


async def test_how_much_of_a_shape_lies_beyond_the_outline_is_said_and_drawn(api: Api):
    outline = "UPDATE county SET outline = ST_Multi(ST_MakeEnvelope(106.20, 24.30, 106.36, 24.34, 4326))"
    await ask(api, f"{outline} WHERE id = '451029' RETURNING id")
    west = WEST[A1]
    over = shapely.box(west - SIDE / 4, SOUTH, west + SIDE * 3 / 4, SOUTH + SIDE)
    found = await checked(api, [over], {"村代码": [A1]}, "geojson")
    assert [each["detail"] for each in found["notes"] if each["code"] == "beyond"] == ["有 25% 在县界之外"]
    (away,) = [each for each in (await mapped(api, found))["shapes"] if each["kind"] == "away"]
    there = shapely.from_geojson(json.dumps(away["geometry"]))
    assert there.symmetric_difference(shapely.box(west - SIDE / 4, SOUTH, west, SOUTH + SIDE)).area < 1e-8
