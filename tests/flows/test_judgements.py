"""Two who judge the same check-in at once: one wins, and the other hears of it."""

import asyncio
from collections.abc import Awaitable
from typing import Any

import pytest
from sqlalchemy import text

from tests.support import county
from tests.support.county import COUNTY, Cast
from tests.support.server import Api, check_in, running

BASE = f"/v1/counties/{COUNTY}"
WAITING = """
SELECT count(*) FROM pg_stat_activity WHERE wait_event_type = 'Lock' AND datname = current_database()
"""


@pytest.fixture
async def api(county_url: str):
    async with running(county_url, pool_size=6) as started:
        yield started


async def review(api: Api, who: Cast, check_in_id: str, decision: str) -> int:
    async with await api.as_(who) as client:
        body = {"decision": decision, "reason": "已核实"}
        reply = await client.post(f"{BASE}/check-ins/{check_in_id}/reviews", json=body)
    return reply.status_code


async def held(api: Api) -> str:
    body = check_in(position={"mock": True})
    async with await api.as_(county.HELPER_A1) as phone:
        assert (await phone.post("/v1/check-ins", json=body)).json()["standing"] == "held"
    return str(body["id"])


async def waiting(api: Api) -> int:
    async with api.database.transaction() as session:
        count: int = (await session.execute(text(WAITING))).scalar_one()
    return count


async def while_held(api: Api, *requests: Awaitable[Any]) -> list[Any]:
    """The replies to requests that all came while somebody else held the person's row."""
    async with api.database.transaction() as other:
        await other.execute(
            text("SELECT FROM person WHERE id = :id FOR NO KEY UPDATE"), {"id": county.HELPER_A1.id}
        )
        started = [asyncio.ensure_future(each) for each in requests]
        async with asyncio.timeout(20):
            while await waiting(api) < len(started):  # noqa: ASYNC110 - only the database knows
                await asyncio.sleep(0.01)
    return list(await asyncio.gather(*started))


@pytest.mark.parametrize("decisions", [("count", "count"), ("count", "refuse")])
async def test_of_two_leaders_who_decide_at_once_one_wins(api: Api, decisions: tuple[str, str]):
    sent = await held(api)
    deciding = zip((county.LEADER_A, county.OFFICE), decisions, strict=True)
    statuses = await while_held(api, *(review(api, who, sent, decision) for who, decision in deciding))
    assert sorted(statuses) == [201, 409]
    async with api.database.transaction() as session:
        ((decision, standing),) = await session.execute(
            text("SELECT decision, standing FROM review JOIN check_in ON check_in.id = review.check_in_id")
        )
    assert (decision, standing) in (("count", "counted"), ("refuse", "refused"))


async def test_who_counts_what_a_position_has_just_counted_hears_of_it(api: Api):
    body = check_in(position=None, position_problem="timeout")
    position = check_in()["position"]
    async with await api.as_(county.HELPER_A1) as phone:
        await phone.post("/v1/check-ins", json=body)
        put = phone.put(f"/v1/check-ins/{body['id']}/position", json=position)
        reply, status = await while_held(api, put, review(api, county.OFFICE, body["id"], "refuse"))
    # Whoever came first: a position judged after the review leaves it standing, a review after it is outdated.
    assert (reply.status_code, reply.json()["standing"], status) in ((200, "counted", 409), (200, "refused", 201))
