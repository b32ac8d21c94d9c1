"""Nobody sees outside of their subtree: what lies there is 404 by name, and absent from every list and tile."""

from typing import Any
from uuid import uuid4

import httpx
import pytest

from tests.api.console import mvt
from tests.support import county
from tests.support.county import A1, A2, B1, COUNTY, OTHER_COUNTY, VISIT_RULE, unit_id
from tests.support.server import Api, check_in

BASE = f"/v1/counties/{COUNTY}"
TILE = "9/407/220"  # holds the whole small county


async def items(client: httpx.AsyncClient, path: str, **query: Any) -> list[dict[str, Any]]:
    reply = await client.get(f"{BASE}{path}", params=query)
    assert reply.status_code == 200, reply.text
    found: list[dict[str, Any]] = reply.json()["items"]
    return found


def people_in(listed: list[dict[str, Any]]) -> set[str]:
    return {item["person"]["name"] for item in listed}


async def test_the_leader_of_a_township_finds_nothing_of_the_other(weeks: Api):
    async with await weeks.as_(county.OFFICE) as office:
        duty = next(
            item
            for item in await items(office, "/duties", rule=VISIT_RULE, period="2026-W47")
            if item["person"]["id"] == str(county.HELPER_B1.id)
        )
        flag = next(item for item in await items(office, "/flags") if item["duty"]["id"] == duty["id"])
        visit = (await items(office, "/check-ins", person=county.HELPER_B1.id))[0]
    hidden = [
        f"/compliance?unit={unit_id('theatre_b')}",
        f"/compliance?unit={unit_id('root')}",
        f"/compliance-tree?unit={unit_id('root')}",
        f"/duties?unit={unit_id('squad_b1')}",
        f"/duties?village={B1}",
        f"/duties?person={county.HELPER_B1.id}",
        f"/duties/{duty['id']}",
        f"/flags?unit={unit_id('theatre_b')}",
        f"/flags?person={county.HELPER_B1.id}",
        f"/flags/totals?person={county.HELPER_B1.id}",
        f"/appeals?unit={unit_id('theatre_b')}",
        f"/appeals?person={county.HELPER_B1.id}",
        f"/reviews?unit={unit_id('theatre_b')}",
        f"/reviews?person={county.HELPER_B1.id}",
        f"/deliveries?unit={unit_id('theatre_b')}",
        f"/quarantine?unit={unit_id('theatre_b')}",
        f"/flags/{flag['id']}",
        f"/check-ins?person={county.HELPER_B1.id}",
        f"/check-ins?unit={unit_id('theatre_b')}",
        f"/check-ins?village={B1}",
        f"/check-ins/{visit['id']}",
        f"/people?unit={unit_id('theatre_b')}",
        f"/people?village={B1}",
        f"/people/{county.HELPER_B1.id}",
        f"/people/{county.HELPER_B1.id}/sheet",
        f"/people/{county.HELPER_B1.id}/sheet.docx",
        f"/villages/{B1}",
    ]
    async with await weeks.as_(county.LEADER_A) as leader:
        for path in hidden:
            reply = await leader.get(BASE + path)
            assert (reply.status_code, reply.json()["type"]) == (404, "/problems/not-found"), path
        for act in ("acknowledge", "clear"):
            reply = await leader.post(f"{BASE}/flags/{flag['id']}/{act}", json={"reason": "已核实"})
            assert reply.status_code == 404


async def test_lists_and_totals_hold_the_subtree_alone(weeks: Api):
    async with await weeks.as_(county.LEADER_A) as leader:
        total = (await leader.get(f"{BASE}/compliance", params={"rule": VISIT_RULE, "period": "2026-W47"})).json()
        assert (total["total"]["people"], total["total"]["met"]) == (1, 1)
        assert people_in(await items(leader, "/duties", rule=VISIT_RULE, period="2026-W46")) == {"甲一帮扶"}
        assert people_in(await items(leader, "/flags")) == {"甲一帮扶", "乐里领导"}
        assert people_in(await items(leader, "/check-ins")) == {"甲一帮扶", "乐里领导"}
        assert {item["name"] for item in await items(leader, "/people")} == {"甲一帮扶", "甲二队员", "乐里领导"}
        assert [item["id"] for item in await items(leader, "/villages")] == [A1, A2]
        units = await items(leader, "/units")
        assert [(item["code"], item["people"]) for item in units] == [
            ("theatre_a", 3),
            ("squad_a1", 1),
            ("squad_a2", 1),
        ]
        assert [item["parent_id"] for item in units] == [None, units[0]["id"], units[0]["id"]]


async def test_a_list_cut_to_a_person_or_unit_holds_what_the_whole_has_of_them(weeks: Api):
    a1, b1 = county.HELPER_A1, county.HELPER_B1
    week = {"rule": VISIT_RULE, "period": "2026-W46"}
    async with await weeks.as_(county.OFFICE) as office:
        flags = await items(office, "/flags")
    for who, village in ((a1, A1), (b1, B1)):
        (flag,) = [
            each["id"]
            for each in flags
            if (each["person"]["id"], each["duty"]["period"]["id"]) == (str(who.id), "2026-W46")
        ]
        async with await weeks.as_(who) as phone:
            held = check_in(village, at=weeks.clock.turn(minutes=-9), position={"mock": True})
            assert (await phone.post("/v1/check-ins", json=held)).json()["standing"] == "held"
            leave = {"id": str(uuid4()), "kind": "annual", "reason": "探亲"}
            days = {"from_date": "2026-12-01", "until_date": "2026-12-02"}
            assert (await phone.post("/v1/me/leave", json=leave | days)).status_code == 201
            appeal = {"id": str(uuid4()), "flag_id": flag, "text": "当晚在村"}
            assert (await phone.post("/v1/me/appeals", json=appeal)).status_code == 201
    async with await weeks.as_(county.OFFICE) as office:
        for path, query in (
            ("/duties", week),
            ("/flags", {}),
            ("/appeals", {}),
            ("/check-ins", {}),
            ("/reviews", {}),
            ("/leave", {}),
        ):
            whole = await items(office, path, **query)
            assert {a1.name, b1.name} <= people_in(whole), path
            for cut, of in (({"person": b1.id}, {b1.name}), ({"unit": unit_id("squad_a1")}, {a1.name})):
                wanted = [each["id"] for each in whole if each["person"]["name"] in of]
                assert [each["id"] for each in await items(office, path, **query, **cut)] == wanted, (path, cut)


async def test_tiles_hold_the_subtree_alone(weeks: Api):
    week = {"period": "2026-W47", "rule": VISIT_RULE}

    async def tile(client: httpx.AsyncClient, layer: str) -> list[dict[str, Any]]:
        reply = await client.get(f"{BASE}/tiles/{layer}/{TILE}.mvt", params=week)
        assert reply.status_code in (200, 204)
        return mvt.features(reply.content).get(layer, [])

    async with await weeks.as_(county.LEADER_A) as leader:
        assert {feature["village_id"] for feature in await tile(leader, "villages")} == {A1, A2}
        assert [feature["name"] for feature in await tile(leader, "townships")] == ["乐里镇"]
        seen = {feature["person_id"] for feature in await tile(leader, "check_ins")}
        assert seen == {str(county.HELPER_A1.id), str(county.LEADER_A.id)}
    async with await weeks.as_(county.OFFICE) as office:
        assert len(await tile(office, "villages")) == 4
        assert len(await tile(office, "check_ins")) == 3
    async with await weeks.as_(county.HELPER_B1) as cadre:
        assert await tile(cadre, "villages") == await tile(cadre, "townships") == []
        assert [feature["person_id"] for feature in await tile(cadre, "check_ins")] == [str(county.HELPER_B1.id)]


async def test_who_has_no_supervising_post_sees_themselves(weeks: Api):
    async with await weeks.as_(county.HELPER_B1) as cadre:
        assert people_in(await items(cadre, "/duties", rule=VISIT_RULE, period="2026-W47")) == {"乙一帮扶"}
        assert people_in(await items(cadre, "/flags")) == {"乙一帮扶"}
        assert people_in(await items(cadre, "/check-ins")) == {"乙一帮扶"}
        assert [item["name"] for item in await items(cadre, "/people")] == ["乙一帮扶"]
        assert await items(cadre, "/units") == await items(cadre, "/villages") == []
        (own,) = (await cadre.get(f"{BASE}/compliance", params={"rule": VISIT_RULE, "period": "2026-W47"})).json()[
            "items"
        ]
        assert (own["unit"]["name"], own["own"], own["people"], own["missed"]) == ("乙一突击班", True, 1, 1)
        assert (await cadre.get(f"{BASE}/people/{county.LEADER_B.id}")).status_code == 404


@pytest.mark.parametrize(
    "path",
    [
        "/units",
        "/rules",
        "/villages",
        "/compliance",
        "/duties",
        "/flags",
        "/check-ins",
        "/people",
        f"/tiles/villages/{TILE}.mvt",
    ],
)
async def test_another_county_is_not_there(api: Api, path: str):
    async with await api.as_(county.STRANGER) as stranger:
        reply = await stranger.get(f"{BASE}{path}")
        assert (reply.status_code, reply.headers["content-type"]) == (404, "application/problem+json")
    reply = await api.http.get(f"{BASE}{path}")
    assert (reply.status_code, reply.headers["www-authenticate"]) == (401, "Bearer")


async def test_a_county_without_rules_has_nothing_to_ask(api: Api):
    async with await api.as_(county.STRANGER) as stranger:
        assert (await stranger.get(f"/v1/counties/{OTHER_COUNTY}/rules")).json()["items"] == []
        assert (await stranger.get(f"/v1/counties/{OTHER_COUNTY}/compliance")).status_code == 404
