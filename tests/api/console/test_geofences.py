"""A village's boundary changes: who may, from when it judges, and how other processes come to know."""

import asyncio
from datetime import timedelta
from typing import Any

import pytest
from shapely import MultiPolygon, Polygon, box
from shapely.geometry import shape
from sqlalchemy import text

from app.directory import service as directory
from app.directory.fences import Fences
from app.directory.service import County
from app.geo.coordinates import from_wgs84
from app.geo.fences import FenceIndex
from app.main import create_app
from app.settings import Settings
from tests.support import county
from tests.support.county import A1, B1, COUNTY, SIDE, SOUTH, WEST, Cast
from tests.support.server import KEY, WEDNESDAY_NIGHT, Api, check_in

URL = f"/v1/counties/{COUNTY}/geofences"
EAST_HALF = box(WEST[A1] + SIDE * 0.75, SOUTH, WEST[A1] + SIDE, SOUTH + SIDE)  # the middle is 1 km outside of it


def fence(area: Polygon | MultiPolygon = EAST_HALF, **changes: Any) -> dict[str, Any]:
    body = {
        "village_id": A1,
        "geometry": area.__geo_interface__,
        "valid_from": WEDNESDAY_NIGHT.isoformat(),
        "source": "2026 年勘界",
    }
    return body | changes


async def change(api: Api, body: dict[str, Any], who: Cast = county.OFFICE) -> Any:
    async with await api.as_(who, **{"Accept-Language": "en"}) as console:
        return await console.post(URL, json=body)


async def place_of(api: Api, **visit: Any) -> tuple[str, int]:
    async with await api.as_(county.HELPER_A1) as phone:
        reply = await phone.post("/v1/check-ins", json=check_in(**visit))
    assert reply.status_code == 201, reply.text
    return reply.json()["place"], reply.json()["village"]["geofence_version"]


async def test_a_new_boundary_judges_from_its_moment_on(api: Api):
    assert await place_of(api) == ("inside", 1)
    changed = await change(api, fence())
    assert changed.status_code == 201, changed.text
    newest, first = changed.json()["items"]
    assert (newest["version"], newest["valid_until"]) == (2, None)
    assert first["valid_until"] == newest["valid_from"]
    assert await place_of(api) == ("outside", 2)
    late = WEDNESDAY_NIGHT - timedelta(hours=3)
    assert await place_of(api, at=late) == ("inside", 1)


async def test_what_is_judged_stays_judged(api: Api):
    body = check_in()
    async with await api.as_(county.HELPER_A1) as phone:
        before = (await phone.post("/v1/check-ins", json=body)).json()
        await change(api, fence())
        after = (await phone.get(f"/v1/me/check-ins/{body['id']}")).json()
    assert (after["place"], after["village"]) == (before["place"], before["village"])


async def test_a_correction_leaves_the_mistaken_version_no_time(api: Api):
    await change(api, fence())
    corrected = await change(api, fence(box(WEST[A1], SOUTH, WEST[A1] + SIDE, SOUTH + SIDE)))
    versions = corrected.json()["items"]
    assert [each["version"] for each in versions] == [3, 2, 1]
    assert versions[1]["valid_from"] == versions[1]["valid_until"]
    assert await place_of(api) == ("inside", 3)


async def test_a_boundary_drawn_on_a_chinese_map_is_converted(api: Api):
    lon, lat = from_wgs84([WEST[A1], WEST[A1] + SIDE], [SOUTH, SOUTH + SIDE], ["gcj02", "gcj02"])
    drawn = box(lon[0], lat[0], lon[1], lat[1])
    stored = (await change(api, fence(drawn, crs="gcj02"))).json()["items"][0]["geometry"]
    assert shape(stored).bounds == pytest.approx((WEST[A1], SOUTH, WEST[A1] + SIDE, SOUTH + SIDE), abs=1e-4)


async def test_only_the_office_may_and_only_in_its_county(api: Api):
    assert (await change(api, fence(), county.LEADER_A)).status_code == 403
    assert (await change(api, fence(village_id=B1), county.LEADER_A)).status_code == 404
    assert (await change(api, fence(), county.STRANGER)).status_code == 404
    assert (await change(api, fence(), county.HELPER_A1)).status_code == 404
    assert await place_of(api) == ("inside", 1)


BOW_TIE = {
    "type": "Polygon",
    "coordinates": [[[106.2, 24.3], [106.24, 24.34], [106.24, 24.3], [106.2, 24.34], [106.2, 24.3]]],
}


@pytest.mark.parametrize(
    ("geometry", "code"),
    [
        ({"type": "Point", "coordinates": [106.2, 24.3]}, "not_a_polygon"),
        ({"type": "Polygon", "coordinates": []}, "not_a_polygon"),
        ({"type": "Polygon", "coordinates": "x"}, "not_a_polygon"),
        ({"type": "Polygon", "coordinates": [[[106.2, 24.3], [106.24, 24.34]]]}, "not_closed"),
        ({}, "not_a_polygon"),
        (BOW_TIE, "not_valid"),
        (box(24.3, 106.2, 24.34, 106.24).__geo_interface__, "elsewhere"),
        (box(110, 26, 110.04, 26.04).__geo_interface__, "elsewhere"),
        (EAST_HALF.union(box(106.6, SOUTH, 106.64, SOUTH + SIDE)).__geo_interface__, "apart"),
    ],
    ids=[
        "point",
        "empty",
        "text",
        "open",
        "nothing",
        "bow tie",
        "latitude first",
        "another county",
        "a part far off",
    ],
)
async def test_a_bad_polygon_is_refused_at_its_field(untouched: Api, geometry: dict[str, Any], code: str):
    reply = await change(untouched, fence(geometry=geometry))
    assert reply.status_code == 422, reply.text
    assert [(error["pointer"], error["code"]) for error in reply.json()["errors"]] == [("/geometry", code)]


async def test_a_corner_at_null_island_is_named_and_nobody_is_inside_between(api: Api):
    west, south, east, north = EAST_HALF.bounds
    ring = [[west, south], [0, 0], [east, south], [east, north], [west, north], [west, south]]
    async with await api.as_(county.OFFICE) as console:
        reply = await console.post(URL, json=fence(geometry={"type": "Polygon", "coordinates": [ring]}))
    (error,) = reply.json()["errors"]
    assert (reply.status_code, error["pointer"], error["code"]) == (422, "/geometry", "elsewhere")
    assert "第 2 个顶点(0, 0)" in error["detail"]
    between = {"lon": west * 0.8, "lat": south * 0.8}
    assert (await place_of(api, position=between))[0] == "outside"


async def test_the_county_whose_outline_is_known_is_held_to_it(api: Api):
    async with api.database.transaction() as session:
        await session.execute(
            text("UPDATE county SET outline = (SELECT ST_Multi(ST_Union(area)) FROM geofence) WHERE id = :id"),
            {"id": COUNTY},
        )
    assert (await change(api, fence())).status_code == 201
    beyond = await change(api, fence(box(WEST[A1] - 0.2, SOUTH, WEST[A1] - 0.1, SOUTH + SIDE)))
    assert beyond.json()["errors"][0]["code"] == "elsewhere"


async def test_a_new_countys_first_boundary(api: Api):
    async with api.database.transaction() as session:
        await session.execute(text("DELETE FROM geofence"))
    assert (await change(api, fence())).status_code == 201


async def test_what_a_map_program_exports_is_taken(api: Api):
    high = {"type": "Polygon", "coordinates": [[[*at, 410.0] for at in EAST_HALF.exterior.coords]]}
    exported = {"type": "FeatureCollection", "features": [{"type": "Feature", "properties": {}, "geometry": high}]}
    changed = await change(api, fence(geometry=exported))
    assert changed.status_code == 201, changed.text
    assert shape(changed.json()["items"][0]["geometry"]).bounds == pytest.approx(EAST_HALF.bounds)


async def test_versions_are_listed_for_who_sees_the_village(api: Api):
    async with await api.as_(county.LEADER_A) as leader:
        listed = await leader.get(URL, params={"village": A1})
        assert [each["version"] for each in listed.json()["items"]] == [1]
        assert (await leader.get(URL, params={"village": B1})).status_code == 404
        assert (await leader.get(URL)).json()["errors"][0]["pointer"] == "/village"


async def test_another_process_loads_changed_fences_before_a_check_in_asks(api: Api, county_url: str):
    other = create_app(Settings(database_url=county_url, secret_key=KEY), api.clock)
    async with other.router.lifespan_context(other):
        fences, database = other.state.services.fences, other.state.services.database
        async with database.transaction() as session:
            own = await directory.county(session, COUNTY)
            assert (await fences.of(session, own)).version == 1
        await change(api, fence())
        async with asyncio.timeout(30):
            while (await loaded(fences, own)).version == 1:  # noqa: ASYNC110 - that process tells nobody
                await asyncio.sleep(0.02)


async def loaded(fences: Fences, own: County) -> FenceIndex:
    """What the process holds, without asking the database."""
    return await fences.of(None, own)  # type: ignore[arg-type]
