"""Check-ins on the console: filters, pages, what the phone said, a duty's evidence, and who looked at them."""

from datetime import timedelta
from typing import Any

import httpx
import pytest
from sqlalchemy import text

from tests.api.console.conftest import post
from tests.support import county
from tests.support.county import A1, A2, COUNTY, HOUSE_A1, VISIT_RULE
from tests.support.server import WEDNESDAY_NIGHT, Api, check_in

BASE = f"/v1/counties/{COUNTY}"


async def listed(client: httpx.AsyncClient, **query: Any) -> list[dict[str, Any]]:
    reply = await client.get(f"{BASE}/check-ins", params=query)
    assert reply.status_code == 200, reply.text
    found: list[dict[str, Any]] = reply.json()["items"]
    return found


async def audit(api: Api) -> list[tuple[Any, ...]]:
    async with api.database.transaction() as session:
        rows = await session.execute(
            text(
                "SELECT actor_id, subject, detail FROM audit_entry"
                " WHERE county_id = :county_id AND action = 'location.seen' ORDER BY id"
            ),
            {"county_id": COUNTY},
        )
        return [tuple(row) for row in rows]


async def test_the_newest_first_in_pages_that_hold_each_once(api: Api):
    moments = [WEDNESDAY_NIGHT - timedelta(hours=n // 2) for n in range(7)]  # some at the same moment
    sent = [await post(api, county.HELPER_A1, check_in(at=moment)) for moment in moments]
    async with await api.as_(county.OFFICE) as office:
        found: list[str] = []
        query: dict[str, Any] = {"limit": 3}
        while True:
            reply = (await office.get(f"{BASE}/check-ins", params=query)).json()
            found += [item["id"] for item in reply["items"]]
            if reply["next_cursor"] is None:
                break
            query["cursor"] = reply["next_cursor"]
            await post(api, county.HELPER_A1, check_in(at=WEDNESDAY_NIGHT + timedelta(minutes=len(found))))
    assert sorted(found) == sorted(sent)
    assert [moments[sent.index(each)] for each in found] == sorted(moments, reverse=True)


async def test_filters(weeks: Api):
    async with await weeks.as_(county.OFFICE) as office:
        everyone = {item["person"]["name"] for item in await listed(office)}
        assert everyone == {"甲一帮扶", "乐里领导", "乙一帮扶"}

        async def names(**query: Any) -> list[str]:
            return [item["person"]["name"] for item in await listed(office, **query)]

        assert await names(person=county.HELPER_B1.id) == await names(standing="outside") == ["乙一帮扶"]
        assert await names(to="2026-11-18T20:15:00+08:00") == ["甲一帮扶"]
        assert len(await names(**{"from": "2026-11-18T20:15:00+08:00"})) == 2
        assert await names(**{"from": "2026-11-18T20:15:00+08:00", "to": "2026-11-18T12:15:00Z"}) == []
        assert len(await names(village=A1)) == 3  # found in it, though one was judged against another
        assert await names(village=A2) == []
        assert len(await names(bbox="106.2,24.3,106.24,24.34")) == 3
        assert await names(bbox="106.24,24.3,106.3,24.34") == []
        assert await names(village=A1, person=county.LEADER_A.id, standing="counted") == ["乐里领导"]


async def test_one_check_in_with_all_that_the_phone_said(api: Api):
    said = {"position": {"crs": "gcj02", "mock": True}, "household_id": str(HOUSE_A1)}
    posted = await post(api, county.HELPER_A1, check_in(at=WEDNESDAY_NIGHT - timedelta(hours=3), **said))
    async with await api.as_(county.LEADER_A, **{"Accept-Language": "en"}) as leader:
        found = (await leader.get(f"{BASE}/check-ins/{posted}")).json()
    assert found["late_s"] == 3 * 3600
    assert (found["raw"]["lon"], found["raw"]["lat"], found["raw"]["crs"]) == (106.22, 24.32, "gcj02")
    assert found["position"]["lon"] != 106.22
    assert found["raw"]["mock"] is True
    assert found["standing"] == "held"
    assert "simulated" in found["reasons"][0]["detail"]
    assert found["household_distance_m"] > 100
    assert found["device"]["id"]
    assert found["person"] == {"id": str(county.HELPER_A1.id), "name": "甲一帮扶", "category": "helper"}


async def test_a_duty_with_its_evidence(weeks: Api):
    async with await weeks.as_(county.LEADER_B) as leader:
        query = {"rule": VISIT_RULE, "period": "2026-W47"}
        (duty,) = (await leader.get(f"{BASE}/duties", params=query)).json()["items"]
        detail = (await leader.get(f"{BASE}/duties/{duty['id']}")).json()
        english = (await leader.get(f"{BASE}/duties/{duty['id']}", headers={"Accept-Language": "en"})).json()
    assert {name: detail[name] for name in duty} == duty
    evidence = detail["evidence"]
    (considered,) = evidence["check_ins"]
    assert considered["check_in"]["found_in_village"]["id"] == A1
    assert (considered["counted"], considered["reason"]["code"]) == (False, "not_assigned_village")
    assert english["evidence"]["check_ins"][0]["reason"]["detail"].startswith("Not in a village assigned")
    assert evidence["rule"]["version"] == 1
    assert "每周至少走访 1 次，在所联系的村" in evidence["rule"]["text"]
    assert "Visits, at least 1 a week, in an assigned village." in english["evidence"]["rule"]["text"]
    assert [day["working"] for day in evidence["days"]] == [True] * 5 + [False] * 2
    assert (evidence["days"][0]["date"], evidence["days"][-1]["date"]) == ("2026-11-16", "2026-11-22")
    assert evidence["assignments"] == [
        {"village": {"id": county.B1, "name": "乙一村"}, "from": "2026-01-01", "until": None}
    ]


async def test_every_look_at_another_is_on_record(weeks: Api):
    async with await weeks.as_(county.LEADER_A) as leader:
        (visit,) = await listed(leader, person=county.HELPER_A1.id, standing="counted")
        await listed(leader, village=A1)
        await leader.get(f"{BASE}/check-ins/{visit['id']}")
        await leader.get(f"{BASE}/tiles/check_ins/9/407/220.mvt", params={"period": "2026-W47"})
        query = {"rule": VISIT_RULE, "period": "2026-W47"}
        (duty,) = (await leader.get(f"{BASE}/duties", params=query)).json()["items"]
        await leader.get(f"{BASE}/duties/{duty['id']}")
    helper, leader_id = f"person:{county.HELPER_A1.id}", county.LEADER_A.id
    week = {"from": "2026-11-15 21:00:00+00:00", "until": "2026-11-22 21:00:00+00:00"}
    asked = {"person_id": str(county.HELPER_A1.id), "standing": "counted", "check_ins": True}
    found = [entry for entry in await audit(weeks) if entry[1] in {helper, "check_ins"}]
    assert sorted(found, key=str) == sorted(
        [
            (leader_id, helper, asked),
            (leader_id, "check_ins", {"village_id": A1}),
            (leader_id, helper, {"check_in": visit["id"]}),
            (leader_id, helper, {"map": True}),
            (leader_id, "check_ins", {"tile": "9/407/220"} | week),
            (leader_id, helper, {"duties": True}),
            (leader_id, helper, {"duty": duty["id"]}),
        ],
        key=str,
    )


async def test_looking_at_oneself_is_nobodys_business(weeks: Api):
    async with await weeks.as_(county.HELPER_A1) as cadre:
        (own,) = await listed(cadre)
        await listed(cadre, person=county.HELPER_A1.id)
        await cadre.get(f"{BASE}/check-ins/{own['id']}")
        await cadre.get(f"{BASE}/tiles/check_ins/9/407/220.mvt")
    async with await weeks.as_(county.LEADER_A) as leader:
        await listed(leader, person=county.LEADER_A.id)
        await leader.get(f"{BASE}/check-ins?village={county.B1}")  # 404: nothing was seen
        await leader.get(f"{BASE}/tiles/check_ins/9/0/0.mvt")  # empty
    assert await audit(weeks) == []


@pytest.mark.parametrize("look", ["/check-ins", "/people"])
async def test_a_county_without_visits_lists_nothing(api: Api, look: str):
    async with await api.as_(county.STRANGER) as stranger:
        body = (await stranger.get(f"/v1/counties/{county.OTHER_COUNTY}{look}")).json()
    assert body["next_cursor"] is None
    assert len(body["items"]) == (look == "/people")
