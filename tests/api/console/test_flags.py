"""Flags: listed in pages, acknowledged or cleared with a reason by whoever supervises, and never twice."""

from typing import Any

import httpx
from sqlalchemy import text

from tests.support import county
from tests.support.county import COUNTY, unit_id
from tests.support.server import Api

BASE = f"/v1/counties/{COUNTY}/flags"


async def flags(client: httpx.AsyncClient, **query: Any) -> list[dict[str, Any]]:
    reply = await client.get(BASE, params=query)
    assert reply.status_code == 200, reply.text
    found: list[dict[str, Any]] = reply.json()["items"]
    return found


async def decide(
    client: httpx.AsyncClient, flag: dict[str, Any], act: str, reason: object = "家中有事"
) -> httpx.Response:
    return await client.post(f"{BASE}/{flag['id']}/{act}", json={"reason": reason})


def of(found: list[dict[str, Any]], name: str, period: str = "2026-W46") -> dict[str, Any]:
    return next(flag for flag in found if (flag["person"]["name"], flag["duty"]["period"]["id"]) == (name, period))


async def test_a_flag_says_who_missed_what_and_who_answers_for_it(weeks: Api):
    async with await weeks.as_(county.OFFICE) as office:
        found = await flags(office)
    flag = of(found, "乙一帮扶", "2026-W47")
    assert (flag["status"], flag["misses"]) == ("open", 2)
    assert (flag["duty"]["status"], flag["duty"]["required"], flag["duty"]["done"]) == ("missed", 1, 0)
    # The second miss in a row asks for two levels: above the township there is only the office.
    assert {leader["name"] for leader in flag["answerable"]} == {"办公室", "利周领导"}
    assert (flag["level"], flag["escalated_at"], flag["appeal"]) == (2, None, None)
    assert [leader["name"] for leader in of(found, "乙一帮扶")["answerable"]] == ["利周领导"]
    assert flag["last_contact_at"] == "2026-11-18T12:15:00Z"  # the phone was not silent
    assert flag["acknowledged_at"] is flag["cleared_at"] is flag["reason"] is None


async def test_pages_hold_each_flag_once_whatever_is_raised_meanwhile(weeks: Api):
    async with await weeks.as_(county.OFFICE) as office:
        whole = [flag["id"] for flag in await flags(office)]
        assert len(whole) == 6
        paged: list[str] = []
        cursor: str | None = None
        while True:
            reply = (await office.get(BASE, params={"limit": 2} | ({"cursor": cursor} if cursor else {}))).json()
            paged += [flag["id"] for flag in reply["items"]]
            cursor = reply["next_cursor"]
            if cursor is None:
                break
            weeks.clock.turn(minutes=1)
            async with weeks.database.transaction() as session:  # a flag is raised between two pages
                await session.execute(
                    text("UPDATE flag SET raised_at = :now WHERE county_id = :county_id AND id = :id"),
                    {"now": weeks.clock(), "county_id": COUNTY, "id": whole[0]},
                )
    assert paged == whole


async def test_filters(weeks: Api):
    async with await weeks.as_(county.OFFICE) as office:
        in_a = await flags(office, unit=unit_id("theatre_a"))
        assert {flag["person"]["name"] for flag in in_a} == {"甲一帮扶", "乐里领导"}
        await decide(office, in_a[0], "clear")
        assert [flag["id"] for flag in await flags(office, status="cleared")] == [in_a[0]["id"]]
        assert len(await flags(office, status="open")) == 5


async def test_from_open_to_acknowledged_to_cleared_and_no_way_back(weeks: Api):
    async with await weeks.as_(county.LEADER_B) as leader:
        flag = of(await flags(leader), "乙一帮扶")
        weeks.clock.turn(minutes=20)
        reply = await decide(leader, flag, "acknowledge", "  已联系本人\n")
        body = reply.json()
        assert (reply.status_code, body["status"], body["reason"]) == (200, "acknowledged", "已联系本人")
        assert (body["acknowledged_at"], body["cleared_at"]) == ("2026-11-25T01:20:00Z", None)
        again = await decide(leader, flag, "acknowledge")
        assert (again.status_code, again.json()["type"]) == (409, "/problems/conflict")
        cleared = (await decide(leader, flag, "clear", "补访已核实")).json()
        assert (cleared["status"], cleared["reason"]) == ("cleared", "补访已核实")
        assert (cleared["cleared_at"], cleared["acknowledged_at"]) == ("2026-11-25T01:20:00Z", None)
        for act in ("acknowledge", "clear"):
            assert (await decide(leader, flag, act)).status_code == 409
    async with weeks.database.transaction() as session:
        trace = await session.execute(
            text(
                "SELECT action, actor_id, detail ->> 'reason' FROM audit_entry"
                " WHERE subject = :s AND actor_id IS NOT NULL ORDER BY at, action"
            ),
            {"s": f"flag:{flag['id']}"},
        )
    assert [tuple(row) for row in trace] == [
        ("flag.acknowledged", county.LEADER_B.id, "已联系本人"),
        ("flag.cleared", county.LEADER_B.id, "补访已核实"),
    ]


async def test_a_withdrawn_flag_is_final_and_says_why_in_both_languages(weeks: Api):
    async with weeks.database.transaction() as session:
        await session.execute(text("UPDATE flag SET status = 'withdrawn', reason = 'met_late'"))
    async with await weeks.as_(county.OFFICE, **{"Accept-Language": "en"}) as office:
        flag = (await flags(office))[0]
        assert flag["reason"] == "Counted anew, the duty is met, though late"
        assert flag["duty"]["rule"]["name"] in ("Leaders' night visit", "Helpers' visits")
        assert (await decide(office, flag, "clear")).status_code == 409
    async with await weeks.as_(county.OFFICE) as office:
        assert (await flags(office))[0]["reason"] == "重新统计后已达标（逾期上传）"


async def test_nobody_settles_a_flag_about_themselves(weeks: Api):
    for who in (county.LEADER_A, county.HELPER_A1):
        async with await weeks.as_(who) as client:
            reply = await decide(client, of(await flags(client), who.name), "clear")
            assert (reply.status_code, reply.json()["detail"]) == (403, "不能处理关于本人的预警")


async def test_a_reason_is_asked_for(weeks: Api):
    wrong = {
        "": "too_short",
        " \n ": "too_short",
        "长" * 501: "too_long",
        "a\x00b": "bad_text",
        7: "not_a_string",
    }
    async with await weeks.as_(county.OFFICE) as office:
        flag = (await flags(office))[0]
        for act in ("acknowledge", "clear"):
            for reason, code in wrong.items():
                reply = await decide(office, flag, act, reason)
                assert reply.status_code == 422
                (error,) = reply.json()["errors"]
                assert (error["pointer"], error["code"]) == ("/reason", code)
        assert (await flags(office))[0]["status"] == "open"
