"""Hours in the village: a rule of stays that tracks show, from the office's form to the flag taken back.

The week is 2026-W47; `api` stands on its Wednesday, 18 November, at 20:10.
"""

from collections.abc import AsyncIterator
from datetime import datetime, timedelta
from typing import Any
from uuid import uuid4

import pytest

from app.duties.service import DutyCounty
from app.flows.close_period import close_due, open_due
from app.flows.recount import recount_all
from app.kernel.database import rows
from tests.support import county
from tests.support.cluster import Server
from tests.support.county import A1, A2, COUNTY, HELPER_A1, OFFICE
from tests.support.server import SHANGHAI, Api, after, check_in
from tests.support.tracks import round_of_worker, stretch, turn, upload

BASE = f"/v1/counties/{COUNTY}"
HERE = DutyCounty(COUNTY, str(SHANGHAI))
FOUR_HOURS = {
    "name": "每周在村四小时",
    "name_en": "Four hours a week in the village",
    "source": "test",
    "categories": ["helper"],
    "measure": "hours_in_village",
    "period": "week",
    "required": 4,
    "counts_in": "assigned",
    "effective_from": "2026-11-16",
}
TUESDAY = datetime(2026, 11, 17, 9, tzinfo=SHANGHAI)
CLOSED = datetime(2026, 11, 25, 9, tzinfo=SHANGHAI)


async def put(api: Api, **changes: Any) -> Any:
    async with await api.as_(OFFICE, **{"Accept-Language": "en"}) as office:
        return await office.post(f"{BASE}/rules", json=FOUR_HOURS | changes)


async def govern(api: Api) -> None:
    await turn(api.service, on=True)
    reply = await put(api)
    assert reply.status_code == 201, reply.text
    await open_due(api.service, HERE, api.clock())
    await close_due(api.service, HERE, api.clock())


@pytest.fixture
async def api(server: Server, county_template: str) -> AsyncIterator[Api]:
    async with after(server, county_template, govern) as api:
        yield api


@pytest.fixture
async def rule(api: Api) -> str:
    async with await api.as_(OFFICE) as office:
        rules = (await office.get(f"{BASE}/rules")).json()["items"]
    (rule_id,) = [each["id"] for each in rules if each["measure"] == "hours_in_village"]
    return str(rule_id)


async def detail(api: Api, rule_id: str, **headers: str) -> dict[str, Any]:
    async with await api.as_(OFFICE, **headers) as office:
        query = {"rule": rule_id, "period": "2026-W47", "person": HELPER_A1.id}
        (duty,) = (await office.get(f"{BASE}/duties", params=query)).json()["items"]
        found: dict[str, Any] = (await office.get(f"{BASE}/duties/{duty['id']}")).json()
    return found


async def close(api: Api) -> None:
    api.clock.now = CLOSED
    await open_due(api.service, HERE, CLOSED)
    await close_due(api.service, HERE, CLOSED)


async def flags(api: Api, rule_id: str) -> dict[str, str]:
    """Status by id."""
    async with api.database.transaction() as session:
        found = await rows(
            session,
            """SELECT flag.id, flag.status FROM flag
            JOIN duty ON duty.county_id = :county_id AND duty.id = flag.duty_id
            WHERE flag.county_id = :county_id AND duty.rule_id = CAST(:rule_id AS uuid)
              AND duty.person_id = :person_id AND duty.period_start = '2026-11-16'""",
            county_id=COUNTY,
            rule_id=rule_id,
            person_id=HELPER_A1.id,
        )
    return {str(row.id): row.status for row in found}


async def in_health(api: Api) -> None:
    assert (await recount_all(api.service, now=api.clock(), apply=False)).differences == 0


async def test_without_tracks_nobody_can_be_asked_for_hours(untouched: Api):
    refused = await put(untouched)
    assert refused.status_code == 422
    (error,) = refused.json()["errors"]
    assert (error["pointer"], error["code"]) == ("/measure", "tracks_off")


@pytest.mark.parametrize(
    "asked",
    [
        {"night": {"start": "18:30", "until": "05:00"}},
        {"min_dwell_min": 30},
        {"household_required": True},
        {"form_required": True},
    ],
)
async def test_what_only_a_visit_has_cannot_be_asked_of_hours(api: Api, asked: dict[str, Any]):
    (error,) = (await put(api, **asked)).json()["errors"]
    assert (error["pointer"], error["code"]) == (f"/{next(iter(asked))}", "not_of_stays")


async def test_stays_in_the_assigned_village_add_up_and_check_ins_are_no_matter(api: Api, rule: str):
    await upload(
        api.service,
        [*stretch(TUESDAY, 150, A1), *stretch(TUESDAY + timedelta(hours=4), 120, A2)],
        api.clock(),
    )
    async with await api.as_(HELPER_A1) as phone:
        said = (await phone.post("/v1/check-ins", json=check_in())).json()
        assert [duty["rule"]["measure"] for duty in said["duties"]] == ["visits"]
        await round_of_worker(api.service, api.clock())
        (duty,) = [
            each for each in (await phone.get("/v1/me/duties")).json()["items"] if each["rule"]["id"] == rule
        ]
    assert (duty["required"], duty["done"], duty["status"]) == (4, 2, "open")
    assert duty["explanation"] == "11月16日至22日应在村 4 小时，已完成 2，还剩 5 天。"
    evidence = (await detail(api, rule, **{"Accept-Language": "en"}))["evidence"]
    assert evidence["check_ins"] == []
    assert [
        (stay["village"]["id"], stay["hours"], stay["counted"], stay["reason"]["code"])
        for stay in evidence["stays"]
    ] == [(A1, 2.5, True, "counted"), (A2, 2.0, False, "not_assigned_village")]
    assert "Hours in the village by the track, at least 4 a week" in evidence["rule"]["text"]
    await upload(api.service, stretch(TUESDAY + timedelta(hours=8), 90, A1), api.clock.turn(minutes=1))
    await round_of_worker(api.service, api.clock.turn(minutes=10))
    found = await detail(api, rule)
    assert (found["done"], found["status"], found["evidence"]["stays"][-1]["hours"]) == (4, "met", 1.5)
    await in_health(api)


async def test_a_track_that_comes_after_closing_takes_the_flag_back(api: Api, rule: str):
    await close(api)
    assert [*(await flags(api, rule)).values()] == ["open"]
    await upload(api.service, stretch(TUESDAY, 240, A1), api.clock())
    await round_of_worker(api.service, api.clock())
    assert ((await detail(api, rule))["status"], [*(await flags(api, rule)).values()]) == (
        "met_late",
        ["withdrawn"],
    )
    await in_health(api)


async def test_what_comes_later_does_not_make_late_what_was_in_time(api: Api, rule: str):
    await upload(api.service, stretch(TUESDAY, 250, A1), api.clock())
    await round_of_worker(api.service, api.clock())
    await close(api)
    assert ((await detail(api, rule))["status"], await flags(api, rule)) == ("met", {})
    await upload(api.service, stretch(TUESDAY + timedelta(minutes=260), 120, A1), api.clock())
    await round_of_worker(api.service, api.clock())
    (stay,) = (await detail(api, rule))["evidence"]["stays"]
    assert (stay["hours"], stay["received_at"]) == (6.33, "2026-11-18T12:10:00Z")
    assert ((await detail(api, rule))["done"], (await detail(api, rule))["status"]) == (6, "met")
    await in_health(api)


async def test_where_tracks_were_turned_off_later_the_duty_says_so(api: Api, rule: str):
    await close(api)
    await turn(api.service, on=False)
    found = await detail(api, rule)
    assert (found["status"], "本县已停用轨迹" in found["explanation"]) == ("missed", True)
    async with await api.as_(HELPER_A1) as phone:
        duties = (await phone.get("/v1/me/duties?period=2026-W47")).json()["items"]
    assert ["本县已停用轨迹" in duty["explanation"] for duty in duties] == [
        duty["rule"]["id"] == rule for duty in duties
    ]
    await in_health(api)


async def test_an_appeal_takes_a_duty_of_hours_off(api: Api, rule: str):
    await close(api)
    (flag_id,) = await flags(api, rule)
    async with await api.as_(HELPER_A1) as phone:
        filed = await phone.post(
            "/v1/me/appeals", json={"id": str(uuid4()), "text": "手机坏了", "flag_id": flag_id}
        )
    async with await api.as_(county.LEADER_A) as leader:
        path = f"{BASE}/appeals/{filed.json()['id']}/decide"
        decided = await leader.post(path, json={"decision": "overturn", "reason": "属实"})
    assert decided.status_code == 200, decided.text
    assert ((await detail(api, rule))["excuse"], await flags(api, rule)) == ("appeal", {flag_id: "withdrawn"})
    await in_health(api)
