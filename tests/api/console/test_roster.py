"""The office changes the roster: what people owe follows, and what they did stays theirs."""

from datetime import date, timedelta
from typing import Any

import pytest

from app.duties.service import DutyCounty, RulePeriod
from app.flows.recount import recount_all
from tests.support import county
from tests.support.county import (
    A1,
    A2,
    COUNTY,
    HELPER_A1,
    HELPER_B1,
    HOUSE_A1,
    HOUSE_B1,
    NIGHT_RULE,
    RESIDENT_A2,
    VISIT_RULE,
    Cast,
)
from tests.support.periods import open_period
from tests.support.server import WEDNESDAY_NIGHT, Api, check_in

BASE = f"/v1/counties/{COUNTY}"
THURSDAY, NEXT_MONDAY = "2026-11-19", "2026-11-23"


async def send(api: Api, method: str, path: str, body: Any = None, who: Cast = county.OFFICE) -> Any:
    async with await api.as_(who) as console:
        return await console.request(method, BASE + path, json=body)


async def duties_of(api: Api, who: Cast) -> dict[str, tuple[int, int, str]]:
    async with await api.as_(who) as phone:
        found = (await phone.get("/v1/me/duties")).json()["items"]
    return {duty["rule"]["measure"]: (duty["required"], duty["done"], duty["status"]) for duty in found}


async def assignment_of(api: Api, who: Cast) -> str:
    found = (await send(api, "GET", f"/people/{who.id}")).json()["assignments"]
    return next(each["id"] for each in found if each["until"] is None)


async def assignments(api: Api, village: str) -> list[dict[str, Any]]:
    listed: list[dict[str, Any]] = (await send(api, "GET", f"/villages/{village}/assignments")).json()["items"]
    return listed


async def recounted(api: Api) -> int:
    return (await recount_all(api.service, now=api.clock(), apply=False)).differences


@pytest.fixture
async def opened(api: Api) -> Api:
    """The small county in week 47, with its periods opened."""
    for rule_id in (NIGHT_RULE, VISIT_RULE):
        async with api.database.transaction() as session:
            period = RulePeriod(rule_id, date(2026, 11, 16))
            await open_period(session, DutyCounty(COUNTY, "Asia/Shanghai"), period, api.clock())
    return api


async def test_a_replaced_helper_keeps_the_visits_and_owes_no_more_the_next_one_begins(opened: Api):
    async with await opened.as_(HELPER_A1) as phone:
        assert (await phone.post("/v1/check-ins", json=check_in())).status_code == 201
    assert (await duties_of(opened, HELPER_A1))["visits"] == (1, 1, "met")
    old = await assignment_of(opened, HELPER_A1)
    handed = await send(
        opened, "POST", f"/assignments/{old}/hand-over", {"person_id": str(HELPER_B1.id), "from_date": THURSDAY}
    )
    assert handed.status_code == 201, handed.text
    assert (await duties_of(opened, HELPER_A1))["visits"] == (0, 1, "excused")
    now_assigned = (await send(opened, "GET", f"/people/{HELPER_B1.id}")).json()["assignments"]
    assert {each["village"]["id"] for each in now_assigned} >= {A1}
    assert await recounted(opened) == 0


async def test_an_assignment_ended_after_the_week_changes_nothing_of_it(opened: Api):
    await duties_of(opened, HELPER_A1)
    old = await assignment_of(opened, HELPER_A1)
    ended = await send(opened, "PUT", f"/assignments/{old}", {"until_date": NEXT_MONDAY})
    assert ended.status_code == 200, ended.text
    assert (await duties_of(opened, HELPER_A1))["visits"][2] == "open"
    earlier = await send(opened, "PUT", f"/assignments/{old}", {"until_date": THURSDAY})
    assert earlier.status_code == 200, earlier.text
    assert (await duties_of(opened, HELPER_A1))["visits"][2] == "excused"
    assert await recounted(opened) == 0


async def test_a_new_assignment_counts_from_its_day_on(opened: Api):
    new = {"person_id": str(HELPER_A1.id), "village_id": A2, "from_date": "2026-11-16"}
    made = await send(opened, "POST", "/assignments", new)
    assert made.status_code == 201, made.text
    async with await opened.as_(HELPER_A1) as phone:
        reply = (await phone.post("/v1/check-ins", json=check_in(A2))).json()
    assert (reply["standing"], reply["village"]["id"]) == ("counted", A2)
    again = await send(opened, "POST", "/assignments", new)
    assert [each["pointer"] for each in again.json()["errors"]] == ["/from_date"]


async def test_what_an_assignment_changes_is_said_before_it_is_saved(opened: Api):
    await duties_of(opened, HELPER_A1)
    old = await assignment_of(opened, HELPER_A1)
    for method, path, body in (
        ("PUT", f"/assignments/{old}", {"until_date": THURSDAY}),
        ("POST", f"/assignments/{old}/hand-over", {"person_id": str(HELPER_B1.id), "from_date": THURSDAY}),
        ("POST", "/assignments", {"person_id": str(RESIDENT_A2.id), "village_id": A1, "from_date": THURSDAY}),
    ):
        said = (await send(opened, method, f"{path}?preview=true", body)).json()
        assert said["changed"].get("assignments", 0) + said["new"].get("assignments", 0) >= 1
        assert [each["until"] for each in (await assignments(opened, A1))] == [None, None]
        done = (await send(opened, method, path, body)).json()
        assert done | {"id": ""} == said | {"id": ""}, path
        if method == "PUT":
            assert said["duties_changed"] == 1
            assert (await duties_of(opened, HELPER_A1))["visits"][2] == "excused"
            back = await send(opened, "PUT", path, {"until_date": None})
            assert back.json()["duties_changed"] == 1
        elif path.endswith("hand-over"):
            await send(opened, "PUT", f"/assignments/{done['id']}", {"until_date": "2026-11-20"})
            break
    assert await recounted(opened) == 0


async def test_a_village_lists_everyone_who_answers_or_answered_for_it(opened: Api):
    listed = await assignments(opened, A1)
    assert [(each["person"]["name"], each["household"] is not None) for each in listed] == [
        (county.LEADER_A.name, False),
        (HELPER_A1.name, True),
    ]
    await send(
        opened, "PUT", f"/assignments/{listed[1]['id']}", {"from_date": "2026-02-01", "until_date": THURSDAY}
    )
    listed = await assignments(opened, A1)
    assert [(each["from"], each["until"]) for each in listed] == [("2026-01-01", None), ("2026-02-01", THURSDAY)]
    for who in (county.LEADER_B, county.STRANGER):
        assert (await send(opened, "GET", f"/villages/{A1}/assignments", who=who)).status_code == 404


async def test_who_leaves_owes_nothing_for_the_week_they_leave_in(opened: Api):
    await duties_of(opened, HELPER_A1)
    left = await send(opened, "PUT", f"/people/{HELPER_A1.id}/service", {"until_date": "2026-11-20"})
    assert (left.status_code, left.json()["until"]) == (200, "2026-11-20")
    assert (await duties_of(opened, HELPER_A1))["visits"][2] == "excused"
    stays = await send(opened, "PUT", f"/people/{HELPER_A1.id}/service", {"until_date": None})
    assert stays.json()["until"] is None
    assert (await duties_of(opened, HELPER_A1))["visits"][2] == "open"
    assert await recounted(opened) == 0


async def test_scenario_6_a_village_gets_another_code_and_its_visits_stay(opened: Api):
    """三皇村 became a community (…200 to …001): the same village, under another code."""
    async with await opened.as_(HELPER_A1) as phone:
        await phone.post("/v1/check-ins", json=check_in())
        before = await duties_of(opened, HELPER_A1)
        new = {
            "code": "451029100001",
            "name": "甲一社区",
            "official_name": "甲一社区居委会",
            "from_date": THURSDAY,
            "source": "民政局批复",
        }
        recoded = await send(opened, "PUT", f"/villages/{A1}/code", new)
        assert recoded.status_code == 200, recoded.text
    opened.clock.turn(days=1)
    async with await opened.as_(HELPER_A1) as phone:
        later = check_in(at=WEDNESDAY_NIGHT + timedelta(days=1))
        reply = (await phone.post("/v1/check-ins", json=later)).json()
    assert (reply["standing"], reply["village"]["name"]) == ("counted", "甲一社区")
    visits = (await send(opened, "GET", f"/check-ins?village={A1}")).json()["items"]
    assert len(visits) == 2
    village = (await send(opened, "GET", f"/villages/{A1}")).json()
    assert (village["id"], village["code"], village["name"]) == (A1, "451029100001", "甲一社区")
    assert before["visits"][:2] == (1, 1)
    assert await recounted(opened) == 0
    taken = await send(opened, "PUT", f"/villages/{A2}/code", new)
    assert taken.status_code == 409


async def test_bad_changes_are_refused_at_their_field(opened: Api):
    elsewhere = {"person_id": str(HELPER_A1.id), "village_id": A1, "household_id": str(HOUSE_B1)}
    reply = await send(opened, "POST", "/assignments", elsewhere | {"from_date": THURSDAY})
    assert reply.json()["errors"][0]["pointer"] == "/household_id"
    old = await assignment_of(opened, HELPER_A1)
    reply = await send(opened, "PUT", f"/assignments/{old}", {"until_date": "2020-01-01"})
    assert reply.json()["errors"][0]["pointer"] == "/until_date"
    reply = await send(opened, "PUT", f"/people/{HELPER_A1.id}/service", {"until_date": "2020-01-01"})
    assert reply.json()["errors"][0]["pointer"] == "/until_date"
    new = {"person_id": str(HELPER_B1.id), "from_date": "2026-01-01"}
    reply = await send(opened, "POST", f"/assignments/{old}/hand-over", new)
    assert reply.json()["errors"][0]["pointer"] == "/from_date"
    backwards = elsewhere | {"household_id": str(HOUSE_A1), "from_date": THURSDAY, "until_date": "2026-11-01"}
    reply = await send(opened, "POST", "/assignments", backwards)
    assert reply.status_code == 422


async def test_only_the_office_and_only_its_county(opened: Api):
    old = await assignment_of(opened, HELPER_A1)
    for method, path, body in (
        ("PUT", f"/assignments/{old}", {"until_date": THURSDAY}),
        ("PUT", f"/people/{HELPER_A1.id}/service", {"until_date": THURSDAY}),
        (
            "POST",
            "/assignments",
            {"person_id": str(HELPER_A1.id), "village_id": A2, "from_date": THURSDAY},
        ),
    ):
        assert (await send(opened, method, path, body, county.LEADER_A)).status_code == 403
        assert (await send(opened, method, path, body, county.STRANGER)).status_code == 404
    assert (await duties_of(opened, HELPER_A1))["visits"][2] == "open"
