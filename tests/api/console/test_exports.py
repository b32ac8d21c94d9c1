"""Every list as a sheet: the same rows as on the screen, in scope, on record, and nothing in it a formula."""

import csv
import io
import json
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any
from uuid import uuid4

import pyogrio
import pytest
import python_calamine
import shapely
from sqlalchemy import text

from app.console.exports import EXPORTS
from app.exchange import boundaries
from app.worker.schedule import tick
from tests.support.cluster import Server
from tests.support.county import (
    A1,
    B1,
    COUNTY,
    HELPER_A1,
    HELPER_B1,
    LEADER_A,
    OFFICE,
    STRANGER,
    Cast,
    square,
    unit_id,
)
from tests.support.server import WEDNESDAY_NIGHT, Api, check_in, running

BASE = f"/v1/counties/{COUNTY}"
LISTS = {name: f"/{name}" for name in EXPORTS if name != "geofences"}  # which are a map's alone
EVIL = '=HYPERLINK("http://x","点我")'
FILTERS = {
    "compliance": ["", "group_by=village", "group_by=category"],
    "compliance-tree": ["", f"unit={unit_id('theatre_a')}"],
    "duties": ["", "status=missed,open", f"village={A1}", "category=helper"],
    "flags": ["", "status=open", "status=withdrawn"],
    "check-ins": ["", f"person={HELPER_A1.id}", "standing=held", "order=oldest", f"village={B1}"],
    "reviews": [""],
    "people": ["", "q=帮扶"],
    "leave": ["", "status=asked"],
    "appeals": [""],
    "coverage": ["", f"village={A1}"],
    "silence": ["", "hours=1"],
}


@pytest.fixture(scope="module")
async def lived_in(server: Server, county_template: str) -> AsyncIterator[Api]:
    """One for all: they only look."""
    async with server.database(county_template) as url, running(url) as api:
        yield await two_weeks(api)


async def two_weeks(api: Api) -> Api:
    """Two weeks with visits, a held one, leave, and a flag that is appealed against."""
    api.clock.turn(days=-7)
    await tick(api.service, api.clock)
    for cast, village in ((HELPER_A1, A1), (HELPER_B1, B1)):
        api.clock.turn(minutes=50)
        async with await api.as_(cast) as phone:
            for number in range(5):
                at = api.clock.turn(minutes=1)
                visit = check_in(village, at=at, note=EVIL if number == 0 else f"第{number}次")
                assert (await phone.post("/v1/check-ins", json=visit)).status_code == 201
            held = check_in(village, at=api.clock.turn(minutes=1), position={"mock": True})
            assert (await phone.post("/v1/check-ins", json=held)).json()["standing"] == "held"
            leave = {"id": str(uuid4()), "kind": "annual", "reason": "+86", "from_date": "2026-11-23"}
            asked = await phone.post("/v1/me/leave", json=leave | {"until_date": "2026-11-24"})
            assert asked.status_code == 201, asked.text
    api.clock.now = WEDNESDAY_NIGHT
    await tick(api.service, api.clock)
    async with await api.as_(OFFICE) as office:
        flags = (await office.get(f"{BASE}/flags")).json()["items"]
    (own,) = [each["id"] for each in flags if each["person"]["id"] == str(LEADER_A.id)][:1]
    async with await api.as_(LEADER_A) as phone:
        appeal = {"id": str(uuid4()), "flag_id": own, "text": "@另有任务"}
        assert (await phone.post("/v1/me/appeals", json=appeal)).status_code == 201
    return api


async def sheet(api: Api, name: str, query: str, who: Cast = OFFICE, **headers: str) -> list[list[Any]]:
    async with await api.as_(who, **headers) as console:
        reply = await console.get(f"{BASE}/exports/{name}.xlsx?{query}")
    assert reply.status_code == 200, reply.text
    book = python_calamine.CalamineWorkbook.from_filelike(io.BytesIO(reply.content))
    return book.get_sheet_by_index(0).to_python()


async def table(api: Api, name: str, query: str, who: Cast = OFFICE) -> list[list[str]]:
    async with await api.as_(who) as console:
        reply = await console.get(f"{BASE}/exports/{name}.csv?{query}")
    assert reply.status_code == 200, reply.text
    return list(csv.reader(io.StringIO(reply.content.decode("utf-8-sig"))))


async def listed(api: Api, name: str, query: str, who: Cast = OFFICE) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = []
    cursor = ""
    async with await api.as_(who) as console:
        while True:
            paging = f"&limit=3&cursor={cursor}" if cursor else "&limit=3"
            page = (
                await console.get(f"{BASE}{LISTS[name]}?{query}{'' if name.startswith('compliance') else paging}")
            ).json()
            found += page["items"]
            cursor = page.get("next_cursor") or ""
            if not cursor:
                return found


def who_is(item: dict[str, Any]) -> str:
    if "phone" in item and "name" in item:
        return str(item["name"])
    named = item.get("person") or item.get("household") or item.get("unit") or item.get("village") or item
    return named.get("name") or named.get("head_name") or ""


@pytest.mark.parametrize("who", [OFFICE, LEADER_A, HELPER_B1], ids=lambda cast: cast.phone)
@pytest.mark.parametrize("name", LISTS)
async def test_a_sheet_has_the_rows_of_the_list_whatever_is_asked(lived_in: Api, name: str, who: Cast):
    for query in FILTERS[name]:
        async with await lived_in.as_(who) as console:
            paths = (f"{BASE}{LISTS[name]}?{query}", f"{BASE}/exports/{name}.xlsx?{query}")
            seen, exported = [(await console.get(path)).status_code for path in paths]
        assert seen == exported
        if seen == 404:  # what is named lies outside
            continue
        items = await listed(lived_in, name, query, who)
        head, *rows = await sheet(lived_in, name, query, who)
        assert len(rows) == len(items), query
        assert len(head) == len(EXPORTS[name].columns)
        at = head.index("户主") if name == "coverage" else 0
        if "category" not in query:
            assert [row[at].strip("\u3000") for row in rows] == [who_is(item) for item in items], query
        written = await table(lived_in, name, query, who)
        assert (written[0], len(written) - 1) == (head, len(items))


async def test_nothing_that_was_typed_is_a_formula(lived_in: Api):
    head, *rows = await sheet(lived_in, "check-ins", "")
    at = head.index("备注")
    assert [row[at] for row in rows].count(EVIL) == 2, "as text, in a cell of text"
    assert [row[at] for row in await table(lived_in, "check-ins", "")].count(f"'{EVIL}") == 2
    assert "'+86" in [row[9] for row in await table(lived_in, "leave", "")]
    assert "'@另有任务" in [row[6] for row in await table(lived_in, "appeals", "")]


async def test_numbers_times_and_words_are_what_people_read(lived_in: Api):
    head, *rows = await sheet(lived_in, "check-ins", f"person={HELPER_A1.id}&order=oldest")
    first = dict(zip(head, rows[0], strict=True))
    assert str(first["走访时间"]) == "2026-11-11 21:01:00", "at the county's time"
    assert (first["位置判定"], first["效力"], first["用途"]) == ("村界内", "有效", "入户走访")
    assert first["精度（米）"] == 12
    english = (await sheet(lived_in, "check-ins", "", **{"Accept-Language": "en"}))[0]
    assert english[:3] == ["Name", "Category", "Visited"]
    head, *rows = await sheet(lived_in, "people", "")
    assert {row[1] for row in rows} >= {HELPER_A1.phone}, "text, which loses no digit"


async def test_each_export_is_on_record_and_none_reaches_further_than_the_list(lived_in: Api):
    await sheet(lived_in, "check-ins", f"village={A1}", LEADER_A)
    async with lived_in.database.transaction() as session:
        statement = "SELECT actor_id, subject, detail FROM audit_entry WHERE action = 'list.exported'"
        last = f"{statement} ORDER BY id DESC LIMIT 1"
        ((actor, subject, detail),) = (await session.execute(text(last))).all()
    assert (actor, subject) == (LEADER_A.id, "export:check-ins")
    assert detail == {"filter": f"village={A1}", "rows": 6, "format": "xlsx"}
    async with await lived_in.as_(LEADER_A) as leader, await lived_in.as_(STRANGER) as stranger:
        assert (await leader.get(f"{BASE}/exports/check-ins.xlsx?village={B1}")).status_code == 404
        assert (await stranger.get(f"{BASE}/exports/people.csv")).status_code == 404
        assert (await leader.get(f"{BASE}/exports/people.pdf")).status_code == 422
        assert (await leader.get(f"{BASE}/exports/flags.xlsx?status=nonsense")).status_code == 422
        assert (await leader.get(f"{BASE}/exports/cattle.xlsx")).status_code == 404


async def a_map(api: Api, name: str, who: Cast = OFFICE) -> Any:
    async with await api.as_(who) as console:
        return await console.get(f"{BASE}/exports/{name}")


async def test_check_ins_are_points_on_a_map(lived_in: Api, tmp_path: Path):
    items = await listed(lived_in, "check-ins", "")
    found = (await a_map(lived_in, "check-ins.geojson")).json()["features"]
    where = [(item["position"]["lon"], item["position"]["lat"]) for item in items]
    assert [tuple(each["geometry"]["coordinates"]) for each in found] == [pytest.approx(at) for at in where]
    assert found[0]["properties"]["姓名"] == items[0]["person"]["name"]
    path = tmp_path / "check-ins.gpkg"
    path.write_bytes((await a_map(lived_in, "check-ins.gpkg")).content)
    meta, _, shapes, columns = pyogrio.raw.read(path)
    assert (len(shapes), meta["crs"], meta["geometry_type"]) == (len(items), "EPSG:4326", "Point")
    names = dict(zip(meta["fields"], columns, strict=True))
    assert list(names["姓名"]) == [item["person"]["name"] for item in items]
    assert names["精度（米）"].dtype.kind == "f"


async def test_boundaries_go_out_as_they_came_in_and_within_ones_own_part(lived_in: Api, tmp_path: Path):
    found = (await a_map(lived_in, "geofences.geojson")).json()["features"]
    assert len(found) == 4
    went_out = shapely.from_geojson(json.dumps(found[0]["geometry"]))
    assert shapely.hausdorff_distance(went_out, shapely.from_wkt(square(A1)[10:])) < 1e-7
    own = (await a_map(lived_in, "geofences.geojson", LEADER_A)).json()["features"]
    assert [each["properties"]["村"] for each in own] == ["甲一村", "甲二村"]
    packed = (await a_map(lived_in, "geofences.gpkg")).content
    back = boundaries.read(packed, "gpkg", None)
    assert back.features[0].attributes["村代码"] == A1
    assert back.notes == []


async def test_a_list_without_places_is_no_map(lived_in: Api):
    reply = await a_map(lived_in, "people.gpkg")
    assert (reply.status_code, reply.json()["errors"][0]["code"]) == (422, "no_map")


@pytest.mark.parametrize("who", [OFFICE, LEADER_A], ids=lambda cast: cast.phone)
async def test_every_unit_of_the_tree_has_the_total_that_the_board_shows_for_it(lived_in: Api, who: Cast):
    async with await lived_in.as_(who) as console:
        tree = (await console.get(f"{BASE}/compliance-tree")).json()["items"]
        for item in tree:
            total = (await console.get(f"{BASE}/compliance?unit={item['unit']['id']}")).json()["total"]
            assert {name: item[name] for name in total} == total, item["unit"]["name"]
    head, *rows = await sheet(lived_in, "compliance-tree", "", who)
    assert [row[head.index("人数")] for row in rows] == [item["people"] for item in tree]
    assert [len(row[0]) - len(row[0].lstrip("\u3000")) for row in rows] == [item["depth"] for item in tree]
    assert tree[0]["depth"] == 0
    assert sum(item["people"] for item in tree) > 0
