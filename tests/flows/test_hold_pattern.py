"""What a later check-in shows of earlier ones: they await a review with it, unless a person has decided."""

from datetime import timedelta
from typing import Any

import pytest

from tests.support import county
from tests.support.county import COUNTY, HELPER_A1
from tests.support.server import Api, check_in, running

BASE = f"/v1/counties/{COUNTY}"
METRE = 1 / 101_400  # degrees of longitude at the county's latitude
STEADY = [{"lon": county.centre(county.A1)[0] + number * 150 * METRE} for number in range(4)]


@pytest.fixture
async def api(county_url: str):
    async with running(county_url) as started:
        yield started


async def play_back(
    api: Api, *, mock: tuple[int, ...] = (), first: int = 0, last: int = 4
) -> list[dict[str, Any]]:
    """Post a recorded way, a fix each two minutes, as it goes on; the answers."""
    answers = []
    async with await api.as_(HELPER_A1) as phone:
        for number in range(first, last):
            at = api.clock.turn(minutes=2)
            position = STEADY[number] | ({"mock": True} if number in mock else {})
            answers.append((await phone.post("/v1/check-ins", json=check_in(at=at, position=position))).json())
    return answers


async def own(api: Api) -> list[dict[str, Any]]:
    async with await api.as_(HELPER_A1) as phone:
        found = (await phone.get("/v1/me/check-ins")).json()["items"]
    return sorted(found, key=lambda each: each["captured_at"])


async def test_the_earlier_ones_of_a_way_played_back_await_a_review_with_the_one_that_shows_it(api: Api):
    answers = await play_back(api)
    assert [each["standing"] for each in answers] == ["counted"] * 3 + ["held"]
    assert answers[-2]["duties"][0]["done"] > answers[-1]["duties"][0]["done"] == 0
    found = await own(api)
    assert [each["standing"] for each in found] == ["held"] * 4
    codes = [[reason["code"] for reason in each["reasons"]] for each in found]
    assert codes == [["same_pattern"]] * 3 + [["constant_speed"]]
    values = found[0]["reasons"][0]["values"]
    assert values == {"check_in_id": answers[-1]["id"], "pattern": "constant_speed"}
    async with await api.as_(HELPER_A1) as phone:
        told = [each["kind"] for each in (await phone.get("/v1/me/notices")).json()["items"]]
    assert told.count("check_in_judged_again") == 3


async def test_what_a_person_has_decided_stands(api: Api):
    (_, second) = await play_back(api, mock=(1,), last=2)
    async with await api.as_(county.LEADER_A) as leader:
        body = {"decision": "count", "reason": "当时同在"}
        reply = await leader.post(f"{BASE}/check-ins/{second['id']}/reviews", json=body)
        assert reply.status_code == 201, reply.text
    await play_back(api, first=2)
    assert [each["standing"] for each in await own(api)] == ["held", "counted", "held", "held"]


async def test_a_resend_doubts_nothing_again(api: Api):
    answers = await play_back(api)
    async with await api.as_(county.LEADER_A) as leader:
        for each in answers[:3]:
            body = {"decision": "count", "reason": "当时同在"}
            reply = await leader.post(f"{BASE}/check-ins/{each['id']}/reviews", json=body)
            assert reply.status_code == 201, reply.text
    async with await api.as_(HELPER_A1) as phone:
        body = check_in(at=api.clock(), id=answers[-1]["id"], position=STEADY[3])
        assert (await phone.post("/v1/check-ins", json=body)).status_code == 200
    assert [each["standing"] for each in await own(api)] == ["counted"] * 3 + ["held"]


async def test_what_came_in_one_queue_is_held_together(api: Api):
    started = api.clock()
    queue = [
        check_in(at=started + timedelta(minutes=2 * number), position=position)
        for number, position in enumerate(STEADY)
    ]
    api.clock.turn(minutes=10)
    async with await api.as_(HELPER_A1) as phone:
        results = (await phone.post("/v1/check-ins/batch", json={"check_ins": queue})).json()["results"]
    assert [each["check_in"]["standing"] for each in results] == ["held"] * 4


async def test_what_is_long_past_is_left_alone(api: Api):
    """An old queue shows what its own visits were; nobody can say any more how it was with older ones."""
    await play_back(api, last=3)
    api.clock.turn(days=46)
    async with await api.as_(HELPER_A1) as phone:
        first = (await own(api))[0]
        at = api.clock() - timedelta(days=46) + timedelta(minutes=2)
        await phone.post("/v1/check-ins", json=check_in(at=at, position=STEADY[3]))
    assert (await own(api))[0]["standing"] == first["standing"] == "counted"
