"""The county's calendar: the nation's, Guangxi's, and what the office says; duties follow."""

from typing import Any

import pytest

from app.flows import change_calendar
from tests.support import county
from tests.support.county import COUNTY, Cast
from tests.support.server import Api

URL = f"/v1/counties/{COUNTY}/calendar"
FLOOD = {"working": False, "name": "抗洪停工", "source": "县政府通知"}


@pytest.fixture
async def synced(api: Api) -> Api:
    from app.duties.service import DutyCounty  # noqa: PLC0415

    assert await change_calendar.sync(api.database, DutyCounty(COUNTY, "Asia/Shanghai"), api.clock())
    assert not await change_calendar.sync(api.database, DutyCounty(COUNTY, "Asia/Shanghai"), api.clock())
    return api


async def send(api: Api, method: str, path: str = "", who: Cast = county.OFFICE, **given: Any) -> Any:
    async with await api.as_(who) as console:
        return await console.request(method, URL + path, **given)


async def test_days_off_have_names_and_unknown_years_are_said_to_be_unknown(synced: Api):
    days = (await send(synced, "GET", params={"from": "2026-10-01", "to": "2026-10-10"})).json()["items"]
    assert [day["working"] for day in days] == [False] * 7 + [True, True, True]
    assert (days[0]["name"], days[0]["known"], days[9]["name"]) == ("国庆节", True, "国庆节调休上班")
    (unknown,) = (await send(synced, "GET", params={"from": "2027-01-01", "to": "2027-01-01"})).json()["items"]
    assert (unknown["known"], unknown["working"]) == (False, True)
    settled = await send(synced, "PUT", "/years/2027", json={"source": "国办发明电〔2026〕7号"})
    assert settled.status_code == 200
    (known,) = (await send(synced, "GET", params={"from": "2027-01-01", "to": "2027-01-01"})).json()["items"]
    assert known["known"] is True


async def test_the_office_says_otherwise_and_takes_it_back(synced: Api):
    said = await send(synced, "PUT", "/2026-11-18", json=FLOOD)
    assert (said.status_code, said.json()["working"], said.json()["own"]) == (200, False, True)
    back = await send(synced, "DELETE", "/2026-11-18")
    assert (back.json()["working"], back.json()["own"]) == (True, False)
    assert (await send(synced, "DELETE", "/2026-11-18")).status_code == 404


async def test_only_the_office_and_at_the_field(synced: Api):
    assert (await send(synced, "PUT", "/2026-11-18", county.LEADER_A, json=FLOOD)).status_code == 403
    assert (await send(synced, "PUT", "/2026-11-18", county.STRANGER, json=FLOOD)).status_code == 404
    bad = await send(synced, "PUT", "/2026-11-18", json=FLOOD | {"name": ""})
    assert bad.json()["errors"][0]["pointer"] == "/name"
    assert (await send(synced, "PUT", "/2026-13-45", json=FLOOD)).status_code == 422
    long = await send(synced, "GET", params={"from": "2020-01-01", "to": "2026-01-01"})
    assert long.json()["errors"][0]["pointer"] == "/to"
