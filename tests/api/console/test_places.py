"""Villages, townships and households by hand: moved, ended with all that is in them, seen where one may see."""

from collections.abc import AsyncIterator
from typing import Any

import pytest
from sqlalchemy import text

from app.flows.recount import recount_all
from app.worker.schedule import tick
from tests.support import county
from tests.support.cluster import Server
from tests.support.county import (
    A1,
    A2,
    B1,
    COUNTY,
    HELPER_A1,
    HOUSE_A1,
    LEADER_A,
    OFFICE,
    STRANGER,
    Cast,
    centre,
    unit_id,
)
from tests.support.server import Api, after, check_in

BASE = f"/v1/counties/{COUNTY}"
END = "2026-11-20"
NAMED = {"name": "甲一村", "official_name": "甲一村委会", "unit_id": str(unit_id("squad_a1"))}
LELAO, LIBAI = "451029100", "451029101"


async def visit(api: Api) -> None:
    await tick(api.service, api.clock)
    async with await api.as_(HELPER_A1) as phone:
        assert (await phone.post("/v1/check-ins", json=check_in())).status_code == 201


@pytest.fixture
async def opened(server: Server, county_template: str) -> AsyncIterator[Api]:
    """The small county with this week's duties, and a visit."""
    async with after(server, county_template, visit) as api:
        yield api


async def send(api: Api, method: str, path: str, body: Any = None, who: Cast = OFFICE) -> Any:
    async with await api.as_(who) as console:
        return await console.request(method, BASE + path, json=body)


async def ask(api: Api, statement: str) -> list[Any]:
    async with api.database.transaction() as session:
        return [tuple(row) for row in await session.execute(text(statement))]


def errors(reply: Any) -> list[tuple[str, str]]:
    return [(each["pointer"], each["code"]) for each in reply.json()["errors"]]


FENCE = f"SELECT valid_until FROM geofence WHERE village_id = '{A1}' ORDER BY version"


async def test_a_village_ends_with_its_households_its_people_and_its_fence(opened: Api):
    ended = NAMED | {"until_date": END}
    said = (await send(opened, "PUT", f"/villages/{A1}?preview=true", ended)).json()
    assert said["changed"] == {"villages": 1, "households": 1, "assignments": 2}
    assert await ask(opened, FENCE) == [(None,)]
    assert (await send(opened, "PUT", f"/villages/{A1}", ended)).json() == said
    village = (await send(opened, "GET", f"/villages/{A1}")).json()
    assert village["until_date"] == END
    ((until,),) = await ask(opened, FENCE)
    assert until.isoformat() == "2026-11-19T16:00:00+00:00"  # midnight in the county
    (home,) = (await send(opened, "GET", f"/villages/{A1}/households")).json()["items"]
    assert home["until_date"] == END
    late = {"person_id": str(HELPER_A1.id), "village_id": A1, "from_date": END}
    assert errors(await send(opened, "POST", "/assignments", late)) == [("/until_date", "place_ended")]
    assert errors(await send(opened, "POST", "/households", {"village_id": A1, "head_name": "甲"})) == [
        ("/until_date", "place_ended")
    ]
    assert (await recount_all(opened.database, now=opened.clock(), apply=False)).differences == 0
    visits = (await send(opened, "GET", f"/check-ins?village={A1}")).json()["items"]
    assert [each["standing"] for each in visits] == ["counted"]


async def test_a_village_that_goes_on_after_all_has_its_fence_again(opened: Api):
    await send(opened, "PUT", f"/villages/{A1}", NAMED | {"until_date": END})
    await send(opened, "PUT", f"/villages/{A1}", NAMED | {"until_date": "2026-12-01"})
    ((until,),) = await ask(opened, FENCE)
    assert until.isoformat() == "2026-11-30T16:00:00+00:00"
    await send(opened, "PUT", f"/villages/{A1}", NAMED)
    assert await ask(opened, FENCE) == [(None,)]
    back = {"until_date": None, "head_name": "户主", "village_id": A1}
    assert (await send(opened, "PUT", f"/households/{HOUSE_A1}", back)).status_code == 200


async def test_structure_asks_nothing_of_a_village_that_is_no_more(opened: Api):
    named = {"name": "乙二村", "official_name": "乙二村委会", "unit_id": str(unit_id("squad_b2"))}
    await send(opened, "PUT", "/villages/451029101202", named | {"until_date": END})
    for day, without in (("2026-11-19", ["乙二村"]), (END, [])):
        found = (await send(opened, "GET", f"/structure?day={day}")).json()["items"]
        assert [each["name"] for each in found if each["finding"] == "village_without_people"] == without


async def test_a_village_moves_to_another_township_and_both_outlines_follow(opened: Api):
    outline = "SELECT id, ST_NumGeometries(outline), ST_Area(outline) > 0.0017 FROM township ORDER BY id"
    moved = await send(opened, "PUT", f"/villages/{A2}", {**NAMED, "name": "甲二村", "township_id": LIBAI})
    assert moved.json()["changed"] == {"villages": 1}, moved.text
    assert [larger for _, _, larger in await ask(opened, outline)] == [False, True]
    assert (await send(opened, "GET", f"/villages/{A2}")).json()["township"]["id"] == LIBAI
    townships = (await send(opened, "GET", "/townships")).json()["items"]
    assert [(each["id"], each["villages"]) for each in townships] == [(LELAO, 1), (LIBAI, 3)]
    unknown = await send(opened, "PUT", f"/villages/{A2}", NAMED | {"township_id": "451029999"})
    assert errors(unknown) == [("/township_id", "unknown")]


async def test_no_new_village_takes_the_code_of_another(opened: Api):
    recoded = {"code": "451029100001", "from_date": "2026-11-18", "source": "民政局批复"}
    recoded |= {"name": "甲一社区", "official_name": "甲一社区居委会"}
    assert (await send(opened, "PUT", f"/villages/{A1}/code", recoded)).status_code == 200
    assert errors(await send(opened, "PUT", f"/villages/{A2}/code", recoded)) == [("/code", "taken")]
    for code in (A1, "451029100001"):
        new = NAMED | {"id": code, "township_id": LELAO}
        assert errors(await send(opened, "POST", "/villages", new)) == [("/id", "taken")]
    codes = (await send(opened, "GET", f"/villages/{A1}")).json()["codes"]
    assert [(each["code"], each["from_date"]) for each in codes] == [("451029100001", "2026-11-18")]


async def test_households_are_listed_with_those_without_a_point_first(opened: Api):
    new = {"village_id": A1, "head_name": "罗无点", "category": "near_poor", "number": "H9"}
    made = (await send(opened, "POST", "/households", new)).json()["id"]
    listed = (await send(opened, "GET", f"/villages/{A1}/households")).json()["items"]
    assert [each["head_name"] for each in listed] == ["罗无点", "户主"]
    assert (listed[0]["category"], listed[0]["position"]) == ("near_poor", None)
    assert [person["name"] for person in listed[1]["people"]] == [HELPER_A1.name]
    lon, lat = centre(A1)
    await send(opened, "PUT", f"/households/{made}", new | {"position": {"lon": lon, "lat": lat}})
    home = (await send(opened, "GET", f"/households/{made}")).json()
    assert (home["position"], home["village"]["id"]) == ({"lon": lon, "lat": lat}, A1)
    bad = await send(opened, "POST", "/households", new | {"category": "rich"})
    assert errors(bad)[0][0] == "/category"
    ended = (await send(opened, "PUT", f"/households/{made}", new | {"until_date": END})).json()
    assert ended["changed"] == {"households": 1}


async def test_what_is_out_of_sight_is_not_there(opened: Api):
    paths = (f"/villages/{A1}/households", f"/villages/{A1}/assignments", f"/households/{HOUSE_A1}")
    for path in paths:
        assert (await send(opened, "GET", path, who=LEADER_A)).status_code == 200
        for who in (county.LEADER_B, STRANGER):
            assert (await send(opened, "GET", path, who=who)).status_code == 404
    assert (await send(opened, "PUT", f"/villages/{B1}", NAMED, LEADER_A)).status_code == 404
    assert (await send(opened, "PUT", f"/villages/{A1}", NAMED, LEADER_A)).status_code == 403
    townships = (await send(opened, "GET", "/townships", who=LEADER_A)).json()["items"]
    assert [each["id"] for each in townships] == [LELAO]
    assert (await send(opened, "PUT", "/townships/451029105", {"name": "新乡"})).status_code == 200
    townships = (await send(opened, "GET", "/townships")).json()["items"]
    assert [(each["id"], each["villages"]) for each in townships][-1] == ("451029105", 0)
