"""Many flags at once: how many there are, and one answer to those chosen, whoever else is at them."""

import asyncio
from datetime import timedelta
from typing import Any

import httpx
import pytest

from app.kernel.database import rows
from tests.support import county
from tests.support.county import COUNTY, HELPER_B1, NIGHT_RULE, VISIT_RULE, known_id, unit_id
from tests.support.server import Api

BASE = f"/v1/counties/{COUNTY}/flags"


async def get(client: httpx.AsyncClient, path: str = "", **query: Any) -> Any:
    reply = await client.get(BASE + path, params=query)
    assert reply.status_code == 200, reply.text
    return reply.json()


async def listed(client: httpx.AsyncClient, **query: Any) -> list[Any]:
    return list((await get(client, **query))["items"])


async def answer(client: httpx.AsyncClient, act: str = "acknowledge", **body: Any) -> Any:
    reply = await client.post(f"{BASE}/{act}", json={"reason": "已统一约谈"} | body)
    assert reply.status_code == 200, reply.text
    return reply.json()


def by(found: list[Any], name: str) -> dict[str, int]:
    """`statuses` by status, `rules` by name, and so on."""
    named = {"statuses": "status", "rules": "rule", "levels": "name", "units": "unit"}[name]
    return {
        each[named] if isinstance(each[named], str) else each[named]["name"]: each["flags"] for each in found[name]
    }


async def test_totals_by_status_rule_level_and_unit(weeks: Api):
    async with await weeks.as_(county.OFFICE) as office:
        found = await get(office, "/totals")
        assert found["flags"] == 6
        assert by(found, "statuses") == {"open": 6}
        assert by(found, "rules") == {"领导夜访": 3, "帮扶走访": 3}
        assert by(found, "levels") == {"直接领导": 4, "上一级领导": 2}
        assert by(found, "units") == {"乐里战区": 2, "利周战区": 4}
        await answer(office, match={"level": 2})
        found = await get(office, "/totals", status="open", rule=NIGHT_RULE)
        # What each filter leaves of the others' lists: the status is no filter of its own list.
        assert by(found, "statuses") == {"open": 2, "acknowledged": 1}
        assert by(found, "rules") == {"领导夜访": 2, "帮扶走访": 2}
        assert found["flags"] == sum(by(found, "units").values()) == 2


@pytest.mark.parametrize(
    "query",
    [
        {},
        {"status": "open"},
        {"rule": VISIT_RULE},
        {"level": 2},
        {"person": HELPER_B1.id},
        {"unit": unit_id("theatre_b"), "level": 1},
    ],
)
async def test_the_totals_are_the_list_s(weeks: Api, query: dict[str, Any]):
    async with await weeks.as_(county.OFFICE) as office:
        found = await listed(office, **query)
        assert (await get(office, "/totals", **query))["flags"] == len(found) > 0
        for name, wanted in query.items():
            if name in ("level", "status"):
                assert {flag[name] for flag in found} == {wanted}
            elif name == "person":
                assert {flag["person"]["id"] for flag in found} == {str(wanted)}
            elif name == "rule":
                assert {flag["duty"]["rule"]["id"] for flag in found} == {str(wanted)}
    async with await weeks.as_(county.OFFICE, **{"Accept-Language": "en"}) as office:
        named = {flag["level"]: flag["level_name"] for flag in await listed(office)}
        assert named == {1: "the nearest leaders", 2: "the leaders one level up"}


async def test_those_put_before_one(weeks: Api):
    """What the daily summary counts, which is less than what lies in one's scope."""
    async with await weeks.as_(county.OFFICE) as office:
        found = [
            flag for flag in await listed(office) if any(who["name"] == "办公室" for who in flag["answerable"])
        ]
        assert await listed(office, mine=True) == found
        assert (await get(office, "/totals", mine=True))["flags"] == len(found) == 4
        assert (await answer(office, match={"mine": True}))["done"] == 4
        assert (await get(office, "/totals", status="open", mine=True))["flags"] == 0
        assert (await get(office, "/totals", status="open"))["flags"] == 2


async def test_all_that_match_are_settled_with_one_reason(weeks: Api):
    async with await weeks.as_(county.OFFICE) as office:
        as_of = (await get(office, "/totals", unit=unit_id("theatre_b")))["as_of"]
        weeks.clock.turn(minutes=1)
        match = {"status": "open", "unit": str(unit_id("theatre_b")), "rule": str(VISIT_RULE), "as_of": as_of}
        assert await answer(office, match=match) == {"done": 2, "past": [], "not_yours": [], "not_found": []}
        settled = await listed(office, status="acknowledged")
        assert {(flag["person"]["name"], flag["reason"]) for flag in settled} == {("乙一帮扶", "已统一约谈")}
        assert len(await listed(office, status="open")) == 4
        (*_, last) = (await get(office, f"/{settled[0]['id']}"))["history"]
        assert (last["action"], last["by"]["name"], last["reason"]) == (
            "flag.acknowledged",
            "办公室",
            "已统一约谈",
        )
        assert (await answer(office, match=match))["done"] == 0
        assert (await answer(office, "clear", match={"person": str(HELPER_B1.id)}))["done"] == 2
        assert (await answer(office, "clear", match={}))["done"] == 4


async def test_what_others_have_settled_since_is_said_and_left(weeks: Api):
    async with await weeks.as_(county.OFFICE) as office, await weeks.as_(county.LEADER_A) as leader:
        as_of = (await get(office, "/totals"))["as_of"]
        weeks.clock.turn(minutes=1)
        ids = [flag["id"] for flag in await listed(office, status="open")]
        (theirs,) = [f["id"] for f in await listed(leader) if f["person"]["name"] == "甲一帮扶"]
        assert (await leader.post(f"{BASE}/{theirs}/acknowledge", json={"reason": "已谈话"})).status_code == 200
        weeks.clock.turn(minutes=1)
        past = {"id": theirs, "status": "acknowledged"}
        for chosen in ({"match": {"status": "open", "as_of": as_of, "level": 1}}, {"ids": ids}):
            said = await answer(office, **chosen)
            assert [{name: each[name] for name in past} for each in said["past"] if each["id"] == theirs] == [past]
        assert (await get(office, f"/{theirs}"))["reason"] == "已谈话"
        assert await listed(office, status="open") == []


async def test_two_who_answer_at_once_settle_each_flag_once(weeks: Api):
    async with await weeks.as_(county.OFFICE) as office, await weeks.as_(county.LEADER_B) as leader:
        said = await asyncio.gather(answer(office, match={}), answer(leader, match={}))
    async with weeks.database.transaction() as session:
        found = await rows(session, "SELECT subject FROM audit_entry WHERE action = 'flag.acknowledged'")
    assert sum(each["done"] for each in said) == len(found) == len({row.subject for row in found}) == 6


async def test_what_has_been_raised_since_the_list_was_shown_is_left_alone(weeks: Api):
    async with await weeks.as_(county.OFFICE) as office:
        before = weeks.clock() - timedelta(minutes=1)
        assert (await answer(office, match={"as_of": before.isoformat()}))["done"] == 0


async def test_nobody_settles_beyond_their_scope_nor_about_themselves(weeks: Api):
    async with await weeks.as_(county.OFFICE) as office:
        everyone = await listed(office)
    async with await weeks.as_(county.LEADER_A) as leader:
        assert (await get(leader, "/totals"))["flags"] == 2
        assert (await leader.get(f"{BASE}/totals", params={"unit": unit_id("theatre_b")})).status_code == 404
        assert (await get(leader, "/totals", unit=unit_id("theatre_a")))["flags"] == 2
        own = [flag["id"] for flag in everyone if flag["person"]["name"] == "乐里领导"]
        beyond = [flag["id"] for flag in everyone if flag["person"]["name"] in ("利周领导", "乙一帮扶")]
        said = await answer(leader, ids=[flag["id"] for flag in everyone] + [str(known_id("no flag"))])
        assert (said["done"], said["not_yours"]) == (1, own)
        assert sorted(said["not_found"]) == sorted([*beyond, str(known_id("no flag"))])
        said = await answer(leader, "clear", match={})
        assert (said["done"], said["not_yours"]) == (1, own)
        body = {"reason": "越权", "match": {"unit": str(unit_id("theatre_b"))}}
        assert (await leader.post(f"{BASE}/clear", json=body)).status_code == 404
    async with await weeks.as_(county.HELPER_B1) as cadre:  # who supervises nobody sees their own
        assert (await get(cadre, "/totals"))["flags"] == 2
        assert (await answer(cadre, match={}))["done"] == 0
    async with await weeks.as_(county.STRANGER) as stranger:
        for path in ("/totals", ""):
            assert (await stranger.get(BASE + path)).status_code == 404
        assert (await stranger.post(f"{BASE}/clear", json={"reason": "越权", "match": {}})).status_code == 404
    async with await weeks.as_(county.OFFICE) as office:
        assert {flag["id"] for flag in await listed(office, status="open")} == {*beyond, *own}


@pytest.mark.parametrize(
    ("body", "pointer"),
    [
        ({}, "/ids"),
        ({"ids": [], "match": {}}, "/ids"),
        ({"ids": []}, "/ids"),
        ({"ids": ["1"]}, "/ids/0"),
        ({"ids": [str(known_id("flag"))] * 501}, "/ids"),
        ({"match": {"status": "gone"}}, "/match/status"),
        ({"match": {"level": 0}}, "/match/level"),
        ({"match": {"unit": "a"}}, "/match/unit"),
        ({"match": {"mine": "perhaps"}}, "/match/mine"),
        ({"match": {"as_of": "2026-11-25T09:00:00"}}, "/match/as_of"),
        ({"match": {"as_of": "9999-12-31T00:00:00Z"}}, "/match/as_of"),
        ({"match": {}, "reason": "  "}, "/reason"),
        ({"match": {}, "reason": "字" * 501}, "/reason"),
        ({"match": {}, "reason": "\u0000"}, "/reason"),
    ],
)
async def test_what_is_wrong_is_said_at_its_field(untouched_weeks: Api, body: dict[str, Any], pointer: str):
    async with await untouched_weeks.as_(county.OFFICE) as office:
        for act in ("acknowledge", "clear"):
            reply = await office.post(f"{BASE}/{act}", json={"reason": "已阅"} | body)
            assert (reply.status_code, reply.json()["errors"][0]["pointer"]) == (422, pointer), reply.text
            assert reply.json()["errors"][0]["detail"]
