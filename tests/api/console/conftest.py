"""Two weeks of the small county: one in which everyone missed, then one in which only township A visited."""

from collections.abc import AsyncIterator
from datetime import date, datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import text

from app.duties.service import DutyCounty, RulePeriod
from tests.support import county
from tests.support.cluster import Server
from tests.support.county import A1, COUNTY, HOUSE_A1, NIGHT_RULE, VISIT_RULE, Cast
from tests.support.periods import close_period, open_period
from tests.support.server import SHANGHAI, WEDNESDAY_NIGHT, Api, after, check_in

LAST_MONDAY, MONDAY = date(2026, 11, 9), date(2026, 11, 16)
AFTERWARDS = datetime(2026, 11, 25, 9, tzinfo=SHANGHAI)


_OUTLINES = """
UPDATE township SET outline = (
  SELECT ST_Multi(ST_Union(geofence.area)) FROM village
  JOIN geofence ON geofence.county_id = village.county_id AND geofence.village_id = village.id
  WHERE village.county_id = :county_id AND village.township_id = township.id
) WHERE county_id = :county_id
"""


async def post(api: Api, who: Cast, body: dict[str, Any]) -> str:
    async with await api.as_(who) as phone:
        reply = await phone.post("/v1/check-ins", json=body)
    assert reply.status_code == 201, reply.text
    return str(reply.json()["id"])


async def open_and_close(api: Api, monday: date) -> None:
    own = DutyCounty(COUNTY, "Asia/Shanghai")
    for rule_id in (NIGHT_RULE, VISIT_RULE):
        async with api.database.transaction() as session:
            period = RulePeriod(rule_id, monday)
            await open_period(session, own, period, api.clock())
            await close_period(session, own, period, api.clock())


@pytest.fixture
async def weeks(server: Server, county_template: str) -> AsyncIterator[Api]:
    """The application on the Wednesday after, when both weeks are closed."""
    async with after(server, county_template, visit_and_miss) as api:
        yield api


@pytest.fixture(scope="module")
async def untouched_weeks(server: Server, county_template: str) -> AsyncIterator[Api]:
    """One for all tests of a module that leave them as they are."""
    async with after(server, county_template, visit_and_miss) as api:
        yield api


async def visit_and_miss(api: Api) -> None:
    await post(api, county.HELPER_A1, check_in(at=WEDNESDAY_NIGHT))
    api.clock.turn(minutes=5)
    later = WEDNESDAY_NIGHT + timedelta(minutes=5)
    await post(api, county.LEADER_A, check_in(at=later, household_id=str(HOUSE_A1)))
    await post(api, county.HELPER_B1, check_in(A1, at=later))  # not the village that he answers for
    api.clock.now = AFTERWARDS
    async with api.database.transaction() as session:
        await session.execute(text(_OUTLINES), {"county_id": COUNTY})
    await open_and_close(api, LAST_MONDAY)
    await open_and_close(api, MONDAY)
