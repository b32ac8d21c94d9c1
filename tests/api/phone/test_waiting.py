"""What a phone says of the check-ins that it still holds."""

from typing import Any

import pytest
from sqlalchemy import text

from tests.support import county
from tests.support.server import WEDNESDAY_NIGHT, Api, check_in

NOON = "2026-11-18T04:00:00Z"


async def said(api: Api) -> list[tuple[Any, ...]]:
    async with api.database.transaction() as session:
        found = await session.execute(
            text("SELECT waiting, oldest_waiting_at, waiting_said_at FROM device WHERE county_id = '451029'")
        )
    return [(row[0], row[1] and row[1].strftime("%dT%H:%M"), row[2]) for row in found]


async def batch(phone: Any, **beside: Any) -> None:
    reply = await phone.post("/v1/check-ins/batch", json={"check_ins": [check_in()], **beside})
    assert (reply.status_code, reply.json()["results"][0]["status"]) == (200, "recorded")


async def test_a_device_says_what_waits(api: Api):
    async with await api.as_(county.HELPER_A1) as phone:
        reply = await phone.put("/v1/devices/phone-1", json={"waiting": 3, "oldest_waiting_at": NOON})
        assert (reply.status_code, reply.json()["waiting"]) == (200, 3)
        assert await said(api) == [(3, "18T04:00", WEDNESDAY_NIGHT)]
        api.clock.turn(minutes=5)
        await phone.put("/v1/devices/phone-1", json={"model": "Redmi 4A"})
        assert await said(api) == [(3, "18T04:00", WEDNESDAY_NIGHT)]  # unsaid leaves what was said
        await phone.put("/v1/devices/phone-1", json={"waiting": 0, "oldest_waiting_at": NOON})
        assert await said(api) == [(0, None, api.clock())]


@pytest.mark.parametrize("waiting", [-1, 1.5, "three", 10**9])
async def test_a_device_says_it_as_a_number(api: Api, waiting: Any):
    async with await api.as_(county.HELPER_A1) as phone:
        reply = await phone.put("/v1/devices/phone-1", json={"waiting": waiting})
    assert (reply.status_code, reply.json()["errors"][0]["pointer"]) == (422, "/waiting")


async def test_a_batch_says_it_for_the_phone_that_it_came_from(api: Api):
    async with await api.as_(county.HELPER_A1) as phone:
        await batch(phone)
        assert await said(api) == []
        await batch(phone, waiting=40, oldest_waiting_at=NOON)
        assert await said(api) == [(40, "18T04:00", WEDNESDAY_NIGHT)]
        api.clock.turn(minutes=1)
        await batch(phone, waiting=0)
        assert await said(api) == [(0, None, api.clock())]


@pytest.mark.parametrize("waiting", [-1, "many", True, 10**30, {}])
async def test_no_visit_is_lost_over_a_number_that_is_none(api: Api, waiting: Any):
    async with await api.as_(county.HELPER_A1) as phone:
        await batch(phone, waiting=waiting, oldest_waiting_at="yesterday")
    assert await said(api) == []
